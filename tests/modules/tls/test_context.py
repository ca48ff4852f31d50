"""What a profile can ask for, and what it is told when it cannot have it."""

import re
import ssl
from collections.abc import Callable

import pytest

from kahea.cfg.errors import ConfigError
from kahea.modules.tls.profiles import Profiles

from .conftest import Certificates


def fail(profiles_of: Callable[..., Profiles], *sections: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        profiles_of(*sections)
    return caught.value


@pytest.mark.parametrize(
    ("method", "oldest", "newest"),
    [
        ("TLSv1.2", ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),
        ("TLSv1.2+", ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.MAXIMUM_SUPPORTED),
        ("TLSv1.3", ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3),
        ("TLSv1+", ssl.TLSVersion.TLSv1, ssl.TLSVersion.MAXIMUM_SUPPORTED),
    ],
)
def test_a_method_is_a_range_of_versions(
    profiles_of: Callable[..., Profiles], certificates: Certificates, method: str, oldest: object, newest: object
) -> None:
    section = certificates.section("server:default", certificates.server, f"method = {method}")
    context = profiles_of(section).server("127.0.0.1", 5061, None).context
    assert (context.minimum_version, context.maximum_version) == (oldest, newest)


@pytest.mark.parametrize("method", ["SSLv2", "SSLv3"])
def test_what_openssl_does_not_speak_is_refused(
    profiles_of: Callable[..., Profiles], certificates: Certificates, method: str
) -> None:
    error = fail(profiles_of, certificates.section("server:default", certificates.server, f"method = {method}"))
    assert f"{method} is not spoken by OpenSSL" in error.message
    assert error.pos is not None and error.pos.line == 4


@pytest.mark.parametrize("role", ["server", "client"])
def test_a_method_that_no_cipher_fits_is_refused(
    profiles_of: Callable[..., Profiles], certificates: Certificates, role: str
) -> None:
    server = certificates.section("server:default", certificates.server)
    lines = "method = TLSv1", "cipher_list = DEFAULT@SECLEVEL=2"
    section = certificates.section(f"{role}:192.0.2.1:1", certificates.server, *lines)
    assert "TLSv1 cannot be used with OpenSSL" in fail(profiles_of, server, section).message


def test_an_old_method_can_be_had_by_who_insists(
    profiles_of: Callable[..., Profiles], certificates: Certificates
) -> None:
    lines = "method = TLSv1", "cipher_list = DEFAULT@SECLEVEL=0"
    profiles_of(certificates.section("server:default", certificates.server, *lines))


MISTAKES = [
    ("certificate = /nowhere.pem\nprivate_key = {key}", "certificate: /nowhere.pem: No such file", "certificate"),
    ("certificate = {certificate}\nprivate_key = /nowhere.key", "private_key: /nowhere.key: No such", "private_key"),
    ("certificate = {certificate}\nprivate_key = {other}", "private_key: key values mismatch", "private_key"),
    ("certificate = {certificate}\nprivate_key = {locked}", "the private key is encrypted", "private_key"),
    ("certificate = {junk}\nprivate_key = {key}", "private_key: ", "private_key"),
    ("{good}\ncipher_list = FOO", '"FOO" names no cipher', "cipher_list"),
    ("{good}\nca_list = /nowhere", "ca_list: /nowhere: No such file", "ca_list"),
    ("{good}\nca_list = {junk}", "ca_list: ", "ca_list"),
    ("{good}\nca_path = /nowhere", "/nowhere is no folder", "ca_path"),
    ("{good}\ncrl = {junk}", "crl: ", "crl"),
    ("", "certificate: .*/cert.pem: No such file", "["),
]


@pytest.mark.parametrize(("text", "message", "key"), MISTAKES)
def test_a_file_that_cannot_be_used_is_named(
    profiles_of: Callable[..., Profiles], certificates: Certificates, text: str, message: str, key: str
) -> None:
    junk = certificates.folder / "junk"
    junk.write_text("no certificate\n")
    good = f"certificate = {certificates.server.certificate}\nprivate_key = {certificates.server.key}"
    filled = text.format(
        certificate=certificates.server.certificate, key=certificates.server.key, other=certificates.client.key,
        locked=certificates.locked.key, junk=junk, good=good,
    )  # fmt: skip
    error = fail(profiles_of, "[server:default]\n" + filled)
    assert re.search(message, error.message), error.message
    assert error.pos is not None
    assert error.pos.source_line().startswith(key)


def test_files_are_found_as_kamailio_finds_them(
    profiles_of: Callable[..., Profiles], certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(certificates.folder)
    beside, here = (
        "certificate = alice.pem\nprivate_key = alice.key",
        "certificate = ./alice.pem\nprivate_key=./alice.key",
    )
    profiles_of("[server:default]\n" + beside, "[client:default]\n" + here)


def test_certificate_and_key_may_share_a_file(profiles_of: Callable[..., Profiles], certificates: Certificates) -> None:
    both = certificates.folder / "both.pem"
    both.write_bytes(certificates.server.key.read_bytes() + certificates.server.certificate.read_bytes())
    profiles = profiles_of(f"[server:default]\ncertificate = {both}")
    assert profiles.server("", 0, None).certificate == certificates.server.certificate.read_bytes()
