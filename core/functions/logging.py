"""log(), error() and exec() of the script."""

import subprocess

from ...cfg.argtypes import Int, Raw
from ...parser.msg import SipMsg
from .. import log as server_log
from ..sr_module import CmdExport

log = server_log.logger("script")
EXEC_LIMIT_S = 30  # a command that takes longer is killed: it blocks its worker


def log_text(msg: SipMsg, *args: bytes | int) -> int:
    """log("text") at debug level, log(level, "text"); the text is taken as it is."""
    level, text = args if len(args) == 2 else (server_log.DBG, args[0])
    assert isinstance(level, int) and isinstance(text, bytes)
    server_log.script(level, "<script>", text.decode("utf-8", "replace"))
    return 1


def log_plain(msg: SipMsg, text: bytes) -> int:
    return log_text(msg, text)


def error(msg: SipMsg, code: bytes, reason: bytes) -> int:
    """Notes an error; nothing is sent."""
    log.log(server_log.NOTICE, "error(%s, %s)", code.decode("latin-1"), reason.decode("latin-1"))
    return 1


def execute(msg: SipMsg, command: bytes) -> int:
    """Runs a command of the shell and waits for it: 1 when it ended with 0, else -1."""
    try:
        return 1 if subprocess.run(command, shell=True, timeout=EXEC_LIMIT_S, check=False).returncode == 0 else -1
    except (OSError, subprocess.TimeoutExpired) as failed:
        log.log(server_log.ERR, "exec: %s", failed)
        return -1


COMMANDS = [
    CmdExport("log", log_plain, (Raw,)),
    CmdExport("log", log_text, (Int, Raw)),
    CmdExport("error", error, (Raw, Raw)),
    CmdExport("exec", execute, (Raw,)),
]
