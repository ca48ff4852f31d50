"""The functions of kex."""

from typing import Any

from ...core import log
from ...core.pv import PvSpec
from ...parser.uri import try_parse_uri


def pv_printf(msg: Any, pv: PvSpec, text: bytes) -> int:
    """Assign a text with variables."""
    assert pv.set is not None
    pv.set(msg, text)
    return 1


def is_myself(msg: Any, text: bytes) -> int:
    """Is the host (and port, when given) of a URI, or `[proto:]host[:port]`, one of ours?"""
    from ...core.net.sockets import check_self, find_socket

    uri = try_parse_uri(text)
    if uri is not None and uri.host:
        return 1 if check_self(uri.host, uri.port_no, uri.proto) else -1
    return 1 if find_socket(text) is not None or check_self(text) else -1


class Level:
    """The log level of this process before the script changed it."""

    before: int | None = None


def setdebug(msg: Any, level: int) -> int:
    """Log level of this process."""
    if Level.before is None:
        Level.before = log.state.level
    log.state.level = min(max(level, log.ALERT), log.DBG)
    return 1


def resetdebug(msg: Any) -> int:
    """Back to what it was."""
    if Level.before is not None:
        log.state.level, Level.before = Level.before, None
    return 1
