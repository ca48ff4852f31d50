"""A certificate as the variables show it, parsed by the library `cryptography` when it is first asked for."""

import urllib.parse
from functools import cached_property
from typing import Any

try:
    from cryptography import x509

    AVAILABLE = True
except ImportError:  # all but the variables of certificates works without it
    AVAILABLE = False

MISSING = "needs the Python package cryptography (pip install cryptography, or kahea[tls])"

#: short names that OpenSSL prints, by object identifier
SHORT_NAMES = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
    "2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.17": "postalCode",
    "2.5.4.42": "GN", "2.5.4.43": "initials", "2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym",
    "1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
}  # fmt: skip
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: part of a name as the variables call it -> short name
PARTS = {
    "cn": "CN", "locality": "L", "country": "C", "state": "ST", "organization": "O", "unit": "OU", "uid": "UID",
}  # fmt: skip


class Certificate:
    """From PEM. Values are bytes for the script, None where the certificate has nothing of the kind."""

    def __init__(self, pem: bytes) -> None:
        self.pem = pem

    @cached_property
    def parsed(self) -> Any:
        """cryptography's object; None when it cannot read the certificate."""
        try:
            return x509.load_pem_x509_certificate(self.pem)
        except ValueError:
            return None

    @property
    def version(self) -> bytes | None:
        """As OpenSSL counts: 2 is an X.509v3 certificate."""
        return b"%d" % self.parsed.version.value if self.parsed else None

    @property
    def serial(self) -> bytes | None:
        """In decimal digits."""
        return b"%d" % self.parsed.serial_number if self.parsed else None

    @property
    def not_before(self) -> bytes | None:
        return _date(self.parsed.not_valid_before_utc) if self.parsed else None

    @property
    def not_after(self) -> bytes | None:
        return _date(self.parsed.not_valid_after_utc) if self.parsed else None

    @property
    def urlencoded(self) -> bytes:
        """The PEM text, escaped for a URI, hexadecimal digits in small letters as Kamailio writes them."""
        quoted = urllib.parse.quote_from_bytes(self.pem, safe="")
        return "".join(
            piece if index == 0 else piece[:2].lower() + piece[2:]
            for index, piece in enumerate(quoted.replace("%", "%\0").split("\0"))
        ).encode()

    def line(self, which: str) -> bytes | None:
        """`/C=DE/O=Kahea/CN=name` of "subject" or "issuer": OpenSSL's one line."""
        if not self.parsed:
            return None
        parts = []
        for attribute in getattr(self.parsed, which):
            oid = attribute.oid.dotted_string
            parts.append(b"/%s=%s" % (SHORT_NAMES.get(oid, oid).encode(), _printable(attribute.value)))
        return b"".join(parts)

    def part(self, which: str, short: str) -> bytes | None:
        """The last attribute of that name (the most specific), as UTF-8."""
        found = None
        for attribute in getattr(self.parsed, which) if self.parsed else ():
            if SHORT_NAMES.get(attribute.oid.dotted_string) == short:
                found = _bytes(attribute.value)
        return found

    def alternative(self, kind: str) -> bytes | None:
        """The first subjectAltName of a kind: "email", "hostname", "uri" or "ip"."""
        if not self.parsed:
            return None
        wanted = {"email": x509.RFC822Name, "hostname": x509.DNSName, "uri": x509.UniformResourceIdentifier,
                  "ip": x509.IPAddress}[kind]  # fmt: skip
        try:
            names = self.parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
            return None
        return next((str(name).encode() for name in names.get_values_for_type(wanted)), None)


def pem_of(der: bytes) -> bytes:
    """The PEM text of a certificate in DER."""
    import ssl

    return ssl.DER_cert_to_PEM_cert(der).encode()


def _date(when: Any) -> bytes:
    """As OpenSSL prints it: `Jan  1 00:00:00 2020 GMT`, whatever the locale."""
    return f"{MONTHS[when.month - 1]} {when.day:2d} {when:%H:%M:%S} {when.year} GMT".encode()


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _printable(value: Any) -> bytes:
    """Bytes that are not printable ASCII as \\xHH, as OpenSSL writes them."""
    return b"".join(b"%c" % byte if 0x20 <= byte <= 0x7E else b"\\x%02X" % byte for byte in _bytes(value))
