"""Loads a KEMI Python script and makes its methods route blocks of `core.script`.

`mod_init()` of the file returns an object; `ksr_request_route`, `ksr_reply_route` and `ksr_onsend_route` are its entry
points, and every other method can be named by t_on_failure() and the like. A file without mod_init() is taken as the
object itself. Errors in it are logged with the user's traceback; the server goes on.
"""

import ast
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from ...cfg.compile.values import DROP, EXIT, ScriptExit
from ...cfg.errors import ConfigError
from ..log import ERR, logger, write
from ..script_env import ServerEnvironment
from .calls import calls
from .current import current
from .functions import Functions
from .ksr import Ksr

log = logger(__name__)
RouteFunction = Callable[[Any], int]
ENTRY_POINTS = {"request_route": "ksr_request_route", "reply_route": "ksr_reply_route",
                "onsend_route": "ksr_onsend_route"}  # fmt: skip
NAMED_KINDS = ("failure_route", "branch_route", "onreply_route", "route")


class KemiScript:
    """A loaded file. `routes` has the shape of `core.script.Script.routes`."""

    def __init__(self, path: str, init: str = "mod_init", child_init: str = "child_init") -> None:
        self.path = path
        self.init = init
        self.child_init_name = child_init
        self.object: Any = None
        self.tree = ast.Module([], [])
        self.ksr: Any = None
        self.routes: dict[str, dict[bytes, RouteFunction]] = {}
        self.renamed: dict[str, str] = dict(ENTRY_POINTS)  # kind -> name of the method
        self.events: dict[bytes, str] = {}  # event -> name of the method (events.py)

    def read(self) -> None:
        """Read the file and install `KSR`, without running anything. ConfigError, with the line of the user's file."""
        self.ksr = install_ksr()
        try:
            with open(self.path, "rb") as stream:
                self.tree = ast.parse(stream.read(), self.path)
        except OSError as error:
            raise ConfigError(f"cannot read {self.path}: {error.strerror}") from None
        except SyntaxError as error:
            raise ConfigError(f"{error.filename}:{error.lineno}: {error.msg}") from None

    def load(self) -> None:
        """Read and run the file. ConfigError when that fails, with the line of the user's file."""
        self.read()
        module = types.ModuleType("kemi_script")
        module.__file__ = self.path
        try:
            exec(compile(self.tree, self.path, "exec"), module.__dict__)
            made = getattr(module, self.init, None)
            self.object = made() if made is not None else module
        except Exception as error:
            raise ConfigError(f"{_place(error, self.path)}: {type(error).__name__}: {error}") from error
        self.routes = self._routes()
        if "request_route" not in self.routes:
            raise ConfigError(f"{self.path} has no {self.renamed['request_route']}")

    def check(self) -> list[str]:
        """What is wrong with calls of KSR in a file that was read: sentences with its lines. Nothing is called."""
        found = []
        for call in sorted(calls(self.tree), key=lambda call: call.line):
            try:
                call.resolve(self.ksr)
            except (AttributeError, TypeError) as error:
                found.append(f"{self.path}:{call.line}: {error}")
        return found

    def prepare(self) -> None:
        """Modules initialised, before fork: calls with constants are made ready.

        What is wrong is a warning: the call may never happen.
        """
        for sentence in self.check():
            log.warning("%s", sentence)
        for call in calls(self.tree):
            functions = getattr(self.ksr, call.module) if call.module else None
            if not isinstance(functions, Functions) or call.constants is None:
                continue
            try:
                functions.prepare(call.name, call.constants)
            except ValueError as error:
                log.warning("%s:%d: %s", self.path, call.line, error)
            except (AttributeError, TypeError):
                pass  # check() has said so

    def _routes(self) -> dict[str, dict[bytes, RouteFunction]]:
        names = [name for name in dir(self.object) if not name.startswith("_")]
        methods = {name: getattr(self.object, name) for name in names if callable(getattr(self.object, name))}
        routes: dict[str, dict[bytes, RouteFunction]] = {}
        for kind, name in self.renamed.items():
            if name in methods:
                routes[kind] = {b"": self._block(methods[name])}
        for kind in NAMED_KINDS:
            routes[kind] = {name.encode(): self._block(method) for name, method in methods.items()}
        routes["event_route"] = {}
        for event, name in self.events.items():
            if name not in methods:
                raise ConfigError(f"{self.path} has no {name}, which is to be called for {event.decode()}")
            rest = [method.encode() for method in methods] if event.endswith(b":") else [b""]
            for full in (event + part for part in rest):
                routes["event_route"][full] = self._block(methods[name], full.decode())
        return routes

    def _block(self, method: Callable[..., Any], *args: Any) -> RouteFunction:
        """A method as a route block: 1 unless it drops, -1 when it fails; `exit()` ends it."""

        def run(msg: Any) -> int:
            with current(msg):
                try:
                    method(msg, *args)
                except SystemExit:
                    msg.act |= EXIT
                except ScriptExit:
                    raise
                except Exception as error:
                    self.report(error)
                    return -1
            return 0 if msg.act & DROP else 1

        run.__name__ = run.__qualname__ = getattr(method, "__name__", "route")
        return run

    def report(self, error: Exception) -> None:
        """Log an error of the script: where it is, and the way there from the first line of the user's file."""
        log.error("%s: %s: %s", _place(error, self.path), type(error).__name__, error)
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != self.path:
            trace = trace.tb_next
        for line in "".join(traceback.format_exception(type(error), error, trace)).splitlines():
            write(ERR, log.module, "", line)

    def child_init(self, rank: int) -> None:
        """In each new process: the script's own child_init."""
        method = getattr(self.object, self.child_init_name, None)
        if method is not None:
            method(rank)


def install_ksr() -> Ksr:
    """Make `import KSR` work, also as `import KSR as KSR`."""
    ksr = Ksr(ServerEnvironment())
    sys.modules["KSR"] = ksr  # type: ignore[assignment]
    return ksr


def _place(error: BaseException, path: str) -> str:
    """`file:line` of the last frame in the user's file."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{path}:{line}"
