"""Cut off anywhere, with nothing readable behind the last byte: whatever reads a peer's bytes stays inside."""

import pathlib
from collections.abc import Iterator

import pytest

from kahea.src.native import lib
from kahea.tests.core.msg.messages import REPLY, sockets

from .corpus import ENTRIES, MESSAGES, name
from .entry_points import ELSEWHERE, MESSAGE, TEXT, edits, entries, msg, nameaddr, uri, via, walk
from .guard import GuardedBuffer

__all__ = ["sockets"]
guarded = GuardedBuffer()
REGISTER = (
    b"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nTo: <sip:a%20b@Example.com>\r\n"
    b"From: sip:a@example.com;tag=1\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nPath: <sip:p;lr>\r\nExpires: 60\r\n"
    b'Contact: "A" <sip:a@[::1]:5062;transport=udp>;q=0.5;expires=30;methods="INVITE,ACK", <sip:b@c>'
    b';+sip.instance="<u>";reg-id=1\r\nUser-Agent: x\r\nSupported: path, gruu\r\n\r\n'
)
GUIDE = (pathlib.Path(__file__).parent / "guide" / "request.sip").read_bytes().replace(b"\n", b"\r\n")
WEB = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
WHOLE = {"register": REGISTER, "every header": GUIDE, "reply": REPLY, "http": WEB}


def spans_inside(m: object, length: int) -> bool:
    return all(
        packed < 0 or (packed >> 16) + (packed & 0xFFFF) <= length
        for packed in (lib.kh_msg_field(m, n) for n in range(lib.KH_FIELDS))
    )


def cuts(data: bytes) -> Iterator[tuple[object, int]]:
    """The data cut at every byte, each flush against a page that may not be touched."""
    for end in range(len(data) + 1):
        yield guarded.place(data[:end]), end


def test_every_function_that_reads_a_peers_bytes_is_cut_here_or_excused() -> None:
    excused = [function for functions in ELSEWHERE.values() for function in functions]
    known = [*TEXT, *MESSAGE, *excused]
    assert sorted(known) == sorted({*known}), "each in one place"
    assert sorted(entries()) == sorted(known), "a new one goes into entry_points.py"


@pytest.mark.parametrize("number", range(len(ENTRIES)), ids=[name(e) for e in ENTRIES])
def test_messages_cut_at_every_byte(number: int) -> None:
    for data, end in cuts(MESSAGES[number]):
        rc = lib.kh_msg_parse(msg, data, end)
        assert rc in (0, lib.KH_EMALFORMED)
        assert rc != 0 or spans_inside(msg, end)


@pytest.mark.parametrize("title", WHOLE)
def test_whatever_reads_a_cut_message_stays_inside(title: str, sockets: None) -> None:
    parsed = 0
    for data, end in cuts(WHOLE[title]):
        if lib.kh_msg_parse(msg, data, end) < 0:
            continue
        parsed += 1
        for read in MESSAGE.values():
            lib.kh_edits_reset(edits)
            read(msg)
    assert parsed > len(WHOLE[title]) / 2


def test_a_message_that_is_cut_before_the_empty_line_is_known_as_malformed() -> None:
    data = MESSAGES[0]
    head = data.index(b"\r\n\r\n")
    for end in range(data.index(b"\r\n") + 2, head + 2):
        assert lib.kh_msg_parse(msg, guarded.place(data[:end]), end) == 0
        assert msg.bad & lib.KH_BAD_EOH


TEXTS = [
    b"sip:alice:secret@[2001:db8::1]:5070;transport=tcp;lr;r2=on;ttl=1;maddr=1.2.3.4;gr=x?Subject=a&b=c",
    b"sips:bob@example.com", b"tel:+1-201-555-0123;phone-context=example.com", b"urn:service:sos.fire",
    b"http://example.com/x", b"[2001:db8::ffff:192.0.2.1]", b"192.0.2.1", b"example.com", b"INVITE, ACK,BYE", b"0.75",
    b"P-Asserted-Identity", b"SUBSCRIBE", b'tag=1;x="a,\\";b" ; flag;;y = z',
    b'"A \\"B, C" <sip:a@b;x=y>;tag=1;q=0.5;x="a,\\";b" , Joe <sip:joe@b>, sip:c@d;tag=2',
    b"SIP / 2.0 / UDP [2001:db8::1] : 5060 ;branch=z9hG4bKx;received=1.2.3.4;rport=5;ttl=3, SIP/2.0/TCP b;alias",
]  # fmt: skip


@pytest.mark.parametrize("function", TEXT)
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12].decode())
def test_texts_cut_at_every_byte(function: str, text: bytes, sockets: None) -> None:
    for data, end in cuts(text):
        TEXT[function](data, end)


def test_what_is_whole_is_read_to_its_end() -> None:
    """The inputs above are what their parsers accept, so that cutting them means something."""
    for text in TEXTS[:5]:
        assert lib.kh_uri_parse(uri, text, len(text)) == 0
    addresses, vias = TEXTS[-2:]
    end = walk(lambda at: lib.kh_nameaddr_next(nameaddr, addresses, at, len(addresses)), len(addresses))
    assert end == len(addresses)
    assert walk(lambda at: lib.kh_via_next(via, vias, at, len(vias)), len(vias)) == len(vias)


def test_a_message_longer_than_the_limit_is_refused() -> None:
    data = b"INVITE sip:a SIP/2.0\r\n" + b"X: y\r\n" * 12000
    assert lib.kh_msg_parse(msg, data, len(data)) == lib.KH_ETOOBIG
