"""Functions that go on later with what follows them: the block made of the rest of their list of statements."""

from typing import Any

from kahea.cfg.compile.compiler import Compiled
from kahea.tests.cfg.fake import Msg, compile_text


def made(text: str) -> dict[bytes, Any]:
    """The continuations of a script, by name."""
    return {name: route for name, route in compile_text(text).routes.get("route", {}).items() if b"+" in name}


def follow(text: str) -> list[Any]:
    """What request_route logs, and then what each block logs that it is told to go on with."""
    compiled = compile_text(text)
    route, log = compiled.routes["request_route"][b""], []
    while True:
        msg = Msg()
        try:
            route(msg)
        except Exception as stop:
            assert type(stop).__name__ == "ScriptExit"
        log += [entry for entry in msg.log if b"+" not in entry]
        rest = [entry for entry in msg.log if b"+" in entry]
        if not rest:
            return log
        route = compiled.routes["route"][rest[0]]


def test_the_script_goes_on_with_the_next_statement() -> None:
    assert follow('request_route { log("1"); sleep(); log("2"); log("3"); }') == [b"1", b"2", b"3"]


def test_each_sleep_has_its_own_rest() -> None:
    assert follow('request_route { log("1"); sleep(); log("2"); sleep(); log("3"); }') == [b"1", b"2", b"3"]


def test_a_nested_list_goes_on_with_its_own_rest_only() -> None:
    assert follow('request_route { if (f(1) == 1) { sleep(); log("in"); } log("out"); }'.replace("f(1) == 1", "1")) == [
        b"in"
    ]
    assert follow('request_route { while (1) { sleep(); log("in"); break; } log("out"); }') == [b"in"]
    assert follow('route[A] { sleep(); log("sub"); } request_route { route(A); log("out"); }') == [b"sub"]


def test_nothing_follows() -> None:
    for text in ("sleep();", "if (1) { sleep(); }", 'if (sleep()) log("x"); log("y");', '$x = sleep(); log("y");'):
        compiled: Compiled = compile_text(f"request_route {{ {text} }}")
        (warning,) = [each for each in compiled.diagnostics if "sleep()" in each.message]
        assert warning.message == "sleep() fails where no statement follows in the same block"
        assert warning.pos is not None and not [name for name in compiled.routes.get("route", {}) if b"+" in name]


def test_its_name_depends_on_the_statements_that_follow_and_on_nothing_before() -> None:
    (name,) = made('request_route { log("1"); sleep(); log("2"); }')
    assert list(made('request_route {\n\n if (1) { log("x"); }\n sleep();\n # text\n log("2"); }')) == [name]
    assert list(made('request_route { sleep(); log("3"); }')) != [name]
    (other,) = made('route[A] { sleep(); log("2"); } request_route { route(A); }')
    assert other.startswith(b"route[A]+") and name.startswith(b"request_route+")


def test_equal_rests_share_a_block_and_messages_about_them_come_once() -> None:
    text = 'request_route { if (1) { sleep(); log("2"); } else { sleep(); log("2"); } }'
    assert len(made(text.replace("(1)", '(has_abc("x"))'))) == 1
    compiled = compile_text('request_route { sleep(); on_failure("nowhere"); log("2"); }')
    assert len([each for each in compiled.diagnostics if "nowhere" in each.message]) == 1
