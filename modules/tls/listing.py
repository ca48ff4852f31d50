"""The connections of all receivers, as management commands show them."""

from collections.abc import Iterator
from typing import Any

from ...core.net.addr import TLS, addr_text
from ...core.script import script
from ...src.native import ffi, lib

STATES = {
    lib.KH_CONN_CONNECTING: "connecting",
    lib.KH_CONN_OPENING: "handshake",
    lib.KH_CONN_OPEN: "established",
    lib.KH_CONN_CLOSING: "closing",
}


def connections() -> Iterator[Any]:
    """kh_conn of each TLS connection; any of them may be closed meanwhile by its owner."""
    options = lib.kh_conn_opts()
    for index in range(options.max if options != ffi.NULL else 0):
        found = lib.kh_conn_slot(index)
        if found.state != lib.KH_CONN_FREE and found.proto == TLS:
            yield found


def info() -> dict[str, int]:
    """tls.info"""
    found = list(connections())
    return {
        "max_connections": script.params.tls_max_connections,
        "opened_connections": sum(each.state == lib.KH_CONN_OPEN for each in found),
        "clear_text_write_queued_bytes": sum(each.queued - each.written for each in found),
    }


def listed() -> list[dict[str, Any]]:
    """tls.list"""
    return [entry(each) for each in connections()]


def entry(found: Any) -> dict[str, Any]:
    """One struct, in Kamailio's shape. `timeout`: seconds until it is closed if nothing happens; src is the peer."""
    made = found.state == lib.KH_CONN_OPEN and found.label_len
    idle_s = (lib.kh_now_ms() - found.active_ms) // 1000
    return {
        "id": found.id,
        "timeout": max(found.lifetime_ms // 1000 - idle_s, 0),
        "src_ip": addr_text(ffi.addressof(found, "peer")).decode(),
        "src_port": found.peer.port,
        "dst_ip": addr_text(ffi.addressof(found, "local")).decode(),
        "dst_port": found.local.port,
        "cipher": ffi.unpack(found.label, found.label_len).decode() if made else "unknown",
        "ct_wq_size": found.queued - found.written,
        "enc_rd_buf": 0,
        "flags": found.flags,
        "state": STATES.get(found.state, "closing"),
    }
