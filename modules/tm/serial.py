"""Serial forking: `t_load_contacts` sorts by q (or as weights), `t_next_contacts` takes the next group.

What waits is kept under the name of parameter `contacts_avp` (core/msg/serial.py).
"""

import random
from collections.abc import Sequence
from typing import Any

from ...core.msg import dset, serial
from .settings import settings


def key() -> serial.Key:
    """Where the groups lie among the message's XAVPs; no script can name it."""
    return ("tm", settings.contacts_avp)


def by_weight(branches: Sequence[dset.Branch], rng: random.Random) -> list[serial.Group]:
    """One after another in random order, q being the weight; those with q 0 last."""
    heavy = [b for b in branches if b.q > 0]
    order: list[serial.Group] = []
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
    groups = by_weight(found, random.Random()) if mode == 1 else serial.by_q(found)
    serial.put_aside(msg, key(), groups)
    return 1


def t_next_contacts(msg: Any) -> int:
    """The next group becomes Request-URI and branches: 1; -2 when none is left. Without t_load_contacts(): 1."""
    return serial.use_next(msg, key()) or 1
