"""What a connection had not written when it ends is given back, message by message."""

from kahea.src.native import ffi, lib
from kahea.tests.src.connections import Wire, table
from kahea.tests.support.segment import run_isolated


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
