"""`$tls_...`: the TLS connection that the message came over, and the certificates of both sides.

A connection belongs to the receiver that reads it, and the message is routed by that receiver: there, and only there,
the variables have values. For messages that came another way they are `$null`.
"""

import ssl
from collections.abc import Callable
from typing import Any

from ...core.net import transports
from ...core.pv import PvExport
from ...core.pv.exports import Accessors, Value
from . import certificate, unverified
from .certificate import Certificate
from .transport import TlsTransport

OURS, PEER = "my", "peer"


def connection(msg: Any) -> TlsTransport | None:
    """The one that the message came over."""
    number = msg.rcv.conn
    found = transports.transport(number) if number else None
    return found if isinstance(found, TlsTransport) and found.established else None


def certificate_of(made: TlsTransport, side: str) -> Certificate | None:
    """Ours or the peer's, parsed at most once a connection."""
    if side not in made.cache:
        made.cache[side] = _find_certificate(made, side)
    found: Certificate | None = made.cache[side]
    return found


def _find_certificate(made: TlsTransport, side: str) -> Certificate | None:
    if side == OURS:
        return Certificate(made.ready.certificate) if made.ready and made.ready.certificate else None
    der = made.tls.getpeercert(binary_form=True)
    return Certificate(certificate.pem_of(der)) if der else None


# of the connection


def verified(made: TlsTransport) -> bool:
    """Did the peer show a certificate that is good? A session that was resumed shows none to be looked at again."""
    if made.ready is None or made.tls.getpeercert(binary_form=True) is None:
        return False
    if made.ready.profile.judges_later:
        return unverified.AVAILABLE and made.verify_error == unverified.OK and not made.tls.session_reused
    return made.ready.context.verify_mode != ssl.CERT_NONE


def _cipher_name(made: TlsTransport) -> bytes | None:
    found = made.tls.cipher()
    return found[0].encode() if found else None


def _cipher_bits(made: TlsTransport) -> int | None:
    found = made.tls.cipher()
    return found[2] if found else None


def description(made: TlsTransport) -> bytes | None:
    """OpenSSL's line about the cipher in use."""
    assert made.ready is not None
    if "description" not in made.cache:
        found = made.tls.cipher()
        named = {each["name"]: each["description"] for each in made.ready.context.get_ciphers()}
        made.cache["description"] = named.get(found[0], found[0]).strip().encode() if found else None
    text: bytes | None = made.cache["description"]
    return text


def _text(value: str | None) -> bytes | None:
    return value.encode() if value else None


def _is_wrong(*errors: int) -> "Read":
    """1 when this was found wrong with the certificate of a peer that was let in all the same."""
    return lambda made: int(made.verify_error in errors)


Read = Callable[[TlsTransport], Value]
_CONNECTION: dict[str, Read] = {
    "tls_version": lambda made: _text(made.tls.version()),
    "tls_description": description,
    "tls_cipher_info": _cipher_name,
    "tls_cipher_bits": _cipher_bits,
    "tls_peer_server_name": lambda made: _text(made.server_name),
    "tls_peer_verified": lambda made: int(verified(made)),
    "tls_peer_revoked": _is_wrong(unverified.REVOKED),
    "tls_peer_expired": _is_wrong(unverified.EXPIRED),
    "tls_peer_selfsigned": _is_wrong(unverified.SELF_SIGNED, unverified.SELF_SIGNED_IN_CHAIN),
}

# of a certificate

ReadCertificate = Callable[[Certificate], Value]


def _line(which: str) -> ReadCertificate:
    return lambda found: found.line(which)


def _part(which: str, short: str) -> ReadCertificate:
    return lambda found: found.part(which, short)


def _alternative(kind: str) -> ReadCertificate:
    return lambda found: found.alternative(kind)


_CERTIFICATE: dict[str, ReadCertificate] = {
    "version": lambda found: found.version,
    "serial": lambda found: found.serial,
    "raw_cert": lambda found: found.pem,
    "urlencoded_cert": lambda found: found.urlencoded,
    "notBefore": lambda found: found.not_before,
    "notAfter": lambda found: found.not_after,
    **{which: _line(which) for which in ("subject", "issuer")},
    **{
        f"{which}_{name}": _part(which, short)
        for which in ("subject", "issuer")
        for name, short in certificate.PARTS.items()
        if (which, name) != ("issuer", "uid")
    },
    **{f"san_{kind}": _alternative(kind) for kind in ("email", "hostname", "uri", "ip")},
}


def _with(side: str, read: ReadCertificate) -> Read:
    def of_connection(made: TlsTransport) -> Value:
        found = certificate_of(made, side)
        return None if found is None else read(found)

    return of_connection


_OF_CERTIFICATES: dict[str, Read] = {
    f"tls_{side}_{name}": _with(side, read)
    for side in (PEER, OURS)
    for name, read in _CERTIFICATE.items()
    if side == PEER or not name.startswith("not")
}
_LINES = {
    f"{short}_{which}_line".encode(): _with(side, _line(which))
    for short, side in (("m", OURS), ("p", PEER))
    for which in ("issuer", "subject")
}
NEEDING_LIBRARY = frozenset(name for name in _OF_CERTIFICATES if not name.endswith(("raw_cert", "urlencoded_cert")))
BY_NAME: dict[str, Read] = {**_CONNECTION, **_OF_CERTIFICATES}


def _get(read: Read) -> Callable[[Any], Value]:
    def get(msg: Any) -> Value:
        made = connection(msg)
        return None if made is None else read(made)

    return get


def _needing_library(name: str, read: Read) -> PvExport:
    """A variable that is refused when the script is loaded, if the library is missing."""

    def bind(param: Any, index: Any) -> Accessors:
        if index is not None:
            raise ValueError(f"${name} takes no index")
        need_library(f"${name}")
        return Accessors(_get(read))

    return PvExport(name, bind=bind)


def getter(name: str) -> Callable[[Any], Value]:
    """What reads the variable of that name (without the dollar sign). ValueError when the library is missing for it."""
    if name in NEEDING_LIBRARY:
        need_library(name)
    return _get(BY_NAME[name])


def need_library(what: str) -> None:
    """ValueError for the user when certificates cannot be parsed."""
    if not certificate.AVAILABLE:
        raise ValueError(f"{what} {certificate.MISSING}")


def _parse_line(text: bytes) -> Read:
    if text not in _LINES:
        raise ValueError("$tls(...) has " + ", ".join(name.decode() for name in _LINES))
    need_library("$tls(...)")
    return _LINES[text]


items = (
    *(PvExport(name, get=_get(read)) for name, read in _CONNECTION.items()),
    *(
        _needing_library(name, read) if name in NEEDING_LIBRARY else PvExport(name, get=_get(read))
        for name, read in _OF_CERTIFICATES.items()
    ),
    PvExport("tls", parse_name=_parse_line, get=lambda msg, read: _get(read)(msg)),
)
