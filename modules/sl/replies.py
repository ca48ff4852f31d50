"""The functions of the script."""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import RouteType
from ...core.log import logger
from ...core.msg import forward
from ...core.msg.lumps import LumpError, replace_lump
from ...core.msg.reply import send_reply as build_and_queue
from ...parser.msg import SipMsg
from ...src.native import lib
from . import events, stats
from .settings import settings

log = logger(__name__)
_sl_reply, _ACK = lib.kh_sl_reply, lib.KH_M_ACK
_REQUEST_ROUTE = int(RouteType.REQUEST)
_FAILURE_ROUTES = int(RouteType.FAILURE | RouteType.BRANCH_FAILURE)
_tm: list[Any] = []  # the API of tm, when it is loaded and bind_tm says so


def use_tm(api: Any) -> None:
    """Answer through transactions from now on."""
    _tm[:] = [api]


def sl_reply(msg: SipMsg, code: int, reason: bytes) -> int:
    """sl_send_reply(): 1, or -1 when it could not be built or the message is no request to answer."""
    if not 100 <= code <= 699:
        log.error("%d is no status code", code)
        return -1
    if not build_and_queue(msg, code, reason):
        return failed()
    if events.local_response():
        events.run_local_response(msg)
    return 1


def failed() -> int:
    """-1, and one more of the statistic."""
    stats.stat("failures").inc()
    return -1


def prepare_sl_reply(code: int, reason: bytes) -> Callable[[SipMsg], int] | None:
    """sl_send_reply() with constants: one call of the kernel."""
    if not 100 <= code <= 699:
        raise ValueError(f"{code} is no status code")
    if 300 <= code < 400:
        return None  # names the destination set
    length = len(reason)

    def reply(msg: SipMsg) -> int:
        if msg.facts & _ACK or _sl_reply(msg.c, msg.edits, code, reason, length) < 0:
            return failed()
        if events.local_response():
            events.run_local_response(msg)
        return 1

    return reply


def send_reply(msg: SipMsg, code: int, reason: bytes) -> int:
    """send_reply(): through the transaction when the message has one, else stateless."""
    if _tm and (msg.t is not None or int(msg.route_type) & _FAILURE_ROUTES):
        return 1 if _tm[0].t_reply(msg, code, reason) > 0 else -1
    return sl_reply(msg, code, reason)


def prepare_send_reply(code: int, reason: bytes) -> Callable[[SipMsg], int] | None:
    """send_reply() with constants."""
    stateless = prepare_sl_reply(code, reason)
    if stateless is None:
        return None

    def reply(msg: SipMsg) -> int:
        if msg.t is None and msg.route_type == _REQUEST_ROUTE:
            return stateless(msg)
        return send_reply(msg, code, reason)

    return reply


def send_reply_mode(msg: SipMsg, code: int, reason: bytes, mode: int) -> int:
    """send_reply(); `mode` speaks of connections, which datagrams do not have."""
    return send_reply(msg, code, reason)


def sl_reply_error(msg: SipMsg) -> int:
    """Answer by the last error of this message (forward(), t_relay(), save()...), else with the default."""
    code, reason = msg.reply_error or (settings.default_code, settings.default_reason)
    result = sl_reply(msg, code, reason)
    if result > 0:
        stats.stat("sent_err_replies").inc()
    return result


def forward_reply(msg: SipMsg, code: int = 0, reason: bytes = b"") -> int:
    """sl_forward_reply(): forward the reply in hand now; a code of the same class and a reason may replace its own."""
    try:
        if code and code != msg.status:
            if code // 100 != msg.status // 100:
                log.error("sl_forward_reply: %d is of another class than %d", code, msg.status)
                return -1
            replace_lump(msg, msg.seen.status_s.off, msg.seen.status_s.len, b"%d" % code)
        if reason:
            replace_lump(msg, msg.seen.reason.off, msg.seen.reason.len, reason)
    except LumpError:
        return -1
    return forward.forward_reply(msg)
