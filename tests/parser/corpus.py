"""The torture messages of RFC 4475 and RFC 5118 with what is expected of each (torture/index.json)."""

import json
import pathlib
import re
from typing import Any

FOLDER = pathlib.Path(__file__).parent / "torture"
ENTRIES: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text())


def message(entry: dict[str, Any]) -> bytes:
    """As it goes on the wire."""
    return (FOLDER / entry["file"]).read_bytes() + entry.get("append_for_wire", "").encode()


def name(entry: dict[str, Any]) -> str:
    return entry["file"].removesuffix(".dat")


MESSAGES = [message(entry) for entry in ENTRIES]


def fixed_length(entry: dict[str, Any]) -> bytes:
    """The message with the Content-Length that its body has, where the RFC's own is a slip; b"" for the others."""
    right = entry.get("content_length_fixed")
    return re.sub(rb"(?im)^(content-length: *)\d+", rb"\g<1>%d" % right, message(entry)) if right else b""
