"""An authority with certificates, and two ends of a connection without a server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kahea.core.net.transports import ConnectionFacts
from kahea.modules.tls.config import parse_config
from kahea.modules.tls.profiles import Profiles
from kahea.tests.support.certificates import Authority, Files, name_of

from .ends import Ends, source


class Certificates:
    """One authority, and one certificate of each kind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.stranger = Authority(folder, "Stranger CA")
        issue = self.authority.issue
        self.server = issue(
            "sip.example.org",
            name_of(C="US", ST="Hawaii", L="Hilo", O="Kahea", OU="SIP", CN="sip.example.org", UID="srv1"),
            hostnames=["sip.example.org", "example.org"],
            uris=["sip:example.org"],
            emails=["admin@example.org"],
            ips=["127.0.0.1"],
            serial=4660,
        )
        self.named = issue("named.example.org", hostnames=["named.example.org"])
        self.client = issue(
            "alice",
            name_of(C="FI", ST="Uusimaa", L="Helsinki", O="Phones", OU="Desk", CN="alice", UID="u42"),
            hostnames=["alice.example.org", "second.example.org"],
            uris=["sip:alice@example.org"],
            emails=["alice@example.org"],
            ips=["192.0.2.7"],
            serial=305419896,
        )
        self.expired = issue("expired", days=(-30, -2))
        self.revoked = issue("revoked")
        self.foreign = self.stranger.issue("foreign")
        self.self_signed = issue("selfsigned", self_signed=True)
        self.locked = issue("locked", password=b"secret")
        self.deep = Authority(folder, "Middle CA", self.authority).issue("deep")
        self.crl = self.authority.revoke(self.revoked)

    def section(self, head: str, files: Files | None, *lines: str) -> str:
        """A section of tls.cfg."""
        own = [f"certificate = {files.certificate}", f"private_key = {files.key}"] if files else []
        return "\n".join([f"[{head}]", *own, *lines, ""])

    @property
    def ca(self) -> str:
        return f"ca_list = {self.authority.certificate}"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def profiles_of(certificates: Certificates) -> Callable[..., Profiles]:
    """`profiles_of(text)`: the profiles of a tls.cfg."""

    def make(*sections: str) -> Profiles:
        return Profiles(parse_config(source("\n".join(sections))), str(certificates.folder))

    return make


@pytest.fixture
def ends() -> Iterator[Callable[..., Ends]]:
    """`ends(profiles)`: a connection whose server side has one of these profiles."""
    made: list[Ends] = []

    def make(profiles: Profiles, **facts: object) -> Ends:
        made.append(Ends(profiles, ConnectionFacts(**{**FACTS, **facts})))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


FACTS: dict[str, object] = {
    "number": 7, "proto": 3, "socket": 0, "accepted": True,
    "peer": (b"192.0.2.7", 40000), "local": (b"127.0.0.1", 5061),
}  # fmt: skip
