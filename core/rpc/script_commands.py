"""`cfg.reload_script`: the routing script from the file, in all workers, without losing a message."""

import os
import signal
import time
from typing import Any

from ...cfg.errors import ConfigError
from ..script import script
from .registry import RpcError, register_rpc

RELOAD_LIMIT_S = 5.0  # until main has switched


def reload_script() -> dict[str, Any]:
    """Check the script here, so that the caller hears what is wrong with it; then let main switch everyone."""
    store = script.store
    if store is None:
        raise RpcError(500, "there is no script to reload")
    try:
        script.check()
    except (ConfigError, OSError) as error:
        raise RpcError(500, f"the routing script stays as it is: {error}") from None
    before = store.generation()
    os.kill(script.pid, signal.SIGHUP)
    end = time.monotonic() + RELOAD_LIMIT_S
    while store.generation() == before:
        if time.monotonic() > end:
            raise RpcError(500, "main has not switched in time: see the log")
        time.sleep(0.01)
    return {"generation": store.generation(), "files": list(script.texts)}


def show_script() -> dict[str, Any]:
    """Which script is in force, and its route blocks."""
    routes = {kind: sorted(n.decode("latin-1") for n in blocks) for kind, blocks in script.routes.items()}
    return {"generation": script.generation, "files": list(script.texts), "routes": routes}


def register_all() -> None:
    """Before fork."""
    register_rpc("cfg.reload_script", reload_script, "Reload the routing script from its file")
    register_rpc("cfg.show_script", show_script, "Generation, files and route blocks of the routing script in force")
