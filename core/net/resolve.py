"""Host names to addresses: literals, /etc/hosts, then DNS A and AAAA, with a cache a process.

A worker that waits for DNS serves nobody, so a query has a short limit and failures are remembered too. NAPTR and SRV
are not looked up: the port comes from the URI or is the protocol's default.
"""

import os
import time
from dataclasses import dataclass, field

import dns.exception
import dns.resolver

from ..log import logger
from .addr import family_of, is_address

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


@dataclass
class State:
    """What this process knows."""

    options: Options = field(default_factory=Options)
    cache: dict[bytes, tuple[float, list[bytes]]] = field(default_factory=dict)  # name -> (good until, addresses)
    hosts: dict[bytes, list[bytes]] = field(default_factory=dict)
    names: dict[bytes, list[bytes]] = field(default_factory=dict)  # address -> names, from HOSTS
    hosts_read: float = -1.0  # mtime of HOSTS when it was read
    hits: int = 0
    queries: int = 0
    failures: int = 0


state = State()


def resolve_host(host: bytes) -> list[bytes]:
    """Addresses of a host as text without brackets, IPv4 first; [] when there are none. May wait for DNS."""
    if is_address(host):
        return [host.strip(b"[]")]
    name = host.lower().rstrip(b".")
    known = state.cache.get(name)
    now = time.monotonic()
    if known is not None and known[0] > now:
        state.hits += 1
        return known[1]
    addresses, ttl = _look_up(name)
    if not state.options.cache:
        return addresses
    if len(state.cache) >= CACHE_MAX:
        state.cache.clear()
    state.cache[name] = (now + ttl, addresses)
    return addresses


def _look_up(name: bytes) -> tuple[list[bytes], float]:
    read_hosts()
    found = state.hosts.get(name)
    if found is not None:
        return found, TTL_MIN
    options = state.options
    if not options.dns:
        return [], options.negative_ttl
    state.queries += 1
    addresses, ttl = [], float(options.ttl_max)
    for kind in _kinds(options):
        answer, seconds = _query(name, kind)
        addresses += answer
        if answer:
            ttl = min(ttl, seconds)
    if addresses:
        return addresses, max(ttl, options.ttl_min)
    state.failures += 1
    return [], options.negative_ttl


def _kinds(options: Options) -> tuple[str, ...]:
    """Record types to ask for, in this order."""
    if options.flags & V4_ONLY or not options.try_ipv6:
        return ("A",)
    if options.flags & V6_ONLY:
        return ("AAAA",)
    return ("AAAA", "A") if options.flags & V6_FIRST else ("A", "AAAA")


def _query(name: bytes, kind: str) -> tuple[list[bytes], float]:
    try:
        resolver = _resolver()
        text = name.decode("ascii")
        answer = resolver.resolve(text, kind, lifetime=state.options.limit, search=state.options.search)
    except (dns.exception.DNSException, UnicodeError, OSError) as error:
        log.debug("DNS: no %s of %r: %s", kind, name, error)
        return [], 0
    seconds = answer.rrset.ttl if answer.rrset is not None else 0
    return [record.address.encode() for record in answer], float(seconds)


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
