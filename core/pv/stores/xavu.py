"""`$xavu(a)` and `$xavu(a=>b)`: a tree in which each name has one value; assigning replaces it."""

from typing import Any

from ..exports import Accessors, PvExport, Value


def parse_xavu(text: bytes) -> tuple[bytes, bytes]:
    """(root, field); the field empty when only a root is named."""
    root, arrow, field = text.partition(b"=>")
    if not root.strip() or (arrow and not field.strip()):
        raise ValueError("an xavu needs a name")
    return root.strip(), field.strip()


def _bind(name: tuple[bytes, bytes], index: Any) -> Accessors:
    root, field = name
    return _bind_field(root, field) if field else _bind_root(root)


def _bind_root(root: bytes) -> Accessors:
    def get(msg: Any) -> Value:
        value = msg.xavus.get(root)
        return b"<<xavu:0x%x>>" % id(value) if isinstance(value, dict) else value

    def put(msg: Any, value: Value) -> None:
        if value is None:
            msg.xavus.pop(root, None)
        else:
            msg.xavus[root] = value

    return Accessors(get, put)


def _bind_field(root: bytes, field: bytes) -> Accessors:
    def get(msg: Any) -> Value:
        node = msg.xavus.get(root)
        return node.get(field) if isinstance(node, dict) else None

    def put(msg: Any, value: Value) -> None:
        node = msg.xavus.get(root)
        if value is None:
            if isinstance(node, dict):
                node.pop(field, None)
            return
        if not isinstance(node, dict):
            node = msg.xavus[root] = {}
        node[field] = value

    return Accessors(get, put)


XAVU = (PvExport("xavu", parse_name=parse_xavu, bind=_bind),)
