"""`core.shmmem`, `shm.*`, `pkg.*`: shared memory of the server, private memory of its processes."""

from typing import Any

from ...src.native import ffi, lib
from ..process import table
from .registry import RpcError, register_rpc

UNITS = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def shared() -> Any:
    """The allocator's figures (src/arena.h)."""
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


def pkg_stats(key: str = "", value: int = -1) -> list[dict[str, Any]]:
    """Private memory a process, as the kernel counts it; `pid N`, `rank N` or `index N` selects one."""
    wanted = {"": lambda row: True, "pid": lambda row: row.pid == int(value), "rank": lambda row: row.rank == int(value),
              "index": lambda row: row.index == int(value)}.get(str(key))  # fmt: skip
    if wanted is None:
        raise RpcError(400, "Invalid filter: use pid, rank or index")
    return [entry(row) for row in table.rows() if wanted(row)]


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


COMMANDS: list[tuple[str, Any, str]] = [
    ("core.shmmem", shm_stats, "Shared memory in bytes, or in the unit b, k, m, g."),
    ("shm.stats", shm_stats, "Shared memory in bytes, or in the unit b, k, m, g."),
    ("shm.info", shm_info, "Name and size of the shared memory manager."),
    ("shm.report", shm_report, "All figures of the shared memory manager."),
    ("pkg.stats", pkg_stats, "Private memory of the processes; pid N, rank N or index N selects one."),
    ("pkg.info", pkg_info, "Name of the private memory manager."),
]


def register_all() -> None:
    """Main process, once."""
    for name, function, doc in COMMANDS:
        register_rpc(name, function, doc)
