"""Cut off anywhere, with nothing readable behind the last byte: the parsers stay inside their input."""

import pytest

from kahea.src.native import ffi, lib

from .corpus import ENTRIES, MESSAGES, name
from .guard import GuardedBuffer

guarded = GuardedBuffer()
msg = ffi.new("kh_msg *")


def spans_inside(m: object, length: int) -> bool:
    return all(
        packed < 0 or (packed >> 16) + (packed & 0xFFFF) <= length
        for packed in (lib.kh_msg_field(m, n) for n in range(lib.KH_FIELDS))
    )


@pytest.mark.parametrize("number", range(len(ENTRIES)), ids=[name(e) for e in ENTRIES])
def test_messages_cut_at_every_byte(number: int) -> None:
    data = MESSAGES[number]
    for end in range(len(data) + 1):
        rc = lib.kh_msg_parse(msg, guarded.place(data[:end]), end)
        assert rc in (0, lib.KH_EMALFORMED)
        assert rc != 0 or spans_inside(msg, end)


def test_a_message_that_is_cut_before_the_empty_line_is_known_as_malformed() -> None:
    data = MESSAGES[0]
    head = data.index(b"\r\n\r\n")
    for end in range(data.index(b"\r\n") + 2, head + 2):
        assert lib.kh_msg_parse(msg, guarded.place(data[:end]), end) == 0
        assert msg.bad & lib.KH_BAD_EOH


URIS = [
    b"sip:alice:secret@[2001:db8::1]:5070;transport=tcp;lr;r2=on;ttl=1;maddr=1.2.3.4;gr=x?Subject=a&b=c",
    b"sips:bob@example.com",
    b"tel:+1-201-555-0123;phone-context=example.com",
    b"urn:service:sos.fire",
    b"http://example.com/x",
]


@pytest.mark.parametrize("uri", URIS)
def test_uris_cut_at_every_byte(uri: bytes) -> None:
    out = ffi.new("kh_uri *")
    for end in range(len(uri) + 1):
        assert lib.kh_uri_parse(out, guarded.place(uri[:end]), end) in (0, lib.KH_EMALFORMED)
    assert out.type != lib.KH_URI_ERROR


ADDRESSES = [b'"A \\"B, C" <sip:a@b;x=y>;tag=1;q=0.5;x="a,\\";b" , Joe <sip:joe@b>, sip:c@d;tag=2']


@pytest.mark.parametrize("body", ADDRESSES)
def test_addresses_cut_at_every_byte(body: bytes) -> None:
    out = ffi.new("kh_nameaddr *")
    for end in range(len(body) + 1):
        off, buf = 0, guarded.place(body[:end])
        while 0 <= off < end:
            off = lib.kh_nameaddr_next(out, buf, off, end)
        assert off in (end, lib.KH_EMALFORMED)
    assert off == end


def test_vias_cut_at_every_byte() -> None:
    body = b"SIP / 2.0 / UDP [2001:db8::1] : 5060 ;branch=z9hG4bKx;received=1.2.3.4;rport=5;ttl=3, SIP/2.0/TCP b;alias"
    out = ffi.new("kh_via *")
    for end in range(len(body) + 1):
        off, buf = 0, guarded.place(body[:end])
        while 0 <= off < end:
            off = lib.kh_via_next(out, buf, off, end)
        assert off in (end, lib.KH_EMALFORMED)
    assert off == end


def test_a_message_longer_than_the_limit_is_refused() -> None:
    data = b"INVITE sip:a SIP/2.0\r\n" + b"X: y\r\n" * 12000
    assert lib.kh_msg_parse(msg, data, len(data)) == lib.KH_ETOOBIG
