"""SIP over TCP, judged on the wire: what Kamailio's users know of it."""

import pathlib
from collections.abc import Callable, Iterator

import pytest

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip import SipMessage, SipSocket, unique
from kahea.tests.support.sip_tcp import SipListener, SipStream

Start = Callable[..., Server]
CONFIG = """#!KAMAILIO
log_stderror=yes
debug=3
children=2
tcp_children=2
listen=udp:127.0.0.1:5060
listen=tcp:127.0.0.1:5060
auto_aliases=no
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "kex.so"
loadmodule "jsonrpcs.so"
"""
ROUTES = """
request_route {
    if (is_method("CANCEL")) { t_relay(); exit; }
    if (has_totag()) {
        if (loose_route()) { t_relay(); exit; }
        if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
        sl_send_reply("404", "Not here"); exit;
    }
    if (is_method("REGISTER")) { save("location"); exit; }
    if (is_method("OPTIONS")) { sl_send_reply("200", "$proto $conid"); exit; }
    if (is_method("INFO")) { drop; }
    if (is_method("MESSAGE")) { return -1; }
    record_route();
    if (!lookup("location")) { sl_send_reply("404", "Not registered"); exit; }
    t_relay();
}
"""


@pytest.fixture
def start(isolated: None, tmp_path: pathlib.Path) -> Iterator[Start]:
    servers: list[Server] = []

    def begin(more: str = "", routes: str = ROUTES, args: tuple[str, ...] = ()) -> Server:
        server = Server(CONFIG + more + routes, tmp_path / "server", *args, workers=None)
        servers.append(server)
        server.start()
        return server

    yield begin
    for server in servers:
        server.close()
        assert "Traceback" not in server.log, server.log


def options(line: SipSocket) -> bytes:
    return line.request("OPTIONS", "sip:127.0.0.1", call_id=unique("call"))


def test_processes_are_kamailios(start: Start) -> None:
    rows = [(row["rank"], row["description"]) for row in start("").processes()]
    assert rows[1:3] == [
        (1, "udp receiver child=0 sock=127.0.0.1:5060"),
        (2, "udp receiver child=1 sock=127.0.0.1:5060"),
    ]
    assert rows[-3:] == [
        (3, "tcp receiver (generic) child=0"),
        (4, "tcp receiver (generic) child=1"),
        (-4, "tcp main process"),
    ]


def test_request_is_answered_over_its_connection(start: Start) -> None:
    start("")
    with SipStream() as one, SipStream() as two:
        first, again, other = (line.call(options(line)) for line in (one, one, two))
        assert first.start.startswith("SIP/2.0 200 tcp ")
        assert first.start == again.start != other.start
        assert "SIP/2.0/TCP" in first.get("Via")


def test_many_requests_at_once_are_answered_in_order(start: Start) -> None:
    start("")
    with SipStream() as line:
        sent = [options(line) for _ in range(200)]
        line.send(b"".join(sent))
        assert [line.receive().get("Call-ID") for _ in sent] == [SipMessage(data).get("Call-ID") for data in sent]


def test_message_in_pieces(start: Start) -> None:
    start("")
    with SipStream() as line:
        data = options(line)
        for at in range(0, len(data), 37):
            line.send(data[at : at + 37])
        assert line.expect(200)


def test_phone_closes_and_the_connection_is_gone(start: Start) -> None:
    server = start("")
    with SipStream() as line:
        line.call(options(line))
        assert server.rpc("stats.get_statistics", "tcp:current_opened_connections")[0].endswith("= 1")
    wait_until(lambda: server.rpc("stats.get_statistics", "tcp:current_opened_connections")[0].endswith("= 0"))


@pytest.mark.parametrize("callee_over", ["tcp", "udp"])
def test_call_from_phone_to_phone(start: Start, callee_over: str) -> None:
    """REGISTER, INVITE 180 200 ACK BYE: the callee is reached over the connection it registered by."""
    start("")
    callee: SipSocket = SipStream() if callee_over == "tcp" else SipSocket()
    with SipStream() as caller:
        contact = f"<sip:bob@127.0.0.1:{callee.port};transport={callee_over}>"
        register = callee.request("REGISTER", "sip:127.0.0.1", f"Contact: {contact}", to="<sip:bob@127.0.0.1>")
        assert callee.call(register).status == 200
        own = f"Contact: <sip:alice@127.0.0.1:{caller.port};transport=tcp>"
        call_id = unique("call")
        caller.send(caller.request("INVITE", "sip:bob@127.0.0.1", own, call_id=call_id))
        invite = callee.expect("INVITE")
        assert f"SIP/2.0/{callee_over.upper()} 127.0.0.1" in invite.all("Via")[0]
        callee.send(invite.reply(180))
        assert caller.expect(180)
        callee.send(invite.reply(200, "OK", f"Contact: {contact}"))
        ok = caller.expect(200)
        routes = tuple(f"Route: {route}" for route in reversed(ok.all("Record-Route")))
        for method, cseq in (("ACK", 1), ("BYE", 2)):
            caller.send(
                caller.request(method, f"sip:bob@127.0.0.1:{callee.port};transport={callee_over}", *routes, cseq=cseq,
                               call_id=call_id, to=ok.get("To"))
            )  # fmt: skip
            request = callee.expect(method)
        callee.send(request.reply(200, "OK"))
        assert caller.expect(200).method == "BYE"
    callee.close()


def test_request_goes_out_over_a_new_connection_that_is_used_again(start: Start) -> None:
    start("", "request_route { forward(); }")
    with SipListener(5080) as listener, SipStream() as phone:
        phone.send(phone.request("OPTIONS", "sip:x@127.0.0.1:5080;transport=tcp"))
        server = listener.accept()
        for _ in range(2):
            asked = server.expect("OPTIONS")
            server.send(asked.reply(200, "OK"))
            assert phone.expect(200)
            phone.send(phone.request("OPTIONS", "sip:x@127.0.0.1:5080;transport=tcp"))
        server.close()


def test_ipv6(start: Start) -> None:
    start("listen=tcp:[::1]:5060\n", "request_route { forward(); }")
    with SipListener(5080, "::1") as listener, SipStream(("::1", 5060), ip="::1") as phone:
        phone.send(phone.request("OPTIONS", "sip:x@[::1]:5080;transport=tcp").replace(b"TCP ::1", b"TCP [::1]"))
        with listener.accept() as server:
            asked = server.expect("OPTIONS")
            assert asked.all("Via")[0].startswith("SIP/2.0/TCP [::1];branch=")
            server.send(asked.reply(200, "OK"))
            assert phone.expect(200)


def test_script_that_ends_below_zero_closes_the_connection(start: Start) -> None:
    start("")
    with SipStream() as line:
        line.send(line.request("INFO", "sip:127.0.0.1"))
        assert line.call(options(line))
        line.send(line.request("MESSAGE", "sip:127.0.0.1"))
        assert line.closed()


def test_script_mode_1_keeps_it(start: Start) -> None:
    start("tcp_script_mode=1\n")
    with SipStream() as line:
        line.send(line.request("MESSAGE", "sip:127.0.0.1"))
        assert line.call(options(line))
