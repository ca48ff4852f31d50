"""`@tls.peer.subject.cn` and the like: other words for the variables, the ones that older scripts use."""

from typing import Any

from ...core.pv.exports import Getter
from .variables import getter

SIDES = {"peer": "peer", "my": "my", "me": "my"}
CONNECTION = {
    ("version",): "tls_version",
    ("desc",): "tls_description",
    ("description",): "tls_description",
    ("cipher",): "tls_cipher_info",
    ("cipher", "bits"): "tls_cipher_bits",
    ("server_name",): "tls_peer_server_name",
}
#: of the peer alone
JUDGED = {
    "verified": "verified", "revoked": "revoked", "expired": "expired", "self_signed": "selfsigned",
    "notBefore": "notBefore", "not_before": "notBefore", "notAfter": "notAfter", "not_after": "notAfter",
}  # fmt: skip
CERTIFICATE = {
    "version": "version", "sn": "serial", "serialNumber": "serial", "raw_cert": "raw_cert",
    "urlencoded_cert": "urlencoded_cert", "email": "san_email", "emailAddress": "san_email", "host": "san_hostname",
    "uri": "san_uri", "ip": "san_ip",
}  # fmt: skip
PARTS = {
    short: name
    for name, shorts in {
        "cn": "cn name CN commonName", "locality": "l locality localityName L", "country": "c country countryName C",
        "state": "st state stateOrProvinceName ST", "organization": "o organization organizationName O",
        "unit": "ou unit organizationalUnitName OU", "uid": "uid UID uniqueIdentifier",
    }.items()
    for short in shorts.split()
}  # fmt: skip


def select(path: Any) -> Getter:
    """The getter of a path behind `tls`; ValueError for one that there is not."""
    steps = tuple(step.text for step in path)
    if any(step.number is not None for step in path):
        raise ValueError("there are no numbers in selects of tls")
    name = CONNECTION.get(steps) or _of_certificate(steps)
    if name is None:
        raise ValueError(f"tls has no {'.'.join(steps)}")
    return getter(name)


def _of_certificate(steps: tuple[str, ...]) -> str | None:
    """`peer.subject.cn` as the name of a variable."""
    if len(steps) < 2 or steps[0] not in SIDES:
        return None
    side, (what, *rest) = SIDES[steps[0]], steps[1:]
    if not rest and side == "peer" and what in JUDGED:
        return f"tls_peer_{JUDGED[what]}"
    if not rest and what in CERTIFICATE:
        return f"tls_{side}_{CERTIFICATE[what]}"
    if what not in ("subject", "issuer"):
        return None
    if not rest:
        return f"tls_{side}_{what}"
    part = PARTS.get(rest[0]) if len(rest) == 1 else None
    return f"tls_{side}_{what}_{part}" if part and (what, part) != ("issuer", "uid") else None
