"""Builds each target with libFuzzer, ASAN and UBSAN, and runs them one after the other for a bounded time.

main.py     the command: what is run, and how it ends
build.py    programs of the targets, with or without coverage counters
corpus.py   what they start from, and what of their finds is kept
report.py   lines of the parser's files that the corpus reaches
"""

import pathlib
import re
import subprocess
import tempfile

import click

from .build import TARGETS, Programs, find_clang
from .corpus import CORPUS, LONGEST, MESSAGE, keep, seeds
from .report import reached


def fuzz(program: pathlib.Path, target: str, seconds: int, corpus: pathlib.Path) -> int:
    """Runs it; how many inputs it tried. Raises ClickException for a finding, which is written to tools/fuzz/corpus."""
    findings = CORPUS / target
    findings.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST.get(target, MESSAGE)}"]
    options = ["-timeout=5", "-print_final_stats=1", f"-artifact_prefix={findings}/"]
    done = subprocess.run([program, *limits, *options, corpus], capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        click.echo("\n".join(done.stderr.splitlines()[-40:]), err=True)
        raise click.ClickException(f"{target}: found something, see {findings}")
    inputs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    return int(inputs[1]) if inputs else 0


@click.command()
@click.option("--time", "seconds", default=60, show_default=True, help="Seconds in all, shared by the targets.")
@click.option("--target", "chosen", type=click.Choice(TARGETS), multiple=True, help="Only these targets.")
@click.option("--keep", "keeping", is_flag=True, help="Make the corpus anew: the fewest inputs that reach as much.")
@click.option("--coverage", is_flag=True, help="Tell the lines of the parser's files that the inputs reach.")
def main(seconds: int, chosen: tuple[str, ...], keeping: bool, coverage: bool) -> None:
    """Fuzz the parser and the message builder. A finding is written to tools/fuzz/corpus and fails the run."""
    targets = chosen or TARGETS
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        programs = Programs(find_clang(), folder)
        found: dict[str, pathlib.Path] = {}
        for target in targets:
            found[target] = seeds(target, folder)
            share = seconds // len(targets)
            inputs = fuzz(programs.build(target), target, share, found[target])
            click.echo(f"{target}: {inputs:,} inputs in {share} s, nothing found")
            if keeping:
                click.echo(f"{target}: {keep(programs.build(target), target, found[target])} inputs kept")
        if coverage:
            click.echo(reached(programs, found))


if __name__ == "__main__":
    main()
