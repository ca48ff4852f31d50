"""`$tls_...` of known certificates: the values that Kamailio 5.6 shows for them."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kahea.core.net import transports
from kahea.core.pv import parse_spec
from kahea.modules.tls import certificate, functions, unverified
from kahea.modules.tls.certificate import Certificate
from kahea.modules.tls.profiles import Profiles
from kahea.modules.tls.variables import items
from kahea.parser.msg import SipMsg
from kahea.parser.receive_info import ReceiveInfo
from kahea.tests.support.sip_tls import client_context

from .conftest import Certificates
from .ends import Ends

REQUEST = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.7;branch=z9hG4bKx\r\n\r\n"


@pytest.fixture(scope="module", autouse=True)
def registered() -> None:
    """The variables are known, as after loadmodule."""
    from kahea.core.pv import register_pv

    for item in items:
        register_pv(item)


@pytest.fixture
def message(
    ends: Callable[..., Ends], profiles_of: Callable[..., Profiles], certificates: Certificates
) -> Iterator[Callable[..., Any]]:
    """`message(files, *lines)`: one that came over a connection where the client has shown this certificate."""

    def make(
        files: Any = None,
        *lines: str,
        name: str | None = "sip.example.org",
        version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> Any:
        section = certificates.section("server:default", certificates.server, certificates.ca, *lines)
        pair = ends(profiles_of(section))
        context = client_context(files)
        context.maximum_version = version
        pair.wrap(context, name)
        pair.shake()
        transports.opened(7, pair.ours)
        return SipMsg.from_bytes(REQUEST, ReceiveInfo(b"192.0.2.7", 40000, b"127.0.0.1", 5061, 3, 0, 7))

    yield make
    transports.closed(7)


def value(msg: Any, name: str) -> Any:
    return parse_spec(b"$" + name.encode()).get(msg)


SERVER_LINE = b"/C=US/ST=Hawaii/L=Hilo/O=Kahea/OU=SIP/CN=sip.example.org/UID=srv1"
CLIENT_LINE = b"/C=FI/ST=Uusimaa/L=Helsinki/O=Phones/OU=Desk/CN=alice/UID=u42"
CA_LINE = b"/C=DE/O=Kahea CA/CN=Test CA"
VALUES: dict[str, Any] = {
    "tls_version": b"TLSv1.3",
    "tls_cipher_info": b"TLS_AES_256_GCM_SHA384",
    "tls_cipher_bits": 256,
    "tls_peer_server_name": b"sip.example.org",
    "tls_peer_verified": 1,
    "tls_peer_revoked": 0,
    "tls_peer_expired": 0,
    "tls_peer_selfsigned": 0,
    "tls_peer_version": b"2",
    "tls_my_version": b"2",
    "tls_peer_serial": b"305419896",
    "tls_my_serial": b"4660",
    "tls_peer_subject": CLIENT_LINE,
    "tls_my_subject": SERVER_LINE,
    "tls_peer_issuer": CA_LINE,
    "tls_my_issuer": CA_LINE,
    "tls_peer_subject_cn": b"alice",
    "tls_my_subject_cn": b"sip.example.org",
    "tls_peer_issuer_cn": b"Test CA",
    "tls_my_issuer_cn": b"Test CA",
    "tls_peer_subject_locality": b"Helsinki",
    "tls_my_subject_locality": b"Hilo",
    "tls_peer_issuer_locality": None,
    "tls_my_issuer_locality": None,
    "tls_peer_subject_country": b"FI",
    "tls_my_subject_country": b"US",
    "tls_peer_issuer_country": b"DE",
    "tls_my_issuer_country": b"DE",
    "tls_peer_subject_state": b"Uusimaa",
    "tls_my_subject_state": b"Hawaii",
    "tls_peer_issuer_state": None,
    "tls_my_issuer_state": None,
    "tls_peer_subject_organization": b"Phones",
    "tls_my_subject_organization": b"Kahea",
    "tls_peer_issuer_organization": b"Kahea CA",
    "tls_my_issuer_organization": b"Kahea CA",
    "tls_peer_subject_unit": b"Desk",
    "tls_my_subject_unit": b"SIP",
    "tls_peer_issuer_unit": None,
    "tls_my_issuer_unit": None,
    "tls_peer_subject_uid": b"u42",
    "tls_my_subject_uid": b"srv1",
    "tls_peer_san_email": b"alice@example.org",
    "tls_my_san_email": b"admin@example.org",
    "tls_peer_san_hostname": b"alice.example.org",
    "tls_my_san_hostname": b"sip.example.org",
    "tls_peer_san_uri": b"sip:alice@example.org",
    "tls_my_san_uri": b"sip:example.org",
    "tls_peer_san_ip": b"192.0.2.7",
    "tls_my_san_ip": b"127.0.0.1",
    "tls(m_issuer_line)": CA_LINE,
    "tls(p_issuer_line)": CA_LINE,
    "tls(m_subject_line)": SERVER_LINE,
    "tls(p_subject_line)": CLIENT_LINE,
}


def test_values_of_a_connection_with_certificates(message: Callable[..., Any], certificates: Certificates) -> None:
    msg = message(certificates.client, "verify_client = on")
    assert {name: value(msg, name) for name in VALUES} == VALUES
    assert value(msg, "tls_description").split()[:2] == [b"TLS_AES_256_GCM_SHA384", b"TLSv1.3"]
    pem = certificates.client.certificate.read_bytes()
    assert value(msg, "tls_peer_raw_cert") == pem
    assert value(msg, "tls_my_raw_cert") == certificates.server.certificate.read_bytes()
    assert value(msg, "tls_peer_urlencoded_cert").startswith(b"-----BEGIN%20CERTIFICATE-----%0aMI")
    import urllib.parse

    assert urllib.parse.unquote_to_bytes(value(msg, "tls_my_urlencoded_cert")) == value(msg, "tls_my_raw_cert")
    assert functions.is_peer_verified(msg) == 1


#: read in tests of this file
CASES = {
    *(name.partition("(")[0] for name in VALUES),
    *(f"tls_{side}_{kind}_cert" for side in ("peer", "my") for kind in ("raw", "urlencoded")),
    "tls_description",
    "tls_peer_notBefore",
    "tls_peer_notAfter",
}


def test_every_variable_has_a_case() -> None:
    assert {item.name for item in items} == CASES


def test_a_peer_without_certificate_has_no_values(message: Callable[..., Any], certificates: Certificates) -> None:
    msg = message(None, "verify_client = optional", name=None)
    numbers = {"tls_peer_verified", "tls_peer_revoked", "tls_peer_expired", "tls_peer_selfsigned"}
    for name in VALUES:
        if name in numbers:
            assert value(msg, name) == 0
        elif "peer" in name or "(p" in name:
            assert value(msg, name) is None, name
    assert value(msg, "tls_peer_raw_cert") is None
    assert value(msg, "tls_my_subject_cn") == b"sip.example.org"
    assert functions.is_peer_verified(msg) == -1


def test_messages_that_came_another_way_have_no_values(message: Callable[..., Any]) -> None:
    message(None)
    for rcv in (ReceiveInfo(), ReceiveInfo(proto=3, conn=8)):
        msg = SipMsg.from_bytes(REQUEST, rcv)
        assert all(value(msg, item) is None for item in VALUES)
        assert functions.is_peer_verified(msg) == -1


def test_cget_is_the_same_by_name(message: Callable[..., Any], certificates: Certificates) -> None:
    msg = message(certificates.client, "verify_client = on")
    assert functions.cget(msg, b"tls_peer_subject_cn") == b"alice"
    assert functions.cget(msg, b"tls_cipher_bits") == b"256"
    assert functions.cget(msg, b"foo") is None
    assert functions.cget(SipMsg.from_bytes(REQUEST), b"tls_version") is None


def test_dates_are_printed_as_openssl_does(message: Callable[..., Any], certificates: Certificates) -> None:
    import datetime

    msg = message(certificates.client, "verify_client = on")
    form = "%b %d %H:%M:%S %Y GMT"
    begin = datetime.datetime.strptime(value(msg, "tls_peer_notBefore").decode(), form)
    end = datetime.datetime.strptime(value(msg, "tls_peer_notAfter").decode(), form)
    assert end - begin == datetime.timedelta(days=366)
    first = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    assert certificate._date(first) == b"Jan  1 00:00:00 2020 GMT"


WRONG = {  # what is wrong with it, as Kamailio 5.6 shows it: verified, revoked, expired, selfsigned
    "none": (0, 0, 0, 0),
    "client": (1, 0, 0, 0),
    "expired": (0, 0, 1, 0),
    "foreign": (0, 0, 0, 0),
    "self_signed": (0, 0, 0, 1),
    "revoked": (0, 1, 0, 0),
}


@pytest.mark.skipif(not unverified.AVAILABLE, reason="this Python keeps its contexts another way")
@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_is_wrong_with_a_certificate_that_is_let_in(
    message: Callable[..., Any], certificates: Certificates, kind: str, version: ssl.TLSVersion
) -> None:
    files = None if kind == "none" else getattr(certificates, kind)
    crl = [f"crl = {certificates.crl}"] if kind == "revoked" else []
    msg = message(files, "verify_client = optional_no_ca", *crl, version=version)
    names = ("verified", "revoked", "expired", "selfsigned")
    assert tuple(value(msg, f"tls_peer_{name}") for name in names) == WRONG[kind]
    assert (functions.is_peer_verified(msg) == 1) == (kind == "client")
    if files is not None:
        assert value(msg, "tls_peer_raw_cert") == files.certificate.read_bytes()


def test_without_the_callback_no_certificate_is_asked_for(
    message: Callable[..., Any], certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unverified, "AVAILABLE", False)
    msg = message(certificates.client, "verify_client = optional_no_ca")
    assert value(msg, "tls_peer_verified") == 0
    assert value(msg, "tls_peer_raw_cert") is None


def test_a_name_with_other_letters_is_escaped_in_its_line(certificates: Certificates) -> None:
    from kahea.tests.support.certificates import name_of

    files = certificates.authority.issue("letters", name_of(O="Kähea/x", CN="ä"))
    found = Certificate(files.certificate.read_bytes())
    assert found.line("subject") == b"/O=K\\xC3\\xA4hea/x/CN=\\xC3\\xA4"
    assert found.part("subject", "CN") == "ä".encode()
    assert found.alternative("hostname") is None


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_has_no_values(pem: bytes) -> None:
    found = Certificate(pem)
    assert found.serial is found.version is found.not_after is found.line("issuer") is None
    assert found.part("subject", "CN") is found.alternative("ip") is None


def test_without_the_library_only_what_needs_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "AVAILABLE", False)
    for name in ("tls_version", "tls_peer_raw_cert", "tls_peer_verified", "tls_peer_server_name"):
        parse_spec(b"$" + name.encode())
    for name in ("tls_peer_subject_cn", "tls(p_subject_line)", "tls_my_serial", "tls_peer_notAfter"):
        with pytest.raises(ValueError, match=r"needs the Python package cryptography \(pip install"):
            parse_spec(b"$" + name.encode())


def test_an_unknown_line_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\$tls\(\.\.\.\) has m_issuer_line"):
        parse_spec(b"$tls(x)")
