"""Edits made real: the message is built with them, parsed again, and stands in the place of the received one."""

from ...core.log import logger
from ...core.msg import dset
from ...core.msg.lumps import LumpError, edit_text, set_edit_text
from ...core.msg.translate import BuildError, build_all
from ...parser.msg import SipMsg
from ...src.native import ffi, lib

log = logger(__name__)
_KEPT = (lib.KH_EDP_ADV_HOST, lib.KH_EDP_ADV_PORT)
_FLAGS = lib.KH_ED_FORCE_RPORT | lib.KH_ED_LOCAL_RPORT


def msg_apply_changes(msg: SipMsg) -> int:
    """Later reads and searches see the edits. -1 when the result would be too long or no message: nothing changes."""
    if msg.t is not None:
        log.error("msg_apply_changes: the transaction exists already")
        return -1
    try:
        return replace_message(msg, build_all(msg))
    except BuildError as error:
        log.error("msg_apply_changes: %s", error)
        return -1


def msg_set_buffer(msg: SipMsg, data: bytes) -> int:
    """Another message in place of this one; it must be of the same kind, request or reply."""
    request = msg.is_request
    try:
        return 1 if SipMsg.from_bytes(data).is_request == request and replace_message(msg, data) > 0 else -1
    except ValueError:
        return -1


def replace_message(msg: SipMsg, data: bytes) -> int:
    """Parse `data` into the message. Destination, branches, flags and variables stay; lumps are gone, being applied."""
    buf, trial = ffi.new("char[]", data), ffi.new("kh_msg *")
    if lib.kh_msg_parse(trial, buf, len(data)) < 0:
        return -1
    first, more = dset.first_branch(msg), dset.branches(msg)
    texts = [(part, edit_text(msg, part)) for part in _KEPT]
    edits = msg.edits
    flags = edits.flags & _FLAGS
    lib.kh_msg_parse(msg.c, buf, len(data))
    msg._keep = buf  # the kh_msg points into it
    msg.facts = lib.kh_msg_facts(msg.c)
    msg.cache.clear()
    lib.kh_edits_reset(edits)
    edits.flags = flags
    _restore(msg, first, more)
    try:
        for part, text in texts:
            set_edit_text(msg, part, text or b"")
    except LumpError:
        return -1
    return 1


def _restore(msg: SipMsg, first: dset.Branch, more: list[dset.Branch]) -> None:
    dset.set_first_branch(msg, first)
    lib.kh_text_set(msg.edits, lib.KH_EDP_NEW_URI, b"", 0)  # it is the Request-URI of the message now
    for branch in more:
        dset.append_branch(msg, branch)
