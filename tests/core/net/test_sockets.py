"""From `listen` lines to sockets, and what is ours."""

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


def listen(host: str, port: int = 0, proto: str = "", advertise: tuple[str, int] | None = None) -> Listen:
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
    assert sockets.describe(params(), [], [text]) == [line]


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
