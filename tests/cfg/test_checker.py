"""What `kahea -c` says about scripts that are wrong, or probably not meant."""

import pytest

from kahea.cfg.compile.compiler import compile_config
from kahea.cfg.errors import ConfigError
from kahea.cfg.syntax.parser import parse_text
from kahea.tests.cfg.fake import FakeEnvironment, Msg, compile_text, run

REFUSED = {
    "unknown function": ("request_route { forwrad(); }", 'unknown function forwrad(), missing loadmodule?|"forward"'),
    "wrong number": ('request_route { f("1", "2"); }', "f() takes 1 argument(s), not 2"),
    "two numbers": ("request_route { two(); }", "two() takes 1 or 2 argument(s), not 0"),
    "undefined route": (
        "route[RELAY] { exit; } request_route { route(RELAYY); }",
        'route[RELAYY] is not defined|"RELAY"',
    ),
    "unknown variable": ("#!KAMAILIO\nrequest_route { $var(a) = $nope; }", "unknown variable $nope"),
    "read-only": ("request_route { $ro = 1; }", "$ro cannot be written"),
    "no number": ('request_route { f("abc"); }', "f() takes a number here"),
    "bad regex": ('request_route { has_abc("["); }', "bad regular expression|unmatched ["),
    "bad regex of =~": ('request_route { if ($x =~ "a(") exit; }', "bad regular expression"),
    "bad subst": ('request_route { subst("/a/b"); }', "bad substitution"),
    "undeclared flag": ("flags FAX; request_route { setflag(FAXX); }", 'the flag "FAXX" is not declared|"FAX"'),
    "flag 32": ("request_route { setflag(32); }", "flags have the numbers 0 to 31"),
    "duplicate route": ("route[A] { exit; } route[A] { exit; }", "duplicate route route[A]"),
    "duplicate flag": ("flags A:1, A:2;", 'the flag "A" is declared twice'),
    "mixed labels": ('request_route { switch ($x) { case 1: f(1); case "a": f(1); } }', "all numbers or all strings"),
    "same label": (
        "request_route { switch ($x) { case 1: f(1); case 1: f(1); } }",
        "this label is in the switch already",
    ),
    "two defaults": ("request_route { switch ($x) { default: f(1); default: f(2); } }", "a switch has one default"),
    "label not constant": ("request_route { switch ($x) { case $y: f(1); } }", "the label of a case must be constant"),
    "onsend operand": ("request_route { if (snd_port == 5060) exit; }", "snd_port is known in onsend_route only"),
    "onsend command": ("onsend_route { forward(); }", "cannot be used in this kind of route block"),
    "else alone": ("request_route { else f(1); }", "'else' without 'if'"),
    "missing semicolon": ("request_route { f(1) f(2); }", "';' is expected before identifier 'f'"),
    "unclosed": ("request_route { if (f(1)) { f(2);", "this block is never closed with '}'"),
    "function at top level": ("f(1);", "the function f stands outside of any route block"),
    "variable at top level": ("$x = 1;", "$x stands outside of any route block"),
    "open string": ('request_route { log("abc); }', "this string is never closed"),
    "operand alone": ("request_route { if (method) exit; }", "method stands only on the left of a comparison"),
    "bad network": ("request_route { if (src_ip == 10.0.0.0/99) exit; }", "bad network"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_scripts_are_refused_with_a_sentence(case: str) -> None:
    text, wanted = REFUSED[case]
    with pytest.raises(ConfigError) as caught:
        compile_text(text)
    message = str(caught.value)
    assert message.startswith("test.cfg:")
    parts = wanted.split("|")
    assert parts[0] in message or (len(parts) > 1 and parts[1] in message)
    if case in ("unknown function", "undefined route", "undeclared flag"):
        assert all(part in message for part in parts)


WARNED = {
    "uncalled": ("route[A] { exit; } request_route { exit; }", "route[A] is never called"),
    "uncalled failure route": (
        "failure_route[F] { exit; } request_route { exit; }",
        "failure_route[F] is never called",
    ),
    "unreachable": ("request_route { exit; f(1); }", "never reached: exit is above"),
    "unreachable in a case": (
        "request_route { switch ($x) { case 1: break; f(1); } }",
        "never reached: break is above",
    ),
    "assignment": ("request_route { if ($x = 5) f(1); }", "an assignment as condition is always true"),
    "no request_route": ("route[A] { exit; }", "there is no request_route"),
    "unknown failure route": ('request_route { on_failure("NOPE"); }', "there is no failure_route[NOPE]"),
    "unknown event": ("request_route { exit; } event_route[tm:local-requst] { exit; }", "nothing runs event_route"),
    "unknown name without #!KAMAILIO": ("request_route { $nope = 1; }", "taken as $avp(nope)"),
}


@pytest.mark.parametrize("case", WARNED)
def test_odd_scripts_are_warned_about(case: str) -> None:
    text, wanted = WARNED[case]
    config = parse_text(text.encode(), "k.cfg")
    found = compile_config(config, FakeEnvironment(), events={"tm:local-request"}).diagnostics
    assert [d for d in found if wanted in d.message], [d.message for d in found]


def test_a_clean_script_has_no_warnings() -> None:
    text = 'route[A] { exit; } failure_route[F] { exit; } request_route { on_failure("F"); route(A); }'
    assert compile_text(text).diagnostics == []


#: OpenSER 1.4 forms and what Kamailio refuses although it is clear: (body, what it logs)
LENIENT = {
    "!~": ('if ($rU !~ "^x") log("a");', [b"a"]),
    "%": ("$x = 7 % 4; log($x);", [b"3"]),
    "+=": ("$x = 1; $x += 2; $x *= 5; $x -= 1; $x /= 2; $x %= 4; log($x);", [b"3"]),
    "&= |= ^=": ("$x = 12; $x &= 10; $x |= 1; $x ^= 3; log($x);", [b"10"]),
    "null": ('$x = null; if ($x == null) log("a");', [b"a"]),
    "empty blocks": ('if ($x == 5) {} else {} log("a");', [b"a"]),
    "esac": ('switch (1) { case 1: log("a"); esac; case 2: log("b"); }', [b"a"]),
    "bare word": ('$x = hello; if ($x == hello) log("a");', [b"a"]),
    "bare host": ('if (uri == sip.example.org) log("a"); else log("b");', [b"b"]),
    "variable == myself": ('$x = "sip:me"; if ($x == myself) log("a");', [b"a"]),
    "brackets": ('if [ 1 == 1 ] log("a");', [b"a"]),
    "a case with a block": ('switch (1) { case 1: { log("a"); } break; }', [b"a"]),
    "a bare block": ('{ log("a"); }', [b"a"]),
    "semicolon before else": ('if (0) { log("a"); }; else { log("b"); }', [b"b"]),
    "strings joined over a comment": ('log("a" /* x */ "b");', [b"ab"]),
    "a signed level": ("$x = -1; log($x);", [b"-1"]),
    "08": ("$x = 08; log($x);", [b"8"]),
    "functions without parentheses": ("force_rport; log(\"a\");", [(), b"a"]),
    "max_len": ('if (msg:len >= max_len) log("a"); else log("b");', [b"b"]),
    "an expression for an argument": ('log("a" + $rU);', [b"abob"]),
    "compare constants": ('if (5 == "5" && "10" > "9" && !"a") log("a");', [b"a"]),
}  # fmt: skip


@pytest.mark.parametrize("case", LENIENT)
def test_forms_that_kamailio_refuses_are_understood(case: str) -> None:
    body, wanted = LENIENT[case]
    assert run(body, Msg(rU=b"bob"))[1].log == wanted


def test_reserved_words_can_name_routes() -> None:
    text = 'route[drop] { log("a"); } route[log] { log("b"); } route[TCP] { log("c"); }'
    assert run(text + " request_route { route(drop); route(log); route(TCP); }")[1].log == [b"a", b"b", b"c"]


def test_local_route_is_the_event_of_local_requests() -> None:
    compiled = compile_text("local_route { exit; } request_route { exit; }")
    assert b"tm:local-request" in compiled.routes["event_route"]


def test_errors_name_the_line_of_the_configuration_in_tracebacks() -> None:
    compiled = compile_text("request_route {\n  f(1);\n  f(2);\n}\n")
    code = compiled.routes["request_route"][b""].__code__
    assert code.co_filename == "test.cfg"
    assert {line for _, _, line in code.co_lines() if line} == {1, 2, 3}
