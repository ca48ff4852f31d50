"""Which socket a message leaves by, or is taken to have come in on."""

from dataclasses import replace
from typing import Any

from ...core.net.sockets import find_socket, sockets
from ...core.pv import PvExport, Value
from ...core.pv.variables.destination import force_socket, socket_text
from ...parser.receive_info import ReceiveInfo, write_receive_info
from ...src.native import ffi


def set_send_socket(msg: Any, text: bytes) -> int:
    """Send from `[proto:]host[:port]`, or from the socket of a name."""
    return 1 if force_socket(msg, text) else -1


def set_recv_socket(msg: Any, text: bytes) -> int:
    """Take the message as received on that socket."""
    info = find_socket(text)
    if info is None:
        return -1
    _write(msg, replace(msg.rcv, dst_ip=info.ip, dst_port=info.port, proto=info.proto, socket=info.index))
    return 1


def set_source_address(msg: Any, text: bytes) -> int:
    """Take the message as sent from `[proto:]ip:port`; replies go there."""
    proto, colon, rest = text.partition(b":")
    address = rest if colon and proto.isalpha() else text
    host, _, port = address.rpartition(b":")
    if not host or not port.isdigit():
        return -1
    old = msg.rcv
    try:
        _write(
            msg, ReceiveInfo(host.strip(b"[]"), int(port), old.dst_ip, old.dst_port, old.proto, old.socket, old.conn)
        )
    except (OSError, ValueError):
        return -1
    return 1


def _write(msg: Any, info: ReceiveInfo) -> None:
    write_receive_info(ffi.addressof(msg.c, "rcv"), info)
    msg.cache.pop("rcv", None)


def is_socket_name(msg: Any, name: bytes) -> int:
    """Is there a socket of this name?"""
    return 1 if any(info.name == name for info in sockets() if info.name) else -1


# $lsock


def parse_lsock(text: bytes) -> tuple[str, bytes, str]:
    """field/value/wanted: find the first socket whose field has a value, and give another field of it."""
    parts = text.strip().split(b"/")
    if len(parts) != 3 or parts[0] not in (b"listen", b"name") or parts[2] not in (b"listen", b"name", b"advertise"):
        raise ValueError("$lsock takes listen|name/value/listen|name|advertise")
    return parts[0].decode(), parts[1], parts[2].decode()


def advertised(info: Any) -> bytes:
    """host:port that a socket goes by; empty when that is its own."""
    host, port = info.advertise_host or b"", info.advertise_port
    return host + b":%d" % port if host and port else bytes(host)


def lsock(msg: Any, wanted: tuple[str, bytes, str]) -> Value:
    """A field of a listening socket."""
    field, value, result = wanted
    for info in sockets():
        if value == (info.name if field == "name" else socket_text(info)):
            return {"listen": socket_text(info), "name": info.name, "advertise": advertised(info)}[result] or None
    return None


LSOCK = (PvExport("lsock", parse_name=parse_lsock, get=lsock),)
