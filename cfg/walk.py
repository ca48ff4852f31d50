"""All nodes below a node."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from .nodes import Node


def walk(node: Any) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    todo = [node]
    while todo:
        item = todo.pop()
        if isinstance(item, (list, tuple)):
            todo.extend(reversed(item))
        elif isinstance(item, Node):
            yield item
            todo.extend(getattr(item, f.name) for f in reversed(dataclasses.fields(item)) if f.name != "pos")
