"""`core.tcp_*`: the connections and their limits, in Kamailio's shapes. Any process can answer: all of it is shared."""

from typing import Any

from ...src.native import ffi, lib
from ..net.addr import PROTO_NAMES, TLS, addr_text
from ..tcp.setup import State
from .registry import RpcError, register_rpc

STATES = {
    lib.KH_CONN_CONNECTING: "CONN_CONNECT",
    lib.KH_CONN_OPENING: "CONN_ACCEPT",
    lib.KH_CONN_OPEN: "CONN_OK",
    lib.KH_CONN_CLOSING: "CONN_EOF",
}


def limits() -> Any:
    """The shared kh_conn_options."""
    found = lib.kh_conn_opts()
    if found == ffi.NULL:
        raise RpcError(500, "tcp support disabled")
    return found


def tcp_info() -> dict[str, int]:
    options = limits()
    return {
        "readers": State.receivers,
        "max_connections": options.max,
        "max_tls_connections": options.max_tls,
        "opened_connections": lib.kh_conn_count(0),
        "opened_tls_connections": lib.kh_conn_count(TLS),
        "write_queued_bytes": lib.kh_conn_queued(),
    }


def tcp_list() -> list[dict[str, Any]]:
    """One struct a connection.

    `timeout`: seconds until it is closed if nothing happens; `ref_count`: processes that have a descriptor of it."""
    limits()
    found, slot, now = [], 0, lib.kh_now_ms()
    while (conn := lib.kh_conn_slot(slot)) != ffi.NULL:
        slot += 1
        number = conn.id
        row = tcp_row(conn, now)
        if conn.state != lib.KH_CONN_FREE and conn.id == number:  # else it went away meanwhile
            found.append(row)
    return found


def tcp_row(conn: Any, now: int) -> dict[str, Any]:
    return {
        "id": conn.id,
        "type": PROTO_NAMES[conn.proto].upper(),
        "state": STATES.get(conn.state, "CONN_BAD"),
        "timeout": max(0, (conn.deadline_ms or conn.active_ms + conn.lifetime_ms) - now) // 1000,
        "lifetime": conn.lifetime_ms // 1000,
        "ref_count": 1 + bool(conn.holder),
        "src_ip": addr_text(ffi.addressof(conn, "peer")).decode(),
        "src_port": conn.peer.port,
        "dst_ip": addr_text(ffi.addressof(conn, "local")).decode(),
        "dst_port": conn.local.port,
    }


def tcp_options() -> dict[str, int]:
    options = limits()
    return {
        "connect_timeout": options.connect_ms // 1000,
        "send_timeout": options.send_ms // 1000,
        "connection_lifetime": options.lifetime_ms // 1000,
        "max_connections(soft)": options.max,
        "max_tls_connections(soft)": options.max_tls,
        "no_connect": options.no_connect,
        "fd_cache": 1,
        "async": 1,
        "connect_wait": 1,
        "conn_wq_max": options.conn_queue,
        "wq_max": options.all_queues,
        "defer_accept": 0,
        "delayed_ack": 1,
        "syncnt": 0,
        "linger2": 0,
        "keepalive": options.socket.keepalive,
        "keepidle": options.socket.keepidle,
        "keepintvl": options.socket.keepintvl,
        "keepcnt": options.socket.keepcnt,
        "crlf_ping": options.crlf_ping,
        "accept_aliases": options.accept_aliases,
        "alias_flags": 1,
        "new_conn_alias_flags": 2,
    }


def close_connection(number: int) -> None:
    limits()
    if lib.kh_conn_close(number, lib.KH_WHY_COMMAND) < 0:
        raise RpcError(404, "connection not found")
    lib.kh_chan_ring_out()


COMMANDS: list[tuple[str, Any, str]] = [
    ("core.tcp_info", tcp_info, "How many connections there are and may be."),
    ("core.tcp_list", tcp_list, "Every connection."),
    ("core.tcp_options", tcp_options, "Settings of connections."),
    ("core.tcp_close_connection", close_connection, "Close the connection with this id."),
]


def register_all() -> None:
    """Main process, once."""
    for name, function, doc in COMMANDS:
        register_rpc(name, function, doc)
