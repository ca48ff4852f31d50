"""Operators to Python text. The type rules are Kamailio's: the left side of `+` and `==` decides."""

from collections.abc import Callable
from typing import Any

from ..environment import Environment
from ..errors import ConfigError
from ..regex import compile_regex
from ..syntax.nodes import (
    Binary,
    Call,
    Expr,
    Null,
    Operand,
    RouteCall,
    Selval,
    Unary,
    Var,
)  # fmt: skip
from . import values
from .codegen import ANY, BOOL, INT, SOME, STRING, Code, Namespace, constant
from .emit_value import ValueEmitter

ARITHMETIC: dict[str, tuple[str, Callable[[int, int], int]]] = {
    "-": ("{} - {}", lambda a, b: values.i32(a - b)), "*": ("{} * {}", lambda a, b: values.i32(a * b)),
    "/": ("div({}, {})", values.div), "mod": ("mod({}, {})", values.mod),
    "&": ("({} & {})", lambda a, b: a & b), "|": ("({} | {})", lambda a, b: a | b),
    "^": ("({} ^ {})", lambda a, b: a ^ b),
    "<<": ("shift_left({}, {})", values.shift_left), ">>": ("shift_right({}, {})", values.shift_right),
}  # fmt: skip
RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


SMALL = (1 << 30) - 1  # sums of two such numbers do not wrap at 32 bits, and CPython compares them quickest


class OperatorEmitter(ValueEmitter):
    """Emits operators."""

    def __init__(self, env: Environment, names: Namespace) -> None:
        super().__init__(env, names)
        self.emitters |= {Unary: self._unary, Binary: self._binary, Selval: self._selval}

    # -- operators -------------------------------------------------------------------------------------------------

    def _unary(self, expr: Unary) -> Code:
        op = expr.op
        if op == "!":
            truth = self.truth(expr.value, positive=False)
            if truth in ("True", "False"):
                return constant(int(truth == "False"))
            if isinstance(expr.value, (Call, RouteCall)) and truth.endswith(" > 0"):
                return Code(truth[:-4] + " <= 0", BOOL)
            return Code(f"not ({truth})", BOOL)
        if op == "defined":
            if isinstance(expr.value, Var) and expr.value.text != "$null":
                return Code(f"{self.value(expr.value).text} is not None", BOOL)
            return constant(int(not (isinstance(expr.value, Var))))
        code = self.value(expr.value)
        if op == "strempty":
            return Code(f"not {self.string(code)}", BOOL, not values.text(code.const), code.is_const)
        fold: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
            "~": (INT, f"(~{self.number(expr.value)})", lambda v: ~values.num(v)),
            "-": (INT, self._in_32_bits(expr, f"-{self.number(expr.value)}"), lambda v: values.i32(-values.num(v))),
            "(int)": (INT, self.number(expr.value), values.num), "(str)": (STRING, self.string(code), values.text),
            "strlen": (INT, f"len({self.string(code)})", lambda v: len(values.text(v))),
        }  # fmt: skip
        kind, text, function = fold[op]
        return constant(function(code.const)) if code.is_const else Code(text, kind)

    def _binary(self, expr: Binary) -> Code:
        op = expr.op
        if op in ("&&", "||"):
            return self._logic(expr)
        if op in ("==", "!="):
            return self._equality(expr)
        if op in ("=~", "!~"):
            return self.match(self.value(expr.left), expr.right, op)
        left, right = self.value(expr.left), self.value(expr.right)
        both = left.is_const and right.is_const
        if op == "+":
            return self._plus(left, right, both, expr)
        if op in RELATIONS:
            if both:
                return constant(int(RELATIONS[op](values.num(left.const), values.num(right.const))))
            return Code(f"{self.number(expr.left)} {op} {self.number(expr.right)}", BOOL)
        if op in ("eq", "ne", "ieq", "ine"):
            sides = [self.string(left), self.string(right)]
            if op[0] == "i":
                sides = [self.number(expr.left), self.number(expr.right)]
            return Code(f" {'==' if op[-1] == 'q' else '!='} ".join(sides), BOOL)
        template, function = ARITHMETIC[op]
        if both:
            try:
                return constant(function(values.num(left.const), values.num(right.const)))
            except values.EvalError:
                pass  # reported when it runs
        text = template.format(self.number(expr.left), self.number(expr.right))
        if op in ("-", "*"):
            return Code(self._in_32_bits(expr, text), INT)
        if op in ("/", "mod"):
            if self.flow.positive(expr.right, 1) and self.flow.positive(expr.left) and self.flow.fits(expr):
                return Code(f"({self.number(expr.left)} {'//' if op == '/' else '%'} {self.number(expr.right)})", INT)
            self.raises = self.raises or not self.flow.positive(expr.right, 1)
        return Code(text, INT)

    def _in_32_bits(self, expr: Expr, text: str) -> str:
        """A sum, wrapped where it may leave 32 bits; small ones without a call."""
        return f"({text})" if self.flow.fits(expr) else f"(v if {-SMALL} <= (v := {text}) <= {SMALL} else i32(v))"

    def _plus(self, left: Code, right: Code, both: bool, expr: Binary) -> Code:
        if both:
            return constant(values.add(left.const, right.const))
        if left.type == INT:
            return Code(self._in_32_bits(expr, f"{left.text} + {self.number(expr.right)}"), INT)
        if left.type == STRING:
            return Code(f"({left.text} + {self.string(right)})", STRING)
        if right.is_const and isinstance(right.const, int) and abs(right.const) <= SMALL:  # counters
            small = f"v < {SMALL}" if right.const >= 0 else f"v > {-SMALL}"
            inline = f"v + {right.text} if (v := {left.text}).__class__ is int and {small}"
            return Code(f"({inline} else add(v, {right.text}))", SOME)
        return Code(f"add({left.text}, {right.text})", SOME)

    def _logic(self, expr: Binary) -> Code:
        word = "and" if expr.op == "&&" else "or"
        deciding = "False" if word == "and" else "True"
        parts: list[str] = []
        for part in _flatten(expr, expr.op):
            text = self.truth(part, positive=False)
            if text == deciding:
                return constant(int(deciding == "True")) if not parts else Code(_join(word, [*parts, text]), BOOL)
            if text not in ("True", "False"):
                parts.append(text)
        if not parts:
            return constant(int(word == "and"))
        return Code(_join(word, parts), BOOL)

    def _equality(self, expr: Binary) -> Code:
        left_node, right_node, negated = expr.left, expr.right, expr.op == "!="
        if isinstance(right_node, Operand):  # OpenSER: $var == myself
            return negate(self.myself(self.string(self.value(left_node))), negated)
        left = self.value(left_node)
        if isinstance(right_node, Null) or (isinstance(right_node, Var) and right_node.text == "$null"):
            if left.is_const:
                return constant(int((left.const is None) != negated))
            return Code(f"{left.text} is {'not ' if negated else ''}None", BOOL)
        right = self.value(right_node)
        if left.is_const and right.is_const:
            return constant(int(values.eq(left.const, right.const) != negated))
        return self._compare_codes(left, right, negated)

    def _compare_codes(self, left: Code, right: Code, negated: bool) -> Code:
        sign = "!=" if negated else "=="
        if right.is_const and right.const == b"" and left.type != STRING:
            if negated:  # generic rule: 0 and "" and undefined are all equal to ""
                return Code(left.text, BOOL)
            if left.type == INT:
                return Code("False", BOOL)
            return Code(f"((v := {left.text}) is None or v == b'')", BOOL)
        if left.is_const and left.const == b"" and not negated:
            return Code(f"not {self.string(right)}", BOOL)
        if left.type == INT:
            return Code(f"{left.text} {sign} {self.integer(right)}", BOOL)
        if left.type == STRING:
            return Code(f"{left.text} {sign} {self.string(right)}", BOOL)
        if not right.is_const:
            return negate(f"eq({left.text}, {right.text})", negated)
        const = right.const
        if isinstance(const, bytes):
            also = f"v.__class__ is int and v == {values.num(const)}"
        else:
            also = f"v.__class__ is bytes and v == {values.text(const)!r}" + (" or v is None" if const == 0 else "")
        return negate(f"((v := {left.text}) == {const!r} or {also})", negated)

    def match(self, left: Code, right_node: Expr, op: str) -> Code:
        """`=~` and `!~`."""
        right = self.value(right_node)
        if right.is_const:
            try:
                regex = compile_regex(values.text(right.const))
            except ValueError as exc:
                raise ConfigError(str(exc), right_node.pos) from None
            search = self.names.bind("search_" + _stem(regex.source), regex.pattern.search)
            return Code(f"{search}({self.string(left)}) is {'not ' if op == '=~' else ''}None", BOOL)
        self.raises = True
        return negate(f"matches({self.string(left)}, {self.string(right)})", op == "!~")

    def _selval(self, expr: Selval) -> Code:
        truth = self.truth(expr.condition, positive=True)
        then, otherwise = self.value(expr.then), self.value(expr.otherwise)
        if truth in ("True", "False"):
            return then if truth == "True" else otherwise
        kind = then.type if then.type == otherwise.type else ANY
        return Code(f"({then.text} if {truth} else {otherwise.text})", kind)


def _flatten(expr: Expr, op: str) -> list[Expr]:
    if isinstance(expr, Binary) and expr.op == op:
        return [*_flatten(expr.left, op), expr.right]
    return [expr]


def _join(word: str, parts: list[str]) -> str:
    if len(parts) == 1:
        return f"({parts[0]})"
    return "(" + f" {word} ".join(f"({p})" if " and " in p or " or " in p or ":=" in p else p for p in parts) + ")"


def negate(text: str, negated: bool) -> Code:
    """A condition, or its opposite."""
    return Code(f"not {text}" if negated else text, BOOL)


def _stem(source: bytes) -> str:
    return source[:16].decode("latin-1")
