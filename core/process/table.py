"""The process table in shared memory: which process has which place (src/shared/proc.h)."""

import os
from dataclasses import dataclass

from ...src.native import ffi, lib
from ..errors import StartError

STATES = {0: "free", 1: "starting", 2: "running", 3: "dead"}


@dataclass(slots=True, frozen=True)
class ProcessRow:
    """One place of the table as management commands show it."""

    index: int
    pid: int
    rank: int
    description: str
    state: str
    starts: int  # 1: the first process of this place; more: replacements
    uptime_ms: int


class ProcessTable:
    """Slots of src/shared/proc.h: main has slot 0. `add` and `died` in main; `attach` in the child; `rows` anywhere."""

    def add(self, rank: int, description: str) -> int:
        """Before fork: a place for a child."""
        slot = lib.kh_proc_alloc(rank, description.encode())
        if slot < 0:
            raise StartError(f"more than {lib.KH_PROC_MAX} processes")
        return int(slot)

    def attach(self, index: int) -> None:
        """In the child: take the place; from here on it may lock and allocate."""
        if lib.kh_proc_attach(index) < 0:
            raise StartError(f"place {index} of the process table cannot be taken")

    def died(self, index: int) -> int:
        """In main, after wait(): release what the process held. Returns the number of blocks of memory returned."""
        return int(lib.kh_proc_reap(index))


def rows() -> list[ProcessRow]:
    """The places in use, by index; from any process."""
    found = []
    now = lib.kh_now_ms()
    for slot in range(lib.KH_PROC_MAX):
        entry = lib.kh_proc_get(slot)
        if entry == ffi.NULL or entry.state == lib.KH_PROC_FREE:
            continue
        found.append(
            ProcessRow(
                slot,
                entry.pid,
                entry.rank,
                ffi.string(entry.desc).decode(),
                STATES.get(entry.state, "?"),
                entry.starts,
                max(0, now - entry.started_ms),
            )
        )
    return found


def main_pid() -> int:
    """The pid of the main process."""
    entry = lib.kh_proc_get(0)
    return int(entry.pid) if entry != ffi.NULL else os.getppid()
