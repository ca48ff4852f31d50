"""Digest credentials of the request: `$au $aU $ad $ar $adu $aa $adn $adc $adr $ado`; for accounting `$Au $AU`."""

from collections.abc import Callable
from typing import Any

from ....parser.headers.credentials import Digest, parse_credentials
from ....parser.uri import try_parse_uri
from ....src.native import lib
from ..exports import PvExport, Value

_AUTH = lib.KH_F_AUTH
_DIGEST = ("digest",)  # key in the message's cache


def digest_of(msg: Any) -> Digest | None:
    """The first readable credentials: Proxy-Authorization, then Authorization; None without."""
    if not msg.facts & _AUTH:
        return None
    cache = msg.cache
    if _DIGEST not in cache:
        cache[_DIGEST] = _read(msg)
    return cache[_DIGEST]


def _read(msg: Any) -> Digest | None:
    for name in (b"Proxy-Authorization", b"Authorization"):
        for body in msg.headers(name):
            try:
                return parse_credentials(body)
            except ValueError:
                continue
    return None


def _part(read: Callable[[Digest], bytes]) -> Callable[[Any], Value]:
    def get(msg: Any) -> Value:
        digest = digest_of(msg)
        return None if digest is None else read(digest) or None

    return get


# Credentials that nobody has checked do not say who is to pay: the From header does, as long as no module accepts them.


def _account_user(msg: Any) -> Value:
    uri = try_parse_uri(msg.from_uri)
    return (uri.user or None) if uri is not None else None


def _account(msg: Any) -> Value:
    uri = try_parse_uri(msg.from_uri)
    if uri is None:
        return None
    return uri.user + b"@" + uri.host if uri.user else uri.host


AUTH = (
    PvExport("au", _part(lambda d: d.user)),
    PvExport("ad", _part(lambda d: d.domain)),
    PvExport("aU", _part(lambda d: d.username)),
    PvExport("ar", _part(lambda d: d.realm)),
    PvExport("adu", _part(lambda d: d.uri)),
    PvExport("aa", _part(lambda d: d.algorithm)),
    PvExport("adn", _part(lambda d: d.nonce)),
    PvExport("adc", _part(lambda d: d.cnonce)),
    PvExport("adr", _part(lambda d: d.response)),
    PvExport("ado", _part(lambda d: d.opaque)),
    PvExport("Au", _account),
    PvExport("AU", _account_user),
)
