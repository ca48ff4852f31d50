"""Builds the benchmark with the kernel's files, prints its figures: `python -m kahea.tools.bench.kernel.run [--json]`.

Needs a C compiler. Compare within one run only: nanoseconds of another minute or machine mean little.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ....src.native_build import OPTIMISE, include_flags, named

HERE = Path(__file__).resolve().parent
FILES = [
    "arena",
    "arena_adopt",
    "arena_debug",
    "arena_report",
    "spans",
    "shm",
    "proc",
    "lock",
    "counter",
    "fault",
    "wheel",
]
# the server's own, and no knowledge of malloc and free by which a compiler might leave both out
FLAGS = ["-std=gnu11", *OPTIMISE, "-Wall", "-Wextra", "-fPIC", "-fno-builtin-malloc", "-fno-builtin-free", "-pthread"]
LINE = re.compile(r"(?P<what>[^:]*): (?P<who>.*) (?P<ns>[\d.]+)")


def build(folder: Path) -> Path:
    """Compile; the program."""
    program = folder / "bench"
    sources = [*HERE.glob("*.c"), *named(*FILES)]
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, *FLAGS, *include_flags(), "-o", str(program), *map(str, sources)], check=True)
    return program


def figures(text: str) -> dict[str, dict[str, float]]:
    """{what: {who: nanoseconds}}, in the order of the program."""
    found: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if match:
            found.setdefault(match["what"], {})[match["who"]] = float(match["ns"])
    return found


def table(found: dict[str, dict[str, float]]) -> str:
    """For people: ours first, then each rival with the ratio of ours to it."""
    lines = []
    for what, by in found.items():
        ours, *rivals = by.items()
        lines.append(f"{what:<36} {ours[1]:7.1f} ns  {ours[0]}")
        lines += [f"{'':<36} {ns:7.1f} ns  {who}: {ours[1] / ns:.2f}x" for who, ns in rivals]
    return "\n".join(lines)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([str(build(Path(folder)))], stdout=subprocess.PIPE, text=True)
    found = figures(done.stdout)
    print(json.dumps(found, indent=2) if "--json" in sys.argv[1:] else table(found))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
