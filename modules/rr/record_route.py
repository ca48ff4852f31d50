"""Record-Route: put, extended, taken back. The line is built by the kernel when the sockets are known."""

from collections.abc import Callable

from ...core.log import logger
from ...core.net.addr import PROTO_NAMES, UDP
from ...core.net.sockets import check_self, parse_address
from ...parser.msg import SipMsg
from ...parser.uri import try_parse_uri
from ...src.native import lib
from .settings import settings

log = logger(__name__)
_record_route = lib.kh_record_route
PENDING = "rr.params"  # key in the message's cache: parameters that came before the Record-Route


def record_route(msg: SipMsg, params: bytes = b"") -> int:
    """1; -1 when the message has a Record-Route of ours already, or there is no room."""
    pending = msg.cache.get(PENDING)
    if pending:
        params += pending
    user = user_part(msg) if settings.add_username or settings.custom_user_avp else b""
    rc = _record_route(msg.edits, msg.c, settings.record, user, len(user), params, len(params))
    return 1 if rc >= 0 else failed(rc)


def prepare_record_route(params: bytes = b"") -> Callable[[SipMsg], int] | None:
    """record_route() with a constant: one call of the kernel when no user part is wanted."""
    if params and not params.startswith(b";"):
        raise ValueError("parameters of record_route() begin with ';'")
    if settings.add_username or settings.custom_user_avp:
        return None
    options, length, full = settings.record, len(params), record_route

    def record(msg: SipMsg) -> int:
        if PENDING in msg.cache:
            return full(msg, params)
        rc = _record_route(msg.edits, msg.c, options, b"", 0, params, length)
        return 1 if rc >= 0 else failed(rc)

    return record


def failed(rc: int) -> int:
    """-1, with the reason in the log."""
    if rc == lib.KH_EEXIST:
        log.error("record_route() was done for this message already")
    else:
        log.error("no room for a Record-Route")
    return -1


def user_part(msg: SipMsg) -> bytes:
    """What stands before the @: a variable of the script, or the user of the Request-URI."""
    if settings.custom_user_avp is not None:
        value = settings.custom_user_avp.get(msg)
        if value is not None:
            return value if isinstance(value, bytes) else b"%d" % value
    if not settings.add_username:
        return b""
    uri = try_parse_uri(msg.orig_uri)
    return (uri.user or b"") if uri is not None else b""


def record_route_preset(msg: SipMsg, first: bytes, second: bytes = b"") -> int:
    """A given `host[:port][;params]`; with two of them two headers, marked r2=on, `first` on top."""
    warn_about_foreign(first)
    top, below = (first, second) if second else (b"", first)
    return preset(msg, below, top)


def preset(msg: SipMsg, below: bytes, top: bytes = b"") -> int:
    """1, or -1."""
    user = user_part(msg) if settings.add_username or settings.custom_user_avp else b""
    options = settings.record
    rc = lib.kh_record_route_preset(
        msg.edits, msg.c, options, user, len(user), below, len(below), top, len(top)
    )  # fmt: skip
    if rc < 0:
        return failed(rc)
    pending = msg.cache.get(PENDING)
    if pending:
        lib.kh_rr_add_param(msg.edits, pending, len(pending))
    return 1


def warn_about_foreign(text: bytes) -> None:
    """A Record-Route that leads elsewhere is most likely a mistake: the dialog's requests would not come back."""
    if not settings.enable_socket_mismatch_warning:
        return
    address = parse_address(text.partition(b";")[0].decode("latin-1"))
    if not check_self(address.hosts[0].encode("latin-1"), address.port):
        log.warning("record_route_preset: %s is none of our sockets or aliases", text.decode("latin-1"))


def record_route_advertised_address(msg: SipMsg, address: bytes) -> int:
    """`host[:port]` instead of the socket's own, its transport kept."""
    proto = msg.rcv.proto
    if proto > UDP:
        address += b";transport=" + PROTO_NAMES[proto].encode()
    return preset(msg, address)


def add_rr_param(msg: SipMsg, params: bytes) -> int:
    """`;name=value` for the Record-Route that is there or will come. 1, or -1 without room."""
    rc = lib.kh_rr_add_param(msg.edits, params, len(params))
    if rc == lib.KH_ENOTFOUND:
        msg.cache[PENDING] = msg.cache.get(PENDING, b"") + params
        return 1
    return 1 if rc >= 0 else -1


def remove_record_route(msg: SipMsg) -> int:
    """Take the Record-Route of this message back; -1 when there is none."""
    return 1 if lib.kh_rr_remove(msg.edits) > 0 else -1
