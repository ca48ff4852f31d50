"""What a connection had not written when it ends is given back, message by message."""

from kahea.src.native import ffi, lib
from kahea.tests.src.connections import Wire, table
from kahea.tests.support.segment import run_isolated


def test_what_waits_for_the_owner_is_not_what_the_peer_is_behind() -> None:
    """tcp_conn_wq_max is a limit once the socket takes no more; before, there is room for a burst."""

    def check() -> None:
        table()
        wire = Wire()
        limit, burst = lib.kh_conn_opts().conn_queue, lib.KH_CONN_TURN_BYTES
        sent = 0
        while wire.put(b"x" * 1000) == lib.KH_OK:
            sent += 1000
        assert limit < burst - 1000 < sent <= burst
        lib.kh_conn_stalled(wire.number)
        lib.kh_conn_wrote(wire.number, sent - limit)
        assert wire.put(b"x") == lib.KH_ESEND  # it waits for the peer now
        assert lib.kh_conn_wrote(wire.number, limit) == lib.KH_WRITTEN_ALL
        assert wire.put(b"x" * 1000) == wire.put(b"x" * limit) == lib.KH_OK  # and again for the owner
        lib.kh_conn_free(wire.number)
        assert lib.kh_conn_check() == 0

    run_isolated(check)


def test_messages_that_did_not_leave_come_back_whole_and_in_order() -> None:
    def check() -> None:
        table()
        wire = Wire()
        room = ffi.new("char[]", lib.KH_MSG_MAX)
        for text in (b"first", b"second", b"third"):
            assert wire.put(text) == lib.KH_OK
        assert lib.kh_conn_wrote(wire.number, 7) == lib.KH_WRITTEN_SOME  # all of the first, a part of the second
        assert lib.kh_conn_close(wire.number, lib.KH_WHY_RESET) == lib.KH_OK
        assert wire.put(b"late") == lib.KH_ENOTFOUND
        found = []
        while (size := lib.kh_conn_unsent(wire.number, room)) > 0:
            found.append(ffi.unpack(room, size))
        assert (size, found) == (0, [b"second", b"third"])
        assert lib.kh_conn_queued() == 0
        lib.kh_conn_free(wire.number)
        assert lib.kh_conn_unsent(wire.number, room) == lib.KH_ENOTFOUND
        assert lib.kh_conn_check() == 0 and lib.kh_shm_check(ffi.NULL) == 0

    run_isolated(check)
