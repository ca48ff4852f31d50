"""Host names to addresses: literals, /etc/hosts, then DNS A and AAAA, with a cache a process; records of other kinds.

A worker that waits for DNS serves nobody, so a query has a short limit and failures are remembered too. Which servers a
SIP URI leads to is decided in sip_resolve.py, over what is here.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import dns.exception
import dns.resolver

from ..log import logger
from .addr import TCP, TLS, UDP, family_of, is_address

log = logger(__name__)

CACHE_MAX = 4096  # names kept; when full the cache starts anew
TTL_MIN, TTL_MAX = 5, 3600  # seconds; a TTL of 0 would make each request wait
NEGATIVE_TTL = 60  # seconds that a failure is believed
QUERY_LIMIT = 2.0  # seconds one lookup may take
HOSTS = "/etc/hosts"
V4_ONLY, V6_ONLY, V6_FIRST = 1, 2, 4  # dns_cache_flags


@dataclass
class Options:
    """Core parameters of DNS."""

    dns: bool = True
    try_ipv6: bool = True
    search: bool = True
    limit: float = QUERY_LIMIT
    cache: bool = True
    ttl_min: int = TTL_MIN
    ttl_max: int = TTL_MAX
    negative_ttl: int = NEGATIVE_TTL
    servers: int = 0  # so many of the system's name servers are asked; 0: all
    flags: int = 0  # V4_ONLY, V6_ONLY, V6_FIRST
    naptr: bool = False  # ask which transports a domain offers
    prefs: dict[int, int] = field(default_factory=lambda: {UDP: 30, TCP: 20, TLS: 10})  # of transports; < 0: never
    naptr_by_pref: bool = True  # these count before the order of the NAPTR records
    srv_lb: bool = False  # servers of equal priority by chance, weighted


@dataclass
class State:
    """What this process knows."""

    options: Options = field(default_factory=Options)
    cache: dict[Any, tuple[float, list[Any]]] = field(default_factory=dict)  # name, (name, kind) -> (good until, found)
    hosts: dict[bytes, list[bytes]] = field(default_factory=dict)
    names: dict[bytes, list[bytes]] = field(default_factory=dict)  # address -> names, from HOSTS
    hosts_read: float = -1.0  # mtime of HOSTS when it was read
    hits: int = 0
    queries: int = 0
    failures: int = 0


class Srv(NamedTuple):
    """RFC 2782. An empty target: the service is decidedly not offered."""

    priority: int
    weight: int
    port: int
    target: bytes


class Naptr(NamedTuple):
    """RFC 3403, without the regular expression, which SIP does not use."""

    order: int
    preference: int
    flags: bytes  # lower case
    service: bytes  # upper case: SIP+D2U
    replacement: bytes


state = State()


def resolve_host(host: bytes) -> list[bytes]:
    """Addresses of a host as text without brackets, IPv4 first; [] when there are none. May wait for DNS."""
    if is_address(host):
        return [host.strip(b"[]")]
    name = host.lower().rstrip(b".")
    return _cached(name, lambda: _addresses(name))


def records(name: bytes, kind: str) -> list[Any]:
    """SRV or NAPTR records of a name in lower case, as Srv or Naptr; [] when there are none. May wait for DNS."""
    return _cached((name, kind), lambda: _asked(name, (kind,)))


def is_known_host(host: bytes) -> bool:
    """An address, or a name that HOSTS has: DNS is not asked about it."""
    if is_address(host):
        return True
    read_hosts()
    return host.lower().rstrip(b".") in state.hosts


def _cached(key: Any, look_up: Callable[[], tuple[list[Any], float]]) -> list[Any]:
    known = state.cache.get(key)
    now = time.monotonic()
    if known is not None and known[0] > now:
        state.hits += 1
        return known[1]
    found, ttl = look_up()
    if not state.options.cache:
        return found
    if len(state.cache) >= CACHE_MAX:
        state.cache.clear()
    state.cache[key] = (now + ttl, found)
    return found


def _addresses(name: bytes) -> tuple[list[Any], float]:
    read_hosts()
    found = state.hosts.get(name)
    return (found, TTL_MIN) if found is not None else _asked(name, _kinds(state.options))


def _asked(name: bytes, kinds: tuple[str, ...]) -> tuple[list[Any], float]:
    """What DNS has of these kinds, and for how many seconds that is good."""
    options = state.options
    if not options.dns:
        return [], options.negative_ttl
    state.queries += 1
    found: list[Any] = []
    ttl = float(options.ttl_max)
    for kind in kinds:
        answer, seconds = _query(name, kind)
        found += answer
        if answer:
            ttl = min(ttl, seconds)
    if found:
        return found, max(ttl, options.ttl_min)
    state.failures += 1
    return [], options.negative_ttl


def _kinds(options: Options) -> tuple[str, ...]:
    """Record types to ask for, in this order."""
    if options.flags & V4_ONLY or not options.try_ipv6:
        return ("A",)
    if options.flags & V6_ONLY:
        return ("AAAA",)
    return ("AAAA", "A") if options.flags & V6_FIRST else ("A", "AAAA")


def _name(name: Any) -> bytes:
    return name.to_text(omit_final_dot=True).lower().encode()


_VALUE: dict[str, Callable[[Any], Any]] = {
    "A": lambda record: record.address.encode(),
    "AAAA": lambda record: record.address.encode(),
    "SRV": lambda r: Srv(r.priority, r.weight, r.port, _name(r.target).rstrip(b".")),
    "NAPTR": lambda r: Naptr(r.order, r.preference, r.flags.lower(), r.service.upper(), _name(r.replacement)),
}


def _query(name: bytes, kind: str) -> tuple[list[Any], float]:
    try:
        resolver = _resolver()
        text = name.decode("ascii")
        search = state.options.search and kind in ("A", "AAAA")
        answer = resolver.resolve(text, kind, lifetime=state.options.limit, search=search)
    except (dns.exception.DNSException, UnicodeError, OSError) as error:
        log.debug("DNS: no %s of %r: %s", kind, name, error)
        return [], 0
    seconds = answer.rrset.ttl if answer.rrset is not None else 0
    return [_VALUE[kind](record) for record in answer], float(seconds)


def _resolver() -> dns.resolver.Resolver:
    """The system's, asking as many servers as dns_servers_no says."""
    resolver = dns.resolver.get_default_resolver()
    if 0 < state.options.servers < len(resolver.nameservers):
        resolver.nameservers = list(resolver.nameservers)[: state.options.servers]
    return resolver


def read_hosts() -> None:
    """Reads HOSTS when it changed."""
    try:
        changed = os.stat(HOSTS).st_mtime
        if changed == state.hosts_read:
            return
        with open(HOSTS, "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    state.hosts_read = changed
    state.hosts, state.names = {}, {}
    for line in lines:
        words = line.partition(b"#")[0].split()
        if len(words) < 2 or not is_address(words[0]):
            continue
        state.names.setdefault(words[0], []).extend(words[1:])
        for name in words[1:]:
            state.hosts.setdefault(name.lower(), []).append(words[0])
    for addresses in state.hosts.values():
        addresses.sort(key=lambda ip: family_of(ip))


def reverse(ip: bytes) -> list[bytes]:
    """Names of an address, for `auto_aliases`: HOSTS, else one PTR query. May wait for DNS."""
    read_hosts()
    if ip in state.names:
        return state.names[ip]
    if not state.options.dns:
        return []
    try:
        answer = dns.resolver.get_default_resolver().resolve_address(ip.decode(), lifetime=state.options.limit)
    except (dns.exception.DNSException, OSError):
        return []
    return [record.target.to_text(omit_final_dot=True).encode() for record in answer]


def clear_cache() -> None:
    """Forget all names."""
    state.cache.clear()
