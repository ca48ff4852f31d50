"""In a running server: contacts expire and the script hears of it; Debian's kamctl shows and changes the table."""

import shutil
import signal
import subprocess
from collections.abc import Callable

import pytest

from kahea.core.shared import kept_name
from kahea.mem import segment
from kahea.tests.support.server import Server, kill, wait_until
from kahea.tests.support.sip import SipSocket

CONFIG = """
loadmodule "sl.so"
loadmodule "textops.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "jsonrpcs.so"
modparam("usrloc", "timer_interval", 1)
modparam("registrar", "min_expires", 1)
request_route {
    save("location", "0", "$tu");
}
event_route[usrloc:contact-expired] {
    xlog("L_ALERT", "gone: $ulc(exp=>aor) $ulc(exp=>addr) of $ulc(exp=>domain)\\n");
}
"""

LOOKUP = """
    lookup("location");
    sl_send_reply("302", "Found");
"""


def register(phone: SipSocket, *contacts: str) -> None:
    lines = [f"Contact: {contact}" for contact in contacts]
    phone.call(phone.request("REGISTER", "sip:127.0.0.1", *lines, to="<sip:alice@127.0.0.1>"))


def test_expired_contact_runs_the_event_route(
    start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket]
) -> None:
    server = start_server(CONFIG)
    register(sip_socket(), "<sip:a@192.0.2.1>;expires=1", "<sip:b@192.0.2.2>;expires=600")
    assert server.rpc("ul.dump", "brief")["Domains"][0]["Domain"]["AoRs"] == [{"AoR": "alice"}]
    server.wait_log("gone: alice sip:a@192.0.2.1 of location")
    contacts = server.rpc("ul.lookup", "location", "alice")["Contacts"]
    assert [entry["Contact"]["Address"] for entry in contacts] == ["sip:b@192.0.2.2"]
    counts = server.rpc("stats.get_statistics", "usrloc:")
    assert "usrloc:location-contacts = 1" in counts and "usrloc:location-expires = 1" in counts
    assert server.log.count("gone:") == 1


@pytest.mark.skipif(shutil.which("kamctl") is None, reason="kamctl of Debian's package kamailio is not installed")
def test_kamctl_shows_and_removes_contacts(
    start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket]
) -> None:
    server = start_server(CONFIG)
    register(sip_socket(), "<sip:a@192.0.2.1>;q=0.5")
    env = {**server.env, "RPCFIFOPATH": str(server.folder / "kamailio_rpc.fifo"), "SIP_DOMAIN": "127.0.0.1"}

    def kamctl(*args: str) -> str:
        result = subprocess.run(["kamctl", *args], capture_output=True, text=True, env=env, timeout=20, check=False)
        return result.stdout

    assert "sip:a@192.0.2.1" in kamctl("ul", "show", "alice@127.0.0.1")
    kamctl("ul", "rm", "alice@127.0.0.1")
    wait_until(lambda: not server.rpc("ul.dump", "brief")["Domains"][0]["Domain"]["AoRs"], what="the AoR to go")


def test_registrations_outlive_a_killed_server_with_kept_memory(
    start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket]
) -> None:
    config = CONFIG.replace(
        'save("location", "0", "$tu");', 'if (is_method("REGISTER")) { save("location"); exit; }\n' + LOOKUP
    )
    server = start_server(config, "--keep-shm")
    phone = sip_socket()
    for n in range(200):
        to = f"<sip:u{n}@127.0.0.1>"
        phone.call(phone.request("REGISTER", "sip:127.0.0.1", f"Contact: <sip:c{n}@192.0.2.1>;expires=600", to=to))
    for pid in (server.pid, *server.children()):
        kill(pid, signal.SIGKILL)
    server.close()
    again = Server(server.cfg, server.folder, "--keep-shm")
    try:
        again.start()
        again.wait_log("200 AoRs of location are still there")
        for n in range(200):
            found = phone.call(phone.request("INVITE", f"sip:u{n}@127.0.0.1"), 302)
            assert found.get("Contact") == f"<sip:c{n}@192.0.2.1>"
        assert again.rpc("ul.lookup", "location", "u7")["Contacts"][0]["Contact"]["Socket"] == "udp:127.0.0.1:5060"
    finally:
        again.close()
        segment.remove(kept_name(str(server.cfg)))
