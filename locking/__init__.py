"""Locks and lock sets by the devel guide's names (chapter 3), over `src/lock` and two library back ends.

A lock whose holder was killed is never stuck: the next one gets it and is told. Kernel structures lock in C; Python
uses these for entities of its own. Nothing here knows what a lock guards.
"""

from .backends import available, backend_name, set_backend
from .errors import LockError
from .lock import (
    GenLock,
    gen_lock_t,
    lock_alloc,
    lock_dealloc,
    lock_destroy,
    lock_get,
    lock_init,
    lock_release,
    lock_try,
)
from .lock_set import (
    LockSet,
    gen_lock_set_t,
    lock_set_alloc,
    lock_set_dealloc,
    lock_set_destroy,
    lock_set_get,
    lock_set_init,
    lock_set_release,
    lock_set_try,
)
from .registry import Held, held

__all__ = [
    "GenLock",
    "Held",
    "LockError",
    "LockSet",
    "available",
    "backend_name",
    "gen_lock_set_t",
    "gen_lock_t",
    "held",
    "lock_alloc",
    "lock_dealloc",
    "lock_destroy",
    "lock_get",
    "lock_init",
    "lock_release",
    "lock_set_alloc",
    "lock_set_dealloc",
    "lock_set_destroy",
    "lock_set_get",
    "lock_set_init",
    "lock_set_release",
    "lock_set_try",
    "lock_try",
    "set_backend",
]
