"""Compiles the parser with a timing loop, for each way of finding line ends, and prints ns a message.

    plain     byte by byte
    memchr    the fallback where there is no SSE2 (-DKH_NO_SIMD)
    vector    16 bytes at a step: what is built on every x86-64

The programs take turns, so that what else the machine does falls on all of them; medians of rounds and turns.
"""

import os
import pathlib
import statistics
import subprocess
import tempfile

from rich.console import Console
from rich.table import Table

from ....src.native_build import include_flags, named
from .messages import MESSAGES

HERE = pathlib.Path(__file__).resolve().parent
PARSER = ("chars", "lenient", "hdr", "fline", "msg", "hot", "nameaddr", "via", "uri")
VARIANTS = {
    "plain": ["-include", str(HERE / "plain_scan.h")],
    "memchr": ["-DKH_NO_SIMD"],
    "vector": [],
}
TURNS = int(os.environ.get("KAHEA_BENCH_TURNS", "3"))
COLUMNS = ("memchr once", "lines plain", "lines memchr", "lines vector", "index plain", "index memchr", "index vector",
           "complete", "index / once", "complete / once")  # fmt: skip


def build(folder: pathlib.Path, name: str, flags: list[str]) -> pathlib.Path:
    """The timing program for one way of finding line ends."""
    out = folder / f"bench-{name}"
    own = str(HERE / "parser_bench.c")
    command = ["cc", "-std=gnu11", "-O2", "-flto", *flags, *include_flags(), own, *named(*PARSER), "-o", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    return out


def measure(program: pathlib.Path, files: list[pathlib.Path]) -> list[list[float]]:
    """A row a file: bytes, ns of one memchr, of finding the lines, of the index, of the complete parse."""
    out = subprocess.run([program, *files], check=True, capture_output=True, text=True).stdout
    return [[float(number) for number in line.split()[1:]] for line in out.splitlines()]


def timed(folder: pathlib.Path, files: list[pathlib.Path]) -> dict[str, list[list[float]]]:
    """For each variant a row a file, as measure() has them."""
    programs = {name: build(folder, name, flags) for name, flags in VARIANTS.items()}
    turns = [{name: measure(program, files) for name, program in programs.items()} for _ in range(TURNS)]
    return {
        name: [
            [statistics.median(column) for column in zip(*rows, strict=True)]
            for rows in zip(*(turn[name] for turn in turns), strict=True)
        ]
        for name in VARIANTS
    }


def main() -> None:
    """All messages, all ways, one table."""
    table = Table(title="Parsing a message: ns, medians")
    for column in ("message", "bytes", *COLUMNS):
        table.add_column(column, justify="left" if column == "message" else "right", no_wrap=column == "message")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = [folder / f"{number}.sip" for number in range(len(MESSAGES))]
        for file, data in zip(files, MESSAGES.values(), strict=True):
            file.write_bytes(data)
        rows = timed(folder, files)
        for number, title in enumerate(MESSAGES):
            size, once, _, _, complete = rows["vector"][number]
            lines = [rows[variant][number][2] for variant in VARIANTS]
            index = [rows[variant][number][3] for variant in VARIANTS]
            cells = [f"{value:.0f}" for value in (size, once, *lines, *index, complete)]
            table.add_row(title, *cells, f"{index[-1] / once:.1f}", f"{complete / once:.1f}")
    Console(width=160 if not Console().is_terminal else None).print(table)


if __name__ == "__main__":
    main()
