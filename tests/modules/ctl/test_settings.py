"""Addresses as modparam writes them."""

import pytest

from kahea.modules.ctl.settings import Address, Settings, parse_address


@pytest.mark.parametrize(
    ("protocol", "text", "wanted"),
    [
        ("binrpc", "unixs:/run/x", ("unix_stream", "/run/x", 0)),
        ("binrpc", "unix:x", ("unix_stream", "x", 0)),
        ("binrpc", "unixd:/run/x", ("unix_dgram", "/run/x", 0)),
        ("binrpc", "/run/x", ("unix_stream", "/run/x", 0)),
        ("binrpc", "localhost:3000", ("udp", "localhost", 3000)),
        ("binrpc", "tcp:3012", ("tcp", "0.0.0.0", 3012)),
        ("binrpc", "udp:*:3012", ("udp", "0.0.0.0", 3012)),
        ("binrpc", "tcp:localhost", ("tcp", "localhost", 2049)),
        ("binrpc", "tcp:[::1]:7", ("tcp", "::1", 7)),
        ("fifo", "/tmp/f", ("fifo", "/tmp/f", 0)),
        ("fifo", "fifo:/tmp/f", ("fifo", "/tmp/f", 0)),
        ("fifo", "udp:*:2050", ("udp", "0.0.0.0", 2050)),
    ],
)
def test_addresses(protocol: str, text: str, wanted: tuple[str, str, int]) -> None:
    assert parse_address(protocol, text.encode()) == Address(protocol, *wanted)


@pytest.mark.parametrize("text", ["fifo:/tmp/f", "unixs:", "udp:", "tcp:a:b", "tcp:host:70000", "tcp:0", "udp:a:b:c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_address("binrpc", text.encode())


def test_default_stands_until_binrpc_is_set() -> None:
    settings = Settings()
    settings.add_fifo(b"/tmp/f")
    assert [address.place for address in settings.wanted()] == ["kamailio_ctl", "/tmp/f"]
    settings.add_binrpc(b"tcp:3012")
    assert [address.place for address in settings.wanted()] == ["/tmp/f", "0.0.0.0"]
