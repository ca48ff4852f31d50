"""OpenSER's way to say what tls.cfg says: core parameters `tls_...` for the default profiles, and sections

    tls_server_domain[192.0.2.1:5061] { tls_certificate = "a.pem"  tls_private_key = "a.key" }
    tls_client_domain[192.0.2.9:5061] { ... }
    tls_client_domain["name"] { ... }      chosen by tls_set_connect_server_id("name")

Where there is a tls.cfg none of this is read.
"""

import re
from collections.abc import Iterator
from typing import Any

from ...cfg.core_params import CoreParams
from ...cfg.errors import ConfigError, did_you_mean
from ...cfg.syntax.nodes import Section
from ...core.errors import SocketError
from ...core.net.addr import is_address
from ...core.net.sockets import parse_address
from .config import KEYS
from .profile import ANY, Profile, Role

BOTH = (Role.SERVER, Role.CLIENT)
#: name -> (whose profiles, key of tls.cfg)
NAMES: dict[str, tuple[tuple[Role, ...], str]] = {
    "tls_method": (BOTH, "method"),
    "tls_certificate": (BOTH, "certificate"),
    "tls_private_key": (BOTH, "private_key"),
    "tls_ca_list": (BOTH, "ca_list"),
    "tls_ciphers_list": (BOTH, "cipher_list"),
    "tls_verify": (BOTH, "verify_certificate"),
    "tls_verify_server": ((Role.CLIENT,), "verify_certificate"),
    "tls_verify_client": ((Role.SERVER,), "verify_certificate"),
    "tls_require_certificate": ((Role.SERVER,), "require_certificate"),
    "tls_require_client_certificate": ((Role.SERVER,), "require_certificate"),
}
ROLES = {"tls_server_domain": Role.SERVER, "tls_client_domain": Role.CLIENT}
_ITEM = re.compile(r'\s*(?:#[^\n]*\n\s*|;\s*)*(\w+)\s*=\s*(?:"([^"]*)"|([^\s;"]+))')
_END = re.compile(r"\s*(?:#[^\n]*(?:\n\s*|$)|;\s*)*$")


def apply_params(params: CoreParams, profile: Profile) -> None:
    """Put into a default profile what core parameters say. ConfigError."""
    for name, (roles, key) in NAMES.items():
        if params.was_given(name) and profile.role in roles:
            value = getattr(params, name)
            _set(profile, key, value.decode("latin-1") if isinstance(value, bytes) else str(value), name, None)


def profiles_of(sections: list[Section]) -> list[Profile]:
    """The profiles of OpenSER's sections. ConfigError at the section."""
    return [_profile(section) for section in sections if section.name in ROLES]


def _profile(section: Section) -> Profile:
    role = ROLES[section.name]
    where = section.where.strip().removeprefix("[").removesuffix("]").strip()
    if where.startswith('"') and role is Role.CLIENT:
        profile = Profile(role, ANY, server_id=where.strip('"'))
    else:
        try:
            address = parse_address(where)
        except SocketError as error:
            raise ConfigError(str(error), section.pos) from None
        if not is_address(address.hosts[0].encode("latin-1")) or not address.port:
            raise ConfigError(f"{section.name}[{where}]: an address is IP:PORT", section.pos)
        profile = Profile(role, address.hosts[0], address.port)
    profile.where[""] = section.pos
    for name, value in _items(section):
        if name not in NAMES or role not in NAMES[name][0]:
            raise ConfigError(f"{section.name} has no {name}", section.pos, did_you_mean(name, NAMES))
        _set(profile, NAMES[name][1], value, name, section.pos)
    return profile


def _items(section: Section) -> Iterator[tuple[str, str]]:
    """`name = value` pairs of the text in braces."""
    at, text = 0, section.text
    while not _END.match(text, at):
        found = _ITEM.match(text, at)
        if found is None:
            line = text[at:].strip().partition("\n")[0]
            raise ConfigError(f'{section.name}: name = value is expected where "{line}" stands', section.pos)
        yield found[1], found[2] if found[2] is not None else found[3]
        at = found.end()


def _set(profile: Profile, key: str, text: str, name: str, pos: Any) -> None:
    field, make = KEYS[key]
    try:
        setattr(profile, field, make(text))
    except ValueError as error:
        raise ConfigError(f"{name}: {error}", pos) from None
