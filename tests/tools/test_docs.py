"""The pages that `make docs` writes."""

import subprocess
import sys
from pathlib import Path


def test_pages_are_written_from_what_is_there(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "kahea.tools.docs", str(tmp_path)], check=True, capture_output=True)
    kemi = (tmp_path / "kemi.md").read_text()
    assert "| `KSR.registrar.save_uri(str, int, str)` | int |" in kemi
    assert "| `KSR.pv.get(str)` | xval |" in kemi
    assert "# maxfwd" in (tmp_path / "modules.md").read_text()
