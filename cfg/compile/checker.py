"""Warnings of `kahea -c`: what compiles but is probably not meant."""

import itertools
from collections.abc import Collection, Container

from ..errors import Diagnostic, did_you_mean
from ..syntax.nodes import Assign, Expr, If, Leave, RouteBlock, Stmt, Switch, Unary, While
from ..syntax.walk import walk

CALLED_BY_NAME = frozenset({"route", "failure_route", "branch_route", "onreply_route"})


def check_config(
    used: Container[tuple[str | None, str]],
    blocks: dict[tuple[str, str], RouteBlock],
    events: Collection[str] | None = None,
) -> list[Diagnostic]:
    """Routes that nothing calls or runs, statements never reached, assignments in conditions."""
    found: list[Diagnostic] = []
    for (kind, name), block in blocks.items():
        computed = (None, "*") in used
        by_any = (kind, name) in used or (None, name) in used
        if kind in CALLED_BY_NAME and name and not by_any and not computed:
            found.append(Diagnostic("warning", f"{kind}[{name}] is never called", block.pos))
        if kind == "event_route" and events is not None and not _is_known(name, events):
            hint = did_you_mean(name, events)
            found.append(Diagnostic("warning", f"nothing runs event_route[{name}]", block.pos, hint))
        _unreachable(block.body, found)
        for node in walk(block):
            if isinstance(node, (If, While)):
                _assignment(node.condition, found)
                for body in (node.then, node.otherwise or []) if isinstance(node, If) else (node.body,):
                    _unreachable(body, found)
            elif isinstance(node, Switch):
                for case in node.cases:
                    _unreachable(case.body, found)
    if not any(kind == "request_route" for kind, _ in blocks) and (None, "*") not in used:
        found.append(Diagnostic("warning", "there is no request_route: requests will not be answered"))
    return found


def _is_known(name: str, events: Collection[str]) -> bool:
    """`tm:branch-failure:one` and `htable:expired:table` end in a name of the user's."""
    return name in events or name.rpartition(":")[0] in events


def _unreachable(body: list[Stmt], found: list[Diagnostic]) -> None:
    for stmt, after in itertools.pairwise(body):
        if isinstance(stmt, Leave):
            found.append(Diagnostic("warning", f"never reached: {stmt.how} is above", after.pos))
            return


def _assignment(condition: Expr, found: list[Diagnostic]) -> None:
    while isinstance(condition, Unary):
        condition = condition.value
    if isinstance(condition, Assign):
        found.append(Diagnostic("warning", "an assignment as condition is always true", condition.pos, "== compares"))
