"""`switch` to Python: if/elif where no case falls into the next, else numbered bodies run from the chosen one on."""

from typing import Any

from ..errors import ConfigError
from ..regex import compile_regex
from ..source import Pos
from ..syntax.nodes import Call, Case, If, Leave, RouteCall, Stmt, Switch
from .emit_stmt import DISCARD, RETURN, STORE, StatementEmitter
from .values import num, text


class SwitchEmitter(StatementEmitter):
    """Emits every statement."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._emit[Switch] = self._switch

    def _switch(self, stmt: Switch, use: str) -> None:
        pos = stmt.pos
        keep = STORE if use != DISCARD else DISCARD
        cases = stmt.cases
        regex_or_text = self._is_text_switch(cases)
        self.raises = False
        code = self.emit(stmt.value)
        subject = self.string(code) if regex_or_text else self.integer(code)
        if isinstance(stmt.value, (Call, RouteCall)) and not regex_or_text:
            subject = self.call_code(stmt.value)
        guard = self._try(pos)
        self.line(f"k = {subject}", pos)
        self._except_zero(guard, pos)
        if keep == STORE:
            self.line("r = 1", pos)
        groups = self._groups(cases, regex_or_text)
        if not groups:
            self._result("1", use, pos)
            return
        if all(_ends(body) for _, body, _ in groups[:-1]) and not any(_breaks_inside(b) for _, b, _ in groups):
            self._switch_chain(groups, keep)
        else:
            self._switch_fall(groups, keep, pos)
        if use == RETURN:
            self.line("return r", pos)

    def _except_zero(self, guard: bool, pos: Pos) -> None:
        if guard:
            self.out.indent -= 1
            self.line(f"except EvalError as e: k = failed(e, {pos.line}) + 1", pos)

    def _is_text_switch(self, cases: list[Case]) -> bool:
        kinds = set()
        for case in cases:
            if case.label is not None:
                code = self.value(case.label)
                if not code.is_const:
                    raise ConfigError("the label of a case must be constant", case.label.pos)
                kinds.add(case.regex or isinstance(code.const, bytes))
        if len(kinds) > 1:
            raise ConfigError("the labels of a switch are all numbers or all strings", cases[0].pos)
        if sum(case.label is None for case in cases) > 1:
            raise ConfigError("a switch has one default", [c for c in cases if c.label is None][1].pos)
        return kinds == {True}

    def _groups(self, cases: list[Case], as_text: bool) -> list[tuple[list[str] | None, list[Stmt], Pos]]:
        """Cases with bodies: (tests or None when default is among the labels, body, place)."""
        groups: list[tuple[list[str] | None, list[Stmt], Pos]] = []
        seen: set[Any] = set()
        tests: list[str] = []
        default = False
        for i, case in enumerate(cases):
            if case.label is None:
                default = True
            else:
                tests.append(self._label(case, as_text, seen))
            if case.body or i == len(cases) - 1:
                groups.append((None if default else tests, case.body, case.pos))
                tests, default = [], False
        return groups

    def _label(self, case: Case, as_text: bool, seen: set[Any]) -> str:
        assert case.label is not None
        const = self.value(case.label).const
        if case.regex:
            try:
                regex = compile_regex(text(const), ignore_case=False)
            except ValueError as exc:
                raise ConfigError(str(exc), case.label.pos) from None
            return f"{self.names.bind('search_case', regex.pattern.search)}(k) is not None"
        const = text(const) if as_text else num(const)
        if const in seen:
            raise ConfigError("this label is in the switch already", case.label.pos)
        seen.add(const)
        return f"k == {const!r}"

    def _switch_chain(self, groups: list[tuple[list[str] | None, list[Stmt], Pos]], keep: str) -> None:
        """No case falls into the next: if/elif/else, default last."""
        ordered = [g for g in groups if g[0] is not None] + [g for g in groups if g[0] is None]
        word = "if"
        for tests, body, pos in ordered:
            if tests is None:
                self.line("else:" if word == "elif" else "if True:", pos)
            else:
                self.line(f"{word} {_any(tests)}:", pos)
                word = "elif"
            ends_in_break = bool(body) and isinstance(body[-1], Leave) and body[-1].how in ("break", "esac")
            self._nested(body[:-1] if ends_in_break else body, DISCARD if ends_in_break else keep, pos)
            if ends_in_break and keep == STORE:
                self.out.indent += 1
                self.line("r = 0", pos)
                self.out.indent -= 1
            elif ends_in_break and self._empty():
                self.out.indent += 1
                self.line("pass", pos)
                self.out.indent -= 1

    def _switch_fall(self, groups: list[tuple[list[str] | None, list[Stmt], Pos]], keep: str, pos: Pos) -> None:
        """Some case falls into the next, or breaks from within: number the bodies, run from the chosen one on."""
        default = next((i for i, g in enumerate(groups) if g[0] is None), len(groups))
        chosen = " ".join(f"{i} if {_any(g[0])} else" for i, g in enumerate(groups) if g[0] is not None)
        number = self.names.reserve("case")
        self.line(f"{number} = {chosen} {default}", pos)
        self.line("while True:", pos)

        def bodies() -> None:
            for i, (_, body, place) in enumerate(groups):
                self.line(f"if {number} <= {i}:", place)
                self._nested(body, keep, place)
            self.line("break", pos)

        self._loop(bodies)


def _any(tests: list[str] | None) -> str:
    values = [t[5:] for t in tests or () if t.startswith("k == ")]
    if len(values) == len(tests or ()) and len(values) > 1:
        return f"k in ({', '.join(values)})"
    return " or ".join(tests or ())


def _ends(body: list[Stmt]) -> bool:
    """Does the list end in a statement that never falls through?"""
    return bool(body) and isinstance(body[-1], Leave)


def _breaks_inside(body: list[Stmt]) -> bool:
    """Is there a `break` of this switch other than as the last statement of the case?"""
    return any(_has_break(s) for s in body[:-1]) or bool(
        body and not isinstance(body[-1], Leave) and _has_break(body[-1])
    )


def _has_break(stmt: Stmt) -> bool:
    if isinstance(stmt, Leave):
        return stmt.how in ("break", "esac")
    if isinstance(stmt, If):
        return any(_has_break(s) for s in (*stmt.then, *(stmt.otherwise or ())))
    return False
