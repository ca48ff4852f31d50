"""What the targets start from: the corpus in the repository, the torture messages, a few that reach rare headers."""

import pathlib
import random
import shutil
import subprocess
from collections.abc import Iterator

from .build import HERE, ROOT

CORPUS = HERE / "corpus"
TORTURE = ROOT / "tests" / "parser" / "torture"
LONGEST = {"uri": 200, "header": 400}  # bytes of an input; a message otherwise
MESSAGE = 2048
EDIT_OPS = 32  # bytes: fuzz_edits.c takes its edits from the front of the input
KEPT_LONGEST = 1500  # bytes of an input that is kept


def messages() -> Iterator[bytes]:
    """All that the parser's tests know."""
    for path in sorted(TORTURE.glob("*.dat")):
        yield path.read_bytes()
    yield (ROOT / "tests" / "parser" / "guide" / "request.sip").read_bytes().replace(b"\n", b"\r\n")


def seeds(target: str, folder: pathlib.Path) -> pathlib.Path:
    """A scratch corpus; libFuzzer adds what it finds there."""
    scratch = folder / f"{target}-corpus"
    scratch.mkdir()
    for path in sorted((CORPUS / target).glob("*")):
        shutil.copy(path, scratch)
    if target in ("msg", "edits"):
        for number, data in enumerate(messages()):
            ops = random.Random(number).randbytes(EDIT_OPS) if target == "edits" else b""
            (scratch / f"torture{number}").write_bytes(ops + data)
    return scratch


def keep(program: pathlib.Path, target: str, found: pathlib.Path) -> int:
    """The corpus of the repository becomes the few inputs that reach as much as all that was found; how many."""
    chosen = found.with_name(f"{target}-chosen")
    chosen.mkdir()
    limits = ["-set_cover_merge=1", f"-max_len={min(LONGEST.get(target, MESSAGE), KEPT_LONGEST)}"]
    subprocess.run([program, *limits, chosen, found], check=True, capture_output=True)
    shutil.rmtree(CORPUS / target)
    shutil.copytree(chosen, CORPUS / target)
    return len(list(chosen.iterdir()))
