"""Compiles the parser with a timing loop, with and without vector instructions, and prints ns a message."""

import pathlib
import subprocess
import tempfile

from rich.console import Console
from rich.table import Table

from .messages import MESSAGES

ROOT = pathlib.Path(__file__).resolve().parents[3]
PARSER = ("chars", "hdr", "fline", "msg", "hot", "nameaddr", "via", "uri")
VARIANTS = {"SSE2": [], "memchr": ["-DKH_NO_SIMD"]}


def build(folder: pathlib.Path, name: str, flags: list[str]) -> pathlib.Path:
    """The timing program for one way of finding line ends."""
    out = folder / f"bench-{name}"
    sources = [str(ROOT / "src" / f"{part}.c") for part in PARSER]
    own = str(pathlib.Path(__file__).with_name("parser_bench.c"))
    subprocess.run(["cc", "-std=gnu11", "-O2", *flags, f"-I{ROOT / 'src'}", own, *sources, "-o", str(out)], check=True)
    return out


def measure(program: pathlib.Path, files: list[pathlib.Path]) -> list[list[float]]:
    """A row a file: bytes, ns of one memchr, of memchr by lines, of the index, of the complete parse."""
    out = subprocess.run([program, *files], check=True, capture_output=True, text=True).stdout
    return [[float(number) for number in line.split()[1:]] for line in out.splitlines()]


def main() -> None:
    table = Table(title="Parsing a message, ns (median)")
    for column in ("message", "bytes", "scan", "memchr", "memchr by lines", "index", "complete", "index / memchr"):
        table.add_column(column, justify="left" if column in ("message", "scan") else "right")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = [folder / f"{number}.sip" for number in range(len(MESSAGES))]
        for file, data in zip(files, MESSAGES.values(), strict=True):
            file.write_bytes(data)
        for variant, flags in VARIANTS.items():
            for title, row in zip(MESSAGES, measure(build(folder, variant, flags), files), strict=True):
                size, one, lines, index, complete = row
                cells = [f"{size:.0f}", variant, f"{one:.0f}", f"{lines:.0f}", f"{index:.0f}", f"{complete:.0f}"]
                table.add_row(title, *cells, f"{index / one:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
