"""The pytest plugin: ask for the fixture `kahea_script` and load a configuration with it.

When such a test fails, its report has a section that shows every message, and the server's log.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .client import ScriptTest

LOADED = pytest.StashKey[list["ScriptTest"]]()
SECTION = "what the routing script did"


@pytest.fixture
def kahea_script(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., "ScriptTest"]]:
    """`kahea_script(path_or_text, defines=["WITH_X"])` loads a routing script; closed at the end of the test."""
    from .client import ScriptTest

    loaded = request.node.stash.setdefault(LOADED, [])

    def load(config: str | Path, **options: object) -> ScriptTest:
        folder = tmp_path / f"script{len(loaded)}"
        folder.mkdir()
        script = ScriptTest(config, folder=folder, **options)  # type: ignore[arg-type]
        loaded.append(script)
        return script

    yield load
    for script in loaded:
        script.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what happened."""
    report = yield
    if report.when == "call" and report.failed:
        for script in item.stash.get(LOADED, []):
            report.sections.append((SECTION, script.transcript.text(script.log)))
    return report
