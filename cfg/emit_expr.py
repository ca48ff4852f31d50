"""Expressions to Python text. Each node yields a `Code` with its static type; constants fold on the way.

`value` gives what the script sees (int, bytes, None), `truth` a Python condition, `integer` and `string` the value
converted. The type rules are Kamailio's: the left side of `+` and `==` decides.
"""

from collections.abc import Callable
from typing import Any

from . import values
from .argtypes import RouteType
from .codegen import ANY, BOOL, INT, STRING, Code, Namespace, constant
from .environment import Environment, PvSpec
from .errors import ConfigError, did_you_mean
from .nodes import (
    Assign,
    Binary,
    BlockExpr,
    Call,
    Compare,
    Expr,
    Host,
    Int,
    Net,
    Null,
    Operand,
    RouteCall,
    Selval,
    Str,
    Unary,
    Var,
)  # fmt: skip
from .regex import compile_regex
from .scanner import SER_CLASSES
from .source import Pos
from .tables import COMPOUND, ONSEND_OPERANDS

ARITHMETIC: dict[str, tuple[str, Callable[[int, int], int]]] = {
    "-": ("i32({} - {})", lambda a, b: values.i32(a - b)),
    "*": ("i32({} * {})", lambda a, b: values.i32(a * b)),
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


WRAP = 1 << 31  # ints are 32 bits


class ExpressionEmitter:
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
        self._memo: dict[int, tuple[Expr, Code, bool]] = {}  # by identity: an expression is looked at more than once
        self.emitters: dict[type, Callable[[Any], Code]] = {
            Int: lambda e: constant(e.value), Str: lambda e: constant(e.value), Null: lambda e: constant(None),
            Host: lambda e: constant(e.name.encode("latin-1")), Var: self._variable, Unary: self._unary,
            Binary: self._binary, Selval: self._selval, Compare: self._compare, Call: self._call_value,
            RouteCall: self._call_value, Assign: self._assign_value, BlockExpr: self._block_value,
        }  # fmt: skip

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
            return f"({code.text})"
        if code.type == INT:
            return code.text
        return f"(v if (v := {code.text}).__class__ is int else num(v))" if code.type == ANY else f"num({code.text})"

    def number(self, expr: Expr) -> str:
        """Python text of an expression where a number is wanted: `+` adds there, whatever its left side is."""
        code = self.emit(expr)
        if isinstance(expr, Binary) and expr.op == "+" and not code.is_const and code.type == ANY:
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
        return (
            f"(v if (v := {code.text}).__class__ is bytes else text(v))" if code.type == ANY else f"text({code.text})"
        )

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
                    raise ConfigError(_sentence(exc) or f"unknown variable {text}", pos) from None
                self.warn(f"unknown variable {text}: taken as $avp({text[1:]})", pos, "#!KAMAILIO makes it an error")
                found = self.env.parse_pv(f"$avp({text[1:]})".encode("latin-1"))
            self._specs[text] = found
        return found

    def _variable(self, expr: Var) -> Code:
        if expr.text == "$null":
            return constant(None)
        spec = self.spec(expr.text, expr.pos)
        kind = {"int": INT, "str": STRING}.get(getattr(spec, "type", ""), ANY)
        return Code(f"{self.names.bind('pv_' + expr.text[1:], spec.get)}(msg)", kind)

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
            "-": (INT, f"i32(-{self.number(expr.value)})", lambda v: values.i32(-values.num(v))),
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
            return self._match(self.value(expr.left), expr.right, op)
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
        self.raises = self.raises or op in ("/", "mod")
        return Code(template.format(self.number(expr.left), self.number(expr.right)), INT)

    def _plus(self, left: Code, right: Code, both: bool, expr: Binary) -> Code:
        if both:
            return constant(values.add(left.const, right.const))
        if left.type == INT:
            return Code(f"i32({left.text} + {self.number(expr.right)})", INT)
        if left.type == STRING:
            return Code(f"({left.text} + {self.string(right)})", STRING)
        if right.is_const and isinstance(right.const, int):  # counters: stay inline while nothing wraps
            checked = f"(v := {left.text}).__class__ is int and {-WRAP} <= (w := v + {right.text}) < {WRAP}"
            return Code(f"(w if {checked} else add(v, {right.text}))", ANY)
        return Code(f"add({left.text}, {right.text})", ANY)

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
            return _negate(self._myself(self.string(self.value(left_node))), negated)
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
            return _negate(f"eq({left.text}, {right.text})", negated)
        const = right.const
        if isinstance(const, bytes):
            also = f"v.__class__ is int and v == {values.num(const)}"
        else:
            also = f"v.__class__ is bytes and v == {values.text(const)!r}" + (" or v is None" if const == 0 else "")
        return _negate(f"((v := {left.text}) == {const!r} or {also})", negated)

    def _match(self, left: Code, right_node: Expr, op: str) -> Code:
        right = self.value(right_node)
        if right.is_const:
            try:
                regex = compile_regex(values.text(right.const))
            except ValueError as exc:
                raise ConfigError(str(exc), right_node.pos) from None
            search = self.names.bind("search_" + _stem(regex.source), regex.pattern.search)
            return Code(f"{search}({self.string(left)}) is {'not ' if op == '=~' else ''}None", BOOL)
        self.raises = True
        return _negate(f"matches({self.string(left)}, {self.string(right)})", op == "!~")

    def _selval(self, expr: Selval) -> Code:
        truth = self.truth(expr.condition, positive=True)
        then, otherwise = self.value(expr.then), self.value(expr.otherwise)
        if truth in ("True", "False"):
            return then if truth == "True" else otherwise
        kind = then.type if then.type == otherwise.type else ANY
        return Code(f"({then.text} if {truth} else {otherwise.text})", kind)

    # -- core-keyword comparisons ----------------------------------------------------------------------------------

    def operand(self, node: Operand) -> str:
        """Python text that reads a core keyword."""
        if node.name in ONSEND_OPERANDS and not self.where & RouteType.ONSEND:
            raise ConfigError(f"{node.name} is known in onsend_route only", node.pos)
        try:
            return f"{self.names.bind('get_' + node.name, self.env.operand(node.name))}(msg)"
        except LookupError as exc:
            raise ConfigError(_sentence(exc) or f"{node.name} cannot be read here", node.pos) from None

    def _myself(self, text: str) -> str:
        return f"{self.names.bind('is_myself', self.env.is_myself)}({text})"

    def _compare(self, expr: Compare) -> Code:
        left, right, negated = expr.left, expr.right, expr.op in ("!=", "!~")
        if left.name == "myself":
            left, right = right, left  # type: ignore[assignment]
        get = self.operand(left)
        if isinstance(right, Operand):
            return _negate(self._myself(f"text({get})"), negated)
        if expr.op in ("=~", "!~"):
            if isinstance(right, (Net, Host)):
                right = Str((right.address if isinstance(right, Net) else right.name).encode("latin-1"), pos=right.pos)
            return self._match(Code(get, ANY), right, expr.op)
        if left.name.endswith("_ip"):
            return _negate(self._address(get, right), negated)
        if isinstance(right, Host) and right.name == "*":
            return constant(int(not negated))
        code = self.value(right)
        if left.name in ("method", "uri", "status", "from_uri", "to_uri"):
            if code.is_const and code.const is not None:
                return _negate(f"text({get}).lower() == {values.text(code.const).lower()!r}", negated)
            return _negate(f"iequal({get}, {code.text})", negated)
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

    def assign_text(self, expr: Assign) -> str:
        """Python text that performs an assignment."""
        target = expr.target
        if expr.op == ":=" and target.text.startswith("$avp(") and not isinstance(expr.value, Null):
            target = Var(f"$({target.text[1:]}[*])", pos=target.pos)
        spec = self.spec(target.text, target.pos)
        if spec.set is None:
            raise ConfigError(f"{target.text} cannot be written", target.pos)
        setter = self.names.bind("set_" + target.text[1:], spec.set)
        if expr.op in COMPOUND:
            value = self.value(Binary(COMPOUND[expr.op], expr.target, expr.value, pos=expr.pos)).text
        elif isinstance(expr.value, (Call, RouteCall)):
            value = self.call_code(expr.value)  # the raw code, not 1 or 0
        else:
            value = self.value(expr.value).text
        return f"{setter}(msg, {value})"

    def _assign_value(self, expr: Assign) -> Code:
        return Code(f"({self.assign_text(expr)}, True)[1]", BOOL)


def _flatten(expr: Expr, op: str) -> list[Expr]:
    if isinstance(expr, Binary) and expr.op == op:
        return [*_flatten(expr.left, op), expr.right]
    return [expr]


def _join(word: str, parts: list[str]) -> str:
    if len(parts) == 1:
        return f"({parts[0]})"
    return "(" + f" {word} ".join(f"({p})" if " and " in p or " or " in p or ":=" in p else p for p in parts) + ")"


def _negate(text: str, negated: bool) -> Code:
    return Code(f"not {text}" if negated else text, BOOL)


def _as_pv(text: str) -> str:
    """Selects and SER attributes as pseudo-variables."""
    if text[0] == "@":
        return f"$sel({text[1:]})"
    if text[0] == "%" or (text[1:].split(".", 1)[0] in SER_CLASSES and "." in text and "(" not in text):
        return f"$avp({text.split('.', 1)[-1].lstrip('%$')})"
    return text


def _stem(source: bytes) -> str:
    return source[:16].decode("latin-1")


def _sentence(exc: Exception) -> str:
    return str(exc.args[0]) if exc.args else ""


def _describe(expr: Expr) -> str:
    return expr.name if isinstance(expr, Operand) else type(expr).__name__.lower()


__all__ = ["ExpressionEmitter", "did_you_mean"]
