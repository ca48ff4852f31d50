"""What the compiler knows of variables changes the Python it writes, and never what that does."""

from collections.abc import Callable
from random import Random
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.cfg.compile import known
from kahea.cfg.compile.compiler import Limits, compile_config
from kahea.cfg.compile.values import ScriptExit
from kahea.cfg.syntax.parser import parse_text
from kahea.tests.cfg.fake import CellEnvironment, Msg

ROUTES = """
route[TEXT] { $var(a) = "7"; return 1; }
route[NUMBER] { $var(b) = $var(b) + 1; return -1; }
"""


def run(body: str, turns: int = 100) -> tuple[Any, ...]:
    """All that running a body leaves: its result, how it ended, what it logged, the variables."""
    env, msg = CellEnvironment(), Msg()
    config = parse_text(f"{ROUTES} request_route {{ {body} }}".encode("latin-1"), "test.cfg")
    compiled = compile_config(config, env, Limits(max_while_loops=turns))
    for first, name in ((b"5", b"$var(a)"), (2147483640, b"$var(b)")):
        env.parse_pv(name).set(msg, first)  # left by an earlier message
    try:
        code = compiled.routes["request_route"][b""](msg)
    except ScriptExit as ended:
        code = ended.code
    values = {name: (cell.value.__class__, cell.value) for name, cell in env.cells.items()}
    return code, msg.act, msg.log, values


def python(body: str) -> str:
    """The Python of a body."""
    config = parse_text(f"{ROUTES} request_route {{ {body} }}".encode("latin-1"), "test.cfg")
    source = compile_config(config, CellEnvironment()).source
    return source[source.index("def request_route") :]


# -- the same results --------------------------------------------------------------------------------------------------

NAMES = ("$var(a)", "$var(b)", "$var(c)")
NUMBERS = (0, 1, 2, 3, 5, 31, 100, 1073741823, 2147483640, 2147483647)
TEXTS = ('"5"', '"x"', '""', '"0x10"', '"-3"', '"2147483647"')
COMPARISONS = ("<", ">", "<=", ">=", "==", "!=")
ENDS = ("break;", "break;", "return;", "exit;", "return $var(c);")
#: what is asked at the end: a sum and a comparison that tell numbers from texts
PROBE = "".join(f'$var(p) = {name} + 1; $var(q) = {name} < 5; log("$var(p) $var(q)"); ' for name in NAMES)


class Author:
    """Writes small scripts. Nothing in them adds a variable to a text: texts must not double every turn."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.pick = random.choice

    def leaf(self) -> str:
        """A variable, mostly, or a constant."""
        return str(self.pick((*NAMES, *NAMES, self.pick(NUMBERS), self.pick(NUMBERS), self.pick(TEXTS), "$null", "$n")))

    def comparison(self) -> str:
        """Of a variable."""
        return f"{self.pick(NAMES)} {self.pick(COMPARISONS)} {self.pick((*NAMES, *NUMBERS, *NUMBERS))}"

    def expression(self, depth: int) -> str:
        """Anything that has a value."""
        if depth == 0:
            return self.leaf()
        left, right = self.expression(depth - 1), self.expression(depth - 1)
        forms: tuple[Callable[[], str], ...] = (
            self.leaf,
            lambda: f"({left} + {self.pick((*NUMBERS, *TEXTS))})",
            lambda: f"({left} + (int){right})",
            lambda: f"({left} {self.pick(('-', '*', '/', 'mod', '&', '|', '^', '<<', '>>'))} {right})",
            lambda: f"({left} {self.pick(('&&', '||', 'eq', 'ieq', '=~', *COMPARISONS))} {right})",
            lambda: f"{self.pick(('!', '-', '~', '(int)', '(str)', 'strlen', 'defined'))}({left})",
            lambda: f"selval({self.comparison()}, {left}, {right})",
            lambda: f"({self.comparison()} && {left})",
            lambda: f"({self.pick(NAMES)} = {left})",
            lambda: self.pick(("route(TEXT)", "route(NUMBER)", "f(1)", "f(-1)")),
        )
        return self.pick(forms)()

    def condition(self) -> str:
        """Of if and while."""
        forms = (self.comparison, self.comparison, lambda: self.expression(2),
                 lambda: f"{self.comparison()} {self.pick(('&&', '||'))} {self.comparison()}",
                 lambda: f"!({self.comparison()})")  # fmt: skip
        return self.pick(forms)()

    def statement(self, depth: int) -> str:
        """One statement, with others in it down to `depth`."""
        name, other, number = self.pick(NAMES), self.pick(NAMES), self.pick(NUMBERS)
        simple: tuple[Callable[[], str], ...] = (
            lambda: f"{name} = {number};",
            lambda: f"{name} = {self.pick(TEXTS)};",
            lambda: f"{name} = {other};",
            lambda: f"{name} = {name} {self.pick('+-*')} {self.pick((1, 2, number))};",
            lambda: f"{name} {self.pick(('-=', '*=', '/=', '|='))} {self.leaf()};",
            lambda: f"{name} = {self.expression(2)};",
            lambda: f'$var(p) = {name} + 1; log("$var(p)");',
            lambda: self.pick(("route(TEXT);", "route(NUMBER);", "f(1);", f"write({name});", *ENDS)),
        )
        nested: tuple[Callable[[], str], ...] = (
            lambda: f"if ({self.condition()}) {{ {self.body(depth)} }}",
            lambda: f"if ({self.condition()}) {{ {self.body(depth)} }} else {{ {self.body(depth)} }}",
            lambda: f"if ({self.condition()}) {{ {self.body(depth)} }} else {self.statement(0)}",
            lambda: f"while ({self.condition()}) {{ {self.body(depth)} }}",
            lambda: f"{name} = 0; while ({name} < {number}) {{ {self.body(depth)} {name} = {name} + 1; }}",
            lambda: self.switch(depth),
        )
        return self.pick(simple + nested * 2 if depth else simple)()

    def switch(self, depth: int) -> str:
        """Cases that break, or fall into the next."""
        cases = [f"case {n}: {self.body(depth)} {self.pick(('', 'break;'))}" for n in range(self.pick((1, 2, 3)))]
        default = self.pick(("", f"default: {self.body(depth)}"))
        return f"switch ({self.expression(1)}) {{ {' '.join(cases)} {default} }}"

    def body(self, depth: int, longest: int = 3) -> str:
        """Statements of the next level."""
        return " ".join(self.statement(depth - 1) for _ in range(self.random.randint(0 if depth < 3 else 2, longest)))

    def script(self) -> str:
        """A whole one: variables that may be known, statements, and what tells what became of them."""
        first = "".join(f"{name} = {self.pick((*NUMBERS, TEXTS[0]))}; " for name in NAMES if self.pick((1, 1, 0)))
        return f"{first} {self.body(3, longest=4)} {PROBE}"


@given(st.integers(0, 1 << 40))
def test_a_script_does_the_same_when_nothing_is_known_of_its_variables(seed: int) -> None:
    body = Author(Random(seed)).script()
    with mock.patch.object(known, "KNOWN_VARIABLES", 0):
        expected = run(body, turns=7)
    assert run(body, turns=7) == expected, body


# -- what is known -----------------------------------------------------------------------------------------------------

KNOWN = {
    "a loop that counts": (
        "$var(i) = 0; while ($var(i) < 100) { $var(i) = $var(i) + 1; }",
        "not (var_i.value < 100)", "var_i.value = (var_i.value + 1)\n",
    ),
    "a loop that counts down": (
        "$var(i) = 9; while ($var(i) > 0) { $var(i) -= 1; }", "var_i.value = (var_i.value - 1)\n",
    ),
    "a loop that breaks": (
        "$var(i) = 0; while (1) { if ($var(i) >= 5) { break; } $var(i) = $var(i) + 1; }",
        "if var_i.value >= 5:", "var_i.value = (var_i.value + 1)\n",
    ),
    "both branches": (
        "if (f(1)) { $var(i) = 1; } else { $var(i) = 2; } $var(j) = $var(i) + 1;", "var_j.value = (var_i.value + 1)\n",
    ),
    "all cases": (
        "switch ($n) { case 1: $var(i) = 1; break; default: $var(i) = 5; } $var(j) = $var(i) * 3;",
        "var_j.value = (var_i.value * 3)\n",
    ),
    "what returned is no path": (
        '$var(i) = 1; if ($n) { $var(i) = "x"; return; } $var(j) = $var(i) + 1;', "var_j.value = (var_i.value + 1)\n",
    ),
    "a function that keeps variables": (
        '$var(i) = 1; log("$var(i)"); $var(j) = $var(i) - 1;', "var_j.value = (var_i.value - 1)\n",
    ),
    "division without a question": ("$var(i) = 7; $var(j) = $var(i) mod 4;", "var_j.value = (var_i.value % 4)\n"),
}  # fmt: skip
UNKNOWN = {
    "at the start": "$var(j) = $var(i) + 1;",
    "behind a function": "$var(i) = 1; f(1); $var(j) = $var(i) + 1;",
    "behind a function in a condition": "$var(i) = 1; if (f(1)) { } $var(j) = $var(i) + 1;",
    "behind a function that goes on later": "$var(i) = 1; sleep(); $var(j) = $var(i) + 1;",
    "behind a route": "$var(i) = 1; route(NUMBER); $var(j) = $var(i) + 1;",
    "behind a function that writes": "$var(i) = 1; write($var(i)); $var(j) = $var(i) + 1;",
    "behind a block": "$var(i) = 1; if ({ $var(i) = 5; }) { } $var(j) = $var(i) + 1;",
    "one branch": 'if (f(1)) { $var(i) = 1; } else { $var(i) = "1"; } $var(j) = $var(i) + 1;',
    "a text later in the loop": '$var(i) = 1; while ($n) { $var(j) = $var(i) + 1; $var(i) = "1"; }',
    "not assigned after an error": '$var(i) = "1"; $var(i) = 1 / $n; $var(j) = $var(i) + 1;',
    "another variable": "$var(i) = $var(k); $var(j) = $var(i) + 1;",
}


@pytest.mark.parametrize("case", KNOWN)
def test_what_is_known_is_not_asked(case: str) -> None:
    body, *lines = KNOWN[case]
    for line in lines:
        assert line in python(body)


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_not_known_is_asked(case: str) -> None:
    assert "(v := var_i.value).__class__ is int" in python(UNKNOWN[case])


def test_sums_that_may_leave_32_bits_wrap() -> None:
    assert "i32(" in python("$var(i) = 0; while ($var(i) < $n) { $var(i) = $var(i) + 1; }")
    assert "i32(" not in python("$var(i) = 0; while ($var(i) < $n && $var(i) < 2147483647) { $var(i) = $var(i) + 1; }")


def test_of_variables_beyond_a_limit_nothing_is_known() -> None:
    body = "".join(f"$var(v{i}) = 1; " for i in range(known.KNOWN_VARIABLES + 1))
    source = python(body + "".join(f"$var(w) = $var(v{i}) + 1; " for i in range(known.KNOWN_VARIABLES + 1)))
    assert "(var_v0.value + 1)" in source
    assert f"(v := var_v{known.KNOWN_VARIABLES}.value).__class__ is int" in source


def test_a_loop_that_needs_more_walks_than_allowed_knows_nothing() -> None:
    chain = "".join(f"$var(v{i}) = $var(v{i + 1}); " for i in range(known.PASSES + 2))
    first = "".join(f"$var(v{i}) = 1; " for i in range(known.PASSES + 3))
    body = f'{first} while ($n) {{ $var(j) = $var(v0) + 1; {chain} $var(v{known.PASSES + 2}) = "x"; }}'
    assert "(v := var_v0.value).__class__ is int" in python(body)
