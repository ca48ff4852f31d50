"""`$avp(id)`: lists of values that belong to the message, later to its transaction; the newest value comes first.

`msg.avps` maps an id (bytes, or int for `i:5`) to its list. Modules read and write through `get_avps` and `push_avp`.
"""

from typing import Any

from ..exports import ALL, Accessors, PvExport, Value
from ..names import parse_dynamic
from ..spec import PvSpec, indexed

Key = bytes | int
MAX_VALUES = 10000  # of one AVP: a script that loops must not eat the memory
_aliases: dict[bytes, Key] = {}


def set_aliases(text: bytes) -> None:
    """The parameter avp_aliases: `name=id;name=id`, an id being `i:5`, `s:x` or `x`; ValueError."""
    for item in text.split(b";"):
        name, equals, target = item.partition(b"=")
        if not item.strip():
            continue
        if not equals or not name.strip() or not target.strip():
            raise ValueError(f'avp_aliases: "{item.decode("latin-1")}" is not of the form name=id')
        _aliases[name.strip()] = fixed_key(target.strip())


def fixed_key(text: bytes) -> Key:
    """`name`, `s:name`, `i:5`; ValueError."""
    if text[:2] in (b"i:", b"I:"):
        if not text[2:].strip().isdigit():
            raise ValueError(f'"{text.decode("latin-1")}" is no AVP id: i: needs a number')
        return int(text[2:])
    return text[2:] if text[:2] in (b"s:", b"S:") else text


def parse_id(text: bytes) -> Key | PvSpec:
    """An AVP's id, or the variable that gives it."""
    name = parse_dynamic(text)
    if isinstance(name, PvSpec):
        return name
    return _aliases[name] if name in _aliases else fixed_key(name)


def key_of(name: Key | PvSpec, msg: Any) -> Key:
    """The id for this message."""
    if not isinstance(name, PvSpec):
        return name
    value = name.get(msg)
    return b"" if value is None else value


def get_avps(msg: Any, key: Key) -> list[Value]:
    """Its values, the newest first; empty when there is none. Not to be changed."""
    return msg.avps.get(key, [])


def push_avp(msg: Any, key: Key, value: Value) -> None:
    """Add a value in front."""
    values = msg.avps.setdefault(key, [])
    if len(values) < MAX_VALUES:
        values.insert(0, value)


def delete_avp(msg: Any, key: Key, everything: bool = False) -> None:
    """Remove the newest value, or all."""
    values = msg.avps.get(key)
    if not values or everything or len(values) == 1:
        msg.avps.pop(key, None)
    else:
        del values[0]


def _bind(name: Key | PvSpec, index: Any) -> Accessors:
    if isinstance(name, PvSpec):
        return _bind_dynamic(name, index)
    everything = index == ALL

    def values(msg: Any) -> list[Value]:
        return msg.avps.get(name, [])

    def newest(msg: Any) -> Value:
        found = msg.avps.get(name)
        return found[0] if found else None

    def put(msg: Any, value: Value) -> None:
        if value is None:
            delete_avp(msg, name, everything)
        elif everything:
            msg.avps[name] = [value]
        else:
            push_avp(msg, name, value)

    return Accessors(newest if index in (None, 0) else indexed(values, index, b", "), put, values)


def _bind_dynamic(name: PvSpec, index: Any) -> Accessors:
    def values(msg: Any) -> list[Value]:
        return msg.avps.get(key_of(name, msg), [])

    def put(msg: Any, value: Value) -> None:
        key = key_of(name, msg)
        if value is None:
            delete_avp(msg, key, index == ALL)
        elif index == ALL:
            msg.avps[key] = [value]
        else:
            push_avp(msg, key, value)

    return Accessors(indexed(values, index, b", "), put, values)


AVP = (PvExport("avp", parse_name=parse_id, bind=_bind),)
