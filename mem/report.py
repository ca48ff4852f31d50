"""Who uses shared memory, and what was done wrong with it: debug mode's sites, and the record of faults.

Sites are known in debug mode only (core parameter `mem_debug`); faults such as a double free are always recorded.
"""

from dataclasses import dataclass

from ..src.native import ffi, lib

KINDS = {
    lib.KH_FAULT_NO_BLOCK: "not a block of the arena",
    lib.KH_FAULT_DOUBLE_FREE: "free already",
    lib.KH_FAULT_OVERRUN: "written beyond its end",
}
KERNEL_FILES = {"src/tm/": "tm", "src/shared/wheel.c": "tm", "src/uloc/": "usrloc"}
MAX_SITES = 4096
MAX_FAULTS = 16


@dataclass(frozen=True, slots=True)
class Site:
    """Blocks in use that one line of source allocated."""

    where: str  # "file:line"; "?" when unknown
    blocks: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One misuse of the allocator, as the process that found it saw it."""

    kind: str
    pid: int
    address: int
    size: int
    allocated: str  # "file:line" in debug mode, else empty
    found: str

    def __str__(self) -> str:
        made = f", allocated at {self.allocated}" if self.allocated else ""
        return f"block {self.address:#x} of {self.size} bytes{made}: {self.kind} (process {self.pid}, {self.found})"


def sites() -> list[Site]:
    """Blocks in use by site, most bytes first; empty without debug mode. Walks the arena: seconds apart, not often."""
    out = ffi.new("kh_shm_site[]", MAX_SITES)
    n = lib.kh_shm_sites(out, MAX_SITES)
    found = [Site(_text(out[i].where), int(out[i].blocks), int(out[i].bytes)) for i in range(n)]
    return sorted(found, key=lambda site: -site.bytes)


def module_of(where: str) -> str:
    """The module that a line of source belongs to: by its folder, or of the kernel's files by their name; else core."""
    _, found, rest = where.rpartition("modules/")
    if found and "/" in rest:
        return rest.partition("/")[0]
    return next((module for prefix, module in KERNEL_FILES.items() if where.startswith(prefix)), "core")


def by_module() -> dict[str, list[Site]]:
    """The sites of each module, most bytes first."""
    found: dict[str, list[Site]] = {}
    for site in sites():
        found.setdefault(module_of(site.where), []).append(site)
    return found


def module_totals() -> dict[str, int]:
    """Bytes in use by module, most first."""
    totals = {module: sum(site.bytes for site in its) for module, its in by_module().items()}
    return dict(sorted(totals.items(), key=lambda entry: -entry[1]))


def faults() -> list[Fault]:
    """The last faults, newest first."""
    out = ffi.new("kh_shm_fault[]", MAX_FAULTS)
    n = lib.kh_shm_faults(out, MAX_FAULTS)
    return [
        Fault(
            KINDS.get(out[i].kind, "?"),
            int(out[i].pid),
            int(out[i].address),
            int(out[i].size),
            _text(out[i].site),
            _text(out[i].found),
        )
        for i in range(n)
    ]


def fault_count() -> int:
    """Faults since the segment was made."""
    return int(lib.kh_shm_fault_count())


def check() -> int:
    """Walk every block and compare with the accounting: number of disagreements, 0 is good.

    Exact only while no other process allocates.
    """
    return int(lib.kh_shm_check(ffi.NULL))


def _text(field: object) -> str:
    return bytes(ffi.string(field)).decode("utf-8", "replace")
