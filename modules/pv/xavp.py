"""Tools for $xavp and $xavi: fields set and removed by name, lists and parameters to fields and back."""

from typing import Any

from ...core.log import logger
from ...core.pv import PvSpec
from ...core.pv.stores import script_var
from ...core.pv.stores.xavp import Stack, drop, printed, push
from ...core.pv.transformations.param import parse_list

log = logger(__name__)
Value = bytes | int | None


def fields_of(stack: Stack, root: bytes, make: bool = False) -> Stack | None:
    """The fields of the newest root of a name; with `make` a new one when there is none."""
    values = stack.get(root)
    if values and isinstance(values[0], dict):
        return values[0]
    if not make:
        return None
    fields: Stack = {}
    push(stack, root, fields)
    return fields


def params_explode(msg: Any, text: bytes, name: bytes) -> int:
    """`a=1;b=2` to a new root with these fields."""
    try:
        items = parse_list(text)
    except ValueError:
        return -1
    fields: Stack = {}
    for key, value in items:
        if key:
            fields.setdefault(key, []).append(value)
    if not fields:
        return -1
    push(msg.xavps, name, fields)
    return 1


def params_implode(msg: Any, name: bytes, pv: PvSpec) -> int:
    """The fields of the newest root as `a=1;b=2;`."""
    fields = fields_of(msg.xavps, name)
    if not fields or pv.set is None:
        return -1
    pv.set(msg, join_params((key, value) for key, values in fields.items() for value in values))
    return 1


def join_params(items: Any) -> bytes:
    """`name=value;` of each, the value in quotes where it holds a separator."""
    parts = []
    for key, value in items:
        if value is None or value == b"":
            parts.append(key + b";")
            continue
        shown = printed(value)
        text = b"%d" % shown if isinstance(shown, int) else shown or b""
        parts.append(key + b"=" + (b'"' + text + b'"' if b";" in text else text) + b";")
    return b"".join(parts)


def _child_set(stack: Stack, root: bytes, key: bytes, value: Value) -> int:
    fields = fields_of(stack, root, make=True)
    assert fields is not None
    fields[key] = [value]
    return 1


def _child_rm(stack: Stack, root: bytes, key: bytes) -> int:
    fields = fields_of(stack, root)
    if fields is None or key not in fields:
        return -1
    del fields[key]
    return 1


def child_set(msg: Any, root: bytes, key: bytes, value: Value) -> int:
    """One field of the newest root, made when needed."""
    return _child_set(msg.xavps, root, key, value)


def child_rm(msg: Any, root: bytes, key: bytes) -> int:
    """Remove a field."""
    return _child_rm(msg.xavps, root, key)


def rm(msg: Any, root: bytes) -> int:
    """Remove the newest root of a name."""
    found = root in msg.xavps
    drop(msg.xavps, root, 0)
    return 1 if found else -1


def xavi_child_set(msg: Any, root: bytes, key: bytes, value: Value) -> int:
    """As child_set, names in any case."""
    return _child_set(msg.xavis, root.lower(), key.lower(), value)


def xavi_child_rm(msg: Any, root: bytes, key: bytes) -> int:
    """As child_rm, names in any case."""
    return _child_rm(msg.xavis, root.lower(), key.lower())


def xavi_rm(msg: Any, root: bytes) -> int:
    """As rm, names in any case."""
    found = root.lower() in msg.xavis
    drop(msg.xavis, root.lower(), 0)
    return 1 if found else -1


def copy(msg: Any, source: bytes, index: int, target: bytes, target_index: int | None = None) -> int:
    """Push a copy of a root under another name, or put it in the place of an existing one."""
    values = msg.xavps.get(source, [])
    if not -len(values) <= index < len(values):
        return -1
    value = values[index]
    made = {key: list(found) for key, found in value.items()} if isinstance(value, dict) else value
    if target_index is None:
        push(msg.xavps, target, made)
        return 1
    present = msg.xavps.get(target, [])
    if not -len(present) <= target_index < len(present):
        return -1
    present[target_index] = made
    return 1


def slist_explode(msg: Any, text: bytes, separator: bytes, mode: bytes, name: bytes) -> int:
    """The items of a list as field `v` of a new root, in order; mode t trims them."""
    if not separator:
        return -1
    items = [item.strip() if b"t" in mode else item for item in text.split(separator[:1])]
    push(msg.xavps, name, {b"v": items})
    return 1


# to and from $var


def var_to_xavp(msg: Any, name: bytes, target: bytes) -> int:
    """$var(name), or with `*` all of them, as fields of a root."""
    cells = script_var.var_cells()
    chosen = cells if name == b"*" else {name: cells[name]} if name in cells else {}
    if not chosen:
        return -1
    push(msg.xavps, target, {key: [cell.value] for key, cell in chosen.items()})
    return 1


def xavp_to_var(msg: Any, name: bytes) -> int:
    """Each field of the newest root to the $var of its name."""
    fields = fields_of(msg.xavps, name)
    if fields is None:
        return -1
    for key, values in fields.items():
        value = printed(values[0])
        script_var.var_cell(key).value = 0 if value is None else value
    return 1


# printing


def print_xavps(msg: Any) -> int:
    """All of $xavp to the log."""
    return _print("xavp", msg.xavps)


def print_xavis(msg: Any) -> int:
    """All of $xavi to the log."""
    return _print("xavi", msg.xavis)


def _print(kind: str, stack: Stack) -> int:
    for root, values in stack.items():
        for index, value in enumerate(values):
            log.info("%s %s[%d] = %r", kind, root.decode("latin-1"), index, value)
    return 1
