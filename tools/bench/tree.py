"""What a process tree has used: CPU from schedstat, memory as PSS.

Ticks (utime/stime) are sampled and miss work shorter than a tick; schedstat counts run time in ns and is what the
verdicts use.
"""

import pathlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums over a process and all below it: `run_s` seconds on a CPU, `switches` timeslices, `pss_kb` kB."""

    run_s: float
    switches: int
    pss_kb: int
    processes: int


def descendants(root: int) -> list[int]:
    """The pids of `root` and everything it started, in no order."""
    children: dict[int, list[int]] = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                ppid = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:  # gone meanwhile
                continue
            children.setdefault(ppid, []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


def usage(root: int) -> Usage:
    """Reads the counters of the whole tree now. Processes that end meanwhile are left out."""
    run_ns = switches = pss = count = 0
    for pid in descendants(root):
        base = pathlib.Path(f"/proc/{pid}")
        try:
            for task in (base / "task").iterdir():
                fields = (task / "schedstat").read_text().split()
                run_ns += int(fields[0])
                switches += int(fields[2])
            for line in (base / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    pss += int(line.split()[1])
            count += 1
        except OSError:
            continue
    return Usage(run_ns / 1e9, switches, pss, count)


def udp_drops() -> int:
    """Datagrams lost on full receive buffers in this network namespace since it was made."""
    lines = pathlib.Path("/proc/net/snmp").read_text().splitlines()
    rows = [line.split()[1:] for line in lines if line.startswith("Udp:")]
    return int(dict(zip(rows[0], rows[1], strict=True))["RcvbufErrors"])
