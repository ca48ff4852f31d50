"""Serial forking by q (RFC 3261 §16.6 step 1): `t_load_contacts` sorts, `t_next_contacts` takes the next group.

What waits is a list of groups, kept with the message's variables (so it travels with the transaction) under the name of
parameter `contacts_avp`. A group is tried in parallel, one group after another.
"""

import random
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ...core.msg import dset
from .settings import settings

Group = list[dset.Branch]
NONE_LEFT = -2


def key() -> tuple[str, bytes]:
    """Where the groups lie among the message's XAVPs; no script can name it."""
    return ("tm", settings.contacts_avp)


def by_q(branches: Sequence[dset.Branch]) -> list[Group]:
    """Groups of equal q, the highest first; without q as q=1."""

    def rank(branch: dset.Branch) -> int:
        return -(1000 if branch.q < 0 else branch.q)

    return [list(group) for _, group in groupby(sorted(branches, key=rank), key=rank)]


def by_weight(branches: Sequence[dset.Branch], rng: random.Random) -> list[Group]:
    """One after another in random order, q being the weight; those with q 0 last."""
    heavy = [b for b in branches if b.q > 0]
    order: list[Group] = []
    while heavy:
        chosen = rng.choices(heavy, [b.q for b in heavy])[0]
        heavy.remove(chosen)
        order.append([chosen])
    return order + [[b] for b in branches if b.q <= 0]


def t_load_contacts(msg: Any, mode: int = 0) -> int:
    """Sort the Request-URI and all branches and put them aside; 1. Mode 1: q is a weight."""
    found = [dset.first_branch(msg), *dset.branches(msg)]
    if len(found) < 2:
        return 1
    groups = by_weight(found, random.Random()) if mode == 1 else by_q(found)
    dset.clear_branches(msg)
    msg.xavps[key()] = [[astuple(b) for b in group] for group in groups]
    return 1


def astuple(branch: dset.Branch) -> tuple[Any, ...]:
    """The branch as plain values, for the marshalled state."""
    return tuple(getattr(branch, name) for name in dset.Branch.__dataclass_fields__)


def t_next_contacts(msg: Any) -> int:
    """The next group becomes Request-URI and branches: 1; -2 when none is left. Without t_load_contacts(): 1."""
    groups = msg.xavps.get(key())
    if groups is None:
        return 1
    if not groups:
        return NONE_LEFT
    group = [dset.Branch(*values) for values in groups.pop(0)]
    dset.clear_branches(msg)
    if not dset.set_first_branch(msg, group[0]):
        return -1
    for branch in group[1:]:
        dset.append_branch(msg, branch)
    return 1
