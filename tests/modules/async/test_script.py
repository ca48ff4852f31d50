"""Scripts that use async, with the clock of script tests; what is said about them when they are loaded."""

from collections.abc import Callable

import pytest

from kahea.core.scripttest import LoadError, ScriptTest

Load = Callable[..., ScriptTest]
MODULES = "".join(f'loadmodule "{name}.so"\n' for name in ("tm", "tmx", "sl", "pv", "xlog", "async"))
HEAD = "#!KAMAILIO\nlisten=udp:192.0.2.1:5060\n"
WORKERS = HEAD + "async_workers=1\n" + MODULES
MS = 'modparam("async", "ms_timer", 1)\n'


def test_a_sleep_ends_when_the_clock_of_the_test_says_so(kahea_script: Load) -> None:
    script = kahea_script(HEAD + MODULES + 'request_route { async_sleep("30"); t_reply("404", "Later"); }')
    assert script.send("OPTIONS", "sip:bob@example.com").silent
    assert script.advance(29.9).silent
    assert script.advance(0.2).replied == [404]


def test_each_waits_its_own_time(kahea_script: Load) -> None:
    script = kahea_script(WORKERS + MS + 'request_route { async_ms_sleep("$rU"); t_reply("404", "$rU"); }')
    for delay in ("300", "100", "200"):
        assert script.send("OPTIONS", f"sip:{delay}@example.com").silent
    assert [reply.reason for reply in script.advance(0.25).replies] == ["100", "200"]
    assert [reply.reason for reply in script.advance(0.1).replies] == ["300"]


def test_a_call_is_relayed_later_and_answered(kahea_script: Load) -> None:
    script = kahea_script(
        WORKERS + 'request_route { $du = "sip:192.0.2.9"; async_route("ON", 2); } route[ON] { t_relay(); }'
    )
    out = script.send("INVITE", "sip:bob@example.com")
    assert out.replied == [100] and not out.relayed
    out = script.advance(2.1)
    assert out.relayed_to == ["192.0.2.9:5060"] and out.replied == []
    assert script.answer(out.relayed[0], 200).replied == [200]


def test_a_task_is_done_at_once(kahea_script: Load) -> None:
    script = kahea_script(
        WORKERS
        + """request_route { async_task_data("NOTE", "$rU was asked for"); async_task_route("ON"); }
        route[ON] { t_reply("404", "$async(gname)"); }
        route[NOTE] { xlog("L_NOTICE", "[$async(data)] $rm\\n"); t_newtran(); }"""
    )
    assert script.send("INVITE", "sip:bob@example.com").replied == [100, 404]
    assert "[bob was asked for] OPTIONS" in script.log


def test_the_parameter_return_lets_the_script_go_on_at_once_too(kahea_script: Load) -> None:
    script = kahea_script(
        WORKERS
        + """modparam("async", "return", 1)
        request_route { $var(x) = 1; async_route("ON", "1"); xlog("L_NOTICE", "rc=$rc\\n"); exit; }
        route[ON] { t_reply("404", "On"); }"""
    )
    assert script.send("OPTIONS", "sip:bob@example.com").silent
    assert "rc=1" in script.log
    assert script.advance(1.1).replied == [404]


def test_milliseconds_are_rounded_up_to_the_timers_resolution(kahea_script: Load) -> None:
    script = kahea_script(
        WORKERS + 'modparam("async", "ms_timer", 100)\nrequest_route { async_ms_sleep("101"); t_reply("404", "On"); }'
    )
    script.send("OPTIONS", "sip:bob@example.com")
    assert script.advance(0.15).silent and script.advance(0.06).replied == [404]


def test_a_suspended_transaction_can_be_suspended_again_for_longer_than_a_minute(kahea_script: Load) -> None:
    script = kahea_script(
        WORKERS
        + """request_route { $avp(n) = 0; route(AGAIN); }
        route[AGAIN] { $avp(n) = $avp(n) + 1; if ($avp(n) > 5) { t_reply("404", "$avp(n)"); exit; }
                       async_route("AGAIN", "20"); }"""
    )
    script.send("INVITE", "sip:bob@example.com")
    assert script.advance(99).replied == []
    assert script.advance(1.2).replied == [404]


@pytest.mark.parametrize(
    "call",
    ['async_task_route("R")', 'async_task_group_route("R", "g")', 'async_task_data("R", "x")',
     'async_task_group_data("R", "g", "x")'],
)  # fmt: skip
def test_task_functions_need_task_workers_as_in_kamailio(kahea_script: Load, call: str) -> None:
    with pytest.raises(LoadError) as caught:
        kahea_script(HEAD + MODULES + f"request_route {{ {call}; }} route[R] {{ exit; }}")
    text = str(caught.value)
    assert f"script.cfg:9:17: error: {call.partition('(')[0]}() needs task workers: set async_workers" in text


@pytest.mark.parametrize(
    ("more", "text", "warning"),
    [
        ("", 'async_ms_route("R", "5")', 'async_ms_route() fails: set modparam("async", "ms_timer", 10)'),
        (MS, 'async_ms_sleep("5"); exit', "async_ms_sleep() fails: set async_workers"),
        ('modparam("async", "workers", 0)\n', 'async_route("R", "5")', "async_route() and async_sleep() fail"),
        ("", 'async_route("NOBODY", "5")', "there is no route[NOBODY]"),
        ("", 'async_sleep("5")', "async_sleep() fails where no statement follows"),
    ],
)
def test_what_fails_each_time_is_a_warning_and_a_code(kahea_script: Load, more: str, text: str, warning: str) -> None:
    script = kahea_script(
        HEAD + MODULES + more + f'request_route {{ route(X); sl_send_reply("503", "$rc"); }} '
        f"route[X] {{ {text}; }} route[R] {{ exit; }} route[Y] {{ route(R); }}"
    )
    assert warning in script.log
    if not text.endswith("exit"):
        assert script.send("OPTIONS", "sip:bob@example.com").replies.only().reason == "-1"


def test_in_python(kahea_script: Load, tmp_path: object) -> None:
    path = f"{tmp_path}/routes.py"
    with open(path, "w") as file:
        file.write(
            """
import KSR
later = getattr(KSR, "async")

def ksr_request_route(msg):
    KSR.pv.sets("$avp(x)", "kept")
    later.task_data("note", "some data")
    later.route("goes_on", 3)

def goes_on(msg):
    KSR.tm.t_reply(404, KSR.pv.get("$avp(x)"))

def note(msg):
    KSR.info("data %s of %s" % (later.get_data(), later.get_gname()))
"""
        )
    text = WORKERS.replace('loadmodule "async', 'loadmodule "app_python3.so"\nloadmodule "async')
    script = kahea_script(
        "debug=3\n".join(text.split("async_workers", 1)).replace("debug=3\n", "debug=2\nasync_workers")
        + f'modparam("app_python3", "load", "{path}")\ncfgengine "python"\n'
    )
    assert script.send("OPTIONS", "sip:bob@example.com").silent
    assert script.advance(3.1).replies.only().reason == "kept"
    assert "data some data of default" in script.log
