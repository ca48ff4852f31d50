"""OpenSER's names for what tls.cfg says."""

import pytest

from kahea.cfg.core_params import CoreParams
from kahea.cfg.errors import ConfigError
from kahea.cfg.source import Pos
from kahea.cfg.syntax.nodes import Section
from kahea.modules.tls.openser import apply_params, profiles_of
from kahea.modules.tls.profile import Profile, Role

from .ends import source


def defaults(**values: object) -> tuple[Profile, Profile]:
    """The server's and the client's default profile under these core parameters."""
    params = CoreParams()
    for name, value in values.items():
        params.set(name, value)  # type: ignore[arg-type]
    made = Profile(Role.SERVER), Profile(Role.CLIENT)
    for profile in made:
        apply_params(params, profile)
    return made


def test_core_parameters_shape_the_default_profiles() -> None:
    server, client = defaults(
        tls_certificate=b"c.pem", tls_private_key=b"k.pem", tls_ca_list=b"ca.pem", tls_ciphers_list=b"HIGH",
        tls_method="SSLv23",
    )  # fmt: skip
    for profile in (server, client):
        assert (profile.certificate, profile.private_key, profile.ca_list) == ("c.pem", "k.pem", "ca.pem")
        assert (profile.cipher_list, profile.method) == ("HIGH", "SSLv23")
        assert not profile.verify_certificate


@pytest.mark.parametrize(
    ("name", "server_verifies", "client_verifies", "requires"),
    [
        ("tls_verify", True, True, False),
        ("tls_verify_server", False, True, False),
        ("tls_verify_client", True, False, False),
        ("tls_require_certificate", False, False, True),
        ("tls_require_client_certificate", False, False, True),
    ],
)
def test_who_is_verified(name: str, server_verifies: bool, client_verifies: bool, requires: bool) -> None:
    server, client = defaults(**{name: 1})
    assert (server.verify_certificate, client.verify_certificate) == (server_verifies, client_verifies)
    assert (server.require_certificate, client.require_certificate) == (requires, False)


def section(name: str, where: str, text: str) -> Section:
    return Section(name, where, text, pos=Pos(source(f"{name}{where} {{ {text} }}"), 0))


def test_sections_are_profiles() -> None:
    text = 'tls_certificate = "a" tls_private_key="b"; # x = y\n tls_verify_client=1'
    server, client, named = profiles_of([
        section("tls_server_domain", "[192.0.2.1:5061]", text),
        section("tls_client_domain", "[[2001:db8::1]:5061]", "tls_method = TLSv1.2\ntls_verify_server = on"),
        section("tls_client_domain", '["one"]', "# nothing"),
    ])  # fmt: skip
    assert (str(server), server.certificate, server.private_key) == ("server:192.0.2.1:5061", "a", "b")
    assert server.verify_certificate
    assert (str(client), client.method, client.verify_certificate) == ("client:[2001:db8::1]:5061", "TLSv1.2", True)
    assert (named.role, named.server_id) == (Role.CLIENT, "one")


def test_dst_blacklist_is_none_of_them() -> None:
    assert profiles_of([section("dst_blacklist", " = a:", '(tcp, 1.2.3.4/32, 0, "")')]) == []


@pytest.mark.parametrize(
    ("name", "where", "text", "message"),
    [
        ("tls_server_domain", "[host:5061]", "", "an address is IP:PORT"),
        ("tls_server_domain", "[192.0.2.1]", "", "an address is IP:PORT"),
        ("tls_server_domain", "[192.0.2.1:x]", "", "is no port"),
        ("tls_server_domain", '["one"]', "", "is no port|an address is IP:PORT"),
        ("tls_server_domain", "[192.0.2.1:1]", "tls_verify_server = 1", "has no tls_verify_server"),
        ("tls_server_domain", "[192.0.2.1:1]", "tls_certificat = 1", "has no tls_certificat"),
        ("tls_server_domain", "[192.0.2.1:1]", "tls_method = XX", "tls_method: .* is no method"),
        ("tls_server_domain", "[192.0.2.1:1]", "tls_verify_client", "name = value is expected"),
        ("tls_server_domain", "[192.0.2.1:1]", 'tls_certificate = "a', "name = value is expected"),
    ],
)
def test_a_mistake_is_an_error_at_the_section(name: str, where: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        profiles_of([section(name, where, text)])
    assert caught.value.pos is not None
