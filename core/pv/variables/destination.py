"""Where the request goes besides the Request-URI: `$du $dd $dp $dP`, `$nh(...)`, the socket `$fs $fsn $fsp`."""

from typing import Any

from ....src.native import lib
from ...msg.lumps import set_edit_text
from ..exports import PvExport, Value
from ..spec import PvError
from ..uri_parts import PARTS, fresh, part_getter


def _dst_uri(msg: Any) -> bytes | None:
    return msg.dst_uri


def set_dst_uri(msg: Any, value: Value) -> None:
    """`$du = ...`: not checked; empty or undefined clears."""
    if isinstance(value, int):
        raise PvError("takes a string, no number")
    set_edit_text(msg, lib.KH_EDP_DST_URI, value or b"")


def next_hop(msg: Any) -> bytes | None:
    """The URI a request goes to; of a reply sip:host:port of the second Via."""
    if msg.is_request:
        return msg.next_hop
    from ....parser.headers.via import parse_via

    try:
        via = parse_via(msg.via2 or b"")
    except ValueError:
        return None
    port = via.rport or via.port
    host = via.received or via.host
    return b"sip:" + host + (b":%d" % port if port else b"") + b";transport=" + via.transport.lower()


def _next_hop_ip(msg: Any) -> Value:
    from ....parser.uri import try_parse_uri
    from ...net.resolve import resolve_host

    uri = try_parse_uri(next_hop(msg))
    found = resolve_host(uri.host_ip) if uri is not None and uri.host else []
    return found[0] if found else None


_NEXT_HOP = {k: part_getter(fresh(next_hop), PARTS[k]) for k in ("u", "U", "d", "p", "P")}


# the forced socket


def forced_socket(msg: Any) -> Any:
    """The SocketInfo that the script asks to send from, or None."""
    from ...net.sockets import sockets

    index = msg.edits.sock
    return None if index == lib.KH_NO_SOCK else sockets()[index]


def socket_text(info: Any) -> bytes:
    """proto:ip:port of a SocketInfo."""
    from ...net.addr import PROTO_NAMES

    return b"%s:%s:%d" % (PROTO_NAMES[info.proto].encode(), info.host, info.port)


def force_socket(msg: Any, text: bytes) -> bool:
    """Send from the socket of `[proto:]host[:port]` or of a socket name; False when there is none."""
    from ...net.sockets import find_socket

    info = find_socket(text)
    if info is None:
        return False
    msg.edits.sock = info.index
    return True


def _set_socket(msg: Any, value: Value) -> None:
    if value is None or value == b"":
        msg.edits.sock = lib.KH_NO_SOCK
    elif isinstance(value, int) or not force_socket(msg, value):
        raise PvError(f"there is no listening socket {value!r}")


def _socket(attribute: Any) -> Any:
    def get(msg: Any) -> Value:
        info = forced_socket(msg)
        return None if info is None else attribute(info)

    return get


DESTINATION = (
    PvExport("du", _dst_uri, set_dst_uri, aliases=("duri",)),
    *(PvExport(f"d{k}", part_getter(fresh(_dst_uri), PARTS[k])) for k in ("d", "p", "P")),
    PvExport("nh", choices={**_NEXT_HOP, "i": _next_hop_ip}),
    PvExport("fs", _socket(socket_text), _set_socket),
    PvExport("fsn", _socket(lambda info: info.name or None), _set_socket),
    PvExport("fsp", lambda msg: info.port if (info := forced_socket(msg)) is not None else 0),
)
