"""Log lines of accounting, line by line those of Kamailio 5.6.3: lines.tsv was recorded there, and
`KAHEA_TEST_SERVER=kamailio` asks it again. `python -m kahea.tests.modules.acc.record` writes the file anew.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.tests.e2e.conftest import ORACLE, Oracle
from kahea.tests.support.server import Server, ServerError, wait_until

from .calls import SCENARIOS, Phones

HERE = Path(__file__).parent
CONFIGS = {  # name -> further parameters
    "plain": {},
    "reports": {"report_ack": 1, "report_cancels": 1, "early_media": 1, "detect_direction": 1, "reason_from_hf": 1,
                "failed_filter": "404,603"},
    "always": {"acc_prepare_always": 1, "acc_extra_nullable": 1, "time_mode": 1, "time_exten": "usec"},
    "legs": {"multi_leg_info": "src=$avp(src);dst=$avp(dst)", "time_mode": 2, "time_attr": "secs"},
    "local time": {"time_mode": 3, "time_attr": "when", "log_level": 2},
    "utc": {"time_mode": 4, "time_attr": "when", "time_format": "%Y/%m/%d", "log_facility": "LOG_LOCAL3"},
}  # fmt: skip
FEW = ("answered", "answered, two headers", "answered, one more leg", "acc_log_request")
CHANGING = [
    (r"timestamp=\d{10}", "timestamp=T"), (r"call_id=call\d+x\d+", "call_id=C"), (r"secs=\d+\.\d{3};", "secs=T;"),
    (r"usec=\d{1,6};", "usec=T;"), (r"when=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d;", "when=D T;"),
    (r"when=\d{4}/\d\d/\d\d;", "when=D;"), (r"to_tag=(kh)?[0-9a-f]{16,}[-.0-9a-f]*;", "to_tag=;"),
]  # fmt: skip


def scenarios_of(config: str) -> list[str]:
    """All for the first ones; a time needs no more than a few."""
    return list(SCENARIOS) if config in ("plain", "reports", "always") else list(FEW)


def lines_in(log: str) -> list[str]:
    """The accounting lines, without what changes from call to call."""
    found = re.findall(r"(?:NOTICE|INFO): .*(ACC: .*)", log)
    for pattern, text in CHANGING:
        found = [re.sub(pattern, text, line) for line in found]
    return found


def expected(config: str) -> dict[str, list[str]]:
    rows = [line.split("\t") for line in (HERE / "lines.tsv").read_text().splitlines() if line[:1] != "#"]
    found: dict[str, list[str]] = {scenario: [] for scenario in scenarios_of(config)}
    for row in rows:
        if row[0] == config:
            found[row[1]].append(row[2])
    return found


def text_of(config: str) -> str:
    """acc.cfg with the parameters."""
    values = {name: value if isinstance(value, int) else f'"{value}"' for name, value in CONFIGS[config].items()}
    more = "".join(f'modparam("acc", "{name}", {value})\n' for name, value in values.items())
    return (HERE / "acc.cfg").read_text().replace("request_route {", more + "request_route {", 1)


def run(server: Server, phones: Phones, config: str, wanted: dict[str, list[str]] | None) -> dict[str, list[str]]:
    """Every scenario and its lines; when it is known how many there are, no longer than needed is waited."""
    found = {}
    for scenario in scenarios_of(config):
        before = len(lines_in(server.log))
        SCENARIOS[scenario](phones)
        due = before + len(wanted[scenario]) if wanted else 1 << 30
        with contextlib.suppress(ServerError):  # the comparison shows it
            wait_until(lambda due=due: len(lines_in(server.log)) >= due, 1.0 if wanted else 0.2)
        phones.drain()
        found[scenario] = lines_in(server.log)[before:]
    return found


@pytest.fixture
def phones(isolated: None) -> Iterator[Phones]:
    made = Phones()
    yield made
    made.close()


@pytest.mark.parametrize("config", CONFIGS)
def test_lines_are_those_of_kamailio(config: str, phones: Phones, tmp_path: Path) -> None:
    wanted = expected(config)
    text = text_of(config)
    if ORACLE:
        server: Server = Oracle(text, tmp_path / "server", workers=None, command=["kamailio"])
    else:
        server = Server(text, tmp_path / "server", workers=None)
    server.start()
    try:
        found = run(server, phones, config, wanted)
        assert {name: sorted(lines) for name, lines in found.items()} == {  # two workers may overtake one another
            name: sorted(lines) for name, lines in wanted.items()
        }
    finally:
        server.close()
    assert "Traceback" not in server.log, server.log
