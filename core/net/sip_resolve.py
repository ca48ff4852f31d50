"""Where a URI leads (RFC 3263 section 4): the servers of a host, in the order in which they are to be tried.

    an address, or a name in the hosts file    itself
    a port was given                           A and AAAA of the host
    neither port nor transport                 by UDP; with `dns_try_naptr` by what the domain and we offer, see below
    no port                                    SRV of _sip._udp.host (or the transport's): by priority, then weight
    no such SRV                                A and AAAA, the default port

With `dns_try_naptr` the NAPTR records of the host name services by transport; without any, SRV is asked for each
transport that we listen on. `dns_udp_pref`, `dns_tcp_pref` and `dns_tls_pref` say which comes first (below 0: never),
and the records' own order only among equals, unless `dns_naptr_ignore_rfc` is off: as in Kamailio.

Servers of equal priority come with the greater weight first; with `dns_srv_lb` by chance, weighted (RFC 2782).
"""

import random
from collections.abc import Iterable, Iterator
from itertools import groupby

from ...src.native import lib
from . import resolve, sockets
from .addr import TCP, TLS, UDP
from .resolve import Naptr, Srv, is_known_host, records, resolve_host

SERVICE = {UDP: b"_sip._udp.", TCP: b"_sip._tcp.", TLS: b"_sips._tcp."}
NAPTR_SERVICE = {b"SIP+D2U": UDP, b"SIP+D2T": TCP, b"SIPS+D2T": TLS}
NAPTR_MAX, SRV_MAX = 16, 32  # records of one name that are looked at
SERVERS_MAX = 8  # servers that are noted for the case that the first does not answer
Server = tuple[int, bytes, int]  # protocol, address, port
Services = tuple[int, list[Srv]]  # by a protocol


def sip_resolvehost(host: bytes, port: int, proto: int) -> Iterator[Server]:
    """Servers of a host; `port` and `proto` are what the URI says, or 0. Waits for DNS as far as it is read."""
    ways = [proto] if proto else wanted_protocols()
    if not port and not is_known_host(host):
        offered = False
        for way, services in _services(host.lower().rstrip(b"."), ways, proto):
            offered = offered or bool(services)
            for srv in in_order(srv for srv in services if srv.target):
                for ip in resolve_host(srv.target):
                    yield way, ip, srv.port
        if offered:
            return
    for ip in resolve_host(host):
        yield ways[0], ip, port or lib.kh_default_port(ways[0])


def wanted_protocols() -> list[int]:
    """The transports that a host may be reached by when its URI names none, the preferred one first."""
    options = resolve.state.options
    if not options.naptr:
        return [UDP]
    served = {info.proto for info in sockets.sockets()} or {UDP}
    prefs = {proto: pref for proto, pref in options.prefs.items() if pref >= 0 and proto in served}
    return sorted(prefs, key=lambda proto: -prefs[proto]) or [UDP]


def _services(name: bytes, ways: list[int], proto: int) -> Iterator[Services]:
    """The SRV records of a domain by transport. One without a target leads nowhere: the service is not offered
    (RFC 2782)."""
    if not proto and resolve.state.options.naptr:
        offers = [(NAPTR_SERVICE.get(r.service, 0), r) for r in records(name, "NAPTR")[:NAPTR_MAX] if r.flags == b"s"]
        found = False
        for way, offer in sorted((o for o in offers if o[0] in ways), key=lambda offer: _by_order(offer, ways)):
            services = records(offer.replacement, "SRV")[:SRV_MAX]
            found = found or bool(services)
            yield way, services
        if found:
            return
    for way in ways:
        service = SERVICE.get(way)
        yield way, records(service + name, "SRV")[:SRV_MAX] if service else []


def _by_order(offer: tuple[int, Naptr], ways: list[int]) -> tuple[int, ...]:
    way, record = offer
    own, theirs = (ways.index(way),), (record.order, record.preference)
    return own + theirs if resolve.state.options.naptr_by_pref else theirs + own


def in_order(services: Iterable[Srv]) -> Iterator[Srv]:
    """Lowest priority number first; those of one priority by weight."""
    arrange = _by_chance if resolve.state.options.srv_lb else _by_weight
    for _, group in groupby(sorted(services, key=lambda srv: srv.priority), key=lambda srv: srv.priority):
        yield from arrange(list(group))


def _by_weight(group: list[Srv]) -> list[Srv]:
    return sorted(group, key=lambda srv: -srv.weight)


def _by_chance(group: list[Srv]) -> Iterator[Srv]:
    """One after the other is drawn; weight 0 has a small chance (RFC 2782)."""
    left = sorted(group, key=lambda srv: srv.weight)
    while left:
        mark = random.randint(0, sum(srv.weight for srv in left))
        for i, srv in enumerate(left):
            mark -= srv.weight
            if mark <= 0:
                yield left.pop(i)
                break
