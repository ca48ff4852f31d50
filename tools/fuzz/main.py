"""Builds each target with libFuzzer, ASAN and UBSAN, and runs them one after the other for a bounded time."""

import pathlib
import re
import shutil
import subprocess
import tempfile

import click

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TORTURE = ROOT / "tests" / "parser" / "torture"
TARGETS = tuple(path.stem.removeprefix("fuzz_") for path in sorted(HERE.glob("fuzz_*.c")))
SANITIZE = ["-g", "-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined"]
LONGEST = {"uri": 200, "header": 400}  # bytes of an input; a message otherwise
MESSAGE = 2048
EDIT_OPS = bytes(range(24))  # fuzz_edits.c takes its edits from the first bytes


def find_clang() -> str:
    """Debian names it with its version; raises ClickException when there is none."""
    for name in ("clang", *(f"clang-{version}" for version in range(21, 10, -1))):
        if found := shutil.which(name):
            return found
    raise click.ClickException("libFuzzer needs clang: apt-get install clang")


def build(clang: str, target: str, folder: pathlib.Path) -> pathlib.Path:
    """The program of one target, with all of the kernel's C files."""
    out = folder / target
    sources = [str(path) for path in (ROOT / "src").glob("*.c") if path.name != "_native.c"]
    own = str(HERE / f"fuzz_{target}.c")
    command = [
        clang,
        "-std=gnu11",
        "-w",
        *SANITIZE,
        f"-I{ROOT / 'src'}",
        f"-I{HERE}",
        own,
        *sources,
        "-lrt",
        "-pthread",
    ]
    subprocess.run([*command, "-o", str(out)], check=True)
    return out


def seeds(target: str, folder: pathlib.Path) -> pathlib.Path:
    """A scratch corpus of what the repository holds for a target; libFuzzer adds what it finds there."""
    scratch = folder / f"{target}-corpus"
    scratch.mkdir()
    for path in (HERE / "corpus" / target).glob("*"):
        shutil.copy(path, scratch)
    if target in ("msg", "edits"):
        for path in TORTURE.glob("*.dat"):
            (scratch / path.name).write_bytes((EDIT_OPS if target == "edits" else b"") + path.read_bytes())
    return scratch


@click.command()
@click.option("--time", "seconds", default=60, show_default=True, help="Seconds in all, shared by the targets.")
@click.option("--target", "chosen", type=click.Choice(TARGETS), multiple=True, help="Only these targets.")
def main(seconds: int, chosen: tuple[str, ...]) -> None:
    """Fuzz the parser and the message builder. A finding is written to tools/fuzz/corpus and fails the run."""
    clang, targets = find_clang(), chosen or TARGETS
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for target in targets:
            findings = HERE / "corpus" / target
            findings.mkdir(parents=True, exist_ok=True)
            program = build(clang, target, folder)
            limits = [f"-max_total_time={seconds // len(targets)}", f"-max_len={LONGEST.get(target, MESSAGE)}"]
            where = [f"-artifact_prefix={findings}/", str(seeds(target, folder))]
            command = [str(program), *limits, "-timeout=5", "-print_final_stats=1", *where]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace")
            if done.returncode != 0:
                click.echo("\n".join(done.stderr.splitlines()[-40:]), err=True)
                raise click.ClickException(f"{target}: found something, see {findings}")
            inputs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
            click.echo(
                f"{target}: {int(inputs[1]) if inputs else 0:,} inputs in {seconds // len(targets)} s, nothing found"
            )


if __name__ == "__main__":
    main()
