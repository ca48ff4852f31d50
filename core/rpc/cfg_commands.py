"""`cfg.*`: read and change what core/runtime.py keeps, at once or later together (delayed, commit, rollback)."""

from typing import Any

from .. import runtime
from .registry import RpcError, register_rpc

_pending: dict[tuple[str, str], runtime.Value] = {}  # of this management process


def variable(group: Any, name: Any) -> runtime.Variable:
    """The variable, or Kamailio's fault for an unknown one."""
    found = runtime.find(str(group), str(name))
    if found is None:
        raise RpcError(400, "Failed to get the variable")
    return found


def shown(value: runtime.Value) -> int | str:
    """Bytes as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def list_variables(group: str | None = None) -> list[str]:
    return [f"{item.group}: {item.name}" for item in runtime.variables() if group in (None, item.group)]


def get(group: str, name: str | None = None) -> Any:
    runtime.sync()
    if name is not None:
        return shown(variable(group, name).value)
    found = {item.name: shown(item.value) for item in runtime.variables() if item.group == group}
    if not found:
        raise RpcError(400, "Failed to get the variable")
    return found


def convert(item: runtime.Variable, value: Any) -> runtime.Value:
    """The value in the variable's type; a number in a text is a number."""
    if item.kind is bytes:
        return str(value).encode()
    try:
        return int(value)
    except (TypeError, ValueError):
        raise RpcError(400, f"{item.group}.{item.name} takes a number") from None


def set_now(group: str, name: str, value: Any) -> None:
    item = variable(group, name)
    apply({(item.group, item.name): convert(item, value)})


def apply(changes: dict[tuple[str, str], runtime.Value]) -> None:
    """Set them in all processes."""
    try:
        runtime.set_values(changes)
    except (TypeError, ValueError) as error:
        raise RpcError(400, f"Failed to set the variable: {error}") from None


def set_delayed(group: str, name: str, value: Any) -> None:
    item = variable(group, name)
    _pending[item.group, item.name] = convert(item, value)


def commit() -> None:
    apply(dict(_pending))
    _pending.clear()


def rollback() -> None:
    _pending.clear()


def diff() -> list[dict[str, Any]]:
    return [
        {
            "group name": group,
            "variable name": name,
            "old value": shown(variable(group, name).value),
            "new value": shown(value),
        }
        for (group, name), value in _pending.items()
    ]


def reset(group: str, name: str) -> None:
    item = variable(group, name)
    apply({(item.group, item.name): item.default})


def help_text(group: str, name: str) -> list[str]:
    item = variable(group, name)
    return [item.doc, f"(parameter type is {'integer' if item.kind is int else 'string'})"]


COMMANDS: list[tuple[str, Any, str]] = [
    ("cfg.list", list_variables, "Lists the variables, of all groups or of one."),
    ("cfg.get", get, "The value of a variable, or of all variables of a group."),
    ("cfg.help", help_text, "What a variable means."),
    ("cfg.diff", diff, "Changes that wait for cfg.commit."),
    ("cfg.commit", commit, "Makes the delayed changes."),
    ("cfg.rollback", rollback, "Drops the delayed changes."),
    ("cfg.reset", reset, "Sets a variable back to what it was at the start."),
    *((name, set_now, "Sets a variable now.") for name in
      ("cfg.set", "cfg.seti", "cfg.sets", "cfg.set_now_int", "cfg.set_now_string")),
    *((name, set_delayed, "Sets a variable at the next cfg.commit.") for name in
      ("cfg.set_delayed", "cfg.set_delayed_int", "cfg.set_delayed_string")),
]  # fmt: skip


def register_all() -> None:
    """Main process, once."""
    for name, function, doc in COMMANDS:
        register_rpc(name, function, doc)
