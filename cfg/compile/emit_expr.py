"""Comparisons of core keywords (`method == INVITE`, `src_ip == 10.0.0.0/8`) and assignments to Python text."""

from typing import Any

from ..argtypes import RouteType
from ..environment import Environment
from ..errors import ConfigError
from ..syntax.nodes import (
    Assign,
    Call,
    Compare,
    Expr,
    Host,
    Net,
    Null,
    Operand,
    RouteCall,
    Str,
    Var,
)  # fmt: skip
from ..tables import ONSEND_OPERANDS
from . import values
from .codegen import ANY, BOOL, INT, Code, Namespace, constant
from .emit_ops import OperatorEmitter, negate
from .emit_value import sentence


class ExpressionEmitter(OperatorEmitter):
    """Emits every expression."""

    def __init__(self, env: Environment, names: Namespace) -> None:
        super().__init__(env, names)
        self.emitters |= {Compare: self._compare, Assign: self._assign_value}

    # -- core-keyword comparisons ----------------------------------------------------------------------------------

    def operand(self, node: Operand) -> str:
        """Python text that reads a core keyword."""
        if node.name in ONSEND_OPERANDS and not self.where & RouteType.ONSEND:
            raise ConfigError(f"{node.name} is known in onsend_route only", node.pos)
        try:
            return f"{self.names.bind('get_' + node.name, self.env.operand(node.name))}(msg)"
        except LookupError as exc:
            raise ConfigError(sentence(exc) or f"{node.name} cannot be read here", node.pos) from None

    def _compare(self, expr: Compare) -> Code:
        left, right, negated = expr.left, expr.right, expr.op in ("!=", "!~")
        if left.name == "myself":
            left, right = right, left  # type: ignore[assignment]
        get = self.operand(left)
        if isinstance(right, Operand):
            return negate(self.myself(f"text({get})"), negated)
        if expr.op in ("=~", "!~"):
            if isinstance(right, (Net, Host)):
                right = Str((right.address if isinstance(right, Net) else right.name).encode("latin-1"), pos=right.pos)
            return self.match(Code(get, ANY), right, expr.op)
        if left.name.endswith("_ip"):
            return negate(self._address(get, right), negated)
        if isinstance(right, Host) and right.name == "*":
            return constant(int(not negated))
        code = self.value(right)
        if left.name in ("method", "uri", "status", "from_uri", "to_uri"):
            if code.is_const and code.const is not None:
                return negate(f"text({get}).lower() == {values.text(code.const).lower()!r}", negated)
            return negate(f"iequal({get}, {code.text})", negated)
        return Code(f"num({get}) {expr.op} {self.integer(code)}", BOOL)

    def _address(self, get: str, right: Expr) -> str:
        from .nets import AddressTest, network_test

        if isinstance(right, Net):
            try:
                test = network_test(right.address, right.mask)
            except ValueError as exc:
                raise ConfigError(str(exc), right.pos) from None
            return f"{self.names.bind('in_' + right.address, test)}({get})"
        test_any = self.names.bind("address_matches", AddressTest(self.env.resolve))
        if isinstance(right, Host):
            return f"{test_any}({get}, {right.name.encode('latin-1')!r})"
        return f"{test_any}({get}, {self.string(self.value(right))})"

    # -- assignments -----------------------------------------------------------------------------------------------

    def assign_text(self, expr: Assign, statement: bool = True) -> str:
        """Python text that performs an assignment, as a statement or as an expression."""
        target = expr.target
        if expr.op == ":=" and target.text.startswith("$avp(") and not isinstance(expr.value, Null):
            target = Var(f"$({target.text[1:]}[*])", pos=target.pos)
        spec = self.spec(target.text, target.pos)
        if spec.set is None:
            raise ConfigError(f"{target.text} cannot be written", target.pos)
        value = self._assigned(self.flow.assigned(expr))
        if statement and spec.cell is not None:
            return f"{self.place(target.text, spec)} = {_stored(value, spec.undefined)}"
        return f"{self.names.bind('set_' + target.text[1:], spec.set)}(msg, {value.text})"

    def _assigned(self, expr: Expr) -> Code:
        """What is stored; of a call its raw code, not 1 or 0."""
        return Code(self.call_code(expr), INT) if isinstance(expr, (Call, RouteCall)) else self.value(expr)

    def _assign_value(self, expr: Assign) -> Code:
        return Code(f"({self.assign_text(expr, statement=False)}, True)[1]", BOOL)


def _stored(value: Code, undefined: Any) -> str:
    """What is put into the cell of a variable."""
    if value.is_const:
        return repr(undefined if value.const is None else value.const)
    if undefined is None or value.type != ANY:
        return value.text
    return f"{undefined!r} if (v := {value.text}) is None else v"
