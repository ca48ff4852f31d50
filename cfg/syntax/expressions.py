"""Expressions: precedence climbing over `tables.BINARY` and `tables.PREFIX`; primaries by hand."""

from ..tables import (
    ASSIGNMENTS,
    BINARY,
    CORE_COMMANDS,
    MAX_LEN,
    NUMBERS,
    OPERANDS,
    OPERATOR_CALLS,
    PREFIX,
    PROTOCOLS,
    STATEMENTS,
)  # fmt: skip
from . import scanner
from .comparisons import ComparisonParser
from .nodes import (
    Assign,
    Binary,
    BlockExpr,
    Call,
    Expr,
    Host,
    Int,
    Null,
    Operand,
    RouteCall,
    Selval,
    Stmt,
    Str,
    Unary,
    Var,
)  # fmt: skip
from .scanner import ADDRESS, SCRIPT, Token

MAX_ARGS = 12
CHAIN, LOGIC_CHAIN = 80, 400  # operators in a row; `&&` and `||`
LOGIC = BINARY["&&"][1]


class ExpressionParser(ComparisonParser):
    """Reads expressions; blocks inside them come from `StatementParser.actions`."""

    empty_parentheses = False  # `()` is allowed: behind return, exit and drop

    def actions(self) -> list[Stmt]:
        """`{ ... }` (defined by StatementParser)."""
        raise AssertionError("StatementParser reads blocks")

    def expression(self, power: int = 0) -> Expr:
        """An expression whose operators all bind tighter than `power`."""
        self.deeper()
        left = self._prefix()
        count = 0
        while True:
            token = self.token
            row = BINARY.get(token.text) if token.kind in (scanner.OP, scanner.ID) else None
            if row is None or row[1] <= power:
                break
            count += 1 if row[1] <= LOGIC else LOGIC_CHAIN // CHAIN
            if count > LOGIC_CHAIN:
                self.fail(f"more than {CHAIN} operators in a row", "put parts into variables")
            self.take()
            right = self._right_side(left, row[0], row[1])
            left = Binary(row[0], left, right, pos=token.pos)
        self.shallower()
        return left

    def condition(self) -> Expr:
        """The condition of if/while/switch: parentheses are part of the expression; OpenSER allows `[ ]`."""
        if self.accept("["):
            value = self.expression()
            self.expect("]", "after the condition")
            return value
        return self.expression_or_assign()

    def expression_or_assign(self) -> Expr:
        """An expression, or `lvalue = expression` used as one."""
        value = self.expression()
        if isinstance(value, Var) and self.token.is_op(*ASSIGNMENTS):
            return self.assignment(value)
        return value

    def assignment(self, target: Var) -> Assign:
        """What follows the left side of an assignment."""
        op = self.take()
        if self.token.is_id("null", "NULL"):
            return Assign(target, op.text, Null(pos=self.take().pos), pos=target.pos)
        self.deeper()
        value = self.expression_or_assign()
        self.shallower()
        if isinstance(value, Host):
            value = Str(value.name.encode("latin-1"), pos=value.pos)
        return Assign(target, op.text, value, pos=target.pos)

    def _right_side(self, left: Expr, op: str, power: int) -> Expr:
        if op in ("==", "!=") and isinstance(left, Var):
            token = self.token
            if token.is_id("myself"):
                return Operand("myself", pos=self.take().pos)
            if token.is_id("null", "NULL"):
                return Null(pos=self.take().pos)
        return self.expression(power)

    def _prefix(self) -> Expr:
        token = self.token
        row = PREFIX.get(token.text) if token.kind in (scanner.OP, scanner.ID) else None
        if row is None:
            return self._primary()
        self.take()
        self.deeper()
        value: Expr
        if row[0] == "!" and self.token.kind is scanner.ID and self.token.text in OPERANDS:
            value = self._primary()  # `!method == "X"` negates the comparison
        elif row[0] == "-" and self.token.kind is scanner.NUM:
            number = self.take()
            self.shallower()
            return Int(_wrap(-number.value), pos=token.pos)
        else:
            value = self._tight(row[1])
        self.shallower()
        return Unary(row[0], value, pos=token.pos)

    def _tight(self, power: int) -> Expr:
        """The operand of a prefix operator: another prefix operator or a primary."""
        token = self.token
        row = PREFIX.get(token.text) if token.kind in (scanner.OP, scanner.ID) else None
        return self._prefix() if row is not None else self._primary()

    # -- primaries -------------------------------------------------------------------------------------------------

    def _primary(self) -> Expr:
        token = self.token
        kind = token.kind
        if kind is scanner.NUM:
            return Int(self.take().value, pos=token.pos)
        if kind is scanner.STR:
            return self._strings()
        if kind in (scanner.PV, scanner.SELECT, scanner.ATTR):
            return Var(self.take().text, pos=token.pos)
        if kind is scanner.ID:
            return self._word(self.take())
        if kind in (scanner.IP4, scanner.IP6):
            return Str(self.take().text.encode("latin-1"), pos=token.pos)
        if kind is scanner.WORD and token.text.isdigit():  # `08`: Kamailio's scanner refuses it
            return Int(int(self.take().text), pos=token.pos)
        if token.is_op("("):
            return self._parenthesis()
        if token.is_op("{"):
            return BlockExpr(self.actions(), pos=token.pos)
        self.fail(f"an expression is expected, not {token.describe()}")

    def _strings(self) -> Str:
        token = self.take()
        value = token.value
        while self.token.kind is scanner.STR:  # Kamailio joins only "..." "...": a superset
            value += self.take().value
        return Str(value, pos=token.pos)

    def _parenthesis(self) -> Expr:
        opening = self.take()
        if self.empty_parentheses and self.accept(")"):
            return Null(pos=opening.pos)
        self.empty_parentheses = False
        value = self.expression_or_assign()
        self.expect(")", "to close the parenthesis")
        return value

    def _word(self, token: Token) -> Expr:
        word = token.text
        if word in OPERANDS:
            return self.comparison(token)
        if word in NUMBERS and not self.token.is_op("("):
            return Int(NUMBERS[word], word, pos=token.pos)
        if word in OPERATOR_CALLS:
            return self._operator_call(token)
        if word == "route" and self.token.is_op("("):
            return self.route_call(token)
        if word == "max_len":
            return Int(MAX_LEN, pos=token.pos)
        if self.token.is_op("("):
            return self.call(token)
        row = CORE_COMMANDS.get(word)
        if row is not None and row.bare:
            return Call(row.name, pos=token.pos)
        if word in STATEMENTS:
            self.fail(f"an expression is expected, not the keyword {word!r}", token=token)
        return self.host(token)

    def host(self, token: Token) -> Host:
        """A bare word or dotted host name: OpenSER's way to write a string."""
        name = token.text
        while self.token.is_op(".", "-") and self.token.start == token.start + len(name) and self.token.text == ".":
            self.take()
            part = self.take()
            name += "." + part.text
        return Host(name, pos=token.pos)

    def _operator_call(self, token: Token) -> Expr:
        self.expect("(", f"after {token.text}")
        args = [self.expression()]
        while self.accept(","):
            args.append(self.expression())
        self.expect(")", f"after the arguments of {token.text}")
        if len(args) != OPERATOR_CALLS[token.text]:
            self.fail(f"{token.text} takes {OPERATOR_CALLS[token.text]} argument(s), not {len(args)}", token=token)
        if token.text == "selval":
            return Selval(args[0], args[1], args[2], pos=token.pos)
        return Unary(token.text, args[0], pos=token.pos)

    # -- calls -----------------------------------------------------------------------------------------------------

    def route_call(self, token: Token) -> RouteCall:
        """`route(NAME)` after the word; a bare word or number is the name."""
        self.expect("(", "after route")
        name = self.token
        if name.kind in (scanner.ID, scanner.WORD) and name.text not in OPERATOR_CALLS:
            self.take()
            value: Expr = Str(name.text.encode("latin-1"), pos=name.pos)
        else:
            value = self.expression()
        self.expect(")", "after the name of the route")
        return RouteCall(value, pos=token.pos)

    def call(self, token: Token) -> Call:
        """A function call after its name; the next token is `(`."""
        row = CORE_COMMANDS.get(token.text)
        args: list[Expr] = []
        if row is not None and row.args == "host":
            self.switch(SCRIPT)
            args = self._host_args()
        else:
            self.expect("(", f"after {token.text}")
            while not self.token.is_op(")"):
                if self.accept(","):  # an empty argument is skipped
                    continue
                args.append(self._argument(row.args if row else "expr"))
                if len(args) > MAX_ARGS:
                    self.fail(f"more than {MAX_ARGS} arguments")
                if not self.token.is_op(",", ")"):
                    self.fail(f"',' or ')' is expected after an argument, not {self.token.describe()}")
                self.accept(",")
            self.take()
        return Call(row.name if row else token.text, args, pos=token.pos)

    def _argument(self, how: str) -> Expr:
        token = self.token
        if how == "flag" and token.kind is scanner.ID and token.text not in NUMBERS:
            word = self.take()
            if self.token.is_op(",", ")"):
                return Host(word.text, pos=token.pos)
            return self._word(word)
        if how == "proto" and token.kind is scanner.ID and token.text in PROTOCOLS:
            return Str(self.take().text.encode("latin-1"), pos=token.pos)
        value = self.expression()
        return Str(value.name.encode("latin-1"), pos=value.pos) if isinstance(value, Host) else value

    def _host_args(self) -> list[Expr]:
        """Arguments of forward, force_send_socket, set_advertised_address: `udp:1.2.3.4:5060`, `host.name`, numbers."""
        args: list[Expr] = []
        if self._ahead is not None:
            self.take()  # the "(" is scanned alike in all modes
        self.mode = ADDRESS
        text, pos, quoted = "", self.token.pos, False
        while True:
            token = self.take()
            if token.kind is scanner.EOF or token.is_op(";", "{", "}"):
                self.mode = SCRIPT
                self.fail("')' is expected after the arguments", token=token)
            if token.is_op(")", ","):
                if text or quoted:
                    number = text.isdigit() and not quoted
                    args.append(Int(int(text), pos=pos) if number else Str(text.encode("latin-1"), pos=pos))
                text, quoted = "", False
                if token.text == ")":
                    break
                pos = self.token.pos
            elif token.kind is scanner.STR:
                text += token.value.decode("latin-1")
                quoted = True
            else:
                text += f"[{token.text}]" if token.kind is scanner.IP6 and not text.endswith("[") else token.text
        self.mode = SCRIPT
        return args


def _wrap(value: int) -> int:
    return (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000
