"""Programs of the targets: the kernel's C files compiled once, each target linked with them."""

import os
import pathlib
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import click

from ...src.native_build import c_files, include_flags

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGETS = tuple(path.stem.removeprefix("fuzz_") for path in sorted(HERE.glob("fuzz_*.c")))
COMMON = ["-std=gnu11", "-w", "-g", "-O1", *include_flags(), f"-I{HERE}"]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
COVERAGE = ["-fprofile-instr-generate", "-fcoverage-mapping"]


def find_clang() -> str:
    """Debian names it with its version; raises ClickException when there is none that can fuzz."""
    for name in ("clang", *(f"clang-{version}" for version in range(21, 10, -1))):
        if found := shutil.which(name):
            return found
    raise click.ClickException("libFuzzer needs clang: apt-get install clang libclang-rt-14-dev")


class Programs:
    """Builds into a folder; what was built is not built again."""

    def __init__(self, clang: str, folder: pathlib.Path) -> None:
        self.clang = clang
        self.folder = folder

    def build(self, target: str, coverage: bool = False) -> pathlib.Path:
        """The program of one target: with sanitizers, or with coverage counters."""
        kind = "coverage" if coverage else "sanitized"
        out = self.folder / f"{target}-{kind}"
        flags = COVERAGE if coverage else SANITIZE
        if not out.exists():
            kernel = self._kernel(kind, [*flags, "-fsanitize=fuzzer-no-link"])
            own = str(HERE / f"fuzz_{target}.c")
            self._run([*COMMON, *flags, "-fsanitize=fuzzer", own, *kernel, "-lrt", "-pthread", "-o", str(out)])
        return out

    def _kernel(self, kind: str, flags: list[str]) -> list[str]:
        """Object files of the kernel."""
        sources = c_files()
        objects = [self.folder / f"{source.stem}-{kind}.o" for source in sources]
        missing = [(source, out) for source, out in zip(sources, objects, strict=True) if not out.exists()]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            commands = ([*COMMON, *flags, "-c", str(source), "-o", str(out)] for source, out in missing)
            list(pool.map(self._run, commands))
        return [str(out) for out in objects]

    def _run(self, arguments: list[str]) -> None:
        done = subprocess.run([self.clang, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            hint = "; its runtime is missing: apt-get install libclang-rt-14-dev" if "clang_rt" in done.stderr else ""
            raise click.ClickException(f"clang failed{hint}\n{done.stderr[-2000:]}")
