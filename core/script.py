"""The routing script of the running server: load a configuration, compile it, run its route blocks.

    script.load("kamailio.cfg", options)   main process: parse, load modules, set parameters
    script.compile()                       main process, modules initialised: route blocks to functions
    script.run_route("failure_route", b"1", msg)   any process
    script.reload()                        main, then each child between two messages

`run_route` returns the block's code: > 0 true, < 0 false, 0 stopped; DROPPED when it ended with `drop`. Parameters of
the core are attributes of `script.params`, sockets wanted are `script.listen` and `script.aliases`.
"""

import copy
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..cfg.compile.compiler import Compiled, Limits, RouteFunction, compile_config
from ..cfg.compile.values import DROP, DROPPED, ScriptExit, ScriptLog
from ..cfg.core_params import CoreParams
from ..cfg.errors import ConfigError, Diagnostic
from ..cfg.syntax.nodes import (
    Address,
    Alias,
    Config,
    Custom,
    Listen,
    LoadModule,
    LoadPath,
    ModParam,
    Param,
    Section,
    Var,
)  # fmt: skip
from ..cfg.syntax.parser import parse_file
from ..cfg.syntax.preprocessor import Preprocessor
from ..cfg.tables import ROUTE_KINDS
from . import loader
from .errors import ModuleError
from .log import ERR, logger
from .pv.stores.flags import script_flags
from .script_env import ServerEnvironment
from .script_store import ScriptStore

log = logger(__name__)
ScriptLog.error = log.error
ScriptLog.debug = log.debug


@dataclass
class LoadOptions:
    """What the command line adds to a configuration; `core.options.Options` has the same attributes."""

    defines: list[str] = field(default_factory=list)  # NAME or NAME=value
    substs: list[tuple[str, str]] = field(default_factory=list)  # (kind, expression)
    modules: list[str] = field(default_factory=list)
    modparams: list[tuple[str, str, int | bytes]] = field(default_factory=list)
    mpath: str = ""


TLS_SECTIONS = ("tls_server_domain", "tls_client_domain")  # OpenSER's profiles: the module tls reads them


class Script:
    """A loaded configuration. One a process; `load` and `compile` run in main before fork, and again for a reload."""

    def __init__(self) -> None:
        self.path = ""
        self.options: Any = LoadOptions()
        self.params = CoreParams()
        self.listen: list[Listen] = []
        self.aliases: list[Address] = []
        self.custom: dict[str, dict[int | None, dict[str, int | bytes]]] = {}  # group -> instance -> name -> value
        self.sections: list[Section] = []
        self.defines: dict[str, str] = {}
        self.texts: dict[str, bytes] = {}  # the files, as read
        self.store: ScriptStore | None = None
        self.pid = 0  # of main
        self.config = Config()
        self.compiled = Compiled()
        self.routes: dict[str, dict[bytes, RouteFunction]] = {}
        self.warnings: list[Diagnostic] = []
        self.generation = 0
        self.on_compile: list[Callable[[], None]] = []  # run once in main, modules initialised, before fork
        self.engine: dict[str, dict[bytes, RouteFunction]] | None = None

    # -- loading ---------------------------------------------------------------------------------------------------

    def load(self, path: str, options: Any = None) -> None:
        """Parse a file and do what its top level says, in order. ConfigError; OSError when it cannot be read."""
        self.path, self.options = path, options or self.options
        self.config = self.parse()
        if self.options.mpath:
            loader.set_search_path(self.options.mpath)
        for name in self.options.modules:
            self._module_step(loader.load_module, None, name)
        for module, name, value in self.options.modparams:
            self._module_step(loader.set_modparam, None, module, name, value)
        for item in self.config.items:
            handler = _HANDLERS.get(type(item))
            if handler is not None:
                handler(self, item)
        for section in self.sections:
            if not (section.name in TLS_SECTIONS and loader.module_loaded("tls")):
                self.warnings.append(Diagnostic("notice", f"{section.name} is accepted and has no effect", section.pos))

    def parse(self, replay: dict[str, bytes] | None = None) -> Config:
        """Parse `path` again and nothing else; with `replay` the files are taken from there."""
        source = self.preprocessor()
        source.replay = replay
        source.warn = lambda message, pos: self.warnings.append(Diagnostic("warning", message, pos))
        config = parse_file(self.path, source)
        self.defines, self.texts = source.defines, source.texts
        return config

    def preprocessor(self) -> Preprocessor:
        """A preprocessor with the defines and substitutions of the command line."""
        source = Preprocessor()

        def expand(text: bytes) -> bytes:
            before, script.defines = script.defines, source.defines  # for `$def`
            try:
                return self._expand(text)
            finally:
                script.defines = before

        source.expand = expand
        for text in self.options.defines:
            name, _, value = text.partition("=")
            source.define(name.strip(), value)
        for kind, expression in self.options.substs:
            source.add_subst(expression.encode("latin-1"), kind)
        return source

    def compile(self, check_only: bool = False) -> Compiled:
        """Compile the route blocks; ConfigErrors names all that is wrong. `check_only`: modules are not initialised."""
        compiled = self._compile(self.config, check_only)
        if not check_only and self.store is None:
            self.store, self.pid = ScriptStore(), os.getpid()
            self.generation = self.store.publish(self.texts)
            for function in self.on_compile:
                function()
        self._put_in_force(compiled)
        return compiled

    def use_engine(self, routes: dict[str, dict[bytes, RouteFunction]]) -> None:
        """Another engine's blocks (KEMI) take the places of the native ones; native `route` blocks stay callable."""
        self.engine = routes
        self._put_in_force(self.compiled)

    def _put_in_force(self, compiled: Compiled) -> None:
        self.compiled = compiled
        if self.engine is None:
            self.routes = compiled.routes
            return
        native = {
            kind: blocks for kind, blocks in compiled.routes.items() if kind not in ("request_route", "reply_route")
        }
        kinds = {*native, *self.engine}
        self.routes = {kind: {**native.get(kind, {}), **self.engine.get(kind, {})} for kind in kinds}

    def _compile(self, config: Config, check_only: bool) -> Compiled:
        params = self.params
        limits = Limits(
            params.max_while_loops, params.max_recursive_level, params.latency_limit_action, params.latency_limit_cfg
        )
        level = params.latency_log if params.was_given("latency_log") else ERR
        ScriptLog.latency = lambda message: log.log(level, "%s", message)
        return compile_config(config, ServerEnvironment(), limits, check_only, known_events(), self._called())

    def _called(self) -> set[str] | None:
        """Names that modules may run blocks by: any text that a modparam gives them. None with another engine."""
        if self.params.cfgengine not in (b"native", b"default", "native", "default"):
            return None
        values = [item.value for item in self.config.items if isinstance(item, ModParam)]
        return {value.decode("latin-1") for value in values if isinstance(value, bytes)}

    def check(self) -> None:
        """Any process: would a reload work? ConfigError, OSError."""
        checked = copy.copy(self)
        checked.warnings = []
        config = checked.parse()
        self._recompile(config)

    def reload(self) -> None:
        """Switch to the script that is on disk (main), or to the one that main has switched to (a child).

        Call it between two messages. ConfigError, OSError: nothing has changed.
        """
        assert self.store is not None
        if os.getpid() == self.pid:
            before = self.texts
            try:
                config = self.parse()
                compiled = self._recompile(config)
            except BaseException:
                self.texts = before
                raise
            self.generation = self.store.publish(self.texts)
        else:
            number, files = self.store.fetch()
            if number == self.generation:
                return
            config = self.parse(files)
            compiled = self._compile(config, check_only=False)
            self.generation = number
        self.config = config
        self._put_in_force(compiled)

    def _recompile(self, config: Config) -> Compiled:
        """The script that would follow. A file that an editor has truncated to write it anew is no new script."""
        self._refuse_changes(config)
        compiled = self._compile(config, check_only=False)
        if "request_route" in self.compiled.routes and "request_route" not in compiled.routes:
            raise ConfigError("the new script has no request_route")
        return compiled

    def _refuse_changes(self, config: Config) -> None:
        """Modules cannot be loaded into a running server."""
        for item in config.items:
            if isinstance(item, LoadModule) and not item.expand:
                name = loader.module_name(item.name.decode("latin-1"))
                if not loader.module_loaded(name):
                    raise ConfigError(f"module {name} is new: that needs a restart", item.pos)

    def _module_step(self, step: Callable[..., Any], pos: Any, *args: Any) -> None:
        try:
            step(*args)
        except ModuleError as exc:
            raise ConfigError(str(exc), pos) from None

    def _param(self, item: Param) -> None:
        row = self.params.set(item.name, item.value, item.pos)
        notice = self.params.notice(row)
        if notice:
            self.warnings.append(Diagnostic("notice", notice, item.pos))
        if item.name == "avp_aliases":
            self._module_step(loader.set_modparam, item.pos, "pv", "avp_aliases", item.value)

    def _listen(self, item: Listen) -> None:
        item.workers = self.params.socket_workers
        self.params.set("socket_workers", 0)  # it is for the next socket only
        self.listen.append(item)

    def _alias(self, item: Alias) -> None:
        self.aliases.append(item.address)

    def _custom(self, item: Custom) -> None:
        self.custom.setdefault(item.group, {}).setdefault(item.index, {})[item.name] = item.value

    def _section(self, item: Section) -> None:
        self.sections.append(item)

    def _load_module(self, item: LoadModule) -> None:
        name = self._expand(item.name) if item.expand else item.name
        if loader.module_loaded(loader.module_name(name.decode("latin-1"))):
            self.warnings.append(Diagnostic("warning", f"module {name.decode('latin-1')} is loaded already", item.pos))
            return
        self._module_step(loader.load_module, item.pos, name.decode("latin-1"))

    def _load_path(self, item: LoadPath) -> None:
        if not self.options.mpath:
            loader.set_search_path(item.path.decode("latin-1"))

    def _mod_param(self, item: ModParam) -> None:
        value = item.value
        if isinstance(value, Var):
            value = self._expand(value.text.encode("latin-1"))
        elif item.expand and isinstance(value, bytes):
            value = self._expand(value)
        names = item.modules.decode("latin-1"), item.name.decode("latin-1")
        self._module_step(loader.set_modparam, item.pos, *names, value)

    def _expand(self, text: bytes) -> bytes:
        """`loadmodulex`, `modparamx`: variables that need no message."""
        from .pv import parse_format

        return parse_format(text).eval(None)

    # -- running ---------------------------------------------------------------------------------------------------

    def has_route(self, kind: str, name: bytes = b"") -> bool:
        """Is there such a block?"""
        return name in self.routes.get(kind, ())

    def run_route(self, kind: str, name: bytes, msg: Any) -> int:
        """Run a block as a new top-level block on `msg`, whatever runs on it already; 1 when there is none."""
        route = self.routes.get(kind, {}).get(name)
        if route is None:
            log.debug("there is no %s[%s]", kind, name.decode("latin-1"))
            return 1
        return run_block(route, msg, ROUTE_KINDS[kind].type)


def known_events() -> set[str]:
    """Names of the event routes that the core or a loaded module runs."""
    from .msg.core_events import CORE_EVENTS

    names = {*CORE_EVENTS, "tm:local-request"}
    for module in loader.loaded_modules():
        names.update(module.exports.event_routes)
    return names


def run_block(route: RouteFunction, msg: Any, route_type: int) -> int:
    """Run a compiled block on `msg`: its code, or DROPPED. What ran on the message before is undisturbed."""
    act, outer, flags = msg.act, msg.route_type, script_flags.bits
    msg.act = msg.rc = script_flags.bits = 0
    msg.route_type = route_type
    try:
        code = route(msg)
        return DROPPED if msg.act & DROP else code
    except ScriptExit as stop:
        return DROPPED if msg.act & DROP else stop.code
    except Exception:
        log.exception("the routing script failed")
        return -1
    finally:
        msg.act, msg.route_type, script_flags.bits = act, outer, flags


_HANDLERS: dict[type, Callable[[Script, Any], None]] = {
    Param: Script._param, Listen: Script._listen, Alias: Script._alias, Custom: Script._custom,
    Section: Script._section, LoadModule: Script._load_module, LoadPath: Script._load_path, ModParam: Script._mod_param,
}  # fmt: skip

script = Script()  # of this process

__all__ = ["DROPPED", "LoadOptions", "Script", "run_block", "script"]
