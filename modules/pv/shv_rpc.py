"""Shared variables over RPC."""

from typing import Any

from ...core.pv.stores import shv
from ...core.rpc.registry import RpcError
from ...core.shtable import TableFull


def _describe(name: bytes) -> dict[str, Any]:
    value = shv.get_shv(name)
    shown = value if isinstance(value, int) else (value or b"").decode("utf-8", "replace")
    return {"name": name.decode("utf-8", "replace"), "type": "int" if isinstance(value, int) else "str", "value": shown}


def get(name: str = "") -> Any:
    """One variable, or a list of all that have been set."""
    if name:
        key = str(name).encode()
        if key not in shv.names():
            raise RpcError(404, "Variable not found")
        return _describe(key)
    return [_describe(key) for key in shv.names()]


def put(name: str, kind: str, value: Any) -> None:
    """Set a variable for all processes."""
    if kind not in ("int", "str"):
        raise RpcError(400, "The type is int or str")
    try:
        shv.set_shv(str(name).encode(), int(value) if kind == "int" else str(value).encode())
    except ValueError:
        raise RpcError(400, "The value is no number") from None
    except TableFull as error:
        raise RpcError(500, str(error)) from None
