"""Classification of header names."""

import pytest

from kahea.src.native import ffi, lib

LONG = {
    b"Via": 1, b"To": 3, b"From": 4, b"CSeq": 5, b"Call-ID": 6, b"Contact": 7, b"Max-Forwards": 8, b"Route": 9,
    b"Record-Route": 10, b"Content-Type": 11, b"Content-Length": 12, b"Authorization": 13, b"Expires": 14,
    b"Min-Expires": 15, b"Proxy-Authorization": 16, b"Supported": 17, b"Require": 18, b"Proxy-Require": 19,
    b"Unsupported": 20, b"Allow": 21, b"Event": 22, b"Accept": 23, b"Accept-Language": 24, b"Organization": 25,
    b"Priority": 26, b"Subject": 27, b"User-Agent": 28, b"Server": 29, b"Content-Disposition": 30, b"Diversion": 31,
    b"Remote-Party-ID": 32, b"Refer-To": 33, b"SIP-If-Match": 34, b"Session-Expires": 35, b"Min-SE": 36,
    b"Subscription-State": 37, b"Accept-Contact": 38, b"Allow-Events": 39, b"Content-Encoding": 40, b"Referred-By": 41,
    b"Reject-Contact": 42, b"Request-Disposition": 43, b"WWW-Authenticate": 44, b"Proxy-Authenticate": 45, b"Date": 46,
    b"Identity": 47, b"Identity-Info": 48, b"Retry-After": 49, b"P-Preferred-Identity": 50, b"P-Asserted-Identity": 51,
    b"Path": 52, b"Privacy": 53, b"Reason": 54, b"Call-Info": 55,
}  # fmt: skip
COMPACT = {
    b"a": b"Accept-Contact", b"b": b"Referred-By", b"c": b"Content-Type", b"d": b"Request-Disposition",
    b"e": b"Content-Encoding", b"f": b"From", b"i": b"Call-ID", b"j": b"Reject-Contact", b"k": b"Supported",
    b"l": b"Content-Length", b"m": b"Contact", b"n": b"Identity-Info", b"o": b"Event", b"r": b"Refer-To",
    b"s": b"Subject", b"t": b"To", b"u": b"Allow-Events", b"v": b"Via", b"x": b"Session-Expires", b"y": b"Identity",
}  # fmt: skip


def classify(name: bytes) -> int:
    return lib.kh_hdr_classify(ffi.from_buffer(name), len(name))


@pytest.mark.parametrize("name", LONG)
def test_long_names_in_any_case(name: bytes) -> None:
    for spelling in (name, name.lower(), name.upper(), name.swapcase()):
        assert classify(spelling) == LONG[name]


@pytest.mark.parametrize("letter", COMPACT)
def test_compact_names(letter: bytes) -> None:
    assert classify(letter) == classify(letter.upper()) == LONG[COMPACT[letter]]


@pytest.mark.parametrize("name", LONG)
def test_names_that_differ_in_one_letter_are_other(name: bytes) -> None:
    for i in range(len(name)):
        for other in (name[:i] + b"q" + name[i + 1 :], name[:i] + name[i + 1 :] + b"x", b"x" + name):
            assert classify(other) != LONG[name] or other.lower() == name.lower()


@pytest.mark.parametrize("name", [b"", b"q", b"1", b"X-Foo", b"Vi", b"Content-Lengt", b"A" * 300])
def test_unknown_names_are_other(name: bytes) -> None:
    assert classify(name) == 0
