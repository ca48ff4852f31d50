"""`$xavp(root[i]=>field[j])` and `$xavi`, the same with names in any case.

A tree of two levels: a *stack* maps a name to its values, the newest first; a root may be a stack itself, its
fields. `msg.xavps` and `msg.xavis` are stacks of roots.
"""

from dataclasses import dataclass
from typing import Any

from ..exports import ALL, Accessors, PvExport, Value
from ..spec import PvError, index_of, parse_index

Stack = dict[bytes, list[Any]]  # Any: Value or Stack
MAX_VALUES = 10000  # of one name


@dataclass(frozen=True, slots=True)
class XavpName:
    """A parsed `root[i]=>field[j]`; `field` empty when only a root is named, an index None when not given."""

    root: bytes
    root_index: Any
    field: bytes
    field_index: Any


def parse_xavp(text: bytes) -> XavpName:
    """The inner name; ValueError with a sentence."""
    root, arrow, field = text.partition(b"=>")
    name, index = _split(root)
    if not arrow:
        return XavpName(name, index, b"", None)
    return XavpName(name, index, *_split(field))


def parse_xavi(text: bytes) -> XavpName:
    """The same, names in lower case."""
    name = parse_xavp(text)
    return XavpName(name.root.lower(), name.root_index, name.field.lower(), name.field_index)


def _split(text: bytes) -> tuple[bytes, Any]:
    name, bracket, index = text.strip().partition(b"[")
    if not name.strip():
        raise ValueError("an xavp needs a name")
    if not bracket:
        return name.strip(), None
    if not index.endswith(b"]"):
        raise ValueError(f'"]" is missing in "{text.decode("latin-1")}"')
    return name.strip(), parse_index(index[:-1])


def pick(values: list[Any] | None, index: int | None) -> Any:
    """The value of an index, None out of range."""
    return values[index] if values and index is not None and -len(values) <= index < len(values) else None


def printed(value: Any) -> Value:
    """A value for the script; what has fields shows as a reference."""
    return b"<<xavp:0x%x>>" % id(value) if isinstance(value, dict) else value


def push(stack: Stack, name: bytes, value: Any) -> None:
    """Put a value in front."""
    values = stack.setdefault(name, [])
    if len(values) < MAX_VALUES:
        values.insert(0, value)


def drop(stack: Stack, name: bytes, index: int | None, everything: bool = False) -> None:
    """Remove one value, or all, of a name."""
    values = stack.get(name)
    if values is None:
        return
    if everything:
        values.clear()
    elif index is not None and -len(values) <= index < len(values):
        del values[index]
    if not values:
        del stack[name]


def _bind_xavp(name: XavpName, index: Any) -> Accessors:
    return bind_stack("xavps", name)


def _bind_xavi(name: XavpName, index: Any) -> Accessors:
    return bind_stack("xavis", name)


def bind_stack(slot: str, name: XavpName) -> Accessors:
    """Accessors of a name in the stack `msg.<slot>`."""
    root, field = name.root, name.field
    root_number, field_number = index_of(name.root_index), index_of(name.field_index)

    def values(msg: Any) -> list[Any]:
        roots = getattr(msg, slot).get(root)
        if not field:
            return roots or []
        node = pick(roots, root_number(msg))
        return node.get(field, []) if isinstance(node, dict) else []

    def get(msg: Any) -> Value:
        return printed(pick(values(msg), field_number(msg) if field else root_number(msg)))

    def put(msg: Any, value: Value) -> None:
        stack = getattr(msg, slot)
        if not field:
            _put_root(stack, name, root_number(msg), value)
        elif name.root_index is None and value is not None:
            push(stack, root, {field: [value]})
        else:
            node = pick(stack.get(root), root_number(msg))
            if isinstance(node, dict):
                _put_field(node, name, field_number(msg), value)
            elif value is not None and name.root_index is not None:
                raise PvError(f"there is no {root.decode('latin-1')} with fields at this index")

    return Accessors(get, put, values)


def _put_root(stack: Stack, name: XavpName, index: int | None, value: Value) -> None:
    if value is None:
        drop(stack, name.root, index, name.root_index == ALL)
    elif name.root_index == ALL:
        stack[name.root] = [value]
    else:
        push(stack, name.root, value)


def _put_field(node: Stack, name: XavpName, index: int | None, value: Value) -> None:
    if value is None:
        drop(node, name.field, index, name.field_index == ALL)
    elif name.field_index == ALL:
        node[name.field] = [value]
    else:
        push(node, name.field, value)


XAVP = (
    PvExport("xavp", parse_name=parse_xavp, bind=_bind_xavp),
    PvExport("xavi", parse_name=parse_xavi, bind=_bind_xavi),
)
