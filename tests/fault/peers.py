"""A caller and a callee that repeat what is not answered (RFC 3261 §17), and the server between them: what workers and
the timer process do, done by the process of the test. Its clock runs as fast as the test wants."""

import itertools
from typing import Any

from kahea.modules.tm import cell as cells
from kahea.modules.tm import t_cancel, t_reply, timers
from kahea.src.native import ffi, lib
from kahea.tests.modules.tm.kernel import Wire, parse, request
from kahea.tests.support.sip import SipMessage

STEP_MS = 500  # T1
ROUNDS_MAX = 40  # of STEP_MS: longer than the longest of TIMES
# ms; short, since the wheel turns tick by tick
TIMES = {"fr": 2000, "fr_inv": 3000, "max_inv": 6000, "max_noninv": 4000, "wait": 1000}
CRLF = "\r\n"
_numbers = itertools.count()


class Call:
    """One request through the server. `answers`: what the callee says to each branch, the final status last."""

    def __init__(
        self, wire: Wire, method: str = "INVITE", answers: tuple[tuple[int, ...], ...] = ((180, 200),)
    ) -> None:
        self.wire, self.method, self.answers = wire, method, answers
        self.name = f"call{next(_numbers)}"
        self.request = request(wire, method, f"z9hG4bK{self.name}", self.name)
        self.cancel = request(wire, "CANCEL", f"z9hG4bK{self.name}", self.name)
        self.canceling = False
        self.statuses: list[int] = []  # what the caller got
        self.cancel_answered = False
        self.at_callee: dict[int, SipMessage] = {}  # branch -> the request
        self.said: dict[int, int] = {}  # branch -> how far in its answers
        self.rounds = 0  # of STEP_MS until its final reply
        self.done: set[int] = set()  # branches that need not repeat their final reply

    # the server

    def relay(self) -> None:
        """A worker routes the caller's request."""
        if lib.kh_tm_relay(ffi.NULL, self.request.c, self.request.edits, 1) == lib.KH_TM_NEW:
            lib.kh_cell_release(lib.kh_tm_cell())
        lib.kh_send_flush()

    def relay_cancel(self) -> None:
        """A worker routes the caller's CANCEL."""
        if lib.kh_tm_lookup(self.cancel.c) == lib.KH_TM_NONE:
            t_cancel.relay_cancel(self.cancel)
        lib.kh_send_flush()

    def acknowledge(self) -> None:
        """A worker gets the caller's ACK to a failure."""
        ack = request(self.wire, "ACK", f"z9hG4bK{self.name}", self.name, to_tag="b1")
        if lib.kh_tm_lookup(ack.c) == lib.KH_TM_E2E_ACK:
            lib.kh_cell_release(lib.kh_tm_cell())

    def answer(self, branch: int, status: int, method: str = "") -> None:
        """A worker gets a reply of the callee."""
        message = self.at_callee[branch]
        lines = [f"SIP/2.0 {status} Text", *(f"Via: {via}" for via in message.all("Via"))]
        lines += ["From: <sip:alice@test>;tag=a1", f"To: <sip:bob@test>;tag=b{branch}", f"Call-ID: {self.name}"]
        lines += [f"CSeq: 1 {method or self.method}", "Content-Length: 0"]
        t_reply.reply_received(parse(CRLF.join(lines) + CRLF * 2, self.wire, self.wire.callee))
        lib.kh_send_flush()

    def cell(self) -> Any:
        """The transaction, held; None."""
        found = lib.kh_tm_by_callid(self.name.encode(), len(self.name), 1)
        return found if found else None

    def fork(self) -> None:
        """A worker adds a branch."""
        with cells.released(self.cell()) as cell, cells.locked(cell):
            self.forward(cell)
        lib.kh_send_flush()

    def forward(self, cell: Any) -> int:
        """Another branch to the callee; its number."""
        dest = ffi.new("kh_dest *")
        lib.kh_next_hop(dest, self.request.c, self.request.edits)
        return int(lib.kh_tm_forward(cell, self.request.c, self.request.edits, dest, ffi.NULL, 0))

    # the peers

    def read(self) -> None:
        """What has arrived at both."""
        for message in arrived(self.wire.callee):
            branch = int(message.branch.rsplit(".", 1)[1], 16)
            if message.method == "CANCEL":
                self.at_callee[branch] = message
                self.answer(branch, 200, "CANCEL")
                self.said[branch] = -1
            elif message.method == "ACK":
                self.done.add(branch)
            else:
                self.at_callee[branch] = message
                self.done.discard(branch)
        for message in arrived(self.wire.caller):
            if message.method == "CANCEL":
                self.cancel_answered = True
            elif not self.statuses or self.statuses[-1] < 200:
                self.statuses.append(message.status)
            if message.method == "INVITE" and message.status >= 300:
                self.acknowledge()

    @property
    def final(self) -> int:
        """The status that ended it for the caller; 0."""
        return self.statuses[-1] if self.statuses and self.statuses[-1] >= 200 else 0

    def ring(self) -> None:
        """The callee answers, or repeats its last answer; so does the caller with what was not answered."""
        for branch in sorted(self.at_callee):
            answers = self.answers[min(branch, len(self.answers) - 1)]
            at = self.said.get(branch, 0)
            status = 487 if at < 0 else answers[at] if answers else 0
            if not status or branch in self.done:
                continue
            self.answer(branch, status)
            if 0 <= at < len(answers) - 1:
                self.said[branch] = at + 1
            if self.final and (200 <= status < 300 or self.method != "INVITE"):
                self.done.add(branch)
        if not self.final and (not self.statuses or self.method != "INVITE"):
            self.relay()
        if self.canceling and not self.cancel_answered:
            self.relay_cancel()

    def go_on(self) -> None:
        """Half a second passes."""
        later(STEP_MS)
        self.read()
        self.ring()
        self.read()

    def until_final(self) -> int:
        """The status the caller ends with; 0: none came."""
        for self.rounds in range(ROUNDS_MAX):
            self.read()
            if self.final:
                return self.final
            self.go_on()
        return 0


class Clock:
    """How far the server's time runs ahead, ms."""

    ahead = 0


def later(ms: int) -> None:
    """Time passes, and the timer process has its turn."""
    Clock.ahead += ms
    lib.kh_clock_skew(Clock.ahead)
    timers.tick()


def arrived(sock: Any) -> list[SipMessage]:
    """The datagrams that wait on a socket."""
    found = []
    while True:
        try:
            found.append(SipMessage(sock.recv(65535)))
        except BlockingIOError:
            return found


def end_all() -> None:
    """So late that every transaction is gone."""
    for _ in range(3):
        later(TIMES["max_inv"])
    later(100)


def set_times() -> None:
    """Of transactions made from now on."""
    conf = lib.kh_tm_conf_get()
    for name, value in TIMES.items():
        setattr(conf, name, value)
