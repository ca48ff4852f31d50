"""tcpops on real connections: state, lifetime, keepalive, close, the end as an event, sending by number."""

import socket
import struct
import time
from collections.abc import Callable

import pytest

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip import SipSocket
from kahea.tests.support.sip_tcp import SipStream

CFG = """#!KAMAILIO
debug=2
children=1
tcp_children=2
tcp_keepalive=no
listen=udp:127.0.0.1:5060
listen=tcp:127.0.0.1:5060
auto_aliases=no
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "jsonrpcs.so"
loadmodule "tcpops.so"
%s
request_route {
    $var(r) = 0;
    switch ($rU) {
    case "state": $var(r) = tcp_conid_state("$hdr(X-Conid)"); break;
    case "alive": $var(r) = tcp_conid_alive("$hdr(X-Conid)"); break;
    case "find": $var(r) = tcp_get_conid("$hdr(X-To)", "$var(c)"); break;
    case "lifetime": $var(r) = tcp_set_connection_lifetime("1"); break;
    case "lifetimeof": $var(r) = tcp_set_connection_lifetime("$hdr(X-Conid)", "1"); break;
    case "event": $var(r) = tcp_enable_closed_event(); break;
    case "keep": $var(r) = tcp_keepalive_enable("60", "5", "7"); break;
    case "keepof": $var(r) = tcp_keepalive_enable("$hdr(X-Conid)", "61", "6", "8"); break;
    case "badkeep": $var(r) = tcp_keepalive_enable("0", "5", "7"); break;
    case "nokeep": $var(r) = tcp_keepalive_disable("$hdr(X-Conid)"); break;
    case "close": $var(r) = tcp_close_connection("$hdr(X-Conid)"); break;
    case "closeme": sl_send_reply("200", "bye"); tcp_close_connection(); exit;
    case "send":
        tcp_set_otcpid("$hdr(X-Conid)");
        tcp_set_otcpid_flag("1");
        $du = "sip:127.0.0.1:5099;transport=tcp";
        t_relay();
        exit;
    case "unsend":
        tcp_set_otcpid("$hdr(X-Conid)");
        tcp_set_otcpid_flag("1");
        tcp_set_otcpid_flag("0");
        $du = "sip:127.0.0.1:5099;transport=tcp";
        t_relay();
        exit;
    }
    sl_send_reply("200", "$var(r) $tcp(conid) $tcp(c_si) $tcp(c_sp)");
}
event_route[tcp:closed] { xlog("end: closed $conid $pr $si:$sp\\n"); }
event_route[tcp:timeout] { xlog("end: timeout $conid $si:$sp\\n"); }
event_route[tcp:reset] { xlog("end: reset $conid $si:$sp\\n"); }
"""
Start = Callable[..., Server]


@pytest.fixture
def start(start_server: Callable[..., Server]) -> Start:
    def begin(more: str = "") -> Server:
        return start_server(CFG % more, workers=None)

    return begin


def ask(line: SipSocket, user: str, *headers: str) -> list[str]:
    """The words of the answer: result, and the number and peer of the connection."""
    return line.call(line.request("OPTIONS", f"sip:{user}@example.com", *headers)).start.split()[2:]


def number(line: SipSocket) -> str:
    return ask(line, "x")[1]


def test_what_there_is(start: Start) -> None:
    start()
    with SipStream() as line, SipSocket() as other:
        result = ask(line, "x")
        assert result == ["0", result[1], "127.0.0.1", str(line.port)]
        assert ask(other, "x")[1:] == ["<null>"] * 3
        of_line = f"X-Conid: {result[1]}"
        assert ask(other, "state", of_line)[0] == ask(other, "alive", of_line)[0] == "1"
        assert ask(other, "state", "X-Conid: 99999999")[0] == ask(other, "alive", "X-Conid: 0")[0] == "-1"
        assert ask(other, "find", f"X-To: 127.0.0.1:{line.port}")[0] == "1"
        assert ask(other, "find", "X-To: 127.0.0.1")[0] == "-1"
    with SipSocket() as other:
        wait_until(lambda: ask(other, "state", of_line)[0] == "-1")


@pytest.mark.parametrize("by", ["itself", "another"])
def test_a_shorter_life(start: Start, by: str) -> None:
    server = start()
    with SipStream() as line, SipSocket() as other:
        conid = number(line)
        begun = time.monotonic()
        asked = ask(line, "lifetime") if by == "itself" else ask(other, "lifetimeof", f"X-Conid: {conid}")
        assert asked[0] == "1"
        assert line.closed(4) and time.monotonic() - begun > 0.9
        server.wait_log(f"end: timeout {conid} 127.0.0.1:{line.port}")


def test_closed_by_the_script(start: Start) -> None:
    server = start()
    with SipStream() as line, SipStream() as second, SipSocket() as other:
        conid = number(line)
        assert ask(other, "close", f"X-Conid: {conid}")[0] == "1"
        assert line.closed()
        server.wait_log(f"end: closed {conid} tcp 127.0.0.1:{line.port}")
        second.send(second.request("OPTIONS", "sip:closeme@example.com"))
        assert second.closed()
        assert ask(other, "close", f"X-Conid: {conid}")[0] == "-1"


def test_the_end_is_an_event(start: Start) -> None:
    server = start()
    with SipStream() as line:
        conid = number(line)
    server.wait_log(f"end: closed {conid} tcp")
    with SipStream() as line:
        conid = number(line)
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.wait_log(f"end: reset {conid}")


@pytest.mark.parametrize(("mode", "told"), [(0, []), (2, ["second"])])
def test_only_for_whom_it_is_wanted(start: Start, mode: int, told: list[str]) -> None:
    server = start(f'modparam("tcpops", "closed_event", {mode})')
    with SipStream() as first:
        one = number(first)
    with SipStream() as second:
        two = number(second)
        ask(second, "event")
    with SipStream() as last:
        number(last)
        time.sleep(0.3)
    assert f"closed {one} " not in server.log
    assert (f"closed {two} " in server.log) == bool(told)


def test_keepalive_of_the_socket(start: Start) -> None:
    server = start()

    def kept() -> list[tuple[int, ...]]:
        """Keepalive (idle, count, interval) of the server's sockets that are connected to `line`."""
        found = []
        for pid in server.workers():
            found += options_of(pid, line.port)
        return found

    with SipStream() as line, SipSocket() as other:
        conid = number(line)
        assert kept() == [(0, 0, 0)]
        assert ask(line, "keep")[0] == "1"
        wait_until(lambda: kept() == [(60, 5, 7)])
        assert ask(other, "keepof", f"X-Conid: {conid}")[0] == "1"
        wait_until(lambda: kept() == [(61, 6, 8)])
        assert ask(other, "nokeep", f"X-Conid: {conid}")[0] == "1"
        wait_until(lambda: kept() == [(0, 0, 0)])
        assert ask(line, "badkeep")[0] == "-1" and ask(other, "keep")[0] == "-1"


def options_of(pid: int, port: int) -> list[tuple[int, ...]]:
    """Of the sockets of a process that are connected to a port: idle, count, interval; zeros when it is off."""
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(pid)
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        fd = libc.syscall(438, pidfd, int(name), 0)  # pidfd_getfd
        if fd < 0:
            continue
        try:
            sock = socket.socket(fileno=fd)
        except OSError:
            os.close(fd)
            continue
        with sock:
            try:
                if sock.getpeername()[1] != port:
                    continue
            except (OSError, IndexError, TypeError):
                continue
            on = sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPCNT, socket.TCP_KEEPINTVL)
            found.append(tuple(sock.getsockopt(socket.IPPROTO_TCP, name) if on else 0 for name in names))
    os.close(pidfd)
    return found


def test_a_request_leaves_by_the_connection_that_the_script_names(start: Start) -> None:
    start()
    with SipStream() as phone, SipSocket() as other:
        conid = number(phone)
        other.send(other.request("OPTIONS", "sip:send@example.com", f"X-Conid: {conid}"))
        phone.send(phone.expect("OPTIONS").reply(200))
        assert other.expect(200)
        other.send(other.request("OPTIONS", "sip:unsend@example.com", f"X-Conid: {conid}"))
        assert other.expect(477)  # nobody is where the destination is
    with SipSocket() as other:
        wait_until(lambda: ask(other, "state", f"X-Conid: {conid}")[0] == "-1")
        other.send(other.request("OPTIONS", "sip:send@example.com", f"X-Conid: {conid}"))
        assert other.expect(477)
