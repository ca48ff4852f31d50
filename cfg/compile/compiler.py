"""A parsed configuration to Python functions, one a route block.

    compiled = compile_config(config, env, params)
    compiled.routes["failure_route"][b"1"](msg) -> int

Each function takes the message and returns the block's result: > 0 true, < 0 false, 0 as after `return 0`. It sets
`msg.act` (values.EXIT, values.DROP) when the script ends, `msg.rc` when the script reads `$rc`, and raises
values.ScriptExit when a function inside an expression ends the script. `core.script` runs them.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from ..environment import Environment
from ..errors import ConfigError as ConfigError
from ..errors import ConfigErrors, Diagnostic, did_you_mean
from ..source import Pos
from ..syntax.nodes import Config, Expr, Flags, RouteBlock, RouteCall
from ..syntax.walk import walk
from ..tables import ROUTE_KINDS
from .checker import check_config
from .codegen import Lines, Namespace, compile_function
from .emit_stmt import RETURN
from .emit_switch import SwitchEmitter
from .latency import timed
from .values import ScriptLog, num, text

RouteFunction = Callable[[Any], int]
MAX_FLAG = 31
MAX_BLOCKS = 10_000  # route blocks in one script
LOCAL_REQUEST = b"tm:local-request"

_READS_RC = re.compile(rb"\$\(?(?:rc|retcode|\?)")


@dataclass
class Compiled:
    """What a configuration became. `routes[kind][name]`; `source` is the generated Python."""

    routes: dict[str, dict[bytes, RouteFunction]] = field(default_factory=dict)
    source: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    flags: dict[str, int] = field(default_factory=dict)


@dataclass
class Limits:
    """The limits that the compiled code observes."""

    max_while_loops: int = 100
    max_recursive_level: int = 256
    latency_action: int = 0  # microseconds a function may take before it is reported; 0: any time
    latency_cfg: int = 0  # the same for a route block


def flag_numbers(config: Config) -> dict[str, int]:
    """Numbers of the declared flags; those without one get the lowest free."""
    flags: dict[str, int] = {}
    waiting: list[tuple[str, Pos]] = []
    for item in config.items:
        if not isinstance(item, Flags) or item.kind != "flags":
            continue
        for name, number in item.names:
            if number is not None and not 0 <= number <= MAX_FLAG:
                raise ConfigError(f"flags have the numbers 0 to {MAX_FLAG}", item.pos)
            if name in flags:
                raise ConfigError(f'the flag "{name}" is declared twice', item.pos)
            if number is None:
                waiting.append((name, item.pos))
            else:
                flags[name] = number
    for name, pos in waiting:
        free = [n for n in range(MAX_FLAG + 1) if n not in flags.values()]
        if not free:
            raise ConfigError("all 32 flags are taken", pos)
        flags[name] = free[0]
    return flags


def compile_config(
    config: Config,
    env: Environment,
    limits: Limits | None = None,
    check_only: bool = False,
    events: Collection[str] | None = None,
    called: Collection[str] | None = (),
) -> Compiled:
    """Compile all route blocks; ConfigErrors with all that is wrong. `check_only`: modules are not initialised.

    `events` are the event routes that somebody runs; others get a warning. `called` are names of blocks that others
    than the script may run; None: any may be run, another engine is in charge.
    """
    compilation = _Compilation(config, env, limits or Limits(), check_only)
    compilation.events = events
    compilation.used.update((None, name) for name in (("*",) if called is None else called))
    return compilation.run()


class _Compilation(SwitchEmitter):
    """One run of the compiler."""

    def __init__(self, config: Config, env: Environment, limits: Limits, check_only: bool) -> None:
        super().__init__(env, Namespace(), check_only)
        self.config = config
        self.limits = limits
        self.max_while_loops = limits.max_while_loops
        self.latency_action = limits.latency_action
        self.flags = flag_numbers(config)
        self.blocks_by_name: dict[tuple[str, str], RouteBlock] = {}
        self.functions: dict[tuple[str, str], str] = {}
        self.calls: dict[str, set[str]] = {}  # route -> routes it calls; "*" for a computed name
        self.used: set[tuple[str | None, str]] = set()
        self.current = ""
        self.sources: list[str] = []
        self.events: Collection[str] | None = None
        self.strict_names = config.compat == "KAMAILIO"
        self.known_route = lambda kind, name: (kind, name) in self.blocks_by_name
        self.used_route = lambda kind, name: self.used.add((kind, name))

    def run(self) -> Compiled:
        """Compile everything."""
        self._collect()
        self.reads_rc = any(_READS_RC.search(t) for t in _texts(self.config))
        for key, block in self.blocks_by_name.items():
            self._route_block(key, block)
        self.diagnostics = list(dict.fromkeys(self.diagnostics))  # a continuation repeats those of its block
        if any(d.severity == "error" for d in self.diagnostics):
            raise ConfigErrors([d for d in self.diagnostics if d.severity == "error"])
        self._guard_recursion()
        self._measure_blocks()
        self.diagnostics += check_config(self.used, self.blocks_by_name, self.events)
        result = Compiled(source="\n\n".join(self.sources), diagnostics=self.diagnostics, flags=self.flags)
        for (kind, name), function in self.functions.items():
            result.routes.setdefault(kind, {})[name.encode("latin-1")] = self.names.names[function]
        for label, function in self.continuations.items():
            result.routes.setdefault("route", {})[label] = self.names.names[function]
        for route in result.routes.get("local_route", {}).values():  # OpenSER's name of an event
            result.routes.setdefault("event_route", {}).setdefault(LOCAL_REQUEST, route)
        return result

    def _collect(self) -> None:
        """Merge unnamed blocks, refuse two of one name, choose the Python names."""
        for item in self.config.items:
            if not isinstance(item, RouteBlock):
                continue
            key = (item.kind, item.name)
            if key in self.blocks_by_name:
                first = self.blocks_by_name[key]
                if item.name:
                    error = ConfigError(
                        f"duplicate route {item.kind}[{item.name}]", item.pos, f"the first: {first.pos}"
                    )
                    self.diagnostics.append(error.diagnostic)
                    continue
                first.body += item.body
                continue
            if len(self.blocks_by_name) >= MAX_BLOCKS:
                raise ConfigError(f"more than {MAX_BLOCKS} route blocks", item.pos)
            self.blocks_by_name[key] = RouteBlock(item.kind, item.name, list(item.body), pos=item.pos)
            stem = item.kind if not item.name else f"{item.kind}_{item.name}"
            self.functions[key] = self.names.reserve(stem)

    def _route_block(self, key: tuple[str, str], block: RouteBlock) -> None:
        name = self.functions[key]
        self.where = ROUTE_KINDS[block.kind].type
        self.current = name
        self.block_name = f"{block.kind}[{block.name}]" if block.name else block.kind
        self.calls.setdefault(name, set())
        self._function(name, block.body, block.pos)
        while self.blocks:
            inner, expression = self.blocks.pop()
            self._function(inner, expression.body, expression.pos)

    def _function(self, name: str, body: list[Any], pos: Pos) -> None:
        self.out = Lines(0)
        self.flow.block(body)
        self.line(f"def {name}(msg):", pos)
        self.out.indent = 1
        self.breaks = False
        self.statements(body, RETURN, pos)
        self.sources.append(self.out.text())
        if not any(d.severity == "error" for d in self.diagnostics):
            try:
                compile_function(name, self.out, pos, self.names)
            except ConfigError as exc:
                self.diagnostics.append(exc.diagnostic)

    # -- routes ----------------------------------------------------------------------------------------------------

    def route_text(self, call: RouteCall) -> str:
        """Python text of the function of a route."""
        code = self.value(call.name)
        if code.is_const:
            name = text(code.const).decode("latin-1")
            self.used.add(("route", name))
            function = self.functions.get(("route", name))
            if function is None:
                known = [n for k, n in self.functions if k == "route"]
                raise ConfigError(f"route[{name}] is not defined", call.pos, did_you_mean(name, known))
            self.calls[self.current].add(function)
            return function
        self.calls[self.current].add("*")
        self.used.add((None, "*"))
        if "dynamic_route" not in self.names.names:
            self.names.names["dynamic_route"] = self._dynamic_route
        return f"dynamic_route({self.string(code)})"

    def _dynamic_route(self, name: bytes) -> RouteFunction:
        function = self.functions.get(("route", name.decode("latin-1")))
        if function is None:
            ScriptLog.error(f"route({name.decode('latin-1')!r}): no such route")
            return lambda msg: -1
        found: RouteFunction = self.names.names[function]
        return found

    def _guard_recursion(self) -> None:
        """Count levels only in routes that may reach themselves."""
        depth = Depth(self.limits.max_recursive_level)
        graph = {name: set(callees) for name, callees in self.calls.items()}
        graph["*"] = {function for (kind, _), function in self.functions.items() if kind == "route"}
        for name in in_circles(graph) - {"*"}:
            self.names.names[name] = depth.guard(self.names.names[name], name)

    def _measure_blocks(self) -> None:
        """latency_limit_cfg."""
        if self.limits.latency_cfg:
            for key, name in self.functions.items():
                block = self.blocks_by_name[key]
                what = f"{key[0]}[{key[1]}]" if key[1] else key[0]
                self.names.names[name] = timed(self.names.names[name], what, block.pos, self.limits.latency_cfg)


def in_circles(graph: dict[str, set[str]]) -> set[str]:
    """The nodes that can reach themselves: those of the strong components (Kosaraju's way, without recursion)."""
    order: list[str] = []
    seen: set[str] = set()
    for start in graph:
        _visit(graph, start, seen, order)
    found: set[str] = set()
    seen = set()
    turned = _turned(graph)
    for start in reversed(order):
        component: list[str] = []
        _visit(turned, start, seen, component)
        if len(component) > 1 or start in graph.get(start, ()):
            found.update(component)
    return found


def _visit(graph: dict[str, set[str]], start: str, seen: set[str], out: list[str]) -> None:
    """Everything that can be reached and was not seen yet, what is furthest down first."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(graph.get(start, ())))]
    while path:
        name, targets = path[-1]
        target = next((t for t in targets if t not in seen), None)
        if target is None:
            out.append(name)
            path.pop()
        else:
            seen.add(target)
            path.append((target, iter(graph.get(target, ()))))


def _turned(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    turned: dict[str, set[str]] = {name: set() for name in graph}
    for name, targets in graph.items():
        for target in targets:
            turned.setdefault(target, set()).add(name)
    return turned


@dataclass
class Depth:
    """How deep routes are in one another, and the limit."""

    limit: int
    level: int = 0

    def guard(self, function: RouteFunction, name: str) -> RouteFunction:
        """`function` refusing to run deeper than the limit (result -1)."""

        def guarded(msg: Any) -> int:
            if self.level >= self.limit:
                ScriptLog.error(f"{name}: routes call one another more than max_recursive_level={self.limit} deep")
                return -1
            self.level += 1
            try:
                return function(msg)
            finally:
                self.level -= 1

        return guarded


def _texts(config: Config) -> list[bytes]:
    """All variables and strings of the route blocks."""
    found = []
    for item in config.items:
        if isinstance(item, RouteBlock):
            for node in walk(item):
                data = getattr(node, "text", None) or getattr(node, "value", None)
                if isinstance(data, str):
                    found.append(data.encode("latin-1"))
                elif isinstance(data, bytes):
                    found.append(data)
    return found


__all__ = ["Compiled", "ConfigError", "Expr", "Limits", "compile_config", "num"]
