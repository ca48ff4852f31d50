"""The base of the expression emitters: leaves, calls, conversions, and the four ways to look at an expression.

`value` gives what the script sees (int, bytes, None), `truth` a Python condition, `integer` and `string` the value
converted. Each node yields a `Code` with its static type; constants fold on the way.
"""

from collections.abc import Callable
from typing import Any

from ..argtypes import ArgType, RouteType
from ..environment import Environment, PvSpec
from ..errors import ConfigError
from ..source import Pos
from ..syntax.nodes import (
    Binary,
    BlockExpr,
    Call,
    Expr,
    Host,
    Int,
    Null,
    Operand,
    RouteCall,
    Str,
    Var,
)  # fmt: skip
from ..syntax.scanner import SER_CLASSES
from . import values
from .codegen import ANY, BOOL, INT, SOME, STRING, Code, Namespace, constant
from .known import Flow


class ValueEmitter:
    """Emits expressions for one script. `raises` is set when what was emitted may raise EvalError."""

    def __init__(self, env: Environment, names: Namespace) -> None:
        self.env = env
        self.names = names
        self.raises = False
        self.reads_rc = False
        self.strict_names = True  # an unknown `$name` is an error, not an AVP (`#!KAMAILIO`)
        self.where = RouteType.ANY
        self.warn: Callable[[str, Pos, str], None] = lambda message, pos, hint: None
        self._specs: dict[str, PvSpec] = {}
        self.flow = Flow(self._spec_of, self._keeps_variables)
        self._memo: dict[int, tuple[Expr, Code, bool]] = {}  # by identity: an expression is looked at more than once
        self.emitters: dict[type, Callable[[Any], Code]] = {
            Int: lambda e: constant(e.value),
            Str: lambda e: constant(e.value),
            Null: lambda e: constant(None),
            Host: lambda e: constant(e.name.encode("latin-1")),
            Var: self._variable,
            Call: self._call_value,
            RouteCall: self._call_value,
            BlockExpr: self._block_value,
        }

    # to be given by the classes below
    def call_text(self, call: Call) -> tuple[str, bool]:
        """Python text of a call and whether it is a core command."""
        raise AssertionError

    def route_text(self, call: RouteCall) -> str:
        """Python text of the function of a route."""
        raise AssertionError

    def block_text(self, block: BlockExpr) -> str:
        """Name of the function made from a block expression."""
        raise AssertionError

    # -- four ways to look at an expression ------------------------------------------------------------------------

    def value(self, expr: Expr) -> Code:
        """What the script sees: int, bytes or None."""
        code = self.emit(expr)
        if code.type == BOOL:
            return Code(f"(1 if {code.text} else 0)", INT, int(code.const) if code.is_const else None, code.is_const)
        return code

    def emit(self, expr: Expr) -> Code:
        """As `value`, but a condition may stay a Python condition (type BOOL)."""
        known = self._memo.get(id(expr))
        if known is None:
            emitter = self.emitters.get(type(expr))
            if emitter is None:
                raise ConfigError(f"{_describe(expr)} cannot be used as a value", expr.pos)
            outer, self.raises = self.raises, False
            known = self._memo[id(expr)] = (expr, emitter(expr), self.raises)
            self.raises = outer
        self.raises = self.raises or known[2]
        return known[1]

    def integer(self, code: Code) -> str:
        """Python text of the value as int."""
        if code.is_const:
            return repr(values.num(code.const))
        if code.type == BOOL:
            return f"(1 if {code.text} else 0)"
        if code.type == INT:
            return code.text
        if code.type in (ANY, SOME):
            return f"(v if (v := {code.text}).__class__ is int else num(v))"
        return f"num({code.text})"

    def number(self, expr: Expr) -> str:
        """Python text of an expression where a number is wanted: `+` adds there, whatever its left side is."""
        code = self.emit(expr)
        if isinstance(expr, Binary) and expr.op == "+" and not code.is_const and code.type == SOME:
            return f"i32({self.number(expr.left)} + {self.number(expr.right)})"
        return self.integer(code)

    def string(self, code: Code) -> str:
        """Python text of the value as bytes."""
        if code.is_const:
            return repr(values.text(code.const))
        if code.type == STRING:
            return code.text
        if code.type == BOOL:
            return f"text(1 if {code.text} else 0)"
        if code.type in (ANY, SOME):
            return f"(v if (v := {code.text}).__class__ is bytes else text(v))"
        return f"text({code.text})"

    def truth(self, expr: Expr, positive: bool) -> str:
        """A Python condition: value > 0 (`positive`, for if) or value != 0 (while, operands of `&&`)."""
        code = self.emit(expr)
        if code.type == BOOL and not code.is_const:
            return code.text
        if code.is_const:
            constant_number = values.num(code.const)
            return str(constant_number > 0 if positive else constant_number != 0)
        return f"{self.number(expr)} > 0" if positive else self.number(expr)

    # -- leaves ----------------------------------------------------------------------------------------------------

    def spec(self, text: str, pos: Pos) -> PvSpec:
        """A variable's accessor, or a ConfigError at `pos`."""
        found = self._specs.get(text)
        if found is None:
            try:
                found = self.env.parse_pv(_as_pv(text).encode("latin-1"))
            except (ValueError, LookupError) as exc:
                if not isinstance(exc, LookupError) or self.strict_names or not text[1:].isidentifier():
                    raise ConfigError(sentence(exc) or f"unknown variable {text}", pos) from None
                self.warn(f"unknown variable {text}: taken as $avp({text[1:]})", pos, "#!KAMAILIO makes it an error")
                found = self.env.parse_pv(f"$avp({text[1:]})".encode("latin-1"))
            self._specs[text] = found
        return found

    def _spec_of(self, expr: Var) -> PvSpec | None:
        try:
            return self.spec(expr.text, expr.pos)
        except ConfigError:
            return None  # reported when it is emitted

    def _keeps_variables(self, call: Call) -> bool:
        command = self.env.find_command(call.name, len(call.args))
        if command is None or command.continues:  # what follows such a call is a block of its own, too
            return False
        return command.keeps_variables and ArgType.PV_WRITE not in command.params

    def myself(self, text: str) -> str:
        """Is this address ours?"""
        return f"{self.names.bind('ismyself', self.env.is_myself)}({text})"

    def _variable(self, expr: Var) -> Code:
        if expr.text == "$null":
            return constant(None)
        spec = self.spec(expr.text, expr.pos)
        if spec.cell is not None:
            return Code(self.place(expr.text, spec), INT if id(expr) in self.flow.ranges else ANY)
        kind = {"int": INT, "str": STRING}.get(spec.type, ANY)
        return Code(f"{self.names.bind('pv_' + expr.text[1:], spec.get)}(msg)", kind)

    def place(self, text: str, spec: PvSpec) -> str:
        """Where the value of a variable with a cell is, to be read and written in place."""
        return f"{self.names.bind(text[1:], spec.cell)}.value"

    def _call_value(self, expr: Call | RouteCall) -> Code:
        """A call inside a larger expression counts 1 or 0."""
        return Code(f"{self.call_code(expr)} > 0", BOOL)

    def call_code(self, expr: Call | RouteCall) -> str:
        """The raw return code of a call; a 0 of a module function or an exit in a route ends the script."""
        if isinstance(expr, RouteCall):
            code = f"sub(msg, {self.route_text(expr)})"
            return f"rc(msg, {code})" if self.reads_rc else code
        call, core = self.call_text(expr)
        if core:
            return call
        return f"(rc(msg, {call}) or stop(msg))" if self.reads_rc else f"({call} or stop(msg))"

    def _block_value(self, expr: BlockExpr) -> Code:
        return Code(f"sub(msg, {self.block_text(expr)}) > 0", BOOL)


def _as_pv(text: str) -> str:
    """Selects and SER attributes as pseudo-variables."""
    if text[0] == "@":
        return f"$sel({text[1:]})"
    if text[0] == "%" or (text[1:].split(".", 1)[0] in SER_CLASSES and "." in text and "(" not in text):
        return f"$avp({text.split('.', 1)[-1].lstrip('%$')})"
    return text


def sentence(exc: Exception) -> str:
    """What an exception says."""
    return str(exc.args[0]) if exc.args else ""


def _describe(expr: Expr) -> str:
    return expr.name if isinstance(expr, Operand) else type(expr).__name__.lower()
