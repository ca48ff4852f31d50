"""The tool for unit tests of routing scripts, used as its users would."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.core.scripttest import LoadError, ScriptTest

Load = Callable[..., ScriptTest]
PROXY = """
listen=udp:192.0.2.1:5060
loadmodule "sl.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "pv.so"
loadmodule "rr.so"
request_route {
    if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
    $avp(seen) = $rU;
    if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
    if ($rU == "nobody") { drop; }
    record_route();
    append_hf("X-Seen: $rU from $si\\r\\n");
    rewritehostport("198.51.100.7:5080");
    forward();
}
reply_route { if (status == "486") drop; }
"""


def test_a_reply_of_the_script(kahea_script: Load) -> None:
    out = kahea_script(PROXY).send("OPTIONS", "sip:192.0.2.1")
    assert out.replied == [200]
    assert out.replies[0].to == "192.0.2.100:5060"


def test_a_relayed_request_and_its_replies(kahea_script: Load) -> None:
    script = kahea_script(PROXY)
    out = script.send("INVITE", "sip:bob@example.com")
    assert out.relayed_to == ["198.51.100.7:5080"]
    sent = out.relayed[0]
    assert (sent.method, sent.uri) == ("INVITE", "sip:bob@198.51.100.7:5080")
    assert sent.header("X-Seen") == "bob from 192.0.2.100"
    assert "192.0.2.1" in (sent.header("Record-Route") or "")
    assert sent.header("Max-Forwards") == "69"
    assert script.get("$avp(seen)") == "bob"
    back = script.answer(sent, 180, "Ringing")
    assert back.replied == [180] and back.replies[0].to == "192.0.2.100:5060"
    assert script.answer(sent, 486).silent


def test_headers_of_the_request_can_be_chosen(kahea_script: Load) -> None:
    script = kahea_script(PROXY)
    assert script.send("INVITE", "sip:bob@example.com", headers={"Max-Forwards": "0"}).replied == [483]
    assert script.send("INVITE", "sip:nobody@example.com", source=("203.0.113.5", 5070)).silent


def test_defines_choose_parts_of_the_script(kahea_script: Load) -> None:
    text = 'loadmodule "sl.so"\nrequest_route {\n#!ifdef BUSY\n sl_send_reply("486", "Busy");\n#!endif\n exit; }'
    assert kahea_script(text, defines=["BUSY"]).send("INVITE", "sip:x@y").replied == [486]
    assert kahea_script(text).send("INVITE", "sip:x@y").silent


def test_a_broken_script_is_an_error_with_its_place(kahea_script: Load) -> None:
    with pytest.raises(LoadError, match=r"script.cfg:2:3: error: unknown function sl_send_reply"):
        kahea_script('request_route {\n  sl_send_reply("200", "OK");\n}')


def test_python_routes(kahea_script: Load, tmp_path: Path) -> None:
    path = tmp_path / "routes.py"
    path.write_text("import KSR\ndef ksr_request_route(msg):\n    KSR.sl.sl_send_reply(480, KSR.pv.get('$rU'))\n")
    text = 'loadmodule "sl.so"\nloadmodule "app_python3.so"\n'
    text += f'modparam("app_python3", "load", "{path}")\ncfgengine "python"\n'
    out = kahea_script(text).send("INVITE", "sip:bob@example.com")
    assert [(m.status, m.reason) for m in out.replies] == [(480, "bob")]


def test_what_the_script_logs_can_be_read(kahea_script: Load) -> None:
    script = kahea_script('loadmodule "xlog.so"\nrequest_route { xlog("L_ERR", "user $rU\\n"); exit; }')
    script.send("INVITE", "sip:bob@example.com")
    assert "user bob" in script.log


def test_it_works_without_pytest(tmp_path: Path) -> None:
    with ScriptTest("request_route { exit; }") as script:
        assert script.send("OPTIONS", "sip:x@y").silent
        assert script.routes == {"request_route": [""]}


def test_pre_routing_can_drop_a_message(kahea_script: Load) -> None:
    text = 'loadmodule "sl.so"\nrequest_route { sl_send_reply("200", "OK"); }\n'
    text += "event_route[core:pre-routing] { if (src_ip == 203.0.113.0/24) drop; }"
    script = kahea_script(text)
    assert script.send("OPTIONS", "sip:x@y").replied == [200]
    assert script.send("OPTIONS", "sip:x@y", source=("203.0.113.9", 5060)).silent


@pytest.mark.parametrize(("mode", "last"), [(0, "{alice bob}"), (1, "{alice carol}")])
def test_log_prefix_is_read_once_a_message_or_anew(kahea_script: Load, mode: int, last: str) -> None:
    text = f'debug=2\nlog_prefix="{{$fU $rU}} "\nlog_prefix_mode={mode}\nloadmodule "xlog.so"\n'
    script = kahea_script(text + 'request_route { xlog("first\\n"); $rU = "carol"; xlog("second\\n"); exit; }')
    script.send("INVITE", "sip:bob@example.com")
    assert "ERROR: {alice bob} <script>: first" in script.log
    assert f"ERROR: {last} <script>: second" in script.log


def test_script_flags_of_a_route_survive_the_routes_that_it_starts(kahea_script: Load) -> None:
    text = 'loadmodule "tm.so"\nloadmodule "pv.so"\nloadmodule "xlog.so"\n'
    text += (
        'request_route { setsflag(5); t_on_branch("B"); $ru = "sip:x@192.0.2.9"; t_relay(); xlog("after: $sf\\n"); }\n'
    )
    script = kahea_script(text + 'branch_route[B] { xlog("in it: $sf\\n"); setsflag(2); }')
    script.send("INVITE", "sip:bob@example.com")
    assert "in it: 0" in script.log and "after: 32" in script.log


def test_script_flags_of_one_message_are_gone_in_the_next(kahea_script: Load) -> None:
    script = kahea_script(
        'loadmodule "pv.so"\nloadmodule "xlog.so"\nrequest_route { xlog("flags: $sf\n"); setsflag(5); }'
    )
    script.send("INVITE", "sip:bob@example.com")
    script.send("INVITE", "sip:bob@example.com")
    assert script.log.count("flags: 0") == 2


EVENTS = """import KSR
def mod_init(): return Routes()
class Routes:
    def ksr_request_route(self, msg):
        KSR.seturi("sip:bob@192.0.2.9")
        KSR.tm.t_on_branch_failure("again") if KSR.is_INVITE() else KSR.sl.sl_send_reply(200, "OK")
        if KSR.is_INVITE(): KSR.tm.t_relay()
    def again(self, msg): pass
    def on_event(self, msg, name): KSR.err(f"event {name} of {KSR.pv.get('$rm')}")
    def early(self, msg, name): KSR.set_drop() if KSR.is_BYE() else None
"""


def test_events_of_python_routes(kahea_script: Load, tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(EVENTS)
    text = "".join(f'loadmodule "{name}.so"\n' for name in ("tm", "sl", "pv", "app_python3"))
    text += (
        f'modparam("app_python3", "load", "{tmp_path / "routes.py"}")\nmodparam("tm", "event_callback", "on_event")\n'
    )
    text += 'modparam("sl", "event_callback_lres_sent", "on_event")\nkemi.pre_routing_callback="early"\n'
    script = kahea_script(text + 'cfgengine "python"\n')
    assert script.send("OPTIONS", "sip:x@y").replied == [200]
    assert "event sl:local-response of OPTIONS" in script.log
    assert script.send("BYE", "sip:x@y").silent
    script.answer(script.send("INVITE", "sip:x@y").relayed.only(), 486)
    assert "event tm:branch-failure:again of INVITE" in script.log
    with pytest.raises(LoadError, match="has no nobody, which is to be called for tm:local-request"):
        kahea_script(text.replace('"on_event"', '"nobody"', 1) + 'cfgengine "python"\n')
