"""Debian's default configuration, unchanged: /etc/kamailio/kamailio.cfg of the package `kamailio` (`make oracle`).

Options give the port and the folders, nothing else. What is asked here its users know: the tests pass on Kamailio too
(KAHEA_TEST_SERVER=kamailio).
"""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kahea.core import loader
from kahea.tests.support.certificates import Authority
from kahea.tests.support.server import PACKAGE_PARENT, Server, wait_until
from kahea.tests.support.sip import SipSocket
from kahea.tests.support.sip_tls import SipTls

from .conftest import ORACLE, Oracle
from .phones import Phone

CFG = Path("/etc/kamailio/kamailio.cfg")
pytestmark = pytest.mark.skipif(not CFG.exists(), reason=f"{CFG} is not there: `make oracle` installs it")
OPTIONS = ("-l", "udp:127.0.0.1:5060")
CONTACT = "Contact: <sip:%s@127.0.0.1:%d>"
Sockets = Callable[..., SipSocket]


@pytest.fixture
def start(isolated: None, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`start("-A", "WITH_PSTN")`: the server with further options."""
    servers: list[Server] = []

    def make(*options: str) -> Server:
        if ORACLE:
            servers.append(Oracle(CFG, tmp_path / "server", *OPTIONS, *options, command=["kamailio"]))
        else:
            servers.append(Server(CFG, tmp_path / "server", *OPTIONS, *options))
        servers[-1].start()
        return servers[-1]

    yield make
    for server in servers:
        server.close()
        assert "Traceback" not in server.log, server.log


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    return start()


@pytest.fixture
def phones(server: Server, sip_socket: Sockets) -> tuple[Phone, Phone]:
    alice, bob = Phone("alice", sip_socket()), Phone("bob", sip_socket())
    assert alice.register().status == bob.register().status == 200
    return alice, bob


def accounted(server: Server, count: int) -> list[tuple[str, str, str, str]]:
    """(title, method, code, users) of the accounting lines, once there are so many."""
    pattern = r"ACC: ([\w ]+): timestamp=\d+;method=(\w+);.*;code=(\d*);.*;(src_user=.*)"

    def found() -> list[tuple[str, str, str, str]]:
        return re.findall(pattern, server.log)

    wait_until(lambda: len(found()) >= count, 3, f"{count} accounting lines in\n{server.log}")
    return found()


def users(source: str, called: str, destination: str) -> str:
    """The values of log_extra."""
    at = "127.0.0.1"
    return f"src_user={source};src_domain={at};src_ip={at};dst_ouser={called};dst_user={destination};dst_domain={at}"


def run(*command: str, env: dict[str, str] | None = None) -> str:
    """Output of a tool of Debian's package."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed (Debian package kamailio): make oracle")
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=15, check=False, env={**os.environ, **(env or {})}
    )
    return done.stdout + done.stderr


def kamcmd(server: Server, *words: str) -> str:
    return run("kamcmd", "-s", f"unixs:{server.folder}/kamailio_ctl", *words)


# calls


def test_call_between_two_phones(server: Server, phones: tuple[Phone, Phone]) -> None:
    alice, bob = phones
    arrived, _ = alice.call(bob)
    assert arrived.uri == f"sip:bob@127.0.0.1:{bob.sock.port}" and len(arrived.all("Via")) == 2
    assert arrived.get("Max-Forwards") == "69" and arrived.all("Record-Route")
    lines = accounted(server, 2)
    assert [line[:3] for line in lines] == [
        ("transaction answered", "INVITE", "200"),
        ("transaction answered", "BYE", "200"),
    ]
    assert lines[0][3] == users("alice", "bob", "bob")


def test_call_that_nobody_takes_is_missed(server: Server, phones: tuple[Phone, Phone]) -> None:
    alice, bob = phones
    invite = alice.invite("bob")
    bob.sock.send(bob.sock.expect("INVITE").reply(486, "Busy Here"))
    answer = alice.sock.expect(486)
    bob.sock.expect("ACK")
    alice.sock.send(alice.again("ACK", invite, answer))
    assert accounted(server, 1) == [("call missed", "INVITE", "486", users("alice", "bob", "bob"))]


def test_cancelled_call(server: Server, phones: tuple[Phone, Phone]) -> None:
    alice, bob = phones
    invite = alice.invite("bob")
    arrived = bob.sock.expect("INVITE")
    bob.sock.send(arrived.reply(180, "Ringing"))
    alice.sock.expect(180)
    alice.sock.send(alice.again("CANCEL", invite))
    bob.sock.send(bob.sock.expect("CANCEL").reply(200, "OK"))
    bob.sock.send(arrived.reply(487, "Request Terminated"))
    alice.sock.send(alice.again("ACK", invite, alice.sock.expect(487)))
    assert accounted(server, 1)[0][:3] == ("call missed", "INVITE", "487")


def test_message_between_two_phones(phones: tuple[Phone, Phone]) -> None:
    alice, bob = phones
    from_ = f"<{alice.aor}>;tag=m"
    alice.sock.send(alice.sock.request("MESSAGE", bob.aor, "Content-Type: text/plain", body="hello", from_=from_))
    arrived = bob.sock.expect("MESSAGE")
    assert arrived.body == b"hello"
    bob.sock.send(arrived.reply(200, "OK"))
    alice.sock.expect(200)


def test_registration_that_ends_leaves_nobody_to_call(server: Server, sip_socket: Sockets) -> None:
    phone = Phone("alice", sip_socket())
    assert "expires=300" in phone.register().get("Contact")
    aor = f"<{phone.aor}>"
    end = phone.sock.request(
        "REGISTER", "sip:127.0.0.1", f"Contact: {phone.contact};expires=0", from_=f"{aor};tag=r", to=aor
    )
    assert not phone.sock.call(end, 200).all("Contact")
    caller = sip_socket()
    caller.call(caller.request("MESSAGE", phone.aor, from_="<sip:bob@127.0.0.1>;tag=1"), 404)


def test_repeated_request_is_absorbed(phones: tuple[Phone, Phone]) -> None:
    alice, bob = phones
    data = alice.sock.request("MESSAGE", bob.aor, from_=f"<{alice.aor}>;tag=m")
    alice.sock.send(data)
    arrived = bob.sock.expect("MESSAGE")
    alice.sock.send(data)
    bob.sock.send(arrived.reply(200, "OK"))
    alice.sock.expect(200)
    alice.sock.send(data)
    alice.sock.expect(200)
    assert bob.sock.silent(0.3)


@pytest.mark.parametrize(
    ("method", "uri", "headers", "status"),
    [
        ("OPTIONS", "sip:127.0.0.1", (), 200),
        ("INVITE", "sip:nobody@127.0.0.1", (), 404),
        ("MESSAGE", "sip:nobody@127.0.0.1", (), 404),
        ("OPTIONS", "sip:nobody@127.0.0.1", (), 404),
        ("INVITE", "sip:bob@192.0.2.7", (), 403),
        ("MESSAGE", "sip:127.0.0.1", (), 484),
        ("PUBLISH", "sip:alice@127.0.0.1", ("Event: presence",), 404),
        ("SUBSCRIBE", "sip:alice@127.0.0.1", ("Event: message-summary",), 404),
        ("BYE", "sip:bob@127.0.0.1", ("To: <sip:bob@127.0.0.1>;tag=none",), 404),
    ],
)
def test_what_is_for_no_phone_is_answered(
    server: Server, sip_socket: Sockets, method: str, uri: str, headers: tuple[str, ...], status: int
) -> None:
    sock = sip_socket()
    to = next((header[4:] for header in headers if header.startswith("To: ")), None)
    rest = [header for header in headers if not header.startswith("To: ")]
    sock.call(sock.request(method, uri, *rest, to=to), status)


def test_loops_and_malformed_requests_are_answered(server: Server, sip_socket: Sockets) -> None:
    sock = sip_socket()
    sock.call(sock.request("INVITE", "sip:bob@127.0.0.1", max_forwards=0), 483)
    sock.call(sock.request("MESSAGE", "sip:bob@127.0.0.1", "Expires: abc"), 400)
    server.wait_log("Malformed SIP request from 127.0.0.1")
    sock.call(sock.request("INVITE", "sip:bob@127.0.0.1").replace(b"CSeq: 1 INVITE", b"CSeq: 1 BYE"), 400)


def test_scanners_get_no_answer(server: Server, sip_socket: Sockets) -> None:
    sock = sip_socket()
    sock.send(sock.request("OPTIONS", "sip:127.0.0.1", "User-Agent: friendly-scanner"))
    assert sock.silent(0.3)
    sock.call(sock.request("OPTIONS", "sip:127.0.0.1"), 200)


# optional sections


def test_gateway_is_a_parameter_that_changes_at_run_time(start: Callable[..., Server], sip_socket: Sockets) -> None:
    server, sock, gateway = start("-A", "WITH_PSTN"), sip_socket(), sip_socket()
    number = "sip:0049301234567@127.0.0.1"
    alice = "<sip:alice@127.0.0.1>;tag=1"
    sock.call(sock.request("INVITE", number, from_=alice), 404)
    assert "PSTN routing enabled but pstn.gw_ip not defined" in server.log
    assert kamcmd(server, "cfg.sets", "pstn", "gw_ip", "127.0.0.1") == ""
    assert kamcmd(server, "cfg.sets", "pstn", "gw_port", f"s:{gateway.port}") == ""
    sock.send(sock.request("INVITE", number, from_=alice))
    arrived = gateway.expect("INVITE")
    assert arrived.uri == f"sip:+49301234567@127.0.0.1:{gateway.port}"
    gateway.send(arrived.reply(503, "Busy"))
    sock.expect(500)


def test_voicemail_takes_calls_that_are_busy(start: Callable[..., Server], sip_socket: Sockets) -> None:
    server, voicemail = start("-A", "WITH_VOICEMAIL"), sip_socket()
    assert kamcmd(server, "cfg.sets", "voicemail", "srv_ip", "127.0.0.1") == ""
    assert kamcmd(server, "cfg.sets", "voicemail", "srv_port", f"s:{voicemail.port}") == ""
    alice, bob = Phone("alice", sip_socket()), Phone("bob", sip_socket())
    bob.register()
    alice.invite("bob")
    bob.sock.send(bob.sock.expect("INVITE").reply(486, "Busy Here"))
    arrived = voicemail.expect("INVITE")
    assert arrived.uri == f"sip:bob@127.0.0.1:{voicemail.port}"
    voicemail.send(arrived.reply(200, "OK", f"Contact: <sip:bob@127.0.0.1:{voicemail.port}>"))
    alice.sock.expect(200)


@pytest.mark.parametrize(("section", "status"), [("BLOCK3XX", 302), ("BLOCK401407", 407)])
def test_replies_that_are_blocked(start: Callable[..., Server], sip_socket: Sockets, section: str, status: int) -> None:
    start("-A", f"WITH_{section}")
    alice, bob = Phone("alice", sip_socket()), Phone("bob", sip_socket())
    bob.register()
    alice.invite("bob")
    bob.sock.send(bob.sock.expect("INVITE").reply(status, "Elsewhere", "Contact: <sip:eve@192.0.2.7>"))
    assert not alice.sock.expect(404).all("Contact")


@pytest.mark.skipif(ORACLE, reason="needs a database server, or kamailio-sqlite-modules")
def test_database_in_a_file(start: Callable[..., Server], sip_socket: Sockets, tmp_path: Path) -> None:
    file = tmp_path / "kamailio.sqlite"
    make_tables(file)
    sections = ("-A", "WITH_ACCDB", "-A", "WITH_USRLOCDB", "-A", f'DBURL="sqlite:///{file}"')
    server = start("--loadmodule=db_sqlite.so", *sections)
    alice, bob = Phone("alice", sip_socket()), Phone("bob", sip_socket())
    alice.register()
    bob.register()
    alice.invite("bob")
    bob.sock.send(bob.sock.expect("INVITE").reply(200, "OK", f"Contact: {bob.contact}"))
    alice.sock.expect(200)
    accounted(server, 1)
    with contextlib.closing(sqlite3.connect(file)) as db:
        columns = "method, sip_code, src_user, src_ip, dst_ouser, dst_user"
        assert db.execute(f"SELECT {columns} FROM acc").fetchall() == [
            ("INVITE", "200", "alice", "127.0.0.1", "bob", "bob")
        ]
    server.stop()
    with contextlib.closing(sqlite3.connect(file)) as db:
        assert db.execute("SELECT username FROM location ORDER BY username").fetchall() == [("alice",), ("bob",)]


def make_tables(file: Path) -> None:
    """The standard tables, and the columns that the configuration asks for in its comments."""
    more = re.findall(r"^  (ALTER TABLE .*;)$", CFG.read_text(), re.M)
    assert len(more) == 12
    env = {**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)}
    command = [sys.executable, "-m", "kahea.tools.kaheactl.main", "db", "create", str(file)]
    subprocess.run(command, check=True, env=env, timeout=30, capture_output=True)
    with contextlib.closing(sqlite3.connect(file)) as db:
        for statement in more:
            db.execute(statement)
        db.commit()


# tools


def test_kamcmd_and_kamctl(server: Server, phones: tuple[Phone, Phone]) -> None:
    alice, _ = phones
    assert re.match(r"(kahea|kamailio) \d", kamcmd(server, "core.version"))
    assert f"Address: sip:alice@127.0.0.1:{alice.sock.port}\n" in kamcmd(server, "ul.dump")
    assert "registrar.accepted_regs: 2\n" in kamcmd(server, "stats.fetch", "registrar:")
    assert "rank: 0\n" in kamcmd(server, "core.psa")
    assert "unix_stream" in kamcmd(server, "listen")
    assert "core: debug\n" in kamcmd(server, "cfg.list")
    assert kamcmd(server, "cfg.get", "core", "debug") == "2\n"
    assert kamcmd(server, "cfg.set_now_int", "core", "debug", "1") == ""
    assert kamcmd(server, "cfg.get", "core", "debug") == "1\n"
    env = {"RPCFIFOPATH": str(server.folder / "kamailio_rpc.fifo")}
    assert "sip:alice@127.0.0.1" in run("kamctl", "ul", "show", env=env)
    assert "accepted_regs" in run("kamctl", "stats", "registrar", env=env)


# the command line


def check(*options: str) -> tuple[int, str, str]:
    """(exit code, first line of an error, everything) of `-c`."""
    env = {**os.environ, "PYTHONPATH": str(PACKAGE_PARENT)}
    command = [sys.executable, "-m", "kahea.core.main", "-c", "-f", str(CFG), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=env)
    text = done.stdout + done.stderr
    assert "Traceback" not in text, text
    return done.returncode, next((line for line in text.splitlines() if ": error: " in line), ""), text


def test_check_finds_nothing() -> None:
    code, error, text = check()
    assert (code, error) == (0, "")
    assert "warning" not in text and "config file ok" in text


DB = ("-A", 'DBURL="sqlite:////tmp/none.sqlite"')  # in the place of the one that WITH_MYSQL defines
SECTIONS = {  # each optional section, what it needs besides, and its modules
    "DEBUG": ((), ("debugger",)),
    "MYSQL": ((), ("db_mysql",)),
    "AUTH": (DB, ("auth", "auth_db")),
    "IPAUTH": (("-A", "WITH_AUTH", *DB), ("auth", "auth_db", "permissions")),
    "USRLOCDB": (DB, ()),
    "PRESENCE": (DB, ("presence", "presence_xml")),
    "MSGREBUILD": (("-A", "WITH_PRESENCE", *DB), ("presence", "presence_xml")),
    "NAT": ((), ("nathelper", "rtpproxy")),
    "NATSIPPING": (("-A", "WITH_NAT"), ("nathelper", "rtpproxy")),
    "RTPENGINE": (("-A", "WITH_NAT"), ("nathelper", "rtpengine")),
    "PSTN": ((), ()),
    "ALIASDB": (DB, ("alias_db",)),
    "SPEEDDIAL": (DB, ("speeddial",)),
    "MULTIDOMAIN": (DB, ("domain",)),
    "TLS": ((), ("tls",)),
    "JSONRPC": ((), ("xhttp",)),
    "ANTIFLOOD": ((), ("htable", "pike")),
    "BLOCK3XX": ((), ()),
    "BLOCK401407": ((), ()),
    "VOICEMAIL": ((), ()),
    "ACCDB": (DB, ()),
}


@pytest.mark.skipif(not CFG.with_name("tls.cfg").exists(), reason="its tls.cfg is not there")
def test_a_phone_of_tls_and_one_of_udp(start: Callable[..., Server], sip_socket: Sockets, tmp_path: Path) -> None:
    """WITH_TLS, and Debian's tls.cfg with a certificate that is there."""
    files = Authority(tmp_path).issue("kamailio-selfsigned", self_signed=True)
    profiles, theirs = CFG.with_name("tls.cfg").read_text(), "/etc/kamailio/kamailio-selfsigned"
    (tmp_path / "tls.cfg").write_text(profiles.replace(theirs, str(files.key.with_suffix(""))))
    there = f"--subst=!/etc/kamailio/tls.cfg!{tmp_path}/tls.cfg!"
    server = start("-A", "WITH_TLS", there, "-l", "tls:127.0.0.1:5061")
    with SipTls() as stream:
        alice, bob = Phone("alice", stream), Phone("bob", sip_socket())
        assert alice.register().status == bob.register().status == 200
        for caller, called in ((alice, bob), (bob, alice)):
            invite = caller.invite(called.user)
            caller.sock.expect(100)
            arrived = called.sock.expect("INVITE")
            called.sock.send(arrived.reply(200, "OK", f"Contact: {called.contact}"))
            answer = caller.sock.expect(200)
            caller.sock.send(caller.again("ACK", invite, answer))
            called.sock.expect("ACK")
            caller.sock.send(caller.again("BYE", invite, answer))
            called.sock.send(called.sock.expect("BYE").reply(200, "OK"))
            caller.sock.expect(200)
        listed = kamcmd(server, "tls.list")
        assert f"src_port: {stream.port}" in listed and "state: established" in listed
        assert "opened_connections: 1" in kamcmd(server, "tls.info")
        assert "TLS configuration reloaded" in kamcmd(server, "tls.reload")


def test_every_optional_section_has_a_row() -> None:
    found = set(re.findall(r"^#!ifdef WITH_(\w+)", CFG.read_text(), re.M))
    assert found <= set(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_optional_section_is_good_or_stops_at_the_module_that_is_missing(name: str) -> None:
    options, modules = SECTIONS[name]
    missing = [module for module in modules if module not in loader.available()]
    code, error, text = check("-A", f"WITH_{name}", *options)
    if missing:
        assert code == 255
        assert re.fullmatch(rf'{CFG}:\d+:\d+: error: module "{missing[0]}" was not found( \(did you mean .*\))?', error)
    else:
        assert (code, error) == (0, ""), text


@pytest.mark.parametrize("name", ["AUTH", "ACCDB", "USRLOCDB"])
def test_section_that_needs_the_database_says_so(name: str) -> None:
    code, error, _ = check("-A", f"WITH_{name}")
    assert code == 255 and "DBURL is not defined" in error
