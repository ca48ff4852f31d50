"""Statements to lines of Python: one function a route block.

The result of a block is that of its last action, so each list of statements is emitted for one of three uses:
DISCARD (the result does not matter), RETURN (the list ends the function), STORE (keep it in `r`: a body of while or
switch, after which more follows). A route called as a statement may have ended the script: `if msg.act: return r`.
"""

from collections.abc import Callable
from typing import Any

from .codegen import BOOL, Lines
from .emit_call import CallEmitter
from .errors import ConfigError, Diagnostic
from .nodes import Assign, BlockExpr, Call, Case, Do, Expr, If, Leave, RouteCall, Stmt, Str, Switch, Unary, While
from .regex import compile_regex
from .source import Pos
from .values import DROP, EXIT, num, text

DISCARD, RETURN, STORE = "discard", "return", "store"


class StatementEmitter(CallEmitter):
    """Emits route blocks. Errors are collected a statement, so that one run shows all of them."""

    out: Lines
    max_while_loops = 100

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.diagnostics: list[Diagnostic] = []
        self.blocks: list[tuple[str, BlockExpr]] = []
        self.warn = lambda message, pos, hint: self.diagnostics.append(Diagnostic("warning", message, pos, hint))
        self._emit: dict[type, Callable[[Any, str], None]] = {
            Do: self._do, If: self._if, While: self._while, Switch: self._switch, Leave: self._leave,
        }  # fmt: skip

    def block_text(self, block: BlockExpr) -> str:
        """Name of the function made from a block expression; the compiler emits it after this one."""
        name = self.names.bind("block", object())
        self.blocks.append((name, block))
        return name

    def line(self, text: str, pos: Pos) -> None:
        """Emit one line that stands for a place in the configuration."""
        self.out.add(text, pos.line)

    def statements(self, body: list[Stmt], use: str, pos: Pos) -> None:
        """Emit a list of statements; `pos` is used when it is empty."""
        last = len(body) - 1
        for i, stmt in enumerate(body):
            try:
                self._emit[type(stmt)](stmt, use if i == last else DISCARD)
            except ConfigError as exc:
                self.diagnostics.append(exc.diagnostic)
                self.line("pass", stmt.pos)
        if not body:
            self._result("1", use, pos)

    def _nested(self, body: list[Stmt], use: str, pos: Pos) -> None:
        self.out.indent += 1
        self.statements(body, use, pos)
        self.out.indent -= 1

    def _result(self, value: str, use: str, pos: Pos) -> None:
        """The result of an action that is not a call."""
        if use == RETURN:
            self.line(f"return {value}", pos)
        elif use == STORE:
            self.line(f"r = {value}", pos)
        elif self._empty():
            self.line("pass", pos)

    def _empty(self) -> bool:
        """Would the block that was opened by the last line stay empty?"""
        lines = self.out.lines
        return bool(lines) and lines[-1][0].endswith(":")

    # -- actions ---------------------------------------------------------------------------------------------------

    def _do(self, stmt: Do, use: str) -> None:
        value = stmt.value
        if isinstance(value, RouteCall):
            self._do_route(value, use)
            return
        self.raises = False
        if isinstance(value, Assign):
            code = self.assign_text(value)
        else:
            code, core = self.call_text(value)
            if not core:
                code = f"rc(msg, {code}) or stop(msg)" if self.reads_rc else f"{code} or stop(msg)"
        guard = self._try(stmt.pos)
        if isinstance(value, Assign):
            self.line(code, stmt.pos)
            self._result("1", use, stmt.pos)
        elif use == DISCARD:
            self.line(code, stmt.pos)
        else:
            self._result(code, use, stmt.pos)
        self._except(guard, use, stmt.pos)

    def _do_route(self, call: RouteCall, use: str) -> None:
        route = f"{self.route_text(call)}(msg)"
        if use == RETURN:
            self.line(f"return rc(msg, {route})" if self.reads_rc else f"return {route}", call.pos)
            return
        self.line(f"r = msg.rc = {route}" if self.reads_rc else f"r = {route}", call.pos)
        self.line("if msg.act: return r", call.pos)

    def _try(self, pos: Pos) -> bool:
        """Open a `try` when what comes next may raise EvalError."""
        if not self.raises:
            return False
        self.line("try:", pos)
        self.out.indent += 1
        return True

    def _except(self, guard: bool, use: str, pos: Pos) -> None:
        if guard:
            self.out.indent -= 1
            self.line("except EvalError as e:", pos)
            self.out.indent += 1
            if use == DISCARD:
                self.line(f"failed(e, {pos.line})", pos)
            else:
                self._result(f"failed(e, {pos.line})", use, pos)
            self.out.indent -= 1

    def _leave(self, stmt: Leave, use: str) -> None:
        if stmt.how in ("break", "esac"):
            if self.breaks:
                self.line("r = 0", stmt.pos)
                self.line("break", stmt.pos)
            else:
                self.line("return 0", stmt.pos)
            return
        self.raises = False
        code = None
        if stmt.value is not None:
            value = stmt.value
            code = self.call_code(value) if isinstance(value, (Call, RouteCall)) else self.integer(self.value(value))
        guard = self._try(stmt.pos)
        if stmt.how == "return":
            if code is None or (code.lstrip("-").isdigit() and code != "0"):
                self.line(f"return {code or 1}", stmt.pos)
            elif code == "0":
                self.line(f"msg.act = {EXIT}; return 0", stmt.pos)
            else:
                self.line(f"return leave(msg, {code})", stmt.pos)
        else:
            default, act = (1, EXIT) if stmt.how == "exit" else (0, EXIT | DROP)
            if code is not None and not code.lstrip("-").isdigit():
                self.line(f"r = {code}", stmt.pos)
                code = "r"
            self.line(f"msg.act = {act}; return {default if code is None else code}", stmt.pos)
        self._except(guard, RETURN, stmt.pos)

    # -- conditions ------------------------------------------------------------------------------------------------

    def _test(self, condition: Expr, pos: Pos, positive: bool) -> str:
        """Emit what must run before the test, return the Python condition."""
        negated, inner = False, condition
        while isinstance(inner, Unary) and inner.op == "!":
            negated, inner = not negated, inner.value
        if isinstance(inner, RouteCall):
            self.line(f"c = {'msg.rc = ' if self.reads_rc else ''}{self.route_text(inner)}(msg)", pos)
            self.line("if msg.act: return c", pos)
            return "c <= 0" if negated else "c > 0"
        self.raises = False
        truth = self.truth(condition, positive)
        if not self.raises:
            return truth
        self.line(f"try: c = {truth}", pos)
        self.line(f"except EvalError as e: c = failed(e, {pos.line}) > 0", pos)
        return "c"

    def _if(self, stmt: If, use: str) -> None:
        test = self._test(stmt.condition, stmt.pos, positive=True)
        if test == "True":
            self.statements(stmt.then, use, stmt.pos)
            return
        if test == "False":
            if stmt.otherwise:
                self.statements(stmt.otherwise, use, stmt.pos)
            else:
                self._result("1", use, stmt.pos)
            return
        self.line(f"if {test}:", stmt.pos)
        self._nested(stmt.then, use, stmt.pos)
        node: If | None = stmt
        while node is not None and node.otherwise:
            node = self._else(node.otherwise, use, node.pos)
        if node is not None and use == RETURN:
            self.line("return 1", stmt.pos)
        elif node is not None and use == STORE:
            self.line("else: r = 1", stmt.pos)

    def _else(self, body: list[Stmt], use: str, pos: Pos) -> If | None:
        """`else`; a lone if in it becomes `elif` when its test needs no line before it: returned to be continued."""
        if len(body) == 1 and isinstance(body[0], If):
            inner, mark = body[0], len(self.out.lines)
            test = self._test(inner.condition, inner.pos, positive=True)
            if len(self.out.lines) == mark and test not in ("True", "False"):
                self.line(f"elif {test}:", inner.pos)
                self._nested(inner.then, use, inner.pos)
                return inner
            del self.out.lines[mark:]
        self.line("else:", pos)
        self._nested(body, use, pos)
        return None

    # -- loops and switches ----------------------------------------------------------------------------------------

    def _loop(self, body: Callable[[], None]) -> None:
        outer, self.breaks = self.breaks, True
        self.out.indent += 1
        body()
        self.out.indent -= 1
        self.breaks = outer

    breaks = False  # does `break` leave a Python loop here?

    def _while(self, stmt: While, use: str) -> None:
        limit, pos = self.max_while_loops, stmt.pos
        keep = STORE if use != DISCARD else DISCARD
        if keep == STORE:
            self.line("r = 1", pos)
        self.line(f"for _ in range({limit}):" if limit else "while True:", pos)

        def turn() -> None:
            test = self._test(stmt.condition, pos, positive=False)
            if test != "True":
                self.line(f"if not ({test}): break", pos)
            self.statements(stmt.body, keep, pos)

        self._loop(turn)
        if limit:
            self.line("else:", pos)
            self.out.indent += 1
            test = self._test(stmt.condition, pos, positive=False)
            self.line(f"if {test}: r = runaway({limit}, {pos.line})", pos)
            self.out.indent -= 1
        if use == RETURN:
            self.line("return r", pos)

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
        number = self.names.bind("case", object())
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


__all__ = ["BOOL", "DISCARD", "RETURN", "STORE", "StatementEmitter", "Str"]
