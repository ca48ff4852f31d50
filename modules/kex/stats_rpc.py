"""What a module gives, over RPC."""

from typing import Any

from ...core import loader, statistics
from ...core.rpc.registry import RpcError


def module_stats(name: str = "all") -> Any:
    """Of one module, or of all."""
    modules = [m for m in loader.loaded_modules() if name in ("all", m.name)]
    if not modules:
        raise RpcError(404, f"module {name} is not loaded")
    return [
        {
            "module": module.name,
            "functions": len(module.exports.cmds),
            "parameters": len(module.exports.params),
            "statistics": sum(1 for _ in statistics.stats_of(module.name)),
        }
        for module in modules
    ]
