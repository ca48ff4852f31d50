"""log(), error(), exec()."""

import subprocess
from typing import Any

from ...cfg.argtypes import Int, Raw, Str
from .. import log as server_log
from ..log import logger
from ..sr_module import CmdExport, keeping

log = logger(__name__)
DEBUG = 3
EXEC_LIMIT = 10.0  # seconds a command of exec() may run


def log_text(msg: Any, text: bytes) -> int:
    """A line at debug level."""
    return log_at(msg, DEBUG, text)


def log_at(msg: Any, level: int, text: bytes) -> int:
    """A line at a level."""
    server_log.script(level, "<script>", text.decode("utf-8", "backslashreplace").rstrip("\n"))
    return 1


def error(msg: Any, first: bytes, second: bytes) -> int:
    """A notice; it has no other effect, as in Kamailio."""
    log.notice("error(%s, %s) has no effect", first.decode("latin-1"), second.decode("latin-1"))
    return 1


def execute(msg: Any, command: bytes) -> int:
    """Run a command of the shell and wait for it; -1 when it fails or runs too long."""
    try:
        code = subprocess.run(command, shell=True, timeout=EXEC_LIMIT, check=False).returncode
    except (OSError, subprocess.TimeoutExpired) as problem:
        log.error("exec: %s", problem)
        return -1
    return 1 if code == 0 else -1


LOGGING = (
    *keeping(
        CmdExport("log", log_text, (Raw,)),
        CmdExport("log", log_at, (Int, Raw)),
        CmdExport("error", error, (Str, Str)),
    ),
    CmdExport("exec", execute, (Raw,)),
)
