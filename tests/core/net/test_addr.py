"""Addresses between text and kernel."""

import pytest

from kahea.core.net.addr import addr_text, interface_addresses, is_address, make_addr, proto_number


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"192.0.2.1", b"192.0.2.1"),
        (b"0.0.0.0", b"0.0.0.0"),
        (b"255.255.255.255", b"255.255.255.255"),
        (b"2001:DB8:0:0:0:0:0:1", b"2001:db8::1"),
        (b"[::1]", b"::1"),
        (b"::ffff:192.0.2.1", b"::ffff:192.0.2.1"),
    ],
)
def test_addresses_are_read_and_written(text: bytes, shown: bytes) -> None:
    assert addr_text(make_addr(text)) == shown


def test_brackets_as_in_a_uri() -> None:
    assert addr_text(make_addr(b"::1"), brackets=True) == b"[::1]"
    assert addr_text(make_addr(b"192.0.2.1"), brackets=True) == b"192.0.2.1"


@pytest.mark.parametrize(
    "text",
    [b"", b"a", b"1.2.3", b"1.2.3.4.5", b"1.2.3.256", b"1.2.3.4 ", b"1..2.3", b"[1.2.3.4]x", b":", b"12345::"],
)
def test_what_is_no_address(text: bytes) -> None:
    assert not is_address(text)
    with pytest.raises(ValueError, match="no IP address"):
        make_addr(text)


def test_interfaces_are_found_by_name() -> None:
    assert b"127.0.0.1" in interface_addresses("lo")
    assert interface_addresses("nosuch0") == []


def test_names_of_protocols() -> None:
    assert [proto_number(name) for name in ("", "*", "udp", "TLS", "wss")] == [0, 0, 1, 3, 6]
    with pytest.raises(ValueError, match="no transport"):
        proto_number("smtp")
