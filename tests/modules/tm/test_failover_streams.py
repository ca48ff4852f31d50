"""The next server of a host over streams (RFC 3263 4.3): after a refusal at once, perhaps by another transport."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kahea.core.net.addr import TCP, make_addr
from kahea.src.native import ffi, lib
from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipSocket
from kahea.tests.support.sip_tcp import SipListener

from . import kernel
from .kernel import Wire, relay, request

CFG = """#!KAMAILIO
debug=2
children=1
tcp_children=1
use_dns_failover=%d
listen=udp:127.0.0.1:5060
listen=tcp:127.0.0.1:5060
auto_aliases=no
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
request_route {
    $var(way) = $rU;
    $ru = "sip:bob@servers.test:5081;transport=tcp";
    if ($var(way) == "stateless") { $var(r) = forward(); if ($var(r) < 0) sl_send_reply("500", "$var(r)"); exit; }
    t_relay();
    exit;
}
"""


@pytest.fixture
def start(start_server: Callable[..., Server], tmp_path: Path) -> Callable[[int], Server]:
    """A server whose hosts file has two addresses for servers.test; nobody listens on the first."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.2 servers.test\n127.0.0.3 servers.test\n")
    script = f'mount --bind {hosts} /etc/hosts && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-m", "kahea.core.main"]
    return lambda on: start_server(CFG % on, command=command, workers=None)


@pytest.mark.parametrize("way", ["stateless", "stateful"])
def test_a_server_that_refuses_is_left_for_the_next(start: Callable[[int], Server], way: str) -> None:
    start(1)
    with SipListener(5081, "127.0.0.3") as second, SipSocket() as caller:
        caller.send(caller.request("OPTIONS", f"sip:{way}@127.0.0.1"))
        with second.accept() as line:
            line.send(line.expect("OPTIONS").reply(200))
            assert caller.expect(200)


@pytest.mark.parametrize(("way", "status"), [("stateless", 500), ("stateful", 477)])
@pytest.mark.parametrize("on", [0, 1])
def test_when_all_refuse(start: Callable[[int], Server], on: int, way: str, status: int) -> None:
    start(on)
    with SipListener(5081, "127.0.0.4") as elsewhere, SipSocket() as caller:
        caller.send(caller.request("OPTIONS", f"sip:{way}@127.0.0.1"))
        assert caller.expect(status)
        with pytest.raises(TimeoutError):
            elsewhere.accept(0.1)


def test_without_the_parameter_the_first_server_is_all(start: Callable[[int], Server]) -> None:
    start(0)
    with SipListener(5081, "127.0.0.3") as second, SipSocket() as caller:
        caller.send(caller.request("OPTIONS", "sip:stateful@127.0.0.1"))
        assert caller.expect(477)
        with pytest.raises(TimeoutError):
            second.accept(0.1)


# another transport


@pytest.fixture
def wire() -> Iterator[Wire]:
    for made in kernel.wire():
        assert lib.kh_sock_add(-1, make_addr(b"127.0.0.1", 5066, TCP), 0, b"", 0, b"") == 1
        yield made


def held() -> list[tuple[Any, bytes]]:
    """What would leave: destination and bytes."""
    found = []
    for i in range(lib.kh_send_held()):
        dest = ffi.new("kh_dest *")
        data = lib.kh_send_held_bytes(i, dest)
        found.append((dest, ffi.unpack(data, lib.kh_send_held_len(i))))
    lib.kh_send_forget()
    return found


def test_the_next_server_has_another_transport(wire: Wire) -> None:
    """The same request, but for our Via; nothing is repeated."""
    lib.kh_send_hold(1)
    try:
        cell = relay(request(wire, "INVITE", "z9hG4bKother", "other"), 0)
        ((_, first),) = held()
        lib.kh_cell_lock(cell)
        assert lib.kh_tm_follow(cell, 0, make_addr(b"127.0.0.9", 5070, TCP)) == 1
        lib.kh_cell_unlock(cell)
        ((dest, second),) = held()
        assert (dest.to.proto, dest.to.port, dest.sock) == (TCP, 5070, 1)
        before, after = first.split(b"\r\n"), second.split(b"\r\n")
        own = [i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        assert [after[i][:38] for i in own] == [b"Via: SIP/2.0/TCP 127.0.0.1:5066;branch"]
        assert after[own[0]].endswith(b".1") and before[own[0]].endswith(b".0")
        assert cell.branch[1].retr_at == 0 and cell.branch[0].retr_at > 0
        lib.kh_cell_release(cell)
    finally:
        lib.kh_send_hold(0)


def test_a_request_without_a_length_stays_with_datagrams(wire: Wire) -> None:
    lib.kh_send_hold(1)
    try:
        msg = request(wire, "INVITE", "z9hG4bKshort", "short")
        text = msg.buf.replace(b"Content-Length: 0\r\n", b"")
        cell = relay(kernel.parse(text.decode(), wire, wire.caller), 0)
        lib.kh_cell_lock(cell)
        assert lib.kh_tm_follow(cell, 0, make_addr(b"127.0.0.9", 5070, TCP)) == lib.KH_EINVAL
        assert lib.kh_tm_follow(cell, 0, make_addr(b"127.0.0.9", 5070, lib.KH_PROTO_TLS)) < 0
        assert cell.n_branches == 1
        lib.kh_cell_unlock(cell)
        lib.kh_cell_release(cell)
    finally:
        lib.kh_send_hold(0)
