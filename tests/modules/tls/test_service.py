"""SIP over TLS as phones and servers meet it: a real server, Python's ssl on the other side."""

import os
import signal
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip import SipSocket
from kahea.tests.support.sip_tls import SERVER, SipTls, SipTlsListener, client_context, server_context

from .conftest import Certificates

CONFIG = """#!KAMAILIO
debug=3
listen=udp:127.0.0.1:5060
listen=tls:127.0.0.1:5061
auto_aliases=no
enable_tls=yes
tcp_children=2
{head}
loadmodule "tls.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "cfg_rpc.so"
loadmodule "jsonrpcs.so"
modparam("tls", "config", "{folder}/tls.cfg")
{params}
request_route {{
    if ($rU == "out") {{
        {before}
        $du = "sip:127.0.0.1:5081;transport=tls";
        t_relay();
        exit;
    }}
    if (uri == myself || $rU == "me") {{
        append_to_reply("X-Tls: $tls_version|$tls_peer_verified|$tls_peer_subject_cn|$tls_peer_server_name\\r\\n");
        if (is_peer_verified()) append_to_reply("X-Verified: yes\\r\\n");
        sl_send_reply("200", "OK");
        exit;
    }}
    if (!has_totag()) record_route(); else loose_route();
    t_relay();
}}
onreply_route {{
    xlog("L_NOTICE", "REPLY $rs over $proto of $tls_peer_subject_cn verified $tls_peer_verified\\n");
}}
{routes}
"""

Start = Callable[..., Server]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., None]:
    """`write(section, ...)`: the tls.cfg."""

    def make(*sections: str) -> None:
        (tmp_path / "tls.cfg").write_text("\n".join(sections))

    return make


@pytest.fixture
def start(start_server: Start, write: Callable[..., None], certificates: Certificates, tmp_path: Path) -> Start:
    """`start(section, ..., params=, routes=, before=, head=)`: a server; without sections one with a certificate."""

    def make(*sections: str, head: str = "", params: str = "", routes: str = "", before: str = "") -> Server:
        write(*(sections or [certificates.section("server:default", certificates.server)]))
        text = CONFIG.format(folder=tmp_path, head=head, params=params, routes=routes, before=before)
        return start_server(text, workers=1)

    return make


def ask(phone: SipTls, method: str = "OPTIONS", body: str = "") -> Any:
    """A request that the server answers itself; the reply."""
    phone.send(phone.request(method, "sip:me@127.0.0.1", body=body))
    return phone.receive()


# phones that connect


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_request_is_answered_over_its_connection(
    start: Start, certificates: Certificates, version: ssl.TLSVersion
) -> None:
    start()
    context = client_context(ca=certificates.authority.certificate)
    context.maximum_version = version
    with SipTls(context=context, name="sip.example.org") as phone:
        for _ in range(3):
            reply = ask(phone)
            assert reply.status == 200
            assert reply.get("X-Tls") == f"{phone.tls.version()}|0|<null>|sip.example.org"
        assert phone.certificate == certificates.server.certificate.read_bytes()


def test_requests_in_one_record_and_in_many(start: Start) -> None:
    start()
    with SipTls() as phone:
        requests = [phone.request("OPTIONS", "sip:me@127.0.0.1", body="x" * 1000) for _ in range(10)]
        phone.send(b"".join(requests))
        assert [phone.receive().status for _ in requests] == [200] * 10
        for byte in phone.request("OPTIONS", "sip:me@127.0.0.1"):
            phone.send(bytes([byte]))
        assert phone.receive().status == 200
        assert ask(phone, body="y" * 15000).status == 200


def test_a_client_without_the_certificate_that_is_required_is_refused(start: Start, certificates: Certificates) -> None:
    server = start(certificates.section("server:default", certificates.server, "verify_client = on", certificates.ca))
    for files in (None, certificates.expired, certificates.foreign):
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)), SipTls(context=client_context(files)) as phone:
            ask(phone)
    with SipTls(context=client_context(certificates.client)) as phone:
        reply = ask(phone)
        assert reply.get("X-Verified") == "yes"
        assert reply.get("X-Tls") == "TLSv1.3|1|alice|<null>"
    wait_until(lambda: server.rpc("tls.info")["opened_connections"] == 0, 2, "the connections to end")
    assert "certificate verify failed" in server.log
    assert "ERROR" not in server.log


def test_the_name_that_is_asked_for_chooses_the_certificate(start: Start, certificates: Certificates) -> None:
    start(
        certificates.section("server:default", certificates.server),
        certificates.section("server:any", certificates.named, "server_name = named.example.org", "method = TLSv1.2"),
        certificates.section("server:127.0.0.1:5061", certificates.client, "server_name = alice.example.org"),
    )
    expected = {
        "named.example.org": certificates.named,
        "alice.example.org": certificates.client,
        "unknown.org": certificates.server,
    }
    for name, files in expected.items():
        with SipTls(name=name) as phone:
            assert phone.certificate == files.certificate.read_bytes()
            assert (phone.tls.version() == "TLSv1.2") == (files is certificates.named)
            assert ask(phone).get("X-Tls").endswith(f"|{name}")


def test_a_slow_handshake_keeps_nobody_up(start: Start) -> None:
    server = start(head="tcp_connect_timeout=2")
    slow = [socket.create_connection(SERVER) for _ in range(6)]
    try:
        for each in slow:
            each.send(b"\x16\x03\x01\x02\x00\x01")
        begin = time.monotonic()
        for _ in range(4):  # both receivers have slow ones
            with SipTls() as phone:
                assert ask(phone).status == 200
        assert time.monotonic() - begin < 1.5
        assert {entry["state"] for entry in server.rpc("tls.list")} <= {"handshake", "established"}
        for each in slow:
            each.settimeout(6)
            assert each.recv(100) == b""
        assert time.monotonic() - begin < 6
    finally:
        for each in slow:
            each.close()


@pytest.mark.parametrize(
    "junk", [b"OPTIONS sip:a@b SIP/2.0\r\n\r\n", b"\0" * 500, b"\x16\x03\x01\xff\xff" + b"a" * 300]
)
def test_junk_ends_its_connection_and_no_other(start: Start, junk: bytes) -> None:
    server = start()
    with SipTls() as phone:
        assert ask(phone).status == 200
        for _ in range(4):
            with socket.create_connection(SERVER, 3) as wire:
                wire.sendall(junk)
                while wire.recv(1000):
                    pass
        assert ask(phone).status == 200
    assert "ERROR" not in server.log and "WARNING" not in server.log


def test_what_is_no_sip_ends_the_connection(start: Start) -> None:
    start()
    with SipTls() as phone:
        phone.send(b"\x01\x02 this is no SIP\r\n\r\n")
        assert phone.closed()


def test_the_peer_may_leave_at_any_time(start: Start) -> None:
    server = start()
    for goodbye in (True, False):
        phone = SipTls()
        assert ask(phone).status == 200
        if goodbye:
            phone.tls.unwrap().close()
        else:
            phone.close()
    wait_until(lambda: server.rpc("tls.list") == [], 3, "the connections to end")


# connections that we open


def relay_out(caller: SipSocket, listener: SipTlsListener) -> tuple[SipTls, Any]:
    """A request from UDP that the server sends over TLS: the far side's connection and the reply to the caller."""
    caller.send(caller.request("OPTIONS", "sip:out@127.0.0.1"))
    far = listener.accept()
    request = far.receive()
    assert request.all("Via")[0].startswith("SIP/2.0/TLS 127.0.0.1;branch=")
    far.send(request.reply(200))
    return far, caller.receive()


def test_a_request_leaves_over_tls(start: Start, certificates: Certificates, sip_socket: Callable[..., Any]) -> None:
    server = start(
        certificates.section("server:default", certificates.server),
        certificates.section("client:default", certificates.client, "verify_certificate = yes", certificates.ca),
    )
    context = server_context(certificates.named, certificates.authority.certificate)
    with SipTlsListener(context, 5081) as listener:
        far, reply = relay_out(sip_socket(), listener)
        with far:
            assert reply.status == 200
            assert far.certificate == certificates.client.certificate.read_bytes()
            assert listener.asked == [None]
            assert "REPLY 200 over tls of named.example.org verified 1" in server.log
            caller = sip_socket()
            caller.send(caller.request("OPTIONS", "sip:out@127.0.0.1"))  # the connection serves again
            again = far.receive()
            far.send(again.reply(486))
            assert caller.receive().status == 486


def test_who_is_not_believed_gets_no_request(
    start: Start, certificates: Certificates, sip_socket: Callable[..., Any]
) -> None:
    server = start(
        certificates.section("server:default", certificates.server),
        certificates.section("client:default", None, "verify_certificate = yes", certificates.ca),
        params='modparam("tm", "fr_timer", 500)',
    )
    with SipTlsListener(server_context(certificates.foreign), 5081) as listener:
        caller = sip_socket()
        caller.send(caller.request("OPTIONS", "sip:out@127.0.0.1"))
        with pytest.raises((OSError, EOFError)), listener.accept() as far:
            assert not far.receive()
        assert caller.receive().status in (408, 477, 500, 503)  # 500: a 503 of ours (RFC 3261 16.7)
    assert "certificate verify failed: unable to get local issuer certificate" in server.log


@pytest.mark.parametrize(
    "before",
    [
        'tls_set_connect_server_id("one");',
        '$xavp(tls=>server_id) = "one";',
        '$xavp(tls=>server_id) = "one"; $xavp(tls[0]=>server_name) = "other.org";',
        'tls_set_connect_server_id("one"); tls_set_connect_server_id("");',
    ],
)
def test_a_script_chooses_the_profile_of_a_connection(
    start: Start, certificates: Certificates, sip_socket: Callable[..., Any], before: str
) -> None:
    start(
        certificates.section("server:default", certificates.server),
        certificates.section("client:127.0.0.9:1", certificates.client, "server_id = one", "server_name = far.org"),
        params='modparam("tls", "xavp_cfg", "tls")',
        before=before,
    )
    taken_back = before.endswith('"");')
    context = server_context(certificates.named, certificates.authority.certificate)
    with SipTlsListener(context, 5081) as listener:
        far, reply = relay_out(sip_socket(), listener)
        with far:
            assert reply.status == 200
            assert listener.asked == [None if taken_back else "other.org" if "other" in before else "far.org"]
            assert far.certificate == (b"" if taken_back else certificates.client.certificate.read_bytes())


@pytest.mark.parametrize("drop", [False, True])
def test_an_event_route_sees_connections_that_we_open(
    start: Start, certificates: Certificates, sip_socket: Callable[..., Any], drop: bool
) -> None:
    server = start(
        params='modparam("tm", "fr_timer", 500)',
        routes="event_route[tls:connection-out] {\n"
        ' xlog("L_NOTICE", "OUT $si:$sp $proto $tls_version of $tls_peer_subject_cn\\n");\n'
        + (" drop;\n}" if drop else "}"),
    )
    with SipTlsListener(server_context(certificates.named), 5081) as listener:
        caller = sip_socket()
        caller.send(caller.request("OPTIONS", "sip:out@127.0.0.1"))
        with listener.accept() as far:
            if drop:
                assert far.closed()
                assert caller.receive().status in (408, 477, 500, 503)  # 500: a 503 of ours (RFC 3261 16.7)
            else:
                far.send(far.receive().reply(200))
                assert caller.receive().status == 200
    assert "OUT 127.0.0.1:5081 tls TLSv1.3 of named.example.org" in server.log


def test_a_call_from_tls_to_udp_and_back(start: Start, sip_socket: Callable[..., Any]) -> None:
    """INVITE, 180, 200, ACK, and a BYE of the called side over the caller's connection."""
    start()
    bob = sip_socket()
    with SipTls() as alice:
        contact = f"<sip:alice@127.0.0.1:{alice.port};transport=tls>"
        alice.send(alice.request("INVITE", f"sip:bob@127.0.0.1:{bob.port}", f"Contact: {contact}"))
        invite = bob.receive()
        assert invite.all("Via")[0].startswith("SIP/2.0/UDP 127.0.0.1;")
        routes = invite.all("Record-Route")
        assert len(routes) == 2 and "transport=tls" in "".join(routes)
        bob.send(invite.reply(180))
        bob.send(invite.reply(200, "OK", f"Contact: <sip:bob@127.0.0.1:{bob.port}>"))
        statuses = [alice.receive().status, alice.receive().status, (ok := alice.receive()).status]
        assert statuses == [100, 180, 200]
        again = [f"Route: {route}" for route in reversed(ok.all("Record-Route"))]
        target = f"sip:bob@127.0.0.1:{bob.port}"
        known = {"call_id": invite.get("Call-ID"), "to": ok.get("To")}
        alice.send(alice.request("ACK", target, *again, **known))
        assert bob.receive().method == "ACK"
        back = [f"Route: {route}" for route in invite.all("Record-Route")]
        bob.send(
            bob.request(
                "BYE", contact[1:-1], *back, call_id=invite.get("Call-ID"), from_=ok.get("To"), to=invite.get("From")
            )
        )
        bye = alice.receive()
        assert bye.method == "BYE"
        assert bye.all("Via")[0].startswith("SIP/2.0/TLS 127.0.0.1;")
        alice.send(bye.reply(200))
        assert bob.receive().status == 200


# while the server runs


def test_reload_leaves_connections_as_they_are(
    start: Start, write: Callable[..., None], certificates: Certificates
) -> None:
    server = start()

    def shown() -> bytes:
        with SipTls() as phone:
            assert ask(phone).status == 200
            return phone.certificate

    with SipTls() as old:
        assert ask(old).status == 200
        write(certificates.section("server:default", certificates.named, "verify_client = off"))
        assert shown() == certificates.server.certificate.read_bytes()
        server.rpc("tls.reload")
        for _ in range(4):  # each receiver
            assert shown() == certificates.named.certificate.read_bytes()
        assert ask(old).status == 200
        write("[server:default]\ncertificate = /nowhere\n")
        with pytest.raises(AssertionError):
            server.rpc("tls.reload")
        assert shown() == certificates.named.certificate.read_bytes()
        assert ask(old).status == 200


def test_a_killed_receiver_takes_its_connections_and_is_replaced(start: Start) -> None:
    server = start()
    phones = [SipTls() for _ in range(4)]
    try:
        for phone in phones:
            assert ask(phone).status == 200
        processes = server.processes()
        victim = next(each for each in processes if "tcp receiver" in each["description"])
        os.kill(victim["pid"], signal.SIGKILL)
        closed = [phone.closed(timeout=3) for phone in phones]
        assert closed.count(True) == 2
        for phone, gone in zip(phones, closed, strict=True):
            if not gone:
                assert ask(phone).status == 200
        for _ in range(4):
            with SipTls() as phone:
                assert ask(phone).status == 200
        assert server.rpc("tls.info")["opened_connections"] <= 3
    finally:
        for phone in phones:
            phone.close()


def test_a_killed_keeper_is_not_noticed(start: Start) -> None:
    server = start()
    with SipTls() as phone:
        assert ask(phone).status == 200
        (victim,) = [each["pid"] for each in server.processes() if each["description"] == "tcp main process"]
        os.kill(victim, signal.SIGKILL)
        assert ask(phone).status == 200
        with SipTls() as another:
            assert ask(another).status == 200
        assert ask(phone).status == 200


def test_idle_connections_are_closed(start: Start) -> None:
    server = start(params='modparam("tls", "connection_timeout", 2)\nmodparam("tls", "send_close_notify", 1)')
    with SipTls() as phone:
        assert ask(phone).status == 200
        (listed,) = server.rpc("tls.list")
        assert listed["timeout"] <= 2 and listed["state"] == "established"
        assert phone.closed(timeout=6)
    server.rpc("cfg.set_now_int", "tls", "connection_timeout", 100)
    with SipTls() as phone:
        assert ask(phone).status == 200
        (listed,) = server.rpc("tls.list")
        assert 90 < listed["timeout"] <= 100


def test_connections_are_listed(start: Start, certificates: Certificates) -> None:
    server = start()
    with SipTls() as phone:
        assert ask(phone).status == 200
        (listed,) = server.rpc("tls.list")
        assert (listed["src_ip"], listed["src_port"]) == ("127.0.0.1", phone.port)
        assert (listed["dst_ip"], listed["dst_port"]) == SERVER
        assert listed["cipher"].startswith("TLS_AES_256_GCM_SHA384 ")
        known = {"max_connections": 2048, "opened_connections": 1, "clear_text_write_queued_bytes": 0}
        wait_until(lambda: server.rpc("tls.info") == known, 2, "the answer to be noted as written")
    wait_until(lambda: server.rpc("tls.list") == [], 3, "the connection to end")


@pytest.mark.measured
def test_connections_that_are_over_leave_nothing_behind(start: Start) -> None:
    server = start(head="tcp_children=1")

    def anonymous_kb() -> int:
        """Private memory of the receiver."""
        (pid,) = [each["pid"] for each in server.processes() if "tcp receiver" in each["description"]]
        return int(Path(f"/proc/{pid}/status").read_text().partition("RssAnon:")[2].split()[0])

    def come_and_go(count: int) -> None:
        for _ in range(count):
            with SipTls() as phone:
                assert ask(phone).status == 200

    come_and_go(20)
    before = anonymous_kb()
    come_and_go(100)
    assert anonymous_kb() - before < 700  # 15 to 20 each when they are not given back


def test_the_limit_of_tls_connections_holds(start: Start) -> None:
    start(head="tls_max_connections=2")
    with SipTls() as one, SipTls() as two:
        assert ask(one).status == ask(two).status == 200
        with pytest.raises((OSError, EOFError)):
            SipTls()
        assert ask(one).status == 200


def test_a_reader_that_stops_reading_loses_nothing_when_it_goes_on(start: Start) -> None:
    """Replies wait in the connection's queue, encrypted no further ahead than a record."""
    start(head="tcp_conn_wq_max=4000000")
    with SipTls() as phone:
        count = 300
        for _ in range(count):
            phone.send(phone.request("OPTIONS", "sip:me@127.0.0.1", "X-Pad: " + "p" * 2000))
        time.sleep(0.5)
        assert [phone.receive(5).status for _ in range(count)] == [200] * count


def test_phones_come_back_whatever_is_killed(start: Start) -> None:
    server = start()
    for _ in range(3):
        phones = [SipTls() for _ in range(4)]
        waiting = [socket.create_connection(SERVER) for _ in range(2)]  # in their handshake
        for phone in phones:
            assert ask(phone).status == 200
        for process in server.processes():
            if "tcp receiver" in process["description"]:
                os.kill(process["pid"], signal.SIGKILL)
        for phone in phones:
            assert phone.closed(timeout=4)
            phone.close()
        for each in waiting:
            each.close()
        wait_until(serves, 5, "a phone to be served again")
    wait_until(lambda: server.rpc("tls.list") == [], 5, "the connections to end")


def serves() -> bool:
    """Can a phone connect and ask?"""
    try:
        with SipTls() as phone:
            return bool(ask(phone).status == 200)
    except (OSError, EOFError):
        return False
