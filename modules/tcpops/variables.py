"""$tcp(...): the connection that the message came by."""

from typing import Any

from ...core.net.addr import addr_text
from ...core.pv import PvExport, Value
from ...src.native import ffi, lib


def _connection(msg: Any) -> Any:
    c = lib.kh_conn_get(msg.rcv.conn) if msg.rcv.conn else ffi.NULL
    return None if c == ffi.NULL else c


def peer_ip(msg: Any) -> Value:
    """The peer's address: behind a load balancer the one that its PROXY header names."""
    c = _connection(msg)
    return None if c is None else addr_text(ffi.addressof(c, "peer"))


def peer_port(msg: Any) -> Value:
    """And port."""
    c = _connection(msg)
    return None if c is None else int(c.peer.port)


TCP = (PvExport("tcp", choices={"c_si": peer_ip, "c_sp": peer_port, "conid": lambda msg: msg.rcv.conn or None}),)
