"""The one script of the server: loaded in main before fork, loaded again by each process when it is reloaded."""

from dataclasses import dataclass
from typing import Any

from ...cfg.compile.values import ScriptExit
from ...cfg.errors import ConfigError
from ...core import runtime
from ...core.errors import ModuleError
from ...core.kemi.api import entries
from ...core.kemi.current import current, to_python
from ...core.kemi.engine import KemiScript
from ...core.kemi.events import event_methods
from ...core.log import logger
from ...core.pv import Format
from ...core.rpc.registry import RpcError
from ...core.script import script

log = logger(__name__)


@dataclass
class Settings:
    """The module's parameters."""

    load: bytes = b""
    mod_init_function: bytes = b"mod_init"
    child_init_method: bytes = b"child_init"


settings = Settings()


class State:
    """What this process runs."""

    kemi: KemiScript | None = None
    rank = 0


def check() -> list[str]:
    """`kahea -c`: the file is read, not run; what its calls of KSR name must be there."""
    if not settings.load:
        return []
    kemi = KemiScript(settings.load.decode())
    kemi.read()
    return kemi.check()


def make() -> KemiScript:
    """Load the file named by the parameters; ConfigError."""
    kemi = KemiScript(
        *(text.decode() for text in (settings.load, settings.mod_init_function, settings.child_init_method))
    )
    chosen = script.custom.get("kemi", {}).get(None, {})
    kemi.events = event_methods(chosen)
    for word, kind in (("reply_route_callback", "reply_route"), ("onsend_route_callback", "onsend_route")):
        name = chosen.get(word)
        if isinstance(name, bytes):
            kemi.renamed.pop(kind) if name in (b"", b"none") else kemi.renamed.update({kind: name.decode()})
    kemi.load()
    return kemi


def init() -> None:
    """Main process: load the script where `cfgengine "python"` chooses it."""
    if not settings.load:
        raise ModuleError('modparam("app_python3", "load", "file.py") is missing')
    State.kemi = make()
    if script.params.cfgengine in (b"python", "python"):
        script.use_engine(State.kemi.routes)
    script.on_compile.append(State.kemi.prepare)
    runtime.declare("app_python3", "version", 0, "number of reloads of the Python script", on_change=_again)


def child_init(rank: int) -> None:
    """Each process: the script's child_init."""
    State.rank = rank
    if State.kemi is not None and rank > -100:
        State.kemi.child_init(rank)


def _again(version: Any) -> None:
    """Each process, between two messages: the file was reloaded."""
    try:
        kemi = make()
        kemi.prepare()
        kemi.child_init(State.rank)
    except Exception as error:
        log.error("the Python script stays as it is: %s", error)
        return
    State.kemi = kemi
    if script.params.cfgengine in (b"python", "python"):
        script.use_engine(kemi.routes)


def reload() -> dict[str, int]:
    """RPC: check the file here, then have every process load it at its next message."""
    try:
        make()
    except ConfigError as error:
        raise RpcError(500, str(error)) from None
    variable = runtime.find("app_python3", "version")
    assert variable is not None
    version = int(variable.value) + 1
    runtime.set_values({("app_python3", "version"): version})
    return {"version": version}


def python_exec(msg: Any, name: bytes, param: bytes | None = None) -> int:
    """A method of the Python script, from either kind of script; with `param` as second argument. Its int, else 1; -1
    when there is none or it fails."""
    method = getattr(State.kemi.object, name.decode(), None) if State.kemi is not None else None
    if State.kemi is None or method is None:
        log.error("python_exec: the Python script has no %s", name.decode("latin-1"))
        return -1
    with current(msg):
        try:
            result = method(msg) if param is None else method(msg, to_python(param))
        except (ScriptExit, SystemExit):
            raise
        except Exception as error:
            State.kemi.report(error)
            return -1
    return result if isinstance(result, int) else 1


def python_execx(msg: Any, name: Format) -> int:
    """The same in KEMI, the name a text with variables."""
    return python_exec(msg, name.eval(msg))


def api_list() -> dict[str, Any]:
    """RPC: the functions of the KSR object, for the modules that are loaded."""
    methods = [{"func": {"ret": e.ret, "module": e.module, "name": e.name, "params": e.params}} for e in entries()]
    return {"msize": len(methods), "methods": methods}
