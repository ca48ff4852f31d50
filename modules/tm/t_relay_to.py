"""The many names of relaying: by protocol, by address, copies (t_replicate)."""

from typing import Any

from ...parser.uri import parse_uri
from ...src.native import lib
from .arm import switch
from .state import pending
from .t_fwd import relay_by, relay_to, t_relay

PROTOCOLS = {b"udp": lib.KH_PROTO_UDP, b"tcp": lib.KH_PROTO_TCP, b"tls": lib.KH_PROTO_TLS, b"sctp": lib.KH_PROTO_SCTP}
NO_100, NO_REPLY, NO_FAILOVER = 1, 2, 4  # flags of t_relay_to


def by_protocol(proto: int) -> Any:
    """The script function t_relay_to_PROTO([host, port])."""

    def relay(msg: Any, host: bytes | None = None, port: int = 0) -> int:
        return relay_by(msg, proto) if host is None else relay_to(msg, host, port, proto)

    return relay


t_relay_to_udp = by_protocol(lib.KH_PROTO_UDP)
t_relay_to_tcp = by_protocol(lib.KH_PROTO_TCP)
t_relay_to_tls = by_protocol(lib.KH_PROTO_TLS)
t_relay_to_sctp = by_protocol(lib.KH_PROTO_SCTP)


def t_relay_to(msg: Any, proxy: bytes = b"", flags: bytes = b"") -> int:
    """`proto:host:port`, parts may be left out; flags: 1 no 100, 2 no reply when it fails, 4 no failover."""
    if (not flags and proxy[:2].lower() == b"0x") or proxy.isdigit():
        proxy, flags = b"", proxy
    bits = int(flags, 0) if flags else 0
    if bits & NO_100:
        pending(msg).auto_100 = False
    if bits & NO_REPLY:
        switch(msg, lib.KH_CELL_NO_INT_REPLY, 1)
    if bits & NO_FAILOVER:
        switch(msg, lib.KH_CELL_NO_FAILOVER, 1)
    if not proxy:
        return t_relay(msg)
    first, _, rest = proxy.partition(b":")
    proto = PROTOCOLS.get(first.lower(), 0)
    host, _, port = (rest if proto else proxy).partition(b":")
    return relay_to(msg, host, int(port) if port.isdigit() else 0, proto)


def t_replicate(msg: Any, target: bytes = b"", port: int = 0) -> int:
    """Send a copy with state; replies to it end here. `target`: a URI, or a host with `port`; none: the next hop."""
    switch(msg, lib.KH_CELL_REPLICATED | lib.KH_CELL_NO_INT_REPLY, 1)
    if not target:
        return t_relay(msg)
    uri = parse_uri(target) if target[:4].lower() in (b"sip:", b"sips") else None
    if uri is not None:
        return relay_to(msg, uri.host, uri.port or 0, 0)
    return relay_to(msg, target, port, 0)
