"""The servers of a URI (RFC 3263), asked of a name server on loopback."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.resolver
import dns.rrset
import pytest

from kahea.core.msg.forward import fill_dest
from kahea.core.net import resolve, sockets
from kahea.core.net.addr import UDP
from kahea.core.net.sip_resolve import in_order, sip_resolvehost
from kahea.core.net.sockets import SocketInfo
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib
from kahea.tests.core.net.test_parameters import options
from kahea.tests.core.pv.messages import INVITE

ZONE = """
example.com.           A      192.0.2.1
big.example.           NAPTR  20 50 "s" "SIP+D2U" "" _sip._udp.second.example.
big.example.           NAPTR  10 50 "s" "SIP+D2T" "" _sip._tcp.big.example.
big.example.           NAPTR  10 60 "S" "sip+d2u" "" _sip._udp.first.example.
_sip._udp.first.example.   SRV  0 0 5070 a.example.
_sip._udp.second.example.  SRV  0 0 5071 b.example.
_sip._udp.big.example.     SRV  20 0 5080 c.example.
_sip._udp.big.example.     SRV  10 10 5081 a.example.
_sip._udp.big.example.     SRV  10 90 5082 B.example.
_sip._udp.closed.example.  SRV  0 0 0 .
_sip._tcp.big.example.     SRV  0 0 5090 a.example.
_sips._tcp.big.example.    SRV  0 0 5091 a.example.
big.example.           A      192.0.2.99
closed.example.        A      192.0.2.98
stream.example.        A      192.0.2.96
_sip._tcp.stream.example.  SRV  0 0 5092 c.example.
hosted.example.        A      192.0.2.97
_sip._udp.hosted.example.  SRV  0 0 5095 a.example.
a.example.             A      192.0.2.10
b.example.             A      192.0.2.11
b.example.             AAAA   2001:db8::11
c.example.             A      192.0.2.12
"""
TCP, TLS = lib.KH_PROTO_TCP, lib.KH_PROTO_TLS


def zone() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for line in ZONE.strip().splitlines():
        name, kind, value = line.split(None, 2)
        found.setdefault((name, kind), []).append(value)
    return found


@pytest.fixture
def name_server(isolated: None) -> Iterator[int]:
    """Answers from ZONE on a port of loopback."""
    records = zone()
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            data, peer = sock.recvfrom(4096)
            if data == b"end":
                return
            query = dns.message.from_wire(data)
            reply = dns.message.make_response(query)
            question = query.question[0]
            key = (question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype))
            if key in records:
                reply.answer.append(dns.rrset.from_text(question.name, 300, "IN", key[1], *records[key]))
            sock.sendto(reply.to_wire(), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield sock.getsockname()[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"end", sock.getsockname())
    thread.join()
    sock.close()


@pytest.fixture(autouse=True)
def dns_of_the_test(name_server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("203.0.113.5 hosted.example\n")
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], name_server
    monkeypatch.setattr(resolve, "HOSTS", str(hosts))
    monkeypatch.setattr(resolve, "state", resolve.State(options()))
    monkeypatch.setattr(dns.resolver, "get_default_resolver", lambda: resolver)


def served(host: bytes, port: int = 0, proto: int = 0, **params: Any) -> list[str]:
    resolve.state.options = options(**params)
    return [f"{lib_name(p)} {ip.decode()} {number}" for p, ip, number in sip_resolvehost(host, port, proto)]


def lib_name(proto: int) -> str:
    return {UDP: "udp", TCP: "tcp", TLS: "tls"}[proto]


@pytest.mark.parametrize(
    ("host", "port", "proto", "found"),
    [
        (b"192.0.2.7", 0, 0, ["udp 192.0.2.7 5060"]),
        (b"[2001:db8::7]", 5099, 0, ["udp 2001:db8::7 5099"]),
        (b"example.com", 0, 0, ["udp 192.0.2.1 5060"]),  # no SRV: the host itself
        (b"Example.COM.", 5062, UDP, ["udp 192.0.2.1 5062"]),
        (b"big.example", 5060, 0, ["udp 192.0.2.99 5060"]),  # a port was given: no SRV, though it is the default one
        (b"big.example", 0, UDP,
         ["udp 192.0.2.11 5082", "udp 2001:db8::11 5082", "udp 192.0.2.10 5081", "udp 192.0.2.12 5080"]),
        (b"big.example", 0, TCP, ["tcp 192.0.2.10 5090"]),
        (b"big.example", 0, TLS, ["tls 192.0.2.10 5091"]),
        (b"closed.example", 0, 0, []),  # the domain says that it has no such service
        (b"hosted.example", 0, 0, ["udp 203.0.113.5 5060"]),  # the hosts file
        (b"nosuch.example", 0, 0, []),
    ],
)  # fmt: skip
def test_servers_in_order(host: bytes, port: int, proto: int, found: list[str]) -> None:
    assert served(host, port, proto) == found


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """We listen on UDP, TCP and TLS."""
    monkeypatch.setattr(
        sockets, "sockets", lambda: [SocketInfo(proto, b"192.0.2.200", 5060) for proto in (UDP, TCP, TLS)]
    )


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, ["udp 192.0.2.10 5070", "udp 192.0.2.11 5071", "udp 2001:db8::11 5071", "tcp 192.0.2.10 5090"]),
        ({"dns_tcp_pref": 40}, ["tcp 192.0.2.10 5090", "udp 192.0.2.10 5070"]),
        ({"dns_udp_pref": -1}, ["tcp 192.0.2.10 5090"]),
        ({"dns_udp_pref": -1, "dns_tcp_pref": -1}, ["tls 192.0.2.10 5091"]),  # not in the NAPTR records, but in SRV's
        ({"dns_naptr_ignore_rfc": 0}, ["tcp 192.0.2.10 5090", "udp 192.0.2.10 5070"]),  # equal order: by preference
    ],
)
def test_the_preferred_transport_comes_first(streams: None, params: dict[str, int], found: list[str]) -> None:
    assert served(b"big.example", dns_try_naptr=1, **params)[: len(found)] == found


def test_without_naptr_records_srv_is_asked_by_transport(streams: None) -> None:
    assert served(b"stream.example", dns_try_naptr=1) == ["tcp 192.0.2.12 5092"]
    assert served(b"stream.example") == ["udp 192.0.2.96 5060"]  # nobody asked for other transports
    assert served(b"example.com", dns_try_naptr=1, dns_tls_pref=50) == ["tls 192.0.2.1 5061"]
    assert served(b"closed.example", dns_try_naptr=1) == []
    assert served(b"stream.example", proto=TCP) == ["tcp 192.0.2.12 5092"]


def test_naptr_names_the_service() -> None:
    assert served(b"big.example", dns_try_naptr=1)[0] == "udp 192.0.2.10 5070"  # not TCP's, and the lower order
    assert served(b"big.example", proto=UDP, dns_try_naptr=1)[0] == "udp 192.0.2.11 5082"  # a transport was given
    assert served(b"big.example", dns_try_naptr=1, dns_udp_pref=-1)[0] == "udp 192.0.2.10 5070"  # we have nothing else
    assert served(b"example.com", dns_try_naptr=1) == ["udp 192.0.2.1 5060"]  # there is none


def test_weights_are_chances_with_dns_srv_lb() -> None:
    resolve.state.options = options(dns_srv_lb=1)
    group = [resolve.Srv(1, 10, 1, b"a"), resolve.Srv(1, 90, 2, b"b"), resolve.Srv(0, 0, 3, b"c")]
    drawn = [list(in_order(group)) for _ in range(1000)]
    assert all(len(set(order)) == 3 and order[0].target == b"c" for order in drawn)
    assert 820 < Counter(order[1].target for order in drawn)[b"b"] < 970  # 90 of 101
    resolve.state.options = options()
    assert [srv.target for srv in in_order(group)] == [b"c", b"b", b"a"]


def test_records_are_kept() -> None:
    for _ in range(3):
        served(b"big.example", proto=UDP)
    assert resolve.state.queries == 4 and resolve.state.hits == 8  # SRV and three targets


def test_destination_gets_the_first_server_with_a_socket(isolated: None) -> None:
    msg, dest = SipMsg.from_bytes(INVITE), ffi.new("kh_dest *")
    resolve.state.options = options()
    lib.kh_sock_clear()
    addr = ffi.new("kh_addr *")
    lib.kh_addr_parse(addr, b"2001:db8::1", 11)
    addr.proto, addr.port = UDP, 5060
    assert lib.kh_sock_add(-1, addr, 0, b"", 0, b"") == 0
    assert fill_dest(msg, dest, b"big.example") == lib.KH_OK
    assert (dest.to.family, dest.to.port) == (socket.AF_INET6, 5082)
    lib.kh_sock_clear()
    assert not sockets.sockets()
