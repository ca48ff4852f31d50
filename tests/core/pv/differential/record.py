"""Asks Debian's kamailio what every case logs, and writes `recorded.tsv`; run it as a module.

What it does not accept at start is left out and named.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from kahea.tests.cfg.differential import oracle
from kahea.tests.core.pv.differential.cases import bodies, edits
from kahea.tests.core.pv.messages import INVITE

HERE = Path(__file__).parent
oracle.MODULES = ("sl", "pv", "xlog", "textops", "siputils", "kex", "corex")
oracle.REQUEST = INVITE.decode("latin-1")
FRESH = "revert_uri(); $du = $null; clear_branches(); $fs = $null; $mf = 0; $bf = 0; $sf = 0;"


def ask(cases: list[str]) -> list[str] | None:
    """What each logs, each a line; None when kamailio does not start."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "k.cfg")
        text = oracle.configuration(cases)
        for i in range(len(cases)):  # each case begins without what the one before did to the destination
            text = text.replace(f"$var(c) = route(T{i});", f"{FRESH} $var(c) = route(T{i});")
        path.write_text(text, "latin-1")
        program = (
            "import sys; from kahea.tests.core.pv.differential import record;"
            "from kahea.tests.cfg.differential import oracle; oracle.serve(sys.argv[1])"
        )
        command = f"ip link set lo up; exec {sys.executable} -c '{program}' {path}"
        done = subprocess.run(["unshare", "-n", "sh", "-c", command], capture_output=True, check=False, timeout=120)
        found = oracle.split(done.stdout.decode("latin-1"), len(cases))
        if not any(found):
            return None
        return ["\\n".join(lines) for lines in found]


def record(cases: list[str]) -> list[tuple[str, str | None]]:
    """(case, output); None for what kamailio refuses, found by halving."""
    answers = ask(cases)
    if answers is not None:
        return list(zip(cases, answers, strict=True))
    if len(cases) == 1:
        return [(cases[0], None)]
    middle = len(cases) // 2
    return record(cases[:middle]) + record(cases[middle:])


def main() -> None:
    """Record all."""
    rows = record(bodies())
    for case in edits():
        rows += record([case])
    with open(HERE / "recorded.tsv", "w", encoding="latin-1") as out:
        out.write("# script body, what Kamailio 5.6.3 logged (see record.py)\n")
        for case, answer in rows:
            if answer is None:
                print("refused:", case)
            else:
                out.write(f"{case}\t{answer}\n")


if __name__ == "__main__":
    main()
