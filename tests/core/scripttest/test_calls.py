"""What tests of routing scripts say about calls, registrations and time, and what they are told when they fail."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from kahea.core.scripttest import ScriptTest
from kahea.core.scripttest.outcome import Missing, Outcome

Load = Callable[..., ScriptTest]
CONFIG = """
listen=udp:192.0.2.1:5060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {
    if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
    if (has_totag()) { if (loose_route()) t_relay(); exit; }
    if (is_method("REGISTER")) { save("location"); exit; }
    if ($time(hour) < 9 || $time(hour) >= 17) { sl_send_reply("480", "Closed"); exit; }
    record_route();
    if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
    t_on_failure("BUSY");
    t_relay();
}
failure_route[BUSY] {
    if (t_is_canceled()) exit;
    if (t_check_status("486")) { $ru = "sip:voicemail@192.0.2.99"; t_relay(); }
}
"""
PHONE, BOB = "198.51.100.7:5080", "sip:bob@192.0.2.1"


@pytest.fixture
def script(kahea_script: Load) -> ScriptTest:
    """Loaded, at noon, bob's phone registered."""
    script = kahea_script(CONFIG)
    script.set_time(datetime(2026, 12, 1, 12))
    assert script.register(BOB, f"sip:bob@{PHONE}", expires=120).replied == [200]
    return script


def test_a_whole_call(script: ScriptTest) -> None:
    invite = script.send("INVITE", BOB).relayed.only()
    assert invite.to == PHONE
    ok = script.answer(invite, 200).replies.only()
    ack = script.send("ACK", within=ok).relayed.only()
    assert (ack.method, ack.to, ack.header("CSeq")) == ("ACK", PHONE, "1 ACK")
    bye = script.send("BYE", within=ok).relayed.only()
    assert (bye.to, bye.uri, bye.header("Route")) == (PHONE, f"sip:{PHONE}", None)
    assert script.answer(bye, 200).replied == [200]


def test_the_called_party_hangs_up(script: ScriptTest) -> None:
    invite = script.send("INVITE", BOB).relayed.only()
    script.answer(invite, 200)
    bye = script.send("BYE", within=invite).relayed.only()
    assert bye.to == "192.0.2.100:5060" and "alice@" in (bye.header("To") or "")


def test_a_caller_who_cancels(script: ScriptTest) -> None:
    invite = script.send("INVITE", BOB).relayed.only()
    script.answer(invite, 180)
    out = script.cancel()
    assert out.replied == [200] and out.requests("CANCEL").only().to == PHONE
    assert script.answer(invite, 487).replied == [487]


def test_failure_route_after_a_486(script: ScriptTest) -> None:
    invite = script.send("INVITE", BOB).relayed.only()
    assert script.answer(invite, 486).requests("INVITE").only().uri == "sip:voicemail@192.0.2.99"


def test_registrations_can_be_looked_at_and_expire(script: ScriptTest) -> None:
    (contact,) = script.rpc("ul.lookup", "location", "bob")["Contacts"]
    assert contact["Contact"]["Address"] == f"sip:bob@{PHONE}"
    assert script.send("INVITE", BOB).relayed_to == [PHONE]
    script.advance(200)
    assert script.send("INVITE", BOB).replied == [404]


def test_the_time_of_day_can_be_chosen(script: ScriptTest) -> None:
    script.set_time(datetime(2026, 12, 1, 18, 30))
    assert script.send("INVITE", BOB).replied == [480]


def test_the_time_of_day_passes_with_the_clock(script: ScriptTest) -> None:
    script.set_time(datetime(2026, 12, 1, 16, 59))
    script.advance(90)
    assert script.get("$time(hour)") == 17


def test_lines_that_no_message_reached(kahea_script: Load) -> None:
    script = kahea_script(CONFIG, coverage=True)
    script.set_time(datetime(2026, 12, 1, 12))
    script.register(BOB, f"sip:bob@{PHONE}")
    relay = "script.cfg:19: t_relay();"
    assert relay in script.not_run
    invite = script.send("INVITE", BOB).relayed.only()
    assert relay not in script.not_run
    script.answer(invite, 486)
    assert script.not_run == []  # a line has run when the statement at its beginning has


def test_asking_for_what_was_not_sent_says_what_was() -> None:
    out = Outcome([("192.0.2.9:5060", b"SIP/2.0 404 Not Found\r\nCSeq: 1 INVITE\r\n\r\n")])
    with pytest.raises(Missing, match=r"relayed\[0\]: there is none; sent: SIP/2.0 404 Not Found to 192.0.2.9:5060"):
        out.relayed[0]
    with pytest.raises(Missing, match=r"BYE: not one but 0; sent: SIP/2.0 404"):
        out.requests("BYE").only()
    with pytest.raises(Missing, match="nothing was sent"):
        Outcome([]).replies[0]


WITH_PLUGIN = """
def pytest_configure(config):
    if not config.pluginmanager.has_plugin("kahea"):
        config.pluginmanager.import_plugin("kahea.core.scripttest.plugin")
"""
FAILING = """
def test_it(kahea_script):
    script = kahea_script('loadmodule "sl.so"\\nloadmodule "xlog.so"\\nrequest_route {'
                          ' xlog("no $rU here"); sl_send_reply("404", "Not Found"); }')
    assert script.send("INVITE", "sip:bob@example.com").relayed_to == ["192.0.2.9:5060"]
"""


def test_the_report_of_a_failure_shows_messages_and_log(tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING)
    (tmp_path / "conftest.py").write_text(WITH_PLUGIN)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run([*command, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "INVITE sip:bob@example.com SIP/2.0  from 192.0.2.100:5060\n    -> SIP/2.0 404 Not Found  to" in done.stdout
    assert "To: <sip:bob@example.com>;tag=" in done.stdout
    assert "no bob here" in done.stdout
