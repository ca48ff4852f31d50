"""`cfg.*`: read and change what core/runtime.py keeps, at once or later together (delayed, commit, rollback).

A group is `name` or `name[5]`: instance 5, whose values a script chooses by cfg_select(). Faults are Kamailio's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...core import runtime
from ...core.rpc.registry import RpcError

GROUP = re.compile(r"([^\[\]]+)(?:\[(\d{1,9})\])?")
DELAYED_MAX = 256  # changes that wait


def group_of(text: str) -> tuple[str, int | None]:
    """(name, instance or None)."""
    found = GROUP.fullmatch(text)
    if found is None:
        raise RpcError(400, 'Wrong group syntax. Use "group", or "group[id]"')
    return found[1], None if found[2] is None else int(found[2])


def instance_of(text: str) -> tuple[str, int]:
    """The same where an instance is needed."""
    found = GROUP.fullmatch(text)
    if found is None or found[2] is None:
        raise RpcError(400, 'Wrong group syntax. Use "group[id]"')
    return found[1], int(found[2])


def find(group: str, name: str, fault: str) -> tuple[runtime.Variable, int | None]:
    """The variable and the instance meant; `fault` when either is unknown."""
    plain, instance = group_of(group)
    variable = runtime.find(plain, name)
    if variable is None or (instance is not None and (plain, instance) not in runtime.read()[1].instances):
        raise RpcError(400, fault)
    return variable, instance


def shown(value: runtime.Value) -> int | str:
    """Bytes as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


# reading


def list_variables(group: str = "") -> list[str]:
    return [f"{item.group}: {item.name}" for item in runtime.variables(group or None)]


def get(group: str, name: str = "") -> Any:
    plain, instance = group_of(group)
    state = runtime.read()[1]
    if name:
        variable, instance = find(group, name, "Failed to get the variable")
        return shown(state.value(variable, instance))
    if instance is not None and (plain, instance) not in state.instances:
        raise RpcError(400, "Failed to get the variable")
    return {item.name: shown(state.value(item, instance)) for item in runtime.variables(plain)}


def help_text(group: str, name: str) -> list[str]:
    variable, _ = find(group, name, "Failed to get the variable description")
    return [variable.doc, f"(parameter type is {'integer' if variable.kind is int else 'string'})"]


def diff() -> list[dict[str, Any]]:
    state = runtime.read()[1]
    found = []
    for (group, instance, name), value in state.pending.items():
        variable = runtime.find(group, name)
        if variable is None:
            continue
        new = state.value(variable) if value is None else value
        entry = {"group name": group, "group id": instance, "variable name": name}
        entry |= {"old value": shown(state.value(variable, instance)), "new value": shown(new)}
        found.append({key: item for key, item in entry.items() if item is not None})
    return found


# changing


@contextmanager
def changing() -> Iterator[runtime.State]:
    """runtime.changing(); that there is no room is a fault."""
    try:
        with runtime.changing() as state:
            yield state
    except ValueError as error:
        raise RpcError(500, str(error)) from None


def convert(variable: runtime.Variable, value: Any) -> runtime.Value:
    """The value in the variable's type, a number in a text is a number; RpcError when it cannot be set."""
    try:
        wanted = str(value).encode("utf-8", "surrogateescape") if variable.kind is bytes else int(value)
        variable.check(wanted)
    except (TypeError, ValueError) as error:
        raise RpcError(400, f"Failed to set the variable: {error}") from None
    return wanted


def set_now(group: str, name: str, value: Any) -> None:
    variable, instance = find(group, name, "Failed to set the variable")
    wanted = convert(variable, value)
    with changing() as state:
        state.values[variable.group, instance, name] = wanted


def set_int(group: str, name: str, value: int) -> None:
    set_now(group, name, value)


def set_string(group: str, name: str, value: str) -> None:
    set_now(group, name, value)


def set_delayed(group: str, name: str, value: Any) -> None:
    variable, instance = find(group, name, "Failed to set the variable")
    delay((variable.group, instance, name), convert(variable, value))


def set_delayed_int(group: str, name: str, value: int) -> None:
    set_delayed(group, name, value)


def set_delayed_string(group: str, name: str, value: str) -> None:
    set_delayed(group, name, value)


def delete(group: str, name: str) -> None:
    plain, instance = instance_of(group)
    find(group, name, "Failed to delete the value")
    with changing() as state:
        state.values.pop((plain, instance, name), None)


def delete_delayed(group: str, name: str) -> None:
    plain, instance = instance_of(group)
    find(group, name, "Failed to delete the value")
    delay((plain, instance, name), None)


def delay(key: runtime.Key, value: runtime.Value | None) -> None:
    """One more change that waits."""
    with changing() as state:
        state.pending[key] = value
        if len(state.pending) > DELAYED_MAX:
            raise RpcError(400, f"{DELAYED_MAX} changes wait already: cfg.commit or cfg.rollback")


def commit() -> None:
    with changing() as state:
        for key, value in state.pending.items():
            if value is None:
                state.values.pop(key, None)
            elif key[1] is None or key[:2] in state.instances:
                state.values[key] = value
            else:
                raise RpcError(400, "Failed to commit the changes")
        state.pending.clear()


def rollback() -> None:
    with changing() as state:
        state.pending.clear()


def reset(group: str, name: str = "") -> None:
    plain, instance = group_of(group)
    if name:
        find(group, name, "Reset failed")
    elif not runtime.variables(plain):
        raise RpcError(400, "Reset failed")
    with changing() as state:
        for key in [key for key in state.values if key[:2] == (plain, instance) and name in ("", key[2])]:
            del state.values[key]


def add_instance(group: str) -> None:
    plain, instance = instance_of(group)
    if not runtime.variables(plain):
        raise RpcError(400, "Failed to add the group instance")
    with changing() as state:
        state.instances.add((plain, instance))


def delete_instance(group: str) -> None:
    plain, instance = instance_of(group)
    with changing() as state:
        if (plain, instance) not in state.instances:
            raise RpcError(400, "Failed to delete the group instance")
        state.instances.discard((plain, instance))
        state.values = {key: value for key, value in state.values.items() if key[:2] != (plain, instance)}
