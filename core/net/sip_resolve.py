"""Where a URI leads (RFC 3263 section 4): the servers of a host, in the order in which they are to be tried.

    an address, or a name in the hosts file    itself
    a port was given                           A and AAAA of the host
    neither port nor transport                 NAPTR, with `dns_try_naptr`: the domain's name for SIP over UDP
    no port                                    SRV of _sip._udp.host: by priority, then weight
    no such SRV                                A and AAAA, the default port

Servers of equal priority come with the greater weight first; with `dns_srv_lb` by chance, weighted (RFC 2782). UDP is
what is served, so other transports that a domain offers are passed over.
"""

import random
from collections.abc import Iterable, Iterator
from itertools import groupby

from ...src.native import lib
from . import resolve
from .addr import UDP
from .resolve import Naptr, Srv, is_known_host, records, resolve_host

SERVICE = {lib.KH_PROTO_UDP: b"_sip._udp.", lib.KH_PROTO_TCP: b"_sip._tcp.", lib.KH_PROTO_TLS: b"_sips._tcp."}
NAPTR_SERVICE = b"SIP+D2U"
NAPTR_MAX, SRV_MAX = 16, 32  # records of one name that are looked at
SERVERS_MAX = 8  # servers that are noted for the case that the first does not answer
Server = tuple[int, bytes, int]  # protocol, address, port


def sip_resolvehost(host: bytes, port: int, proto: int) -> Iterator[Server]:
    """Servers of a host; `port` and `proto` are what the URI says, or 0. Waits for DNS as far as it is read."""
    default = lib.kh_default_port(proto or UDP)
    if not port and not is_known_host(host):
        services = _srv_of(host.lower().rstrip(b"."), proto)
        if services:
            for srv in in_order(srv for srv in services if srv.target):
                for ip in resolve_host(srv.target):
                    yield proto or UDP, ip, srv.port
            return
    for ip in resolve_host(host):
        yield proto or UDP, ip, port or default


def _srv_of(name: bytes, proto: int) -> list[Srv]:
    """The SRV records of a domain. One without a target leads nowhere: the service is not offered (RFC 2782)."""
    if not proto and resolve.state.options.naptr and resolve.state.options.udp_pref >= 0:
        offers = [r for r in records(name, "NAPTR")[:NAPTR_MAX] if r.service == NAPTR_SERVICE and r.flags == b"s"]
        for offer in sorted(offers, key=_by_order):
            if found := records(offer.replacement, "SRV"):
                return found[:SRV_MAX]
    service = SERVICE.get(proto or UDP)
    return records(service + name, "SRV")[:SRV_MAX] if service else []


def _by_order(record: Naptr) -> tuple[int, int]:
    return record.order, record.preference


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
