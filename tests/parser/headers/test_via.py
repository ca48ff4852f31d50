"""Via values."""

import pytest

from kahea.parser.errors import BadHeader
from kahea.parser.headers.via import iter_via, parse_via
from kahea.parser.uri import Proto


def test_all_parts() -> None:
    via = parse_via(
        b"SIP/2.0/UDP pc33.example.com:5066;branch=z9hG4bK776;received=192.0.2.1;rport=4000;"
        b"maddr=224.2.0.1;ttl=16;i=7;alias"
    )
    assert (via.transport, via.proto, via.host, via.port) == (b"UDP", Proto.UDP, b"pc33.example.com", 5066)
    assert (via.branch, via.tid, via.received, via.rport) == (b"z9hG4bK776", b"776", b"192.0.2.1", 4000)
    assert (via.maddr, via.ttl, via.i, via.alias) == (b"224.2.0.1", 16, b"7", True)


def test_rport_asked_for_filled_in_and_absent() -> None:
    assert parse_via(b"SIP/2.0/UDP h;rport").rport == 0
    assert parse_via(b"SIP/2.0/UDP h;rport=5").rport == 5
    assert parse_via(b"SIP/2.0/UDP h").rport is None


def test_blanks_around_every_separator() -> None:
    via = parse_via(b"SIP / 2.0\r\n /UDP\r\n 192.0.2.2 : 5070 ; branch = 390skdjuw")
    assert (via.host, via.port, via.branch, via.tid) == (b"192.0.2.2", 5070, b"390skdjuw", b"")


def test_ipv6_hosts_and_received_with_and_without_brackets() -> None:
    via = parse_via(b"SIP/2.0/TLS [2001:db8::9:1]:5061;received=[2001:db8::9:255];branch=z9hG4bKas3")
    assert (via.host, via.port, via.received) == (b"[2001:db8::9:1]", 5061, b"[2001:db8::9:255]")
    assert parse_via(b"SIP/2.0/UDP h;received=2001:db8::9:255").received == b"2001:db8::9:255"


def test_comma_list() -> None:
    hosts = [via.host for via in iter_via(b'SIP/2.0/UDP a;branch=1, SIP/2.0/TCP b;x="1,2" ,SIP/2.0/SCTP c')]
    assert hosts == [b"a", b"b", b"c"]


def test_unknown_transport_is_kept() -> None:
    assert (parse_via(b"SIP/2.0/QUIC h").proto, parse_via(b"SIP/2.0/QUIC h").transport) == (Proto.OTHER, b"QUIC")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"SIP/2.0/UDP", b"SIP/2.0/UDP ", b"SIP/3.0/UDP h", b"HTTP/2.0/UDP h", b"SIP/2.0 h", b"SIP/2.0/UDP h:",
        b"SIP/2.0/UDP h:99999", b"SIP/2.0/UDP [::1", b"SIP/2.0/UDP h x", b"SIP/2.0/UDP h;;,;,,",
        b"SIP/2.0/UDP;branch=x",
    ],
)  # fmt: skip
def test_malformed_values_are_refused(body: bytes) -> None:
    with pytest.raises(BadHeader):
        list(iter_via(body)) or parse_via(body)
