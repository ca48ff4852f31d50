"""Digest credentials and challenges."""

import pytest

from kahea.parser.errors import BadHeader
from kahea.parser.headers.credentials import auth_scheme, missing_parts, parse_auth_params, parse_credentials

FULL = (
    b'Digest username="bob@x.org", realm="biloxi, \\"inc\\"", nonce="dcd98b", uri="sip:bob@biloxi.com", qop=auth, '
    b'nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc", algorithm=MD5'
)


def test_all_parts() -> None:
    digest = parse_credentials(FULL)
    assert (digest.username, digest.user, digest.domain) == (b"bob@x.org", b"bob", b"x.org")
    assert (digest.realm, digest.nonce, digest.uri) == (b'biloxi, "inc"', b"dcd98b", b"sip:bob@biloxi.com")
    assert (digest.qop, digest.nc, digest.cnonce) == (b"auth", b"00000001", b"0a4f113b")
    assert (digest.algorithm, digest.opaque) == (b"MD5", b"5ccc")
    assert missing_parts(digest) == []


def test_missing_parts_are_named() -> None:
    assert missing_parts(parse_credentials(b'Digest username="a", realm="r"')) == [b"nonce", b"uri", b"response"]
    without_nc = b'Digest username="a",realm="r",nonce="n",uri="u",response="x",qop=auth'
    assert missing_parts(parse_credentials(without_nc)) == [b"nc", b"cnonce"]


def test_challenge() -> None:
    body = b'Digest realm="atlanta.com", domain="sip:x", nonce="f84f", stale=FALSE, algorithm=MD5'
    assert auth_scheme(body) == b"digest"
    assert parse_auth_params(body)[b"stale"] == b"FALSE"


@pytest.mark.parametrize("body", [b"", b"Basic abc=", b"Digest username", b'Digest username="a', b'Digest a="b" c="d"'])
def test_other_schemes_and_bad_syntax_are_refused(body: bytes) -> None:
    with pytest.raises(BadHeader):
        parse_credentials(body)


def test_credentials_have_a_limit() -> None:
    with pytest.raises(BadHeader):
        parse_credentials(b"Digest " + b"a=b," * 5000)
