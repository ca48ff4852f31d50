"""What a connection is to be like: a profile, one section of tls.cfg or the module's parameters.

A server profile is for connections that peers open, a client profile for those that we open. `place` says for which:
DEFAULT when nothing else fits, ANY for any address (by name alone), or an address; port 0 is any port.
"""

import enum
import os
from dataclasses import dataclass, field

from ...cfg.source import Pos

DEFAULT, ANY = "default", "any"
CERTIFICATE_FILE = "cert.pem"  # of a server profile that names none, as Kamailio has it


class Role(enum.Enum):
    """Which side we are."""

    SERVER = "server"
    CLIENT = "client"


class VerifyClient(enum.Enum):
    """`verify_client`: what a server profile asks of the peer's certificate."""

    OFF = "off"
    ON = "on"
    OPTIONAL = "optional"
    OPTIONAL_NO_CA = "optional_no_ca"


class NameMode(enum.IntEnum):
    """`server_name_mode`: which names of clients a `server_name` stands for."""

    EXACT = 0
    WITH_SUBDOMAINS = 1
    SUBDOMAINS = 2


@dataclass(slots=True)
class Profile:
    """Values are those of tls.cfg, files as they are written there. `where` is the place of each key that was given."""

    role: Role
    place: str = DEFAULT  # or ANY, or an IP address
    port: int = 0
    method: str = "TLSv1+"
    verify_certificate: bool = False
    require_certificate: bool = False
    verify_client: VerifyClient = VerifyClient.OFF
    verify_depth: int = 9
    private_key: str = ""
    certificate: str = ""
    ca_list: str = ""
    ca_path: str = ""
    crl: str = ""
    cipher_list: str = ""
    server_name: str = ""
    server_name_mode: int = NameMode.EXACT
    server_id: str = ""
    where: dict[str, Pos] = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        """As in a section's head: `server:default`, `client:192.0.2.1:5061`."""
        if self.place in (DEFAULT, ANY):
            return f"{self.role.value}:{self.place}"
        ip = f"[{self.place}]" if ":" in self.place else self.place
        return f"{self.role.value}:{ip}:{self.port}"

    @property
    def by_address(self) -> bool:
        """Is it for one address?"""
        return self.place not in (DEFAULT, ANY)

    @property
    def asks(self) -> VerifyClient:
        """What is asked of the peer's certificate: verify_client, or what the two older keys come to."""
        if self.verify_client is not VerifyClient.OFF:
            return self.verify_client
        if self.require_certificate:
            return VerifyClient.ON
        return VerifyClient.OPTIONAL if self.verify_certificate else VerifyClient.OFF

    @property
    def judges_later(self) -> bool:
        """Is a peer let in whatever is wrong with its certificate?"""
        if self.role is Role.CLIENT:
            return self.asks in (VerifyClient.OFF, VerifyClient.OPTIONAL_NO_CA)
        return self.asks is VerifyClient.OPTIONAL_NO_CA

    def fits_name(self, name: str) -> bool:
        """Does `server_name` stand for the name that a client asks for?"""
        wanted, name = self.server_name.lower(), name.lower()
        if self.server_name_mode != NameMode.SUBDOMAINS and name == wanted:
            return True
        return self.server_name_mode in (NameMode.WITH_SUBDOMAINS, NameMode.SUBDOMAINS) and name.endswith("." + wanted)


def find_file(name: str, config_folder: str) -> str:
    """A file by Kamailio's rule: absolute, or from the working directory ("./x"), or beside the configuration file."""
    if name.startswith("/"):
        return name
    return os.path.join(os.getcwd() if name.startswith(".") else config_folder, name)
