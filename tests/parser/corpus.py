"""The torture messages of RFC 4475 and RFC 5118 with what is expected of each (torture/index.json)."""

import json
import pathlib
from typing import Any

FOLDER = pathlib.Path(__file__).parent / "torture"
ENTRIES: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text())


def message(entry: dict[str, Any]) -> bytes:
    """As it goes on the wire."""
    return (FOLDER / entry["file"]).read_bytes() + entry.get("append_for_wire", "").encode()


def name(entry: dict[str, Any]) -> str:
    return entry["file"].removesuffix(".dat")


MESSAGES = [message(entry) for entry in ENTRIES]
