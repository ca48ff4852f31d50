"""Connections: what the dead one had in hand is done or not, index and counts agree, no block is lost, and what the
peer has sent and is sent comes once, in order."""

from collections.abc import Callable
from typing import Any

from kahea.core.net.addr import make_addr
from kahea.src.native import ffi, lib
from kahea.tests.src.connections import Wire, find, new, table

from .steps import Scenario

MESSAGE = (
    b"OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.1:5062;branch=z9hG4bKabc\r\n"
    b"From: <sip:alice@example.com>;tag=from\r\nTo: <sip:bob@example.com>\r\nCall-ID: id\r\nCSeq: %d OPTIONS\r\n"
    b"Content-Length: %d\r\n\r\n%s"
)
QUEUED = (b"first ", b"second ")


def message(cseq: int, size: int = 0) -> bytes:
    return MESSAGE % (cseq, size, b"x" * size)


def blocks() -> int:
    out = ffi.new("kh_shm_info *")
    lib.kh_shm_info_get(out)
    return int(out.blocks)


class Connection(Scenario):
    """A connection with two messages to be written and one and a half that came; the child works on it as its owner."""

    other_stride = 3

    def __init__(self, body: Callable[["Connection"], Any], owner: bool = True) -> None:
        self.body, self.owner = body, owner

    def prepare(self) -> None:
        table()
        self.before = blocks()
        self.wire = Wire()
        self.number = self.wire.number
        for text in QUEUED:
            assert self.wire.put(text) == lib.KH_OK
        self.stream = message(1) + message(2, 5000)
        self.wire.peer.sendall(self.stream[:300])
        assert self.wire.read() == 300

    def act(self) -> None:
        if self.owner:
            assert self.adopt() == lib.KH_OK
        self.body(self)

    def adopt(self) -> int:
        return int(lib.kh_conn_adopt(self.number, self.wire.fd, self.wire.place))

    def again(self) -> None:
        """Another process sends over it, and to the address."""
        find(1)
        lib.kh_conn_put(self.number, b"again ", 6, 0)

    def judge(self, completed: bool) -> None:
        assert lib.kh_conn_check() == 0
        conn = lib.kh_conn_get(self.number)
        if conn != ffi.NULL and conn.state != lib.KH_CONN_CLOSING:
            self.judge_streams()
        elif conn != ffi.NULL:
            assert self.adopt() == lib.KH_ECLOSED
        for slot in range(8):
            conn = lib.kh_conn_slot(slot)
            if conn.state != lib.KH_CONN_FREE:
                assert lib.kh_conn_free(conn.id) == lib.KH_OK
        assert lib.kh_conn_check() == 0 and lib.kh_conn_queued() == 0
        assert blocks() == self.before
        self.wire.close()

    def judge_streams(self) -> None:
        """A successor goes on: every byte once."""
        self.wire.c.holder = self.wire.c.holder or 1
        assert self.adopt() == lib.KH_OK
        self.wire.peer.sendall(self.stream[300:])
        seen: list[int] = []
        while len(seen) < 2 and self.wire.read() > 0:
            while self.wire.next() > 0:
                seen.append(self.wire.m.cseq_num)
        assert seen[-1:] == [2] and seen in ([1, 2], [2])
        queued = self.wire.c.queued
        assert self.wire.write() in (lib.KH_WRITTEN_ALL, lib.KH_WRITTEN_LAST)
        left = self.wire.received(queued)
        assert left.startswith(b"".join(QUEUED)) and set(left[13:].split()) <= {b"third", b"again"}


def read_a_message(it: Connection) -> None:
    assert it.wire.next() > 0


def grow(it: Connection) -> None:
    """What is left moves into a larger buffer."""
    place = ffi.new("char **")
    assert it.wire.next() > 0 and it.wire.next() == lib.KH_EINCOMPLETE
    room = lib.kh_conn_room(it.number, place)
    assert room > 0


def rename(it: Connection) -> None:
    peer, local = make_addr(b"192.0.2.77", 777), make_addr(b"192.0.2.9", 5060)
    assert lib.kh_conn_rename(it.number, peer, local) == lib.KH_OK


CONNECTIONS: dict[str, Callable[[], Scenario]] = {
    "connection: new": lambda: Connection(lambda it: new(50000), owner=False),
    "connection: put": lambda: Connection(lambda it: it.wire.put(b"third "), owner=False),
    "connection: adopt": lambda: Connection(lambda it: None),
    "connection: message": lambda: Connection(read_a_message),
    "connection: buffer": lambda: Connection(grow),
    "connection: write": lambda: Connection(lambda it: it.wire.write()),
    "connection: alias": lambda: Connection(lambda it: lib.kh_conn_alias(it.number, 5060)),
    "connection: rename": lambda: Connection(rename),
    "connection: free": lambda: Connection(lambda it: lib.kh_conn_free(it.number)),
}
