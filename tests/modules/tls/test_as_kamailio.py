"""One tls.cfg and script in Kahea and in Debian's Kamailio: who is let in, which profile it gets, what is shown."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip_tls import SipTls, client_context

from .conftest import Certificates
from .test_transport import ASKED
from .test_variables import VALUES

TLS_MODULE = "/usr/lib/*/kamailio/modules/tls.so"
FIRST_PORT = 5061  # a port for each way to ask for certificates, the next one for names
PORTS = {lines: FIRST_PORT + index for index, lines in enumerate(ASKED)}
NAMES_PORT = FIRST_PORT + len(ASKED)
SHOWN = sorted(name for name in VALUES if name not in ("tls_my_subject", "tls_peer_subject", "tls_my_issuer",
                                                        "tls_peer_issuer"))  # fmt: skip
CONFIG = """#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=2
auto_aliases=no
enable_tls=yes
{listen}
loadmodule "tls.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
modparam("tls", "config", "{folder}/tls.cfg")
request_route {{
{shown}
    append_to_reply("X-Selects: $sel(tls.version)|$sel(tls.peer.subject.cn)|$sel(tls.my.host)\\r\\n");
    if (is_peer_verified()) append_to_reply("X-Verified: yes\\r\\n");
    sl_send_reply("200", "OK");
}}
"""


def write(folder: Path, certificates: Certificates) -> Path:
    """Configuration and tls.cfg."""
    sections = [
        certificates.section("server:default", certificates.server),
        certificates.section("client:default", None),
    ]
    for lines, port in PORTS.items():
        filled = lines.format(crl=certificates.crl).split("|")
        sections.append(certificates.section(f"server:127.0.0.1:{port}", certificates.server, certificates.ca, *filled))
    for head, name, mode, files in (
        ("server:any", "named.example.org", 1, certificates.named),
        ("server:any", "below.org", 2, certificates.named),
        (f"server:127.0.0.1:{NAMES_PORT}", "alice.example.org", 0, certificates.client),
    ):
        sections.append(certificates.section(head, files, f"server_name = {name}", f"server_name_mode = {mode}"))
    (folder / "tls.cfg").write_text("\n".join(sections))
    listen = "\n".join(f"listen=tls:127.0.0.1:{port}" for port in (*PORTS.values(), NAMES_PORT))
    shown = "\n".join(f'    append_to_reply("X-{i}: ${name}\\r\\n");' for i, name in enumerate(SHOWN))
    config = folder / "tls_kamailio.cfg"
    config.write_text(CONFIG.format(folder=folder, listen=listen, shown=shown))
    return config


def listens() -> bool:
    try:
        socket.create_connection(("127.0.0.1", NAMES_PORT), 0.2).close()
    except OSError:
        return False
    return True


class Kamailio(Server):
    """Starts without systemd."""

    def start(self, timeout: float = 15.0) -> None:
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder)
        wait_until(listens, timeout, "Kamailio to listen")
        time.sleep(0.2)


@pytest.fixture(scope="module", params=["kahea", "kamailio"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp(request.param)
    config = write(folder, certificates)
    if request.param == "kahea":
        started = Server(config, folder, workers=None)
    else:
        program = shutil.which("kamailio")
        if program is None or not any(Path("/").glob(TLS_MODULE[1:])):
            pytest.skip("Debian's Kamailio with kamailio-tls-modules is not installed (make oracle)")
        started = Kamailio(config, folder, workers=None, command=[program])
    try:
        started.start()
        yield started
    finally:
        started.close()


def kinds(certificates: Certificates) -> dict[str, Any]:
    return {
        "none": None, "client": certificates.client, "expired": certificates.expired, "foreign": certificates.foreign,
        "selfsigned": certificates.self_signed, "revoked": certificates.revoked, "deep": certificates.deep,
    }  # fmt: skip


@pytest.mark.usefixtures("isolated")
@pytest.mark.parametrize("kind", ["none", "client", "expired", "foreign", "selfsigned", "revoked", "deep"])
@pytest.mark.parametrize("lines", ASKED)
def test_who_is_let_in(server: Server, certificates: Certificates, lines: str, kind: str) -> None:
    def ask() -> Any:
        with SipTls(("127.0.0.1", PORTS[lines]), client_context(kinds(certificates)[kind])) as phone:
            phone.send(phone.request("OPTIONS", "sip:me@127.0.0.1"))
            return phone.receive()

    if kind in ASKED[lines].split():
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
            ask()
        return
    reply = ask()
    assert reply.status == 200
    good = ("client", "deep", "revoked")  # where no crl is asked
    assert (reply.header("X-Verified") == "yes") == (bool(lines) and kind in good)
    if lines.endswith("no_ca"):
        names = ("tls_peer_verified", "tls_peer_expired", "tls_peer_selfsigned")
        shown = tuple(int(reply.get(f"X-{SHOWN.index(name)}")) for name in names)
        assert shown == (kind in good, kind == "expired", kind == "selfsigned")


@pytest.mark.usefixtures("isolated")
def test_what_is_shown(server: Server, certificates: Certificates) -> None:
    context = client_context(certificates.client)
    with SipTls(("127.0.0.1", PORTS["verify_client = on"]), context, "sip.example.org") as phone:
        phone.send(phone.request("OPTIONS", "sip:me@127.0.0.1"))
        reply = phone.receive()
    assert reply.get("X-Selects") == "TLSv1.3|alice|sip.example.org"
    shown = {name: reply.get(f"X-{index}") for index, name in enumerate(SHOWN)}
    expected = {name: VALUES[name] for name in SHOWN}
    assert shown == {
        name: "<null>" if value is None else str(value) if isinstance(value, int) else value.decode()
        for name, value in expected.items()
    }


@pytest.mark.usefixtures("isolated")
@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("alice.example.org", "client"),
        ("ALICE.example.org", "client"),
        ("x.alice.example.org", "server"),
        (None, "client"),
        ("named.example.org", "named"),
        ("x.named.example.org", "named"),
        ("below.org", "server"),
        ("x.below.org", "named"),
        ("unknown.org", "server"),
    ],
)
def test_whose_certificate_a_name_gets(
    server: Server, certificates: Certificates, name: str | None, whose: str
) -> None:
    with SipTls(("127.0.0.1", NAMES_PORT), name=name) as phone:
        assert phone.certificate == getattr(certificates, whose).certificate.read_bytes()
