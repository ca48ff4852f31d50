"""Calls of functions: lookup by name and number of arguments, and the fixup of each argument by its declared type."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..argtypes import ArgType, RouteType
from ..environment import Environment, PvSpec
from ..errors import ConfigError, did_you_mean
from ..regex import compile_regex, parse_subst
from ..source import Pos
from ..syntax.nodes import Call, Expr, Host, Str, Var
from ..tables import CORE_COMMANDS
from . import values
from .codegen import STRING, Code, Namespace, constant
from .emit_expr import ExpressionEmitter
from .latency import timed

if TYPE_CHECKING:
    from ...core.sr_module import CmdExport


class CallEmitter(ExpressionEmitter):
    """Emits calls. `where` is the block being compiled; `flags` the declared flag names."""

    def __init__(self, env: Environment, names: Namespace, check_only: bool = False) -> None:
        super().__init__(env, names)
        self.check_only = check_only
        self.latency_action = 0
        self.flags: dict[str, int] = {}
        self.known_route: Callable[[str, str], bool] = lambda kind, name: True
        self.used_route: Callable[[str | None, str], None] = lambda kind, name: None
        self._fixups: dict[ArgType, Callable[[Expr, Any], Code]] = {
            ArgType.STR: self._str, ArgType.RAW: self._raw, ArgType.INT: self._int, ArgType.REGEX: self._regex,
            ArgType.SUBST: self._subst, ArgType.PV_READ: self._pv_read, ArgType.PV_WRITE: self._pv_write,
            ArgType.ROUTE: self._route, ArgType.FLAG: self._flag, ArgType.FORMAT: self._format,
        }  # fmt: skip

    def call_text(self, call: Call) -> tuple[str, bool]:
        """Python text of a call and whether it is a core command."""
        command = self._find(call)
        core = CORE_COMMANDS.get(call.name)
        allowed = command.routes
        if core is not None and not core.onsend:
            allowed = allowed & ~RouteType.ONSEND
        if not allowed & self.where:
            raise ConfigError(f"{call.name}() cannot be used in this kind of route block", call.pos)
        args = [self._fixups[kind](arg, command) for kind, arg in zip(command.params, call.args, strict=False)]
        if command.continues:
            args.append(constant(self.continuation(call)))
        for kind, arg in zip(command.params, args, strict=False):
            if kind is ArgType.STR and isinstance(arg.const, bytes):  # it may be the name of a route
                self.used_route(None, arg.const.decode("latin-1"))
        if command.declare is not None and not self.check_only:
            self._at_load(command.declare, args, call)
        if command.specialise is not None and all(a.is_const for a in args) and not self.check_only:
            function = self._at_load(command.specialise, args, call)
            if function is not None:
                return f"{self._bound_function(call, function)}(msg)", core is not None
        name = self._bound_function(call, command.function)
        return f"{name}({', '.join(['msg', *[a.text for a in args]])})", core is not None

    def continuation(self, call: Call) -> bytes:
        """Name of the block of what follows the call; b"" where nothing does."""
        return b""

    def _bound_function(self, call: Call, function: Callable[..., int]) -> str:
        """Python name of a function; one that is measured is bound anew at each place."""
        if self.latency_action:
            function = timed(function, f"{call.name}()", call.pos, self.latency_action)
        return self.names.bind(call.name, function)

    def _at_load(self, function: Callable[..., Any], args: list[Code], call: Call) -> Any:
        """Call what a command has for the load of the script; None stands for an argument that is not constant."""
        try:
            return function(*[a.const if a.is_const else None for a in args])
        except ValueError as exc:
            raise ConfigError(f"{call.name}(): {exc}", call.pos) from None

    def _find(self, call: Call) -> "CmdExport":
        command = self.env.find_command(call.name, len(call.args))
        if command is not None:
            return command
        counts = self.env.command_counts(call.name)
        if counts:
            takes = " or ".join(map(str, counts))
            raise ConfigError(f"{call.name}() takes {takes} argument(s), not {len(call.args)}", call.pos)
        hint = did_you_mean(call.name, self.env.command_names())
        raise ConfigError(f"unknown function {call.name}(), missing loadmodule?", call.pos, hint)

    # -- arguments -------------------------------------------------------------------------------------------------

    def format_code(self, data: bytes, pos: Pos) -> Code:
        """A text with variables as one Python expression of bytes."""
        parts = list(self._parsed(data, pos).parts)
        if all(isinstance(p, bytes) for p in parts):
            return constant(b"".join(parts))
        texts = [repr(p) if isinstance(p, bytes) else self._shown(p) for p in parts]
        if len(texts) <= 6:
            return Code(f"({' + '.join(texts)})" if len(texts) > 1 else texts[0], STRING)
        return Code(f"b''.join(({', '.join(texts)}))", STRING)

    def _shown(self, spec: PvSpec) -> str:
        name = spec.name.decode("latin-1") if isinstance(spec.name, bytes) else str(spec.name)
        get = self.names.bind("pv_" + name.lstrip("$"), spec.get)
        return f"(v if (v := {get}(msg)).__class__ is bytes else show(v))"

    def _constant(self, expr: Expr) -> bytes | int | None:
        """The value of an argument when it is known at load, else None."""
        code = self.value(expr)
        return code.const if code.is_const else None

    def _str(self, expr: Expr, command: Any) -> Code:
        const = self._constant(expr)
        if const is None:
            return Code(self._expanded(expr), STRING)
        return self.format_code(values.text(const), expr.pos)

    def _format(self, expr: Expr, command: Any) -> Code:
        const = self._constant(expr)
        if const is None:
            return Code(f"ready({self.string(self.value(expr))})", "any")
        return self._bound("text", self._parsed(values.text(const), expr.pos))

    def _parsed(self, data: bytes, pos: Pos) -> Any:
        try:
            return self.env.parse_format(data)
        except (ValueError, LookupError) as exc:
            raise ConfigError(str(exc.args[0]) if exc.args else "bad text", pos) from None

    def _expanded(self, expr: Expr) -> str:
        """A computed argument; undefined prints as in a formatted string only when it is a lone variable."""
        if isinstance(expr, Var):
            return f"show({self.value(expr).text})"
        return self.string(self.value(expr))

    def _raw(self, expr: Expr, command: Any) -> Code:
        const = self._constant(expr)
        return constant(values.text(const)) if const is not None else Code(self.string(self.value(expr)), STRING)

    def _int(self, expr: Expr, command: Any) -> Code:
        const = self._constant(expr)
        if const is None:
            return Code(self.integer(self.value(expr)), "int")
        if isinstance(const, int):
            return constant(const)
        code = self.format_code(const, expr.pos)
        if not code.is_const:
            return Code(f"num({code.text})", "int")
        number = values.num(const.strip())
        if number == 0 and const.strip().lstrip(b"+-0xX"):
            raise ConfigError(f"{command.name}() takes a number here, not {const!r}", expr.pos)
        return constant(number)

    def _bound(self, stem: str, value: Any) -> Code:
        return Code(self.names.bind(stem, value), "any", value, True)

    def _regex(self, expr: Expr, command: Any) -> Code:
        const = self._constant(expr)
        if const is None:
            self.raises = True
            return Code(f"regex({self.string(self.value(expr))})", "any")
        try:
            return self._bound("re_" + values.text(const)[:16].decode("latin-1"), compile_regex(values.text(const)))
        except ValueError as exc:
            raise ConfigError(str(exc), expr.pos) from None

    def _subst(self, expr: Expr, command: Any) -> Code:
        const = self._constant(expr)
        if const is None:
            raise ConfigError(f"{command.name}() takes a constant here", expr.pos)
        try:
            return self._bound("subst", parse_subst(values.text(const)))
        except ValueError as exc:
            raise ConfigError(f"bad substitution: {exc}", expr.pos) from None

    def _pv(self, expr: Expr, command: Any) -> tuple[PvSpec, str]:
        if isinstance(expr, Var):
            name = expr.text
        elif isinstance(expr, Str):
            name = expr.value.decode("latin-1").strip()
        else:
            raise ConfigError(f"{command.name}() takes a variable here", expr.pos)
        return self.spec(name, expr.pos), name

    def _pv_read(self, expr: Expr, command: Any) -> Code:
        spec, name = self._pv(expr, command)
        return self._bound("spec_" + name, spec)

    def _pv_write(self, expr: Expr, command: Any) -> Code:
        spec, name = self._pv(expr, command)
        if spec.set is None:
            raise ConfigError(f"{name} cannot be written", expr.pos)
        return self._bound("spec_" + name, spec)

    def _route(self, expr: Expr, command: Any) -> Code:
        code = self._str(expr, command)
        if code.is_const:
            name = code.const.decode("latin-1")
            self.used_route(command.route_kind, name)
            if command.route_kind and name not in ("", "0") and not self.known_route(command.route_kind, name):
                self.warn(f"there is no {command.route_kind}[{name}]", expr.pos, "")
        return code

    def _flag(self, expr: Expr, command: Any) -> Code:
        name = expr.name if isinstance(expr, Host) else None
        const = name.encode("latin-1") if name is not None else self._constant(expr)
        if const is None:
            return Code(self.integer(self.value(expr)), "int")
        number: int | None
        if isinstance(const, int):
            number = const
        else:
            word = const.decode("latin-1")
            number = self.flags.get(word, int(word) if word.isdigit() else None)
            if number is None:
                raise ConfigError(f'the flag "{word}" is not declared', expr.pos, did_you_mean(word, self.flags))
        if not 0 <= number <= 31:
            raise ConfigError("flags have the numbers 0 to 31", expr.pos)
        return constant(number)
