"""Certificates for tests, made when they run: an authority that signs what is asked for.

authority = Authority(folder)
files = authority.issue("sip.example.org", hostnames=["sip.example.org"])
files.certificate, files.key                paths of PEM files
"""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "UID": NameOID.USER_ID,
    "emailAddress": NameOID.EMAIL_ADDRESS,
}
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Files:
    """Where a certificate (its chain behind it) and its key are."""

    certificate: Path
    key: Path


def name_of(**parts: str) -> x509.Name:
    """A subject, in the order given."""
    return x509.Name([x509.NameAttribute(OIDS[short], value) for short, value in parts.items()])


def write_key(path: Path, key: Any, password: bytes | None = None) -> None:
    """A private key as PEM, readable by its owner only."""
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    path.touch(0o600)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how))


class Authority:
    """Signs certificates. `certificate` is its own, as a file; `parent` has signed it, if it is not a root."""

    def __init__(self, folder: Path, name: str = "Test CA", parent: "Authority | None" = None) -> None:
        self.folder = folder
        self.parent = parent
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name_of(C="DE", O="Kahea CA", CN=name)
        signer = parent or self
        self.own = (
            self._builder(self.name, self.key, -1, 3650)
            .issuer_name(signer.name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(signer.key, hashes.SHA256())
        )
        self.certificate = folder / f"{name.replace(' ', '_')}.pem"
        self.certificate.write_bytes(self.pem)
        self.crl = folder / f"{name.replace(' ', '_')}.crl"

    @property
    def pem(self) -> bytes:
        return self.own.public_bytes(serialization.Encoding.PEM)

    @staticmethod
    def _builder(
        subject: x509.Name, key: Any, begin: int, end: int, serial: int | None = None
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .public_key(key.public_key())
            .serial_number(serial or x509.random_serial_number())
            .not_valid_before(now + begin * DAY)
            .not_valid_after(now + end * DAY)
        )

    def issue(
        self,
        name: str,
        subject: x509.Name | None = None,
        hostnames: Sequence[str] = (),
        uris: Sequence[str] = (),
        emails: Sequence[str] = (),
        ips: Sequence[str] = (),
        days: tuple[int, int] = (-1, 365),
        serial: int | None = None,
        password: bytes | None = None,
        self_signed: bool = False,
    ) -> Files:
        """A certificate for `name` (its file's name and CN), valid from and to so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = subject or name_of(CN=name)
        names: list[x509.GeneralName] = [
            *(x509.DNSName(each) for each in hostnames),
            *(x509.UniformResourceIdentifier(each) for each in uris),
            *(x509.RFC822Name(each) for each in emails),
            *(x509.IPAddress(ipaddress.ip_address(each)) for each in ips),
        ]
        builder = self._builder(subject, key, *days, serial).issuer_name(subject if self_signed else self.name)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signed = builder.sign(key if self_signed else self.key, hashes.SHA256())
        files = Files(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        chain = self.pem if self.parent is not None else b""
        files.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + chain)
        write_key(files.key, key, password)
        return files

    def revoke(self, *revoked: Files) -> Path:
        """Writes the list of revoked certificates; its path."""
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        builder = builder.last_update(now - DAY).next_update(now + 30 * DAY)
        for files in revoked:
            serial = x509.load_pem_x509_certificate(files.certificate.read_bytes()).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - DAY).build()
            builder = builder.add_revoked_certificate(entry)
        self.crl.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return self.crl
