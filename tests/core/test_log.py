"""Lines look like Kamailio's, cost nothing when off, and one source line cannot flood the log."""

import json
from collections.abc import Iterator

import pytest

from kahea.core import log as logging


@pytest.fixture(autouse=True)
def fresh_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(logging, "state", logging.State())
    yield


def test_line_has_process_level_module_place_and_function(capfd: pytest.CaptureFixture[str]) -> None:
    logging.setup(level=logging.INFO)
    logging.set_process(7)
    logging.logger("kahea.modules.tm.t_reply").info("code %d", 200)
    line = capfd.readouterr().err
    assert line.startswith(f" 7({logging.state.pid}) INFO: tm [test_log.py:")
    assert line.endswith("test_line_has_process_level_module_place_and_function(): code 200\n")


def test_level_above_threshold_formats_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    class Bomb:
        def __str__(self) -> str:
            raise AssertionError("formatted")

    logging.logger("kahea.core.x").debug("%s", Bomb())
    assert capfd.readouterr().err == ""


def test_prefix_hook_stands_before_the_text(capfd: pytest.CaptureFixture[str]) -> None:
    logging.set_prefix(lambda: "{1 INVITE abc} ")
    logging.script(logging.ERR, "<script>", "hello\n")
    assert "ERROR: {1 INVITE abc} <script>: hello\n" in capfd.readouterr().err


def test_json_lines_parse(capfd: pytest.CaptureFixture[str]) -> None:
    logging.setup(as_json=True)
    logging.logger("kahea.core.x").error('with "quotes" %s', "and more")
    line = json.loads(capfd.readouterr().err)
    assert (line["level"], line["message"]) == ("ERROR", 'with "quotes" and more')


def test_one_source_line_writes_a_limited_number_of_errors_a_second(capfd: pytest.CaptureFixture[str]) -> None:
    log = logging.logger("kahea.core.x")
    for number in range(logging.SITE_LIMIT * 10):
        log.error("again %d", number)
    lines = capfd.readouterr().err.splitlines()
    assert logging.SITE_LIMIT <= len(lines) <= 2 * logging.SITE_LIMIT + 1  # the clock may step once


def test_wrong_format_does_not_raise(capfd: pytest.CaptureFixture[str]) -> None:
    logging.logger("kahea.core.x").error("%d", "text")
    assert "('text',)" in capfd.readouterr().err


def test_unknown_facility_is_refused() -> None:
    with pytest.raises(ValueError):
        logging.setup(facility="LOG_PINK")
