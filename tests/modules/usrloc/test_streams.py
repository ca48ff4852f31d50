"""Phones that register over TCP: reached by the connection they made, and what becomes of contacts without theirs."""

from collections.abc import Callable
from typing import Any

import pytest

from kahea.tests.support.server import Server, wait_until
from kahea.tests.support.sip import SipSocket
from kahea.tests.support.sip_tcp import SipStream

CFG = """#!KAMAILIO
debug=2
children=1
tcp_children=2
listen=udp:127.0.0.1:5060
listen=tcp:127.0.0.1:5060
auto_aliases=no
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "textops.so"
loadmodule "tcpops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "jsonrpcs.so"
modparam("usrloc", "timer_interval", 1)
modparam("registrar", "min_expires", 1)
modparam("registrar", "received_avp", "$avp(received)")
%s
request_route {
    if (is_method("REGISTER")) { $avp(received) = $su; save("location"); exit; }
    if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
    if ($hdr(X-Way) == "number") { $du = $null; tcp_set_otcpid_flag("1"); }
    t_relay();
}
"""
Start = Callable[..., Server]
NATTED = "<sip:bob@10.1.2.3:5060;transport=tcp>"  # nobody can reach it there


@pytest.fixture
def start(start_server: Callable[..., Server]) -> Start:
    def begin(more: str = "") -> Server:
        return start_server(CFG % more, workers=None)

    return begin


def register(line: SipSocket, contact: str = NATTED, expires: int = 600) -> None:
    line.call(
        line.request(
            "REGISTER", "sip:127.0.0.1", f"Contact: {contact}", f"Expires: {expires}", to="<sip:bob@127.0.0.1>"
        )
    )


def contacts(server: Server) -> list[dict[str, Any]]:
    found = []
    for domain in server.rpc("ul.dump")["Domains"]:
        for aor in domain["Domain"]["AoRs"]:
            found += [contact["Contact"] for contact in aor["Info"]["Contacts"]]
    return found


@pytest.mark.parametrize("way", ["address", "number"])
def test_a_phone_behind_a_router_is_reached_by_its_connection(start: Start, way: str) -> None:
    """By the address that it registered from ($du), or by the number of the connection."""
    server = start()
    with SipStream() as phone, SipSocket() as caller:
        register(phone)
        (contact,) = contacts(server)
        assert contact["Tcpconn-Id"] > 0 and contact["Socket"] == "tcp:127.0.0.1:5060"
        assert contact["Received"] == f"sip:127.0.0.1:{phone.port};transport=tcp"
        caller.send(caller.request("MESSAGE", "sip:bob@127.0.0.1", f"X-Way: {way}"))
        message = phone.expect("MESSAGE")
        assert message.all("Via")[0].startswith("SIP/2.0/TCP 127.0.0.1")
        phone.send(message.reply(200))
        assert caller.expect(200)


@pytest.mark.parametrize("on", [0, 1])
def test_a_contact_without_its_connection_expires(start: Start, on: int) -> None:
    server = start(f'modparam("usrloc", "handle_lost_tcp", {on})')
    with SipSocket() as other:
        register(other, f"<sip:bob@127.0.0.1:{other.port}>")
        with SipStream() as phone:
            register(phone)
            assert len(contacts(server)) == 2
        if on:
            wait_until(lambda: len(contacts(server)) == 1, 4)
            assert contacts(server)[0]["Tcpconn-Id"] == -1
        else:
            other.silent(2.2)
            assert len(contacts(server)) == 2


@pytest.mark.parametrize("on", [0, 1])
def test_the_connection_of_a_contact_that_expired_is_closed(start: Start, on: int) -> None:
    start(f'modparam("usrloc", "close_expired_tcp", {on})')
    with SipStream() as phone:
        register(phone, expires=1)
        assert phone.closed(4) == bool(on)


@pytest.mark.parametrize("mode", [0, 2])
def test_only_contacts_with_a_connection_are_found(start: Start, mode: int) -> None:
    start(f'modparam("registrar", "lookup_filter_mode", {mode})')
    with SipSocket() as caller:
        with SipStream() as phone:
            register(phone)
            caller.send(caller.request("MESSAGE", "sip:bob@127.0.0.1"))
            phone.send(phone.expect("MESSAGE").reply(200))
            assert caller.expect(200)
        caller.silent(0.3)
        caller.send(caller.request("MESSAGE", "sip:bob@127.0.0.1"))
        assert caller.expect(404 if mode else 477)
