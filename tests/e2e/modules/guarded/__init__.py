"""A module for tests: two numbers in shared memory behind a lock, counted up together by every request.

A process killed between the two leaves them unequal; the next one is told and repairs them.
"""

from kahea.core.sr_module import CmdExport, ModuleExports, RpcExport
from kahea.locking import GenLock, lock_alloc, lock_init
from kahea.mem.shm import ShmBlock, shm_mallocxz
from kahea.parser.msg import SipMsg

FIRST, SECOND, REPAIRED = slice(0, 8), slice(8, 16), slice(16, 24)


class Shared:
    lock: GenLock
    numbers: ShmBlock


def init() -> None:
    Shared.lock = lock_init(lock_alloc())
    Shared.numbers = shm_mallocxz(24)


def get(what: slice) -> int:
    return int.from_bytes(Shared.numbers[what], "little")


def put(what: slice, value: int) -> None:
    Shared.numbers[what] = value.to_bytes(8, "little")


def guarded(msg: SipMsg) -> int:
    """guarded(): both numbers plus one."""
    with Shared.lock as died:
        if died:
            put(SECOND, get(FIRST))
            put(REPAIRED, get(REPAIRED) + 1)
        put(FIRST, get(FIRST) + 1)
        sum(range(2000))  # long enough to be killed here
        put(SECOND, get(SECOND) + 1)
    return 1


def numbers() -> dict[str, int]:
    """Read under the lock, as everybody else."""
    with Shared.lock as died:
        return {"first": get(FIRST), "second": get(SECOND), "repaired": get(REPAIRED) + died}


exports = ModuleExports(
    name="guarded",
    cmds=[CmdExport("guarded", guarded)],
    rpcs=[RpcExport("guarded.numbers", numbers, "Both numbers, and how often they were repaired")],
    init=init,
)
