"""Listening sockets: from `listen=` lines to the kernel's socket table, and the question "is this us?".

    describe(...)   what a configuration means, without opening anything (`-c`)
    open_all(...)   main process, before fork: bind all, fill the table, learn our names

An index into the table means the same in every process, so shared memory may hold it.
"""

import ipaddress
import os
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...cfg.syntax.nodes import Address, Listen
from ...src.native import ffi, lib
from ..errors import SocketError
from ..log import logger
from . import resolve, transports
from .addr import (
    PROTO_NAMES,
    TCP,
    TLS,
    UDP,
    family_of,
    interface_addresses,
    is_address,
    is_wildcard,
    make_addr,
    proto_number,
)

log = logger(__name__)
ALIAS_BUDGET = 2.0  # seconds that all reverse lookups of auto_aliases may take


@dataclass
class SocketInfo:
    """The devel guide's `socket_info`; `index` is its place in the kernel's table."""

    proto: int
    ip: bytes
    port: int
    advertise_host: bytes = b""
    advertise_port: int = 0
    name: bytes = b""
    virtual: bool = False
    workers: int = 0  # of this socket alone; 0: `children`
    index: int = -1
    fd: int = -1

    @property
    def host(self) -> bytes:
        """As in a URI: with brackets when IPv6."""
        return b"[" + self.ip + b"]" if b":" in self.ip else self.ip

    def __str__(self) -> str:
        text = f"{PROTO_NAMES[self.proto]}: {self.host.decode()}:{self.port}"
        if self.advertise_host:
            text += f" advertise {self.advertise_host.decode()}:{self.advertise_port or self.port}"
        return text


_sockets: list[SocketInfo] = []
served: set[int] = set()  # transports that `listen` lines may name whatever the parameters say: tests of scripts
_aliases: list[tuple[bytes, int, int]] = []  # host, port, proto; 0 is any


def sockets() -> list[SocketInfo]:
    """All listening sockets, by index."""
    return _sockets


def aliases() -> list[tuple[bytes, int, int]]:
    """Names of this server besides its sockets: host, port, proto; 0 is any."""
    return _aliases


# from configuration to addresses


def describe(params: Any, listen: Sequence[Listen], more: Sequence[str] = ()) -> list[str]:
    """Where the configuration would listen, a line each."""
    return [str(info) for info in plan(params, listen, more)]


def plan(params: Any, listen: Sequence[Listen], more: Sequence[str] = ()) -> list[SocketInfo]:
    """The sockets that `listen` lines and `-l` arguments ask for; SocketError for one that means nothing."""
    wanted = [*listen, *(Listen(parse_address(text)) for text in more)]
    found: list[SocketInfo] = []
    if not wanted:
        wanted = [Listen(Address(("",)))]
    for item in wanted:
        for info in _expand(item, params):
            if not any((i.proto, i.ip, i.port) == (info.proto, info.ip, info.port) for i in found):
                found.append(info)
    return sorted(found, key=lambda info: info.proto)  # a list a protocol, as in Kamailio


def parse_address(text: str) -> Address:
    """`[proto:]host[:port]` of the command line."""
    proto, rest = "", text
    first, colon, after = text.partition(":")
    if colon and first.lower() in PROTO_NAMES[1:]:
        proto, rest = first.lower(), after
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        port = port.removeprefix(":")
    elif rest.count(":") > 1:
        host, port = rest, ""
    else:
        host, _, port = rest.partition(":")
    if port and not port.isdigit():
        raise SocketError(f"listen {text}: {port!r} is no port")
    return Address((host,), proto, int(port or 0))


def _expand(item: Listen, params: Any) -> Iterable[SocketInfo]:
    address = item.address
    host, adv_port = _advertised(item, params)
    for proto in _protocols(address, params):
        port = address.port or (params.tls_port_no if proto == TLS else params.port)
        if proto == TLS and not address.proto and address.port:
            port += 1  # one line for all: TLS gets the next port, as SIP's own default ports have it
        for name in address.hosts or ("",):
            for ip in _addresses(name, params):
                yield SocketInfo(proto, ip, port, host, adv_port, item.name or b"", item.virtual, item.workers)


def _protocols(address: Address, params: Any) -> list[int]:
    """The one that is named, if it is served; all that are served when none is."""
    try:
        proto = proto_number(address.proto)
    except ValueError as error:
        raise SocketError(f"listen: {error}") from None
    streams = bool(params.fork) and not params.disable_tcp
    usual = [UDP, *([TCP] if streams else []), *([TLS] if streams and params.enable_tls else [])]
    if proto and proto not in usual and proto not in served:
        log.notice("listen %s:%s is passed over: %s", address.proto, ",".join(address.hosts), _why_not(proto, params))
        return []
    return [proto] if proto else usual


def _why_not(proto: int, params: Any) -> str:
    if proto not in (TCP, TLS):
        return f"{PROTO_NAMES[proto]} is not served"
    if params.disable_tcp or not params.fork:
        return "disable_tcp" if params.disable_tcp else "there is one process"
    return "enable_tls is off"


def _advertised(item: Listen, params: Any) -> tuple[bytes, int]:
    if item.advertise is None:
        return params.advertised_address or b"", params.advertised_port
    host = item.advertise.hosts[0].encode()
    if not is_address(host) and not resolve.resolve_host(host):
        log.warning("the advertised name %s does not resolve", host.decode())
    return (b"[" + host + b"]" if b":" in host and host[:1] != b"[" else host), item.advertise.port


def _addresses(name: str, params: Any) -> list[bytes]:
    """Of a literal, an interface, a host name; of "" all IPv4 of this machine."""
    if name == "":
        family = 0 if params.auto_bind_ipv6 else socket.AF_INET
        return interface_addresses("", family)
    text = name.strip("[]").encode()
    if is_address(text):
        return [text]
    found = interface_addresses(name) or resolve.resolve_host(text)
    if not found:
        raise SocketError(f'listen: "{name}" is no address, no interface that is up, and no name that resolves')
    return found


# opening


def open_all(
    params: Any,
    listen: Sequence[Listen],
    aliases: Sequence[Address],
    more_listen: Sequence[str] = (),
    more_aliases: Sequence[str] = (),
) -> list[SocketInfo]:
    """Bind every socket and fill the table of the kernel part; SocketError names the one that cannot be bound."""
    close_all()
    use_dns(params)
    lib.kh_sock_options(int(params.mhomed))
    for info in plan(params, listen, more_listen):
        if info.proto == TLS and TLS not in transports.registered and TLS not in served:
            log.warning("enable_tls is on, but module tls is not loaded: %s is left out", info)
            continue
        _open(info, params)
    for alias in (*aliases, *(parse_address(text) for text in more_aliases)):
        for host in alias.hosts:
            add_alias(host.encode(), alias.port, proto_number(alias.proto))
    if params.auto_aliases:
        _find_aliases()
    return _sockets


def close_all() -> None:
    """Close all sockets and forget our names."""
    for info in _sockets:
        os.close(info.fd)
    _sockets.clear()
    _aliases.clear()
    lib.kh_sock_clear()


def use_dns(params: Any) -> None:
    """How names are looked up from here on, in this process."""
    resolve.state.options = _dns_options(params)


def _dns_options(params: Any) -> resolve.Options:
    seconds = float(params.dns_retr_time) if params.was_given("dns_retr_time") else resolve.QUERY_LIMIT
    if params.was_given("dns_retr_no"):
        seconds *= params.dns_retr_no + 1
    options = resolve.Options(True, bool(params.dns_try_ipv6), bool(params.dns_use_search_list), seconds)
    options.cache = bool(params.use_dns_cache)
    options.flags = params.dns_cache_flags
    options.servers = params.dns_servers_no
    if params.was_given("dns_cache_min_ttl"):
        options.ttl_min = params.dns_cache_min_ttl
    options.ttl_max = min(params.dns_cache_max_ttl, resolve.TTL_MAX)
    options.negative_ttl = params.dns_cache_negative_ttl
    options.naptr, options.naptr_by_pref = bool(params.dns_try_naptr), bool(params.dns_naptr_ignore_rfc)
    options.prefs = {UDP: params.dns_udp_pref, TCP: params.dns_tcp_pref, TLS: params.dns_tls_pref}
    options.srv_lb = bool(params.dns_srv_lb)
    return options


def open_socket(addr: Any, params: Any) -> int:
    """Bind it; the descriptor, or -errno."""
    if addr.proto == UDP:
        return int(lib.kh_udp_open(addr, params.maxbuffer, params.tos, int(params.ip_free_bind)))
    return int(lib.kh_tcp_listen(addr, stream_options(params)))


def stream_options(params: Any) -> Any:
    """A kh_tcp_socket_options: what the sockets of all connections get."""
    made = ffi.new("kh_tcp_socket_options *")
    made.tos, made.free_bind, made.reuse_port = params.tos, int(params.ip_free_bind), int(params.tcp_reuse_port)
    made.keepalive = int(params.tcp_keepalive)
    made.keepidle, made.keepintvl, made.keepcnt = params.tcp_keepidle, params.tcp_keepintvl, params.tcp_keepcnt
    return made


opener: Callable[[Any, Any], int] = open_socket  # tests of scripts open nothing


def _open(info: SocketInfo, params: Any) -> None:
    addr = make_addr(info.ip, info.port, info.proto)
    info.fd = opener(addr, params)
    if info.fd < 0:
        raise SocketError(f"cannot listen on {info}: {os.strerror(-info.fd)}")
    flags, shown = 0, info.advertise_host or _styled(info.ip, params.ipv6_hex_style)
    if info.virtual:
        flags |= lib.KH_SOCK_VIRTUAL
    if is_wildcard(info.ip):
        flags |= lib.KH_SOCK_WILDCARD
        shown = shown or _wildcard_names(info)
    index = lib.kh_sock_add(info.fd, addr, flags, shown, info.advertise_port, info.name)
    if index < 0:
        why = "too many sockets" if index == lib.KH_ETOOBIG else "its name or advertised address is too long"
        raise SocketError(f"cannot listen on {info}: {why}")
    info.index = index
    _sockets.append(info)


def _styled(ip: bytes, style: bytes) -> bytes:
    """ipv6_hex_style: an IPv6 address with all its digits in small ("a") or capital letters ("A"); "" for the usual."""
    if b":" not in ip or style == b"c" or is_wildcard(ip):
        return b""
    full = ":".join(f"{int(part, 16):x}" for part in ipaddress.IPv6Address(ip.decode()).exploded.split(":"))
    return f"[{full.upper() if style == b'A' else full}]".encode()


def _wildcard_names(info: SocketInfo) -> bytes:
    """Make every own address ours; returns the one that Via and Record-Route show: the first that others can reach."""
    own = interface_addresses("", family_of(info.ip))
    for ip in own:
        add_alias(ip, info.port, info.proto)
    reachable = [ip for ip in own if not ip.startswith(b"127.") and ip != b"::1"] or own or [info.ip]
    return b"[" + reachable[0] + b"]" if b":" in reachable[0] else reachable[0]


def add_alias(host: bytes, port: int = 0, proto: int = 0) -> None:
    """One more name of this server; port 0 and proto 0 match any. Before fork."""
    if lib.kh_alias_add(host, len(host), port, proto) < 0:
        log.error("alias %s is left out: there are %d already, or it is too long", host.decode(), lib.KH_MAX_ALIASES)
        return
    _aliases.append((host, port, proto))


def _find_aliases() -> None:
    end = time.monotonic() + ALIAS_BUDGET
    for info in _sockets:
        if time.monotonic() > end:
            log.warning("auto_aliases: DNS is slow, the rest is left out")
            return
        if not is_wildcard(info.ip):
            for name in resolve.reverse(info.ip):
                add_alias(name, info.port, info.proto)


# questions


def check_self(host: bytes, port: int = 0, proto: int = 0) -> bool:
    """Is it one of our sockets or aliases? port 0 and proto 0 match any."""
    return lib.kh_is_self(host, len(host), port, proto) == 1


def grep_sock_info(host: bytes, port: int = 0, proto: int = 0) -> SocketInfo | None:
    """The socket bound to (or advertised as) an address."""
    index = lib.kh_sock_find(host, len(host), port, proto)
    return _sockets[index] if 0 <= index < len(_sockets) else None


def find_socket(text: bytes) -> SocketInfo | None:
    """The socket of `[proto:]host[:port]`, or of a socket name; None when there is none."""
    for info in _sockets:
        if info.name and info.name == text:
            return info
    try:
        address = parse_address(text.decode("latin-1"))
        proto = proto_number(address.proto)
    except (SocketError, ValueError):
        return None
    return grep_sock_info(address.hosts[0].encode("latin-1"), address.port, proto)


def get_send_socket(msg: Any, ip: bytes, port: int, proto: int) -> SocketInfo | None:
    """The socket to send from to an address: forced by the script, the one of the message, or the first that fits."""
    c, edits = (msg.c, msg.edits) if msg is not None else (ffi.NULL, ffi.NULL)
    index = lib.kh_sock_pick(c, edits or ffi.NULL, make_addr(ip, port, proto))
    return _sockets[index] if index >= 0 else None
