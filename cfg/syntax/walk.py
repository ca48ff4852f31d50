"""All nodes below a node."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from .nodes import Node

_known: dict[type, tuple[str, ...]] = {}


def _fields(node: Node) -> tuple[str, ...]:
    names = _known.get(type(node))
    if names is None:
        names = tuple(f.name for f in reversed(dataclasses.fields(node)) if f.name != "pos")
        _known[type(node)] = names
    return names


def walk(node: Any) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    todo = [node]
    while todo:
        item = todo.pop()
        if isinstance(item, Node):
            yield item
            for name in _fields(item):
                value = getattr(item, name)
                if isinstance(value, (Node, list)):
                    todo.append(value)
        elif isinstance(item, list):
            todo.extend(reversed(item))
