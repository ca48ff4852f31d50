"""`core.shmmem`, `shm.*`, `pkg.*`: shared memory of the server, private memory of its processes."""

import os
from functools import partial
from typing import Any

from ... import locking
from ...mem import report as memory
from ...src.native import ffi, lib
from ..log import logger
from ..process import table
from ..shared import report_use
from ..statistics import register_stat
from .registry import RpcError, register_rpc

log = logger(__name__)

UNITS = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def shared() -> Any:
    """The allocator's figures (src/shared/arena.h)."""
    out = ffi.new("kh_shm_info *")
    lib.kh_shm_info_get(out)
    return out


def shm_stats(unit: str = "b") -> dict[str, int]:
    """Kamailio's six figures, in bytes or in k, m, g."""
    size = UNITS.get(str(unit)[:1].lower())
    if size is None:
        raise RpcError(400, "unit must be b, k, m or g")
    out = shared()
    return {
        "total": out.total_size // size,
        "free": out.free // size,
        "used": out.used // size,
        "real_used": out.real_used // size,
        "max_used": out.max_used // size,
        "fragments": out.fragments,
    }


def shm_info() -> dict[str, Any]:
    return {"name": "kahea", "size": lib.kh_shm_size()}


def shm_report() -> dict[str, int]:
    out = shared()
    return {
        "total_size": out.total_size,
        "free_size_s": out.free,
        "used_size_s": out.used,
        "real_used_s": out.real_used,
        "max_used_s": out.max_used,
        "free_frags": out.fragments,
        "used_frags": out.blocks,
        "total_frags": out.fragments + out.blocks,
        "max_free_frag_size": out.largest,
        "cached_size_s": out.cached,
    }


def _index(row: table.ProcessRow) -> int:
    return row.index


def pkg_stats(key: str = "", value: int = -1) -> list[dict[str, Any]]:
    """Private memory a process, as the kernel counts it; `pid N`, `rank N` or `index N` selects one."""
    columns = {"": lambda row: value, "pid": lambda row: row.pid, "rank": lambda row: row.rank, "index": _index}
    wanted = columns.get(str(key))
    if wanted is None:
        raise RpcError(400, "Invalid filter: use pid, rank or index")
    return [entry(row) for row in table.rows() if wanted(row) == int(value)]


def entry(row: table.ProcessRow) -> dict[str, Any]:
    """One process: resident private bytes are `used`; there is no pool of its own that could be full."""
    used = private_bytes(row.pid)
    return {
        "entry": row.index,
        "pid": row.pid,
        "rank": row.rank,
        "used": used,
        "free": 0,
        "real_used": used,
        "total_size": used,
        "total_frags": 0,
        "desc": row.description,
    }


def private_bytes(pid: int) -> int:
    """Private (unshared) resident bytes of a process; 0 when it has gone."""
    total = 0
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith(("Private_Clean:", "Private_Dirty:")):
                    total += int(line.split()[1]) * 1024
    except OSError:
        return 0
    return total


def pkg_info() -> dict[str, Any]:
    return {"name": "python", "size": 0}


def sites() -> list[dict[str, Any]]:
    """Who has shared memory now, most bytes first."""
    need_debug()
    return [{"site": site.where, "blocks": site.blocks, "bytes": site.bytes} for site in memory.sites()]


def need_debug() -> None:
    if not lib.kh_shm_flags() & lib.KH_SHM_DEBUG:
        raise RpcError(400, "sites are known with the core parameter mem_debug=yes only")


def shm_modules() -> dict[str, int]:
    """Bytes by module."""
    need_debug()
    totals = memory.module_totals()
    return {**totals, "Total": sum(totals.values())}


def mod_stats(module: str = "", pool: str = "") -> list[dict[str, Any]]:
    """Kamailio's mod.stats: bytes by the lines of source of a module, or of "all". Private memory is Python's own and
    not known by module."""
    if not module:
        raise RpcError(500, 'Module name or "all" needed')
    if pool not in ("pkg", "shm", "all"):
        raise RpcError(500, '"pkg" or "shm" or "all" needed')
    if pool == "pkg":
        raise RpcError(500, "private memory is not known by module: see pkg.stats")
    need_debug()
    found = memory.by_module()
    wanted = {module: found.get(module, [])} if module != "all" else found
    return [mod_entry(name, its) for name, its in wanted.items()]


def mod_entry(module: str, its: list[memory.Site]) -> dict[str, Any]:
    """One module's lines and their sum."""
    lines = {site.where: site.bytes for site in its}
    return {"Module": module, "shm": {**lines, "Total": sum(lines.values())}}


def faults() -> list[dict[str, Any]]:
    """The last misuses of the allocator, newest first."""
    fields = ("kind", "pid", "size", "allocated", "found")
    return [{name: getattr(fault, name) for name in fields} for fault in memory.faults()]


def check() -> dict[str, int]:
    """Walk the arena. A busy server may show faults that are none: an allocation going on in another process."""
    return {"faults": memory.check(), "misuses": memory.fault_count()}


def fail_after(count: int) -> str:
    """For tests of what happens without memory: the next `count` allocations work, then none; -1 ends it."""
    need_debug()
    lib.kh_shm_fail_after(int(count))
    return "memory is back" if int(count) < 0 else f"{count} more allocations"


def locks() -> list[dict[str, Any]]:
    """Locks made by Python that are held now."""
    pids = {row.index: row.pid for row in table.rows()}
    return [
        {"made": held.made, "index": held.index, "holder": held.holder, "pid": pids.get(held.holder, 0)}
        for held in locking.held()
    ]


COMMANDS: list[tuple[str, Any, str]] = [
    ("core.shmmem", shm_stats, "Shared memory in bytes, or in the unit b, k, m, g."),
    ("shm.stats", shm_stats, "Shared memory in bytes, or in the unit b, k, m, g."),
    ("shm.info", shm_info, "Name and size of the shared memory manager."),
    ("shm.report", shm_report, "All figures of the shared memory manager."),
    ("shm.sites", sites, "Blocks and bytes by the line of source that allocated them (mem_debug)."),
    ("shm.faults", faults, "The last double frees, overruns and frees of what is no block."),
    ("shm.check", check, "Walks the arena and compares it with its accounting."),
    ("shm.modules", shm_modules, "Shared memory by module (mem_debug)."),
    ("mod.stats", mod_stats, "Shared memory of a module, or all, by line of source: MODULE shm|all (mem_debug)."),
    ("shm.fail_after", fail_after, "For tests: n more allocations work, then none; -1 ends it (mem_debug)."),
    ("core.locks", locks, "Locks of modules that are held now, with their holders."),
    ("pkg.stats", pkg_stats, "Private memory of the processes; pid N, rank N or index N selects one."),
    ("pkg.info", pkg_info, "Name of the private memory manager."),
]


def register_statistics() -> None:
    """Group shmem: computed on read. Main process, shared memory ready."""
    fields = {"total_size": "total_size", "used_size": "used", "real_used_size": "real_used"}
    fields |= {"max_used_size": "max_used", "free_size": "free", "fragments": "fragments"}
    for name, field in fields.items():
        register_stat("shmem", name, partial(figure, field), no_reset=True)


def figure(field: str) -> int:
    """One of the allocator's figures."""
    return int(getattr(shared(), field))


def report() -> None:
    """SIGUSR1: shared memory (main), own private memory (each process) to the log."""
    if lib.kh_proc_self() <= 0:
        figures = " ".join(f"{name}={value}" for name, value in shm_report().items())
        log.notice("shared memory: %s", figures)
        report_use()
        for row in table.rows():
            log.notice("process %d: pid %d rank %d %s, %s", row.index, row.pid, row.rank, row.state, row.description)
    log.notice("private memory: %d bytes", private_bytes(os.getpid()))


def register_all() -> None:
    """Main process, once."""
    for name, function, doc in COMMANDS:
        register_rpc(name, function, doc)
