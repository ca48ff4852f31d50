"""Serial forking by q (RFC 3261 §16.6 step 1): destinations put aside in groups, taken back one group after another.

The groups are kept with the message's variables, so they travel with the transaction, under a key that no script names.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from . import dset

Group = list[dset.Branch]
Key = tuple[str, bytes]
NONE_KEPT, NONE_LEFT, NO_ROOM = 0, -2, -1  # results of use_next


def by_q(branches: Sequence[dset.Branch]) -> list[Group]:
    """Groups of equal q, the highest first; those without q come last. In a group the last added is the first."""

    def rank(branch: dset.Branch) -> int:
        return -branch.q  # none is -1

    return [list(group)[::-1] for _, group in groupby(sorted(branches, key=rank), key=rank)]


def put_aside(msg: Any, key: Key, groups: Sequence[Group]) -> None:
    """Keep the groups; the message is left with its first destination."""
    dset.clear_branches(msg)
    msg.xavps[key] = [[_plain(branch) for branch in group] for group in groups]


def _plain(branch: dset.Branch) -> tuple[Any, ...]:
    """The branch as plain values, for the marshalled state."""
    return tuple(getattr(branch, name) for name in dset.Branch.__dataclass_fields__)


def use_next(msg: Any, key: Key) -> int:
    """The next group becomes Request-URI and branches: 1. Else NONE_KEPT, NONE_LEFT, NO_ROOM."""
    groups = msg.xavps.get(key)
    if groups is None:
        return NONE_KEPT
    if not groups:
        return NONE_LEFT
    group = [dset.Branch(*values) for values in groups.pop(0)]
    dset.clear_branches(msg)
    if not dset.set_first_branch(msg, group[0]):
        return NO_ROOM
    for branch in group[1:]:
        dset.append_branch(msg, branch)
    return 1


def left(msg: Any, key: Key) -> int:
    """How many groups are still put aside."""
    return len(msg.xavps.get(key) or ())
