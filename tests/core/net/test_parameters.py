"""Core parameters of sockets and of DNS, seen where they act."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from kahea.cfg.core_params import CoreParams
from kahea.cfg.syntax.nodes import Address, Listen
from kahea.core.net import resolve, sockets
from kahea.core.net.addr import interface_addresses
from kahea.core.net.sockets import SocketInfo


@pytest.fixture(autouse=True)
def closed(isolated: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(resolve, "state", resolve.State(resolve.Options(dns=False)))
    yield
    sockets.close_all()


def opened(hosts: tuple[str, ...], **values: Any) -> list[SocketInfo]:
    """Sockets on these addresses, with these parameters."""
    params = CoreParams()
    params.set("auto_aliases", 0)
    for name, value in values.items():
        params.set(name, value)
    listen = [Listen(Address((host,), "udp", 5060)) for host in hosts]
    return list(sockets.open_all(params, listen, [])) if hosts else sockets.plan(params, [])


def option(info: SocketInfo, level: int, name: int) -> int:
    """An option of a socket."""
    with socket.socket(fileno=os.dup(info.fd)) as own:
        return own.getsockopt(level, name)


def test_tos() -> None:
    (info,) = opened(("127.0.0.1",), tos=0x68)
    assert option(info, socket.IPPROTO_IP, socket.IP_TOS) == 0x68


def usual_buffer() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as fresh:
        return fresh.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def test_maxbuffer_enlarges_the_receive_buffer() -> None:
    (info,) = opened(("127.0.0.1",), maxbuffer=usual_buffer() + 10_000)
    assert option(info, socket.SOL_SOCKET, socket.SO_RCVBUF) > usual_buffer()


def test_maxbuffer_never_makes_the_receive_buffer_smaller() -> None:
    (info,) = opened(("127.0.0.1",), maxbuffer=50_000)
    assert option(info, socket.SOL_SOCKET, socket.SO_RCVBUF) == usual_buffer()


def test_ip_free_bind() -> None:
    (info,) = opened(("198.51.100.77",), ip_free_bind=1)
    assert info.fd >= 0


def test_mhomed_asks_the_route() -> None:
    opened(("127.0.0.2", "127.0.0.1"))
    chosen = sockets.get_send_socket(None, b"127.0.0.1", 5070, 1)
    assert chosen is not None and chosen.ip == b"127.0.0.2"
    opened(("127.0.0.2", "127.0.0.1"), mhomed=1)
    chosen = sockets.get_send_socket(None, b"127.0.0.1", 5070, 1)
    assert chosen is not None and chosen.ip == b"127.0.0.1"


def test_auto_bind_ipv6() -> None:
    with_v6 = {info.ip for info in opened((), auto_bind_ipv6=1)}
    assert with_v6 == set(interface_addresses("", 0))
    assert {info.ip for info in opened(())} == set(interface_addresses("", socket.AF_INET))


def test_auto_aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "reverse", lambda ip: [b"own.example"])
    opened(("127.0.0.1",))
    assert not sockets.check_self(b"own.example", 5060)
    opened(("127.0.0.1",), auto_aliases=1)
    assert sockets.check_self(b"own.example", 5060)


def options(**values: Any) -> resolve.Options:
    """What the resolver is told."""
    params = CoreParams()
    for name, value in values.items():
        params.set(name, value)
    return sockets._dns_options(params)


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ({}, ("A", "AAAA")),
        ({"dns_try_ipv6": 0}, ("A",)),
        ({"dns_cache_flags": 1}, ("A",)),
        ({"dns_cache_flags": 2}, ("AAAA",)),
        ({"dns_cache_flags": 4}, ("AAAA", "A")),
    ],
)
def test_record_types(values: dict[str, int], kinds: tuple[str, ...]) -> None:
    assert resolve._kinds(options(**values)) == kinds


def test_time_for_a_lookup() -> None:
    assert options().limit == resolve.QUERY_LIMIT
    assert options(dns_retr_time=1).limit == 1
    assert options(dns_retr_time=1, dns_retr_no=2).limit == 3


def test_search_list() -> None:
    assert options().search and not options(dns_use_search_list=0).search


@pytest.mark.parametrize(
    ("values", "answer", "kept"),
    [
        ({}, ([b"192.0.2.1"], 100.0), 100),
        ({"dns_cache_min_ttl": 500}, ([b"192.0.2.1"], 100.0), 500),
        ({"dns_cache_max_ttl": 50}, ([b"192.0.2.1"], 100.0), 50),
        ({"dns_cache_negative_ttl": 7}, ([], 0.0), 7),
    ],
)
def test_time_in_the_cache(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, int], answer: tuple[list[bytes], float], kept: float
) -> None:
    monkeypatch.setattr(resolve, "_query", lambda name, kind: answer)
    monkeypatch.setattr(resolve.time, "monotonic", lambda: 1000.0)
    resolve.state.options = options(dns_try_ipv6=0, **values)
    resolve.resolve_host(b"pbx.example")
    assert resolve.state.cache[b"pbx.example"][0] == 1000.0 + kept


def test_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    monkeypatch.setattr(resolve, "_query", lambda name, kind: (asked.append(name) or [b"192.0.2.1"], 100.0))  # type: ignore[func-returns-value]
    for use, times in ((1, 1), (0, 2)):
        asked.clear()
        resolve.state.options = options(dns_try_ipv6=0, use_dns_cache=use)
        for _ in range(2):
            assert resolve.resolve_host(b"pbx%d.example" % use) == [b"192.0.2.1"]
        assert len(asked) == times


def test_number_of_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = resolve.dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    monkeypatch.setattr(resolve.dns.resolver, "get_default_resolver", lambda: resolver)
    resolve.state.options = options(dns_servers_no=2)
    assert resolve._resolver().nameservers == ["192.0.2.1", "192.0.2.2"]
