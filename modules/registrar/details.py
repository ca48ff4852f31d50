"""The rarer parts of a REGISTER: Path, outbound, received, replicated sockets, the XAVPs.

save() comes here only when the message or the settings ask for one of them.
"""

from typing import Any
from urllib.parse import unquote_to_bytes

from ...parser.errors import BadHeader
from ...parser.headers.nameaddr import iter_nameaddr
from ...src.native import ffi, lib
from .location import usrloc
from .reply import NO_OUTBOUND, header
from .settings import PATH_REQUIRE, PATH_STORE, Getter, settings, variable

OUTBOUND_REQUIRED = 2  # outbound_mode
NONE = 0


def before(msg: Any, reg: Any, facts: int) -> int:
    """What must be known before the record is changed. 0, or the reason to refuse (a key of reply.REFUSALS)."""
    if facts & lib.KH_REG_F_HAS_PATH:
        if settings.path_mode == PATH_REQUIRE and not facts & lib.KH_REG_F_SUP_PATH:
            header(msg, b"Path: " + ffi.unpack(reg.path, reg.path_len))
            return lib.KH_REG_BAD_PATH
        if settings.path_use_received and not set_received(reg, received_of_path(ffi.unpack(reg.path, reg.path_len))):
            return lib.KH_REG_CONTACT_SIZE
    if settings.outbound_mode == OUTBOUND_REQUIRED and facts & 0xFF and not facts & lib.KH_REG_F_SUP_OUTBOUND:
        return NO_OUTBOUND
    if settings.read_received is not None and not set_received(reg, settings.read_received(msg)):
        return lib.KH_REG_CONTACT_SIZE
    replicated_socket(msg, reg)
    xavp_before(msg, reg)
    return NONE


def after(msg: Any, reg: Any, facts: int) -> None:
    """Headers and XAVPs of a registration that was accepted."""
    path, supported = facts & lib.KH_REG_F_HAS_PATH, facts & lib.KH_REG_F_SUP_PATH
    if path and supported and settings.path_mode != PATH_STORE:
        header(msg, b"Path: " + ffi.unpack(reg.path, reg.path_len))
    if settings.outbound_mode and any(reg.contact[i].reg_id for i in range(reg.n)):
        header(msg, b"Require: outbound")
        if settings.flow_timer:
            header(msg, b"Flow-Timer: %d" % settings.flow_timer)
    xavp_after(msg, reg)


def set_received(reg: Any, value: Any) -> bool:
    """The URI that the request really came from, instead of a Contact parameter; False when it is too long."""
    if not isinstance(value, bytes) or not value:
        return True
    if len(value) > lib.KH_REG_RECEIVED_MAX:
        return False
    ffi.memmove(reg.received, value, len(value))
    reg.received_len = len(value)
    return True


def received_of_path(path: bytes) -> bytes | None:
    """The received parameter of the first Path URI, unescaped (RFC 3327, as the module path writes it)."""
    try:
        first = next(iter_nameaddr(path), None)
    except BadHeader:
        return None
    for param in (first.uri if first else b"").split(b";")[1:]:
        name, _, value = param.partition(b"=")
        if name.lower() == b"received":
            return unquote_to_bytes(value)
    return None


def replicated_socket(msg: Any, reg: Any) -> None:
    """A REGISTER passed on by another server names the socket it came in on there (add_sock_hdr)."""
    if settings.sock_hdr_name and settings.sock_flag >= 0 and msg.flags >> settings.sock_flag & 1:
        text = msg.header(settings.sock_hdr_name)
        index = usrloc().socket_index(text.strip()) if text else None
        if index is not None:
            reg.sock = index


# $xavp(cfg=>...) overrides settings for this request, $xavp(rcd=>...) says what was stored


def cfg(msg: Any, name: bytes) -> Any:
    """$xavp(xavp_cfg=>name); None without."""
    if not settings.xavp_cfg:
        return None
    if name not in _getters:
        _getters[name] = variable("xavp_cfg", b"$xavp(" + settings.xavp_cfg + b"=>" + name + b")")
    getter = _getters[name]
    return getter(msg) if getter is not None else None


_getters: dict[bytes, Getter | None] = {}


def max_contacts(msg: Any) -> int:
    """The limit for this request; -1: the setting's."""
    limit = cfg(msg, b"max_contacts")
    return limit if isinstance(limit, int) and limit >= 0 else -1


def xavp_before(msg: Any, reg: Any) -> None:
    """expires, q and socket of the request's own."""
    expires, q, socket = cfg(msg, b"expires"), cfg(msg, b"q"), cfg(msg, b"socket")
    for i in range(reg.n):
        contact = reg.contact[i]
        if isinstance(expires, int) and expires >= 0 and contact.expires:
            contact.expires = expires
        if isinstance(q, int) and 0 <= q <= 1000:
            contact.q = q
    index = usrloc().socket_index(socket) if isinstance(socket, bytes) else None
    if index is not None:
        reg.sock = index


RCD_FIELDS = ((2, b"contact"), (4, b"expires"), (8, b"received"), (16, b"path"))


def xavp_after(msg: Any, reg: Any) -> None:
    """$xavp(rcd=>ruid|contact|expires|received|path) of the first contact of the request, as it is stored now."""
    if not settings.xavp_rcd or not reg.n:
        return
    from ...core.pv import parse_spec

    values = {
        b"contact": span(msg, reg.contact[0].uri),
        b"expires": reg.contact[0].expires,
        b"received": ffi.unpack(reg.received, reg.received_len) if reg.received_len else None,
        b"path": ffi.unpack(reg.path, reg.path_len) if reg.path_len else None,
    }
    index = b""  # the first assignment makes a new structure, the others add to it
    for bit, name in RCD_FIELDS:
        value = values[name]
        if value is not None and not settings.xavp_rcd_mask & bit:
            spec = parse_spec(b"$xavp(%s%s=>%s)" % (settings.xavp_rcd, index, name))
            if spec.set is not None:
                spec.set(msg, value)
                index = b"[0]"


def span(msg: Any, s: Any) -> bytes:
    """The bytes of a kh_span."""
    return msg.received(s.off, s.len)
