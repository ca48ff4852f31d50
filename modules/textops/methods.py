"""is_method: the request's method, or in a reply that of CSeq."""

from collections.abc import Callable

from ...parser.methods import Method, method_id
from ...parser.msg import SipMsg
from ...src.native import lib

_OTHER = int(Method.OTHER)
_MASK = (1 << lib.KH_F_STATUS_SHIFT) - 1


def _split(names: bytes) -> tuple[int, frozenset[bytes]]:
    """Bits of the known methods of `A|B`, and the names of the others."""
    mask, others = 0, set()
    for name in (part.strip() for part in names.split(b"|")):
        bit = int(method_id(name)) if name.isupper() else int(method_id(name.upper()))
        if bit == _OTHER:
            others.add(name)
        else:
            mask |= bit
    return mask, frozenset(others)


def is_method(msg: SipMsg, names: bytes) -> int:
    """1 when the method is one of `INVITE|BYE|...`."""
    mask, others = _split(names)
    return 1 if msg.method & mask or (others and msg.method_name in others) else -1


def method_test(names: bytes) -> Callable[[SipMsg], int]:
    """The same for names known at load: one test of bits."""
    mask, others = _split(names)
    if others:
        return lambda msg: 1 if msg.facts & mask or msg.method_name in others else -1
    assert not mask & ~_MASK
    return lambda msg: 1 if msg.facts & mask else -1
