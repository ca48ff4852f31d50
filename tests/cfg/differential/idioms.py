"""Idioms of routing scripts: what Debian's kamailio does with each, on the wire. `python -m ...idioms` records it anew.

idioms.txt has cases as tests/cfg/reference/cases.py reads them: a configuration, messages, and all that came of them.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kahea.core.scripttest.message import Message
from kahea.core.scripttest.outcome import Outcome
from kahea.tests.cfg.differential.oracle import KAMAILIO
from kahea.tests.cfg.differential.wire import PREAMBLE, WireTest
from kahea.tests.cfg.reference.cases import Case, Play, read_cases

FILE = Path(__file__).with_name("idioms.txt")
MODULES = ("kex", "corex", "tm", "tmx", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "textopsx",
           "siputils", "xlog", "sanity")  # fmt: skip
NAMESPACE = "ip link set lo up; ip addr add 192.0.2.1/24 dev lo; exec "


class ByDestination(Play):
    """Between two destinations the order in which messages leave is nobody's business: replies and ACKs come first."""

    def _do(self, words: list[str]) -> Outcome:
        def place(message: Message) -> tuple[bool, str]:
            return message.is_request and message.method != "ACK", message.to

        return Outcome([(m.to, m.data) for m in sorted(super()._do(words).sent, key=place)])


def answers(case: Case, script: Any) -> list[str]:
    """What comes of a case on a ScriptTest or WireTest."""
    player = ByDestination(script)
    player.logged()
    return [line for step in case.lines if step.startswith("> ") for line in (step, *player.step(step[2:]))]


def read() -> list[Case]:
    """All, in order."""
    return read_cases(str(FILE))


def configuration(case: Case) -> str:
    """The text of a case with the modules it may use, without the preamble."""
    return "".join(f'loadmodule "{name}.so"\n' for name in MODULES) + case.text + "\n"


def ask(titles: Sequence[str]) -> dict[str, list[str]]:
    """What comes of these cases in kamailio. Runs this file again inside `unshare -n`."""
    command = f"{NAMESPACE}{sys.executable} -m {__spec__.name} play"
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", command], input=json.dumps(titles).encode(), stdout=subprocess.PIPE, check=True
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def play(case: Case) -> list[str]:
    """In the namespace: one case."""
    with tempfile.TemporaryDirectory() as folder:
        server = WireTest(configuration(case), Path(folder), [str(KAMAILIO), "-M", "64"])
        try:
            return answers(case, server)
        except Exception as error:
            error.add_note(f"in {case}:\n{server.log}")
            raise
        finally:
            server.close()


def record() -> None:
    """Write the file with the answers of the installed kamailio."""
    cases = read()
    found = ask([case.key for case in cases])
    text = FILE.read_text("latin-1").partition("\n=== ")[0].rstrip("\n") + "\n"
    for case in cases:
        text += f"\n=== {case.key}\n{case.text}\n>>>\n" + "\n".join(found[case.key]) + "\n"
    FILE.write_text(text, "latin-1")


if __name__ == "__main__":
    if sys.argv[1:] == ["play"]:
        wanted = json.load(sys.stdin)
        json.dump({case.key: play(case) for case in read() if case.key in wanted}, sys.stdout)
    else:
        record()

__all__ = ["PREAMBLE", "answers", "ask", "configuration", "read"]
