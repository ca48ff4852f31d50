"""The pytest plugin: ask for the fixture `kahea_script` and load a configuration with it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .client import ScriptTest


@pytest.fixture
def kahea_script(tmp_path: Path) -> Iterator[Callable[..., "ScriptTest"]]:
    """`kahea_script(path_or_text, defines=["WITH_X"])` loads a routing script; closed at the end of the test."""
    from .client import ScriptTest

    loaded: list[ScriptTest] = []

    def load(config: str | Path, **options: object) -> ScriptTest:
        folder = tmp_path / f"script{len(loaded)}"
        folder.mkdir()
        script = ScriptTest(config, folder=folder, **options)  # type: ignore[arg-type]
        loaded.append(script)
        return script

    yield load
    for script in loaded:
        script.close()
