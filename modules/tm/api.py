"""What tm offers to other modules: `bind_api("tm")` returns this (the devel guide's `tm_binds`).

Functions take the message in hand; those that take a cell need it held (and, where they change it, locked: `locked`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...src.native import ffi, lib
from . import revive, state
from .arm import t_on_branch, t_on_failure, t_on_reply, t_set_fr
from .cell import Cell, locked, released
from .hooks import Tmcb, callback_number, register_tmcb, set_param
from .local import request, wait
from .serial import t_load_contacts, t_next_contacts
from .suspend import t_cancel_suspend, t_continue, t_suspend
from .t_cancel import cancel_branches
from .t_fwd import branch_info, t_relay
from .t_lookup import t_check_trans, t_newtran
from .t_reply import answer_cell, t_release, t_reply, t_send_reply


class TmApi:
    """One instance, the same in every process."""

    Tmcb = Tmcb
    callback_number = staticmethod(callback_number)
    register_tmcb = staticmethod(register_tmcb)
    set_param = staticmethod(set_param)
    locked = staticmethod(locked)
    released = staticmethod(released)
    t_relay = staticmethod(t_relay)
    t_newtran = staticmethod(t_newtran)
    t_check_trans = staticmethod(t_check_trans)
    t_reply = staticmethod(t_reply)
    t_send_reply = staticmethod(t_send_reply)
    t_release = staticmethod(t_release)
    t_on_failure = staticmethod(t_on_failure)
    t_on_branch = staticmethod(t_on_branch)
    t_on_reply = staticmethod(t_on_reply)
    t_set_fr = staticmethod(t_set_fr)
    t_request = staticmethod(request)
    wait_reply = staticmethod(wait)
    t_load_contacts = staticmethod(t_load_contacts)
    t_next_contacts = staticmethod(t_next_contacts)
    t_suspend = staticmethod(t_suspend)
    t_continue = staticmethod(t_continue)
    t_cancel_suspend = staticmethod(t_cancel_suspend)
    cancel_branches = staticmethod(cancel_branches)
    answer_cell = staticmethod(answer_cell)

    def t_gett(self, msg: Any) -> Cell | None:
        """The message's transaction, or None."""
        return msg.t

    def t_get_totag(self, msg: Any) -> bytes | None:
        """The To tag of the replies made here for the message's transaction; None when there is none."""
        return None if msg.t is None else self.totag_of(msg.t)

    def totag_of(self, cell: Cell) -> bytes:
        """The same for a cell."""
        out = ffi.new("char[32]")
        return ffi.unpack(out, lib.kh_tm_tag(cell, out))

    @contextmanager
    def relayed_request(self, cell: Cell, branch: int) -> Iterator[Any]:
        """The request of a locked cell, with its flags and variables and with the Request-URI that a branch had (-1:
        as it was when it was relayed); None when its bytes were freed."""
        with revive.request_of(cell) as msg:
            if msg is not None:
                state.load(msg, cell)
                uri = branch_info(cell, branch)[0]
                if uri:
                    lib.kh_text_set(msg.edits, lib.KH_EDP_NEW_URI, uri, len(uri))
            yield msg

    @contextmanager
    def variables_of(self, cell: Cell, msg: Any) -> Iterator[None]:
        """Within, the message has the variables of a locked cell; its own come back."""
        own = (msg.flags, msg.avps, msg.xavps, msg.xavus, msg.xavis, msg.xflags)
        state.load(msg, cell)
        try:
            yield
        finally:
            msg.flags, msg.avps, msg.xavps, msg.xavus, msg.xavis, msg.xflags = own

    def t_get_trans_ident(self, msg: Any) -> tuple[int, int] | None:
        """(hash index, label), with which any process finds it again."""
        return None if msg.t is None else (msg.t.hash, msg.t.label)

    def t_lookup_ident(self, hash_index: int, label: int) -> Cell | None:
        """The transaction of these numbers, held; None when it is gone."""
        cell = lib.kh_tm_by_ident(hash_index, label)
        return cell if cell else None

    def t_lookup_callid(self, callid: bytes, cseq: int) -> Cell | None:
        """The transaction of this Call-ID and CSeq number, held; None."""
        cell = lib.kh_tm_by_callid(callid, len(callid), cseq)
        return cell if cell else None

    def t_is_local(self, msg: Any) -> bool:
        """Is it a request of our own?"""
        return msg.t is not None and bool(msg.t.flags & lib.KH_CELL_LOCAL)


api = TmApi()
