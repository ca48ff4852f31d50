"""Lock sets: after a death at any step every lock can be had, and who finds a value half written is told."""

from collections.abc import Callable

from kahea.src.native import ffi, lib

from .steps import Scenario

LOCKS_IN_SET = 3


class Guarded(Scenario):
    """Two numbers behind each lock that must be equal; repaired by whoever is told of a death."""

    def prepare(self) -> None:
        self.set = lib.kh_lock_set_new(LOCKS_IN_SET)
        self.pairs = ffi.cast("int64_t *", lib.kh_shm_mallocz(16 * LOCKS_IN_SET))

    def change(self, index: int) -> None:
        code = lib.kh_lock_set_get(self.set, index)
        first, second = 2 * index, 2 * index + 1
        assert code in (lib.KH_OK, lib.KH_EOWNERDEAD)
        if code == lib.KH_EOWNERDEAD:
            self.pairs[second] = self.pairs[first]
        assert self.pairs[first] == self.pairs[second], "half a change, and nobody was told"
        self.pairs[first] += 1
        lib.kh_lock_init(self.spare)  # costs a call in which nothing is killed
        self.pairs[second] += 1
        lib.kh_lock_set_release(self.set, index)

    @property
    def spare(self) -> object:
        return ffi.addressof(self.set.locks, LOCKS_IN_SET - 1)

    def act(self) -> None:
        for index in range(LOCKS_IN_SET - 1):
            self.change(index)

    def judge(self, completed: bool) -> None:
        for index in range(LOCKS_IN_SET - 1):
            self.change(index)
            assert lib.kh_lock_holder(ffi.addressof(self.set.locks, index)) == lib.KH_ENOTFOUND


class Nested(Guarded):
    """Two locks at once."""

    def act(self) -> None:
        assert lib.kh_lock_set_get(self.set, 0) in (lib.KH_OK, lib.KH_EOWNERDEAD)
        self.change(1)
        lib.kh_lock_set_release(self.set, 0)

    def judge(self, completed: bool) -> None:
        self.act()
        assert [lib.kh_lock_set_try(self.set, i) for i in range(2)] == [lib.KH_OK] * 2


LOCKS: dict[str, Callable[[], Scenario]] = {
    "lock set: get and release": Guarded,
    "lock set: two locks at once": Nested,
}
