"""The core parameter edits_visible: what the script has changed shows in what it reads afterwards.

Off, as in Kamailio, a message reads as it was received until it is sent: `seen` is `c`, a plain attribute. On, `seen`
is what the kernel makes of the message and its edits (src/edit/seen.h), made anew at the first read after an edit, and
what was read before is forgotten. What the server itself goes by stays what was received: `c`, `facts`, transactions,
replies made here.
"""

from typing import Any

from ..src.native import lib
from .msg import SipMsg

_seen_slot: Any = SipMsg.__dict__["seen"]  # where the values are, whether edits are visible or not
_cache_slot: Any = SipMsg.__dict__["cache"]
_CHANGES = -2  # key of the cache: the state of the edits that it was read from
_kh_seen = lib.kh_seen


def _seen(msg: SipMsg) -> Any:
    return msg.c if msg.edits is None else _kh_seen(msg.c, msg.edits)


def _set_seen(msg: SipMsg, c: Any) -> None:
    """The message itself; what is seen of it is found at every read."""


def _cache(msg: SipMsg) -> dict[Any, Any]:
    cache: dict[Any, Any] = _cache_slot.__get__(msg)
    edits = msg.edits
    changes = 0 if edits is None or not edits.changes else edits.changes << 16 | edits.sock
    if cache.get(_CHANGES, 0) != changes:
        for key in [key for key in cache if not isinstance(key, str)]:
            del cache[key]
        cache[_CHANGES] = changes
    return cache


_visible = (property(_seen, _set_seen), property(_cache, _cache_slot.__set__))


def show_edits(on: bool) -> None:
    """Main process, before any message: set by the core parameter edits_visible."""
    seen, cache = _visible if on else (_seen_slot, _cache_slot)
    setattr(SipMsg, "seen", seen)  # noqa: B010 - a descriptor takes the place of another
    setattr(SipMsg, "cache", cache)  # noqa: B010
