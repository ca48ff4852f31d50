"""Statements: one method a keyword, found through `StatementParser.STATEMENT_KEYWORDS`."""

from collections.abc import Callable

from ..tables import ASSIGNMENTS, CORE_COMMANDS, OPERANDS
from . import scanner
from .expressions import ExpressionParser
from .nodes import Assign, Call, Case, Do, Expr, If, Leave, Null, RouteCall, Stmt, Switch, Var, While
from .scanner import Token

MAX_CASES = 2000  # labels in one switch


class StatementParser(ExpressionParser):
    """Reads the statements of route blocks."""

    def actions(self) -> list[Stmt]:
        """`{ statements }`; may be empty."""
        opening = self.expect("{", "to begin a block")
        self.deeper()
        body: list[Stmt] = []
        while not self.token.is_op("}"):
            if self.token.kind is scanner.EOF:
                self.fail("this block is never closed with '}'", token=opening)
            self.statement(body)
        self.take()
        self.shallower()
        return body

    def block(self) -> list[Stmt]:
        """The body of if/else/while: a block or one statement."""
        if self.token.is_op("{"):
            return self.actions()
        body: list[Stmt] = []
        self.deeper()
        self.statement(body)
        self.shallower()
        return body

    def statement(self, out: list[Stmt]) -> None:
        """Read one statement into `out`; a lone `;` adds nothing."""
        token = self.token
        if self.accept(";"):
            return
        if token.kind is scanner.ID:
            method = self.STATEMENT_KEYWORDS.get(token.text)
            if method is not None:
                self.take()
                out.append(method(self, token))
                return
        if token.is_op("{"):  # Kamailio refuses a bare block; its statements simply belong to the list
            out += self.actions()
            return
        out.append(self._action(token))

    def _action(self, token: Token) -> Stmt:
        value: Expr
        if token.kind in (scanner.PV, scanner.ATTR):
            self.take()
            if not self.token.is_op(*ASSIGNMENTS):
                self.fail(f"'=' is expected after {token.text}: a variable alone is no statement")
            value = self.assignment(Var(token.text, pos=token.pos))
        elif token.kind is scanner.ID:
            value = self._command(token)
        else:
            self.fail(f"a statement is expected, not {token.describe()}")
        self._end(value)
        assert isinstance(value, (Assign, Call, RouteCall))
        return Do(value, pos=token.pos)

    def _command(self, token: Token) -> Call | RouteCall:
        word = self.take()
        if word.text in OPERANDS:
            self.fail(f"{word.text!r} is no statement", token=word)
        if word.text == "route":
            return self.route_call(word)
        if self.token.is_op("("):
            return self.call(word)
        row = CORE_COMMANDS.get(word.text)
        if row is not None and not row.bare:
            self.fail(f"'(' is expected after {word.text}")
        if not self.token.is_op(";", "}"):
            self.fail(f"'(' is expected after {word.text!r}, not {self.token.describe()}")
        return Call(row.name if row else word.text, pos=word.pos)  # OpenSER's `append_branch;`

    def _end(self, value: Expr) -> None:
        if not self.token.is_op(";", "}"):
            self.fail(f"';' is expected before {self.token.describe()}", "a statement above is not finished")
        self.accept(";")

    # -- keywords --------------------------------------------------------------------------------------------------

    def _if(self, token: Token) -> If:
        """`if`, with any number of `else if`: they nest in the tree, not in the parser."""
        first = node = If(self.condition(), self.block(), pos=token.pos)
        while True:
            self._tolerate_semicolon()
            if not self.accept_word("else"):
                return first
            word = self.token
            if not self.accept_word("if"):
                node.otherwise = self.block()
                return first
            inner = If(self.condition(), self.block(), pos=word.pos)
            node.otherwise, node = [inner], inner

    def _tolerate_semicolon(self) -> None:
        """Take `;` behind the `}` of an if: Kamailio refuses an else behind it."""
        self.accept(";")

    def _while(self, token: Token) -> While:
        return While(self.condition(), self.block(), pos=token.pos)

    def _switch(self, token: Token) -> Switch:
        value = self.condition()
        self.expect("{", "after switch (...)")
        self.deeper()
        cases: list[Case] = []
        while not self.token.is_op("}"):
            label = self.token
            if label.kind is scanner.EOF:
                self.fail("this switch is never closed with '}'", token=token)
            if self.accept(";"):
                continue
            if self.accept_word("default"):
                case = Case(None, [], pos=label.pos)
            elif self.accept_word("case"):
                regex = self.accept("/") is not None
                case = Case(self.expression(), [], regex, pos=label.pos)
            else:
                self.fail(f"'case' or 'default' is expected in a switch, not {label.describe()}")
            self.expect(":", "after the label")
            while not (self.token.is_op("}") or self.token.is_id("case", "default")):
                if self.token.kind is scanner.EOF:
                    self.fail("this switch is never closed with '}'", token=token)
                self.statement(case.body)
            cases.append(case)
            if len(cases) > MAX_CASES:
                self.fail(f"more than {MAX_CASES} labels in one switch", token=label)
        self.take()
        self.shallower()
        return Switch(value, cases, pos=token.pos)

    def _leave(self, token: Token) -> Leave:
        value: Expr | None = None
        if not self.token.is_op(";", "}"):
            self.empty_parentheses = True
            value = self.expression()
            self.empty_parentheses = False
            if isinstance(value, Null):  # `return()`
                value = None
        self._end_leave(token)
        return Leave(token.text, value, pos=token.pos)

    def _break(self, token: Token) -> Leave:
        self._end_leave(token)
        return Leave("break", None, pos=token.pos)

    def _end_leave(self, token: Token) -> None:
        if not self.token.is_op(";", "}"):
            self.fail(f"';' is expected after {token.text}, not {self.token.describe()}")
        self.accept(";")

    def _stray_else(self, token: Token) -> Stmt:
        self.fail("'else' without 'if'", token=token)

    def _stray_label(self, token: Token) -> Stmt:
        self.fail(f"{token.text!r} outside of a switch", token=token)

    STATEMENT_KEYWORDS: dict[str, Callable[["StatementParser", Token], Stmt]] = {
        "if": _if, "while": _while, "switch": _switch, "return": _leave, "exit": _leave, "drop": _leave,
        "break": _break, "esac": _break, "else": _stray_else, "case": _stray_label, "default": _stray_label,
    }  # fmt: skip
