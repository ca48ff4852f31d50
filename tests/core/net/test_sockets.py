"""From `listen` lines to sockets, and what is ours."""

import socket
from collections.abc import Iterator

import pytest

from kahea.cfg.core_params import CoreParams
from kahea.cfg.syntax.nodes import Address, Listen
from kahea.core.errors import SocketError
from kahea.core.net import sockets
from kahea.src.native import ffi, lib


@pytest.fixture(autouse=True)
def closed_after() -> Iterator[None]:
    yield
    sockets.close_all()


def params(**values: int) -> CoreParams:
    made = CoreParams()
    made.set("auto_aliases", 0)
    for name, value in values.items():
        made.set(name, value)
    return made


def listen(host: str, port: int = 0, proto: str = "udp", advertise: tuple[str, int] | None = None) -> Listen:
    return Listen(Address((host,), proto, port), Address((advertise[0],), "", advertise[1]) if advertise else None)


def test_address_without_port_gets_the_default() -> None:
    assert sockets.describe(params(port=5099), [listen("127.0.0.1")]) == ["udp: 127.0.0.1:5099"]


def test_interface_stands_for_its_addresses() -> None:
    assert "udp: 127.0.0.1:5060" in sockets.describe(params(), [listen("lo")])


def test_without_listen_all_addresses_are_used() -> None:
    assert "udp: 127.0.0.1:5060" in sockets.describe(params(), [])


def test_same_address_twice_is_one_socket() -> None:
    assert len(sockets.describe(params(), [listen("127.0.0.1"), listen("127.0.0.1", 5060)])) == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("127.0.0.1", "udp: 127.0.0.1:5060"),
        ("udp:127.0.0.1:5070", "udp: 127.0.0.1:5070"),
        ("[::1]:5070", "udp: [::1]:5070"),
        ("::1", "udp: [::1]:5060"),
    ],
)
def test_addresses_of_the_command_line(text: str, line: str) -> None:
    assert sockets.describe(params(disable_tcp=1), [], [text]) == [line]


@pytest.mark.parametrize(
    ("given", "more", "lines"),
    [
        ("127.0.0.1", {}, ["udp: 127.0.0.1:5060", "tcp: 127.0.0.1:5060"]),
        ("127.0.0.1", {"port": 5080}, ["udp: 127.0.0.1:5080", "tcp: 127.0.0.1:5080"]),
        ("127.0.0.1", {"disable_tcp": 1, "enable_tls": 1}, ["udp: 127.0.0.1:5060"]),
        ("127.0.0.1", {"fork": 0}, ["udp: 127.0.0.1:5060"]),
        ("127.0.0.1", {"enable_tls": 1}, ["udp: 127.0.0.1:5060", "tcp: 127.0.0.1:5060", "tls: 127.0.0.1:5061"]),
        ("127.0.0.1:5070", {"enable_tls": 1}, ["udp: 127.0.0.1:5070", "tcp: 127.0.0.1:5070", "tls: 127.0.0.1:5071"]),
        ("tls:127.0.0.1:5070", {"enable_tls": 1}, ["tls: 127.0.0.1:5070"]),
        ("tls:127.0.0.1", {"enable_tls": 1, "tls_port_no": 5099}, ["tls: 127.0.0.1:5099"]),
        ("tcp:127.0.0.1", {}, ["tcp: 127.0.0.1:5060"]),
        ("tcp:127.0.0.1", {"disable_tcp": 1}, []),
        ("tls:127.0.0.1", {}, []),
        ("sctp:127.0.0.1", {}, []),
    ],
)
def test_transports_that_a_line_stands_for(given: str, more: dict[str, int], lines: list[str]) -> None:
    """Each as Kamailio's -c says it."""
    assert sockets.describe(params(**more), [], [given]) == lines


def test_sockets_are_listed_by_transport() -> None:
    lines = sockets.describe(params(), [], ["127.0.0.1", "127.0.0.2"])
    assert [line.split()[0] for line in lines] == ["udp:", "udp:", "tcp:", "tcp:"]


def test_port_that_is_taken_is_an_error_that_names_it(isolated: None) -> None:
    with socket.create_server(("127.0.0.1", 5060)), pytest.raises(SocketError, match=r"tcp: 127\.0\.0\.1:5060: Addr"):
        sockets.open_all(params(), [listen("127.0.0.1", 5060, "tcp")], [])


def test_tls_without_its_module_is_left_out(isolated: None) -> None:
    opened = sockets.open_all(params(enable_tls=1), [listen("127.0.0.1", 5060, "")], [])
    assert [info.proto for info in opened] == [lib.KH_PROTO_UDP, lib.KH_PROTO_TCP]


def test_unknown_host_is_an_error_that_names_it() -> None:
    with pytest.raises(SocketError, match=r"nosuch\.invalid"):
        sockets.describe(params(), [listen("nosuch.invalid")])


def test_address_of_nobody_cannot_be_bound(isolated: None) -> None:
    with pytest.raises(SocketError, match=r"203\.0\.113\.5:5060: Cannot assign"):
        sockets.open_all(params(), [listen("203.0.113.5")], [])


def test_opened_sockets_are_ours_by_address_advertised_name_and_alias(isolated: None) -> None:
    wanted = [listen("127.0.0.1", 5060), listen("127.0.0.1", 5070, "udp", ("sip.example.org", 6070))]
    opened = sockets.open_all(params(), wanted, [Address(("example.com",)), Address(("h",), "", 5080)])
    assert [socket.index for socket in opened] == [0, 1]
    for host, port, proto in (
        (b"127.0.0.1", 5060, 1), (b"127.0.0.1", 5070, 0), (b"127.0.0.1", 0, 0), (b"SIP.example.org", 6070, 1),
        (b"EXAMPLE.com", 9999, 3), (b"h", 5080, 0), (b"h", 0, 0),
    ):  # fmt: skip
        assert sockets.check_self(host, port, proto), (host, port, proto)
    for host, port, proto in (
        (b"127.0.0.1", 5061, 1), (b"127.0.0.1", 5060, 2), (b"127.0.0.2", 5060, 1), (b"h", 5060, 0),
        (b"example.co", 0, 0),
    ):  # fmt: skip
        assert not sockets.check_self(host, port, proto), (host, port, proto)


def test_wildcard_answers_to_every_own_address_and_shows_one(isolated: None) -> None:
    sockets.open_all(params(), [listen("0.0.0.0", 5060)], [])
    assert sockets.check_self(b"127.0.0.1", 5060)
    assert not sockets.check_self(b"127.0.0.1", 5061)
    sock = lib.kh_sock_get(0)
    assert ffi.unpack(sock.host, sock.host_len) != b"0.0.0.0"


def test_socket_to_send_from(isolated: None) -> None:
    sockets.open_all(params(), [listen("127.0.0.1", 5060), listen("::1", 5060), listen("127.0.0.1", 5070)], [])
    chosen = sockets.get_send_socket(None, b"192.0.2.1", 5060, lib.KH_PROTO_UDP)
    assert chosen is not None and chosen.index == 0
    chosen = sockets.get_send_socket(None, b"::2", 5060, lib.KH_PROTO_UDP)
    assert chosen is not None and chosen.index == 1
    assert sockets.get_send_socket(None, b"192.0.2.1", 5060, lib.KH_PROTO_TCP) is None


def test_socket_is_found_by_text_and_name(isolated: None) -> None:
    named = Listen(Address(("127.0.0.1",), "udp", 5070), None, b"side")
    sockets.open_all(params(), [listen("127.0.0.1", 5060), named], [])
    for text, index in ((b"udp:127.0.0.1:5070", 1), (b"127.0.0.1:5060", 0), (b"side", 1)):
        found = sockets.find_socket(text)
        assert found is not None and found.index == index
    assert sockets.find_socket(b"udp:127.0.0.1:5080") is None
    assert sockets.find_socket(b"x:y:z") is None
