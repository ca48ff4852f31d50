"""What a script does when it runs."""

import pytest

from kahea.cfg.errors import ConfigError
from kahea.tests.cfg.fake import Msg, compile_text, run


def logged(text: str, **values: object) -> list[object]:
    """What `text` logged, as request_route."""
    return run(text, Msg(**values))[1].log


def test_a_negative_code_is_false_and_its_negation_true() -> None:
    assert logged('if (f(-1)) log("yes"); else log("no");') == ["f-1", b"no"]
    assert logged('if (!f(-1)) log("yes");') == ["f-1", b"yes"]


def test_zero_stops_the_script_in_any_place() -> None:
    assert logged('f(0); log("never");') == ["f0"]
    assert logged('if (f(1) && f(0) || f(2)) log("x"); log("never");') == ["f1", "f0"]
    assert logged('route[A] { f(0); } request_route { route(A); log("never"); }') == ["f0"]


def test_exit_in_a_called_route_ends_the_script() -> None:
    assert logged('route[A] { exit; } request_route { if (route(A)) log("x"); log("never"); }') == []
    assert logged('route[A] { return; } request_route { if (route(A)) log("x"); log("y"); }') == [b"x", b"y"]


def test_errors_of_several_statements_are_reported_together() -> None:
    with pytest.raises(ConfigError) as caught:
        compile_text("request_route { nope(); forwrad();\n $ro = 1; }")
    text = str(caught.value)
    assert "test.cfg:1:17: error: unknown function nope()" in text
    assert 'did you mean "forward"?' in text
    assert "test.cfg:2:2: error: $ro cannot be written" in text


def test_many_block_expressions_each_run_their_own_block() -> None:
    names = [f"R{i}" for i in range(60)]
    routes = "".join(f'route[{name}] {{ if ({{ log("{name}"); return 1; }}) log("then"); }}\n' for name in names)
    calls = " ".join(f"route({name});" for name in names)
    expected = [text for name in names for text in (name.encode(), b"then")]
    assert logged(f"{routes} request_route {{ {calls} }}") == expected
