"""Transactions: a worker or the timer process dies at any step of one, and the call still ends as it would have.

What is lost is at most datagrams, which the peers repeat. Afterwards the table is whole and empty and no block is left.
"""

import pickle
from collections.abc import Callable
from typing import Any

from kahea.core.net.addr import TCP, make_addr
from kahea.core.script import script
from kahea.modules.tm import cell as cells
from kahea.modules.tm import hooks, state, t_reply
from kahea.src.native import ffi, lib
from kahea.tests.modules.tm import kernel

from .peers import STEP_MS, TIMES, Call, end_all, later, set_times
from .steps import Scenario

Act = Callable[[Call], Any]


class Common:
    """Of all steps of a scenario: one table, one set of sockets."""

    wire: kernel.Wire | None = None

    @classmethod
    def ready(cls) -> kernel.Wire:
        if cls.wire is None:
            kernel.ready()
            set_times()
            hooks.callback_number(nothing)  # before anything is forked
            cls.wire = kernel.Wire()
            lib.kh_sock_add(-1, make_addr(b"127.0.0.1", 5066, TCP), 0, b"", 0, b"")
        return cls.wire


class Transaction(Scenario):
    """`before` brings the call to where `act` is killed; `ends` are the statuses the caller may be told at last."""

    fresh = False
    other_stride = 3

    def __init__(
        self,
        act: Act,
        before: Act = lambda call: None,
        ends: tuple[int, ...] = (200,),
        answers: tuple[tuple[int, ...], ...] = ((180, 200),),
        method: str = "INVITE",
        in_time: bool = True,
    ) -> None:
        self.body, self.before, self.ends = act, before, ends
        self.answers, self.method, self.in_time = answers, method, in_time

    def prepare(self) -> None:
        wire = Common.ready()
        self.blocks = blocks()
        self.call = Call(wire, self.method, self.answers)
        self.before(self.call)

    def act(self) -> None:
        self.body(self.call)

    def again(self) -> None:
        """Another worker gets the caller's request again, meets the locks of the dead, and looks at all cells."""
        self.call.relay()
        numbers = ffi.new("kh_tm_numbers *")
        lib.kh_tm_count(numbers)
        lib.kh_tm_check()

    def judge(self, completed: bool) -> None:
        assert lib.kh_tm_check() == 0
        assert self.call.until_final() in self.ends, self.call.statuses
        if self.in_time:  # and not only because its lifetime was over
            assert self.call.rounds * STEP_MS < TIMES["max_inv"] - 1000
        for _ in range(3):
            self.call.go_on()  # the last ACKs
        end_all()
        numbers = ffi.new("kh_tm_numbers *")
        lib.kh_tm_count(numbers)
        assert (numbers.inuse, numbers.active, lib.kh_tm_check()) == (0, 0, 0)
        self.call.read()
        assert blocks() == self.blocks


def blocks() -> int:
    out = ffi.new("kh_shm_info *")
    lib.kh_shm_info_get(out)
    return int(out.blocks)


# how far a call has come before something is killed


def out(call: Call) -> None:
    """The INVITE is at the callee."""
    call.relay()
    call.read()


def ringing(call: Call) -> None:
    out(call)
    call.ring()
    call.read()


def forked(call: Call) -> None:
    """Two branches, neither answered."""
    call.relay()
    call.fork()
    call.read()


def one_failed(call: Call) -> None:
    """Two branches, the first has failed and its reply is kept."""
    forked(call)
    call.answer(0, 486)
    call.read()


def failed(call: Call) -> None:
    """The failure was passed on, its ACK is to come."""
    out(call)
    call.answer(0, 486)


def aging(call: Call) -> None:
    """It rings, and its branch has all the time of the world."""
    lib.kh_tm_conf_get().fr_inv = 10 * TIMES["fr_inv"]
    ringing(call)
    set_times()


def rich(call: Call) -> None:
    """All that can hang on a cell does, and it is over: only to be freed."""
    one_failed(call)
    with cells.released(call.cell()) as cell, cells.locked(cell):
        hang(call, cell)
    call.answer(1, 200)
    call.read()


def hang(call: Call, cell: Any) -> None:
    """Variables, edits, branch facts, a callback, a route's name."""
    blob = pickle.dumps(({}, {}, {}, {}, {}), 5)
    lib.kh_cell_set_buf(cell, lib.KH_CB_BLOB, ffi.from_buffer(blob), len(blob))
    state.save_edits(call.request, cell)
    lib.kh_uac_set_info(cell, 0, b"facts", 5)
    hooks.add(cell, hooks.Tmcb.RESPONSE_OUT, hooks.callback_number(nothing), 7)
    cell.on_branch_failure = lib.kh_tm_name_id(call.name.encode(), len(call.name))


def nothing(*_: Any) -> None:
    """A callback."""


def with_failure_route(call: Call) -> None:
    """The first branch will fail; a failure_route then tries another one."""
    out(call)

    def route(msg: Any, *_: Any) -> int:
        return call.forward(msg.t)

    script.routes = {"failure_route": {b"NEXT": route}}
    with cells.released(call.cell()) as cell, cells.locked(cell):
        cell.on_failure = state.route_id(b"NEXT")
        cell.flags |= lib.KH_CELL_KEEP_REQ
        state.save_edits(call.request, cell)


# what is killed


def newtran(call: Call) -> None:
    if lib.kh_tm_new(call.request.c, call.request.edits) == lib.KH_TM_NEW:
        lib.kh_cell_release(lib.kh_tm_cell())


def own_reply(call: Call) -> None:
    if lib.kh_tm_new(call.request.c, call.request.edits) == lib.KH_TM_NEW:
        with cells.released(lib.kh_tm_cell()) as cell:
            t_reply.answer(call.request, cell, 404, b"Not Found")
    lib.kh_send_flush()


def refused(call: Call) -> None:
    """A worker adds a branch to where nobody takes connections: there is no table of them here."""
    with cells.released(call.cell()) as cell, cells.locked(cell):
        dest = ffi.new("kh_dest *")
        dest.to, dest.sock = make_addr(b"127.0.0.1", 5067, TCP)[0], 1
        rc = lib.kh_tm_forward(cell, call.request.c, call.request.edits, dest, ffi.NULL, 0)
        assert rc == lib.KH_ESEND, rc


def cancel(call: Call) -> None:
    call.relay_cancel()


def then(come_so_far: Act, ms: int) -> Act:
    """And time has passed since."""

    def both(call: Call) -> None:
        come_so_far(call)
        later(ms)

    return both


def tick(call: Call) -> None:
    """The timer process at work for a moment."""
    later(60)


def answer(branch: int, status: int) -> Act:
    return lambda call: call.answer(branch, status)


def set_buffers(call: Call) -> None:
    with cells.released(call.cell()) as cell, cells.locked(cell):
        hang(call, cell)
        hang(call, cell)


class Canceled(Transaction):
    """The caller goes on to send its CANCEL until it is answered, and its INVITE ends with 487."""

    def judge(self, completed: bool) -> None:
        self.call.canceling = True
        super().judge(completed)
        assert self.call.cancel_answered


T1 = 500  # ms
BUSY = ((486,), (480,))
SILENT: tuple[tuple[int, ...], ...] = ((),)
TRANSACTIONS: dict[str, Callable[[], Scenario]] = {
    "transaction: made": lambda: Transaction(newtran),
    "transaction: relayed": lambda: Transaction(Call.relay),
    "transaction: relayed, not INVITE": lambda: Transaction(Call.relay, method="OPTIONS", answers=((200,),)),
    "transaction: another branch": lambda: Transaction(Call.fork, out, (486, 480), BUSY),
    "transaction: another branch, refused": lambda: Transaction(refused, out, (486, 408), BUSY),
    "transaction: answered here": lambda: Transaction(own_reply, ends=(200, 404)),
    "transaction: provisional reply": lambda: Transaction(answer(0, 180), out),
    "transaction: success": lambda: Transaction(answer(0, 200), ringing),
    "transaction: failure": lambda: Transaction(answer(0, 486), out, (486,), BUSY),
    "transaction: success, the other is called back": lambda: Transaction(
        answer(1, 200), forked, answers=((180,), (200,))
    ),
    "transaction: failure of one branch": lambda: Transaction(answer(0, 486), forked, (486, 480), BUSY),
    "transaction: failure of the last branch": lambda: Transaction(answer(1, 480), one_failed, (486, 480), BUSY),
    "transaction: failure route": lambda: Transaction(answer(0, 486), with_failure_route, (200,), ((486,), (200,))),
    "transaction: ACK": lambda: Transaction(Call.acknowledge, failed, (486,), BUSY),
    "transaction: CANCEL": lambda: Canceled(cancel, ringing, (487,), ((180,),)),
    "transaction: what hangs on it": lambda: Transaction(set_buffers, ringing),
    "transaction: repeated by the timer": lambda: Transaction(tick, then(out, T1 - 30)),
    "transaction: no answer": lambda: Transaction(tick, then(out, TIMES["fr"] - 30), (408,), SILENT),
    "transaction: too old": lambda: Transaction(
        tick, then(aging, TIMES["max_inv"] - 30), (408, 487), ((180,),), in_time=False
    ),
    "transaction: freed": lambda: Transaction(tick, then(rich, TIMES["wait"] - 30)),
}
