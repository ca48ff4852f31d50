"""The PROXY protocol's header, versions 1 and 2."""

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.core.net.addr import addr_text
from kahea.src.native import ffi, lib

SIGN = b"\r\n\r\n\0\r\nQUIT\n"
End = tuple[bytes, int] | None


def read(data: bytes) -> tuple[int, End, End]:
    src, dst = ffi.new("kh_addr *"), ffi.new("kh_addr *")
    code = lib.kh_proxy_header(data, len(data), src, dst)
    ends = [(addr_text(a), a.port) if a.family else None for a in (src, dst)]
    return code, ends[0], ends[1]


def second(command: int, family: int, addresses: bytes, more: bytes = b"") -> bytes:
    return SIGN + bytes([0x20 | command, family]) + struct.pack("!H", len(addresses + more)) + addresses + more


V4 = socket.inet_aton("192.0.2.7") + socket.inet_aton("198.51.100.1") + struct.pack("!HH", 40000, 5060)
V6 = socket.inet_pton(10, "2001:db8::7") + socket.inet_pton(10, "2001:db8::1") + struct.pack("!HH", 40000, 5060)
GOOD: list[tuple[bytes, End, End]] = [
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 5060\r\n", (b"192.0.2.7", 40000), (b"198.51.100.1", 5060)),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 40000 5060\r\n", (b"2001:db8::7", 40000), (b"2001:db8::1", 5060)),
    (b"PROXY UNKNOWN\r\n", None, None),
    (b"PROXY UNKNOWN whatever comes\r\n", None, None),
    (second(1, 0x11, V4), (b"192.0.2.7", 40000), (b"198.51.100.1", 5060)),
    (second(1, 0x11, V4, b"\x04\0\1x"), (b"192.0.2.7", 40000), (b"198.51.100.1", 5060)),
    (second(1, 0x21, V6), (b"2001:db8::7", 40000), (b"2001:db8::1", 5060)),
    (second(0, 0, b""), None, None),
    (second(0, 0x11, V4), None, None),
    (second(1, 0x31, b"p" * 216), None, None),
]


@pytest.mark.parametrize(("header", "src", "dst"), GOOD)
def test_header_names_the_peer(header: bytes, src: End, dst: End) -> None:
    assert read(header + b"OPTIONS sip:") == (len(header), src, dst)
    for size in range(len(header)):
        assert read(header[:size])[0] == lib.KH_EINCOMPLETE, size


@pytest.mark.parametrize(
    "header",
    [
        b"OPTIONS sip:a", b"PROXI TCP4", b"PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", b"PROXY TCP4 1.2.3.4 ::1 1 1\r\n", b"PROXY TCP4 a b 1 1\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n", b"PROXY \r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n", b"PROXY UNKNOWN" + b"x" * 100, b"\r\n\r\n\r\n",
        second(2, 0x11, V4), second(1, 0x11, V4[:-1]), SIGN + b"\x11\x11\0\0", SIGN + b"\x21\x11\xff\xff",
    ],
)  # fmt: skip
def test_what_is_no_header_is_refused(header: bytes) -> None:
    assert read(header)[0] == lib.KH_EMALFORMED


@given(st.one_of(st.binary(max_size=120), st.binary(max_size=100).map(lambda b: b"PROXY TCP4 " + b),
                 st.binary(max_size=100).map(lambda b: SIGN + b)))  # fmt: skip
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    code = read(data)[0]
    assert 0 < code <= len(data) or code in (lib.KH_EINCOMPLETE, lib.KH_EMALFORMED)
