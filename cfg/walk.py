"""All nodes below a node."""

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

from .nodes import Node


@functools.cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in reversed(dataclasses.fields(kind)) if f.name != "pos")


def walk(node: Any) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    todo = [node]
    while todo:
        item = todo.pop()
        if isinstance(item, Node):
            yield item
            for name in _fields(item.__class__):
                value = getattr(item, name)
                if isinstance(value, (Node, list)):
                    todo.append(value)
        elif isinstance(item, list):
            todo.extend(reversed(item))
