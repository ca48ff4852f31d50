"""Extended flags (0 to 63) and internal flags of a message."""

from typing import Any

from ...core.msg.faked import FAKED_ID
from ...parser.uri import try_parse_uri

FLAGS = 64
#: internal flags by name -> bit of msg.msg_flags
INTERNAL = {
    b"USE_UAC_FROM": 1 << 0, b"USE_UAC_TO": 1 << 1, b"UAC_AUTH": 1 << 2, b"FORCE_SOCKET": 1 << 3,
}  # fmt: skip


def setxflag(msg: Any, flag: int) -> int:
    """Set."""
    if not 0 <= flag < FLAGS:
        return -1
    msg.xflags |= 1 << flag
    return 1


def resetxflag(msg: Any, flag: int) -> int:
    """Clear."""
    if not 0 <= flag < FLAGS:
        return -1
    msg.xflags &= ~(1 << flag)
    return 1


def isxflagset(msg: Any, flag: int) -> int:
    """Is it set?"""
    return 1 if 0 <= flag < FLAGS and msg.xflags >> flag & 1 else -1


def msg_iflag_set(msg: Any, name: bytes) -> int:
    """Set an internal flag by name."""
    bit = INTERNAL.get(name)
    if bit is None:
        return -1
    msg.msg_flags |= bit
    return 1


def msg_iflag_reset(msg: Any, name: bytes) -> int:
    """Clear it."""
    bit = INTERNAL.get(name)
    if bit is None:
        return -1
    msg.msg_flags &= ~bit
    return 1


def msg_iflag_is_set(msg: Any, name: bytes) -> int:
    """Is it set?"""
    return 1 if msg.msg_flags & INTERNAL.get(name, 0) else -1


def is_faked_msg(msg: Any) -> int:
    """Is it a message that stands in for one, in an event route?"""
    return 1 if msg.id == FAKED_ID else -1


# questions that KEMI scripts ask


def has_ruri_user(msg: Any) -> int:
    """Has the Request-URI a user?"""
    uri = try_parse_uri(msg.ruri)
    return 1 if uri is not None and uri.user else -1


def has_user_agent(msg: Any) -> int:
    """Is there a User-Agent header?"""
    return 1 if msg.user_agent is not None else -1
