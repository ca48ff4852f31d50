"""`python -m kahea.tools.bench`: alternates Kamailio and Kahea under the same load and prints the ratios."""

import json
import shutil
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from . import fill, location, restart
from .run import SCENARIOS, Result, Scenario, enter_private_network, measure

KAMAILIO = "kamailio -DD -E -m 512 -M 32 -f {cfg}"
TUNED = KAMAILIO + " -x tlsf -X tlsf"
KAHEA = f"{sys.executable} -m kahea.core.main -DD -E -m 512 -f {{cfg}}"

LOCATION, RESTART, FILL = "location", "restart", "fill"  # not a load that is repeated round by round
NAMES = [*SCENARIOS, LOCATION, RESTART, FILL]

Results = dict[str, list[Result]]


def run_rounds(servers: dict[str, str], scenario: Scenario, rate: int, calls: int, warm: int, rounds: int,
               done: Callable[[str], None]) -> Results:  # fmt: skip
    """A B, B A, A B...: no server is always first, and a noisy neighbour hits all of them."""
    results: Results = {name: [] for name in servers}
    for turn in range(rounds):
        order = list(servers.items())
        for name, command in order if turn % 2 == 0 else reversed(order):
            results[name].append(measure(command, scenario, rate, calls, warm))
            done(name)
    return results


def spread(values: list[float], digits: int) -> str:
    """Median and range, as `0.61 (0.58-0.66)`."""
    low, middle, high = (f"{x:.{digits}f}" for x in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low}-{high})"


def report(console: Console, scenario: Scenario, rate: int, results: Results) -> None:
    """One table a scenario. Ratios are taken round by round to the first server, from clean rounds only."""
    table = Table(title=f"{scenario.name} at {rate}/s: CPU µs a call of the process tree")
    table.add_column("server")
    for column in ("cpu µs", "ratio", "switches", "cps", "PSS MB", "rest MB", "failed", "clean"):
        table.add_column(column, justify="right", no_wrap=True)
    reference = next(iter(results.values()))
    for name, runs in results.items():
        good = [r for r in runs if r.clean] or runs
        ratios = [r.cpu_us / ref.cpu_us for r, ref in zip(runs, reference, strict=True) if r.clean and ref.clean]
        switches, cps, pss, rest = (
            statistics.median(getattr(r, field) for r in good) for field in ("switches", "cps", "pss_mb", "rest_mb")
        )
        table.add_row(
            name, spread([r.cpu_us for r in good], 1), spread(ratios, 2) if ratios else "-", f"{switches:.2f}",
            f"{cps:.0f}", f"{pss:.1f}", f"{rest:.1f}", str(sum(r.failed for r in runs)),
            f"{sum(r.clean for r in runs)}/{len(runs)}",
        )  # fmt: skip
    console.print(table)


@click.command(help=__doc__)
@click.option("--scenario", "names", multiple=True, type=click.Choice(NAMES), help="default: all but fill")
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=8.0, show_default=True, help="of measured load a run")
@click.option("--warm", default=6.0, show_default=True, help="seconds of load before it; over 5 for a steady state")
@click.option("--rate", type=int, help="calls a second; default: the scenario's")
@click.option("--server", "extra", multiple=True, metavar="NAME=CMD", help="more servers; {cfg} is the configuration")
@click.option("--only", multiple=True, help="of the servers: kamailio-tuned, kamailio, kahea and your own")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a run instead of tables")
def main(names: tuple[str, ...], rounds: int, seconds: float, warm: float, rate: int | None, extra: tuple[str, ...],
         only: tuple[str, ...], as_json: bool) -> None:  # fmt: skip
    console = Console(stderr=as_json, width=None if sys.stdout.isatty() else 120)
    missing = [program for program in ("sipp", "unshare") if not shutil.which(program)]
    if missing:
        raise click.ClickException(f"needs {' and '.join(missing)}: apt-get install sip-tester util-linux")
    enter_private_network()
    servers = {"kamailio-tuned": TUNED, "kahea": KAHEA, **dict(s.split("=", 1) for s in extra)}
    if "kamailio" in only:
        servers["kamailio"] = KAMAILIO
    if not shutil.which("kamailio"):
        console.print("kamailio is not installed (make oracle): Kahea alone, no ratios")
        servers = {name: command for name, command in servers.items() if not command.startswith("kamailio ")}
    servers = {name: command for name, command in servers.items() if not only or name in only}
    chosen = [SCENARIOS[n] for n in names or SCENARIOS if n in SCENARIOS]
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                  console=console, disable=not chosen) as bar:  # fmt: skip
        task = bar.add_task("benchmark", total=len(chosen) * rounds * len(servers))
        for scenario in chosen:
            speed = rate or scenario.rate
            results = run_rounds(servers, scenario, speed, int(speed * seconds), int(speed * warm), rounds,
                                 lambda name, s=scenario: bar.update(task, advance=1, description=f"{s.name}: {name}"))  # type: ignore[misc]  # fmt: skip
            if as_json:
                for name, runs in results.items():
                    for r in runs:
                        print(json.dumps({"scenario": scenario.name, "server": name, "rate": speed, **asdict(r)}))
            else:
                report(console, scenario, speed, results)
    if LOCATION in (names or (LOCATION,)):
        location.report(console, servers, as_json)
    if RESTART in (names or (RESTART,)):
        restart.report(console, servers, rounds, as_json)
    if FILL in names:
        fill.report(console, servers, rate or fill.RATE, as_json)


if __name__ == "__main__":
    main()
