"""Small files from the script."""

import os
from typing import Any

from ...core.log import logger
from ...core.pv import PvSpec

log = logger(__name__)
MAX_FILE = 65535  # bytes read into a variable


def file_read(msg: Any, path: bytes, pv: PvSpec) -> int:
    """The content of a file to a variable; -1 when it cannot be read or is longer than MAX_FILE."""
    assert pv.set is not None
    data = _read(path)
    if data is None:
        return -1
    pv.set(msg, data)
    return 1


def content(msg: Any, path: bytes) -> bytes:
    """The content of a file; empty when it cannot be read or is longer than MAX_FILE."""
    return _read(path) or b""


def _read(path: bytes) -> bytes | None:
    try:
        with open(os.fsdecode(path), "rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        log.error("file_read: %s", error)
        return None
    if len(data) > MAX_FILE:
        log.error("file_read: %s is longer than %d bytes", os.fsdecode(path), MAX_FILE)
        return None
    return data


def file_write(msg: Any, path: bytes, text: bytes) -> int:
    """Append a text to a file."""
    try:
        with open(os.fsdecode(path), "ab") as file:
            file.write(text)
    except OSError as error:
        log.error("file_write: %s", error)
        return -1
    return 1
