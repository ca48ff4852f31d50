"""The core parameter edits_visible in routing scripts: off as in Kamailio, on as one would expect."""

from collections.abc import Callable

import pytest

from kahea.core.scripttest import ScriptTest

Load = Callable[..., ScriptTest]
HEAD = """
listen=udp:192.0.2.1:5060
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "textopsx.so"
loadmodule "siputils.so"
"""
#: statements, a value read after them, and what it is with edits_visible off and on; None is $null
CASES = [
    ('append_hf("X: 1\\r\\n");', "$hdr(X)", None, "1"),
    ('append_hf("X: 1\\r\\n"); append_hf("X: 2\\r\\n");', "$(hdr(X)[-1])", None, "2"),
    ('append_hf("X: 1\\r\\n");', "$hdrc(X)", 0, 1),
    ('append_hf("X: 1\\r\\n"); remove_hf("X"); append_hf("X: 2\\r\\n");', "$hdrc(X)", 0, 1),
    ('if (remove_hf("Contact")) $var(a) = 1; if (remove_hf("Contact")) $var(a) = 2;', "$var(a)", 2, 1),
    ('append_hf("X: 1\\r\\n"); if (is_present_hf("X")) $var(a) = 1; else $var(a) = 2;', "$var(a)", 2, 1),
    ('insert_hf("X: 1\\r\\n"); if (search("^X: 1")) $var(a) = 1; else $var(a) = 2;', "$var(a)", 2, 1),
    ('$fu = "sip:carol@example.net";', "$fU", "alice", "carol"),
    ('$fu = "sip:carol@example.net"; $fU = "dave";', "$fu", "sip:alice@example.com", "sip:dave@example.net"),
    ('$tn = "\\"Bob\\"";', "$tn", None, '"Bob"'),
    ('set_body("new", "text/plain");', "$rb", "hello", "new"),
    ('set_body("longer body", "text/plain");', "$cl", 5, 11),
    ('replace_body_all("l", "LL");', "$rb", "hello", "heLLLLo"),
    ('replace_body_all("l", "LL"); replace_body_all("L", "x");', "$rb", "hello", "hexxxxo"),
    ('subst_hf("Subject", "/one/two/", "a");', "$hdr(Subject)", "one", "two"),
    ('assign_hf_value("Subject", "two");', "$hdr(Subject)", "one", "two"),
    ('include_hf_value("Supported", "path"); include_hf_value("Supported", "100rel");', "$hdr(Supported)", None,
     "path,100rel"),
    ('append_hf("X: 1\\r\\n"); hf_iterator_start("a"); while (hf_iterator_next("a")) $var(a) = $hfitname(a);',
     "$var(a)", "Content-Length", "Content-Length"),
    ('$ru = "sip:carol@example.net"; append_hf("X: 1\\r\\n");', "$ou", "sip:bob@example.com", "sip:bob@example.com"),
    ('append_hf("X: 1\\r\\n"); msg_apply_changes(); append_hf("Y: 2\\r\\n");', "$hdr(X)", "1", "1"),
    ('append_hf("X: 1\\r\\n"); msg_apply_changes(); append_hf("Y: 2\\r\\n");', "$hdr(Y)", None, "2"),
    ("record_route();", "$(hdr(Record-Route){nameaddr.uri}{uri.host})", None, "192.0.2.1"),
    ('mf_process_maxfwd_header("10");', "$hdr(Max-Forwards)", "70", "69"),
]  # fmt: skip
HEADERS = {"Subject": "one", "Contact": "<sip:alice@192.0.2.100>", "Content-Type": "text/plain"}


@pytest.fixture(scope="module")
def answers() -> dict[tuple[int, bool], object]:
    """All cases in one script each for off and on: a route a case, chosen by the user of the Request-URI."""
    found: dict[tuple[int, bool], object] = {}
    routes = "\n".join(f"route[case{i}] {{ {before} }}" for i, (before, *_) in enumerate(CASES))
    for on in (False, True):
        text = f"edits_visible={'yes' if on else 'no'}\n{HEAD}request_route {{ route($hdr(X-Case)); }}\n{routes}\n"
        with ScriptTest(text) as script:
            for i, (_, name, *_) in enumerate(CASES):
                script.send("MESSAGE", "sip:bob@example.com", headers=HEADERS | {"X-Case": f"case{i}"}, body="hello")
                found[i, on] = script.get(name)
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case[0][:40] for case in CASES])
def test_read_after_an_edit(answers: dict[tuple[int, bool], object], number: int) -> None:
    _, _, off, on = CASES[number]
    assert (answers[number, False], answers[number, True]) == (off, on)


RELAY = (
    """edits_visible=yes
"""
    + HEAD
    + """
request_route {
    if (is_method("ACK")) { t_relay(); exit; }
    append_hf("X-Edit: 1\\r\\n");
    remove_hf("Subject");
    $fU = "carol";
    record_route();
    $avp(seen) = $hdr(X-Edit) + "|" + $hdr(Subject) + "|" + $fU;
    $ru = "sip:bob@198.51.100.7";
    append_branch("sip:bob@198.51.100.8");
    t_on_branch("own");
    t_on_failure("again");
    t_relay();
}
branch_route[own] {
    append_hf("X-Branch: $rd\\r\\n");
    xlog("L_ERR", "branch $hdrc(X-Branch) $hdr(X-Edit)\\n");
    remove_hf("X-Edit");
    append_hf("X-Edit: branch\\r\\n");
}
failure_route[again] {
    xlog("L_ERR", "failure $hdrc(X-Branch) $hdr(X-Edit) $fU\\n");
}
"""
)


def test_relayed_request_has_the_edits_and_each_branch_its_own(kahea_script: Load) -> None:
    script = kahea_script(RELAY.replace('loadmodule "pv.so"', 'loadmodule "pv.so"\nloadmodule "xlog.so"'))
    out = script.send("INVITE", "sip:bob@example.com", headers=HEADERS)
    assert script.get("$avp(seen)") in ("1||carol", "1|<null>|carol")
    assert out.relayed_to == ["198.51.100.7:5060", "198.51.100.8:5060"]
    for request, host in zip(out.relayed, ("198.51.100.7", "198.51.100.8"), strict=True):
        assert request.headers("X-Branch") == [host]  # each branch has its own
        assert request.headers("X-Edit") == ["branch"]
        assert request.header("Subject") is None
        assert "carol@" in (request.header("From") or "")
        assert len(request.headers("Record-Route")) == 1
    assert "branch 1 1" in script.log
    script.answer(out.relayed[0], 486, "Busy Here")
    last = script.answer(out.relayed[1], 486, "Busy Here")
    assert "failure 0 1 carol" in script.log
    assert last.replied == [486]


def test_stateless_reply_has_the_received_headers(kahea_script: Load) -> None:
    script = kahea_script(
        "edits_visible=yes\n" + HEAD + 'request_route { $fU = "carol"; $avp(u) = $fU; sl_send_reply("404", "No"); }\n'
    )
    out = script.send("OPTIONS", "sip:bob@example.com")
    assert script.get("$avp(u)") == "carol"
    assert "alice@" in (out.replies[0].header("From") or "")


@pytest.mark.parametrize("on", ["no", "yes"])
def test_from_set_before_and_again_in_each_branch_is_written_once(kahea_script: Load, on: str) -> None:
    script = kahea_script(
        f"edits_visible={on}\n"
        + HEAD
        + """
request_route {
    $fu = "sip:first@example.net";
    $ru = "sip:bob@198.51.100.7";
    append_branch("sip:bob@198.51.100.8");
    t_on_branch("own");
    t_relay();
}
branch_route[own] { $fu = "sip:last@" + $rd; }
"""
    )
    out = script.send("INVITE", "sip:bob@example.com")
    uris = [(request.header("From") or "").partition(">")[0] for request in out.relayed]
    assert uris == ["<sip:last@198.51.100.7", "<sip:last@198.51.100.8"]
