"""Statements to lines of Python: one function a route block.

The result of a block is that of its last action, so each list of statements is emitted for one of three uses:
DISCARD (the result does not matter), RETURN (the list ends the function), STORE (keep it in `r`: a body of while or
switch, after which more follows). A route called as a statement may have ended the script: `if msg.act: return r`.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from ..errors import ConfigError, Diagnostic
from ..source import Pos
from ..syntax.nodes import Assign, BlockExpr, Call, Do, Expr, If, Leave, RouteCall, Stmt, Unary, While
from ..syntax.printer import print_statement
from .codegen import Lines
from .emit_call import CallEmitter
from .values import DROP, EXIT

DISCARD, RETURN, STORE = "discard", "return", "store"


class StatementEmitter(CallEmitter):
    """Emits route blocks. Errors are collected a statement, so that one run shows all of them."""

    out: Lines
    max_while_loops = 100

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.diagnostics: list[Diagnostic] = []
        self.blocks: list[tuple[str, BlockExpr]] = []
        self.here: tuple[list[Stmt], int] = ([], 0)  # the list being emitted, and where in it we are
        self.block_name = ""  # as errors show it: request_route, route[NAME]
        self.continuations: dict[bytes, str] = {}  # name of the block -> of its function
        self.warn = lambda message, pos, hint: self.diagnostics.append(Diagnostic("warning", message, pos, hint))
        self._emit: dict[type, Callable[[Any, str], None]] = {
            Do: self._do, If: self._if, While: self._while, Leave: self._leave,
        }  # fmt: skip

    def block_text(self, block: BlockExpr) -> str:
        """Name of the function made from a block expression; the compiler emits it after this one."""
        name = self.names.reserve("block")
        self.blocks.append((name, block))
        return name

    def continuation(self, call: Call) -> bytes:
        """Make a block of the statements after the call. Its name holds a digest of their text: what waits to go on
        with them does so after a reload too, unless they have changed."""
        body, at = self.here
        stmt, rest = body[at], body[at + 1 :]
        if not (isinstance(stmt, Do) and stmt.value is call and rest):
            self.warn(f"{call.name}() fails where no statement follows in the same block", call.pos, "")
            return b""
        text = "".join(print_statement(each) for each in rest)
        digest = hashlib.sha1(text.encode("latin-1", "backslashreplace")).hexdigest()[:12]
        name = f"{self.block_name}+{digest}".encode("latin-1")
        if name not in self.continuations:
            self.continuations[name] = self.names.reserve(f"{self.block_name}_{digest}")
            self.blocks.append((self.continuations[name], BlockExpr(rest, pos=rest[0].pos)))
        return name

    def line(self, text: str, pos: Pos) -> None:
        """Emit one line that stands for a place in the configuration."""
        self.out.add(text, pos.line)

    def statements(self, body: list[Stmt], use: str, pos: Pos) -> None:
        """Emit a list of statements; `pos` is used when it is empty."""
        last = len(body) - 1
        for i, stmt in enumerate(body):
            self.here = body, i
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
            keep = DISCARD if self._gives_one(stmt.body) else STORE
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

    def _gives_one(self, body: list[Stmt]) -> bool:
        """Is the result 1 whichever way these statements end, and does none of them put another into `r` before?"""
        for stmt in body:
            if isinstance(stmt, If):
                if not (self._gives_one(stmt.then) and self._gives_one(stmt.otherwise or [])):
                    return False
            elif isinstance(stmt, Do) and isinstance(stmt.value, Call):
                if stmt is body[-1]:
                    return False
            elif not (isinstance(stmt, Leave) or id(stmt) in self.flow.whole):
                return False
        return True
