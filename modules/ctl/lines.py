"""The old FIFO protocol of SER: lines instead of packets, over a FIFO or a socket.

:core.echo:reply_fifo     the command, and the caller's FIFO in REPLY_FOLDER; sockets are answered on themselves
a parameter a line
an empty line

200 OK                    the answer: code and reason, then a line a value, a struct as name:value,name:value
"""

import re
from typing import Any

from ...core.log import logger
from ...core.rpc.endpoints import answer_fifo
from ...core.rpc.registry import RpcError, call, find_rpc
from .sockets import Closing, count

log = logger(__name__)
REPLY_FOLDER = "/tmp/"  # as in Kamailio
REQUEST_MAX = 1 << 16  # bytes
END = re.compile(rb"\r?\n\r?\n")
ESCAPES = {
    "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", ":": "\\o", ",": "\\c",
}  # fmt: skip


def take(buffer: bytearray) -> tuple[bytes, int]:
    """A Talk for sockets."""
    _, answer, used = handle(buffer)
    return answer, used


def take_fifo(buffer: bytearray) -> tuple[bytes, int]:
    """A Talk for the FIFO: the answer goes to the one that the caller has made."""
    name, answer, used = handle(buffer)
    if name and not answer_fifo(REPLY_FOLDER, name, answer):
        count("unsent_answers")
    return b"", used


def handle(buffer: bytearray) -> tuple[str, bytes, int]:
    """(reply FIFO, answer, size of the request); size 0 while it is incomplete. What does not begin with a colon is
    skipped up to the next empty line."""
    end = END.search(buffer)
    if end is None:
        if len(buffer) > REQUEST_MAX:
            count("bad_requests")
            raise Closing(b"")
        return "", b"", 0
    first, *params = buffer[: end.start()].decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
    parts = first.split(":")
    if len(parts) != 3 or parts[0]:
        count("bad_requests")
        return "", b"", end.end()
    return parts[2], run(parts[1], params), end.end()


def run(method: str, params: list[str]) -> bytes:
    """Run it; the answer."""
    count("requests")
    try:
        if find_rpc(method) is None:
            raise RpcError(500, f"Command '{method}' not found")
        lines = lines_of(call(method, params))
    except RpcError as error:
        count("faults")
        return f"{error.code} {error.text}\n".encode("utf-8", "surrogateescape")
    return "".join(line + "\n" for line in ("200 OK", *lines)).encode("utf-8", "surrogateescape")


def lines_of(value: Any) -> list[str]:
    """A line for each value of a result."""
    if value is None:
        return []
    values = value if isinstance(value, (list, tuple)) else [value]
    return [",".join(members_of(item)) if isinstance(item, dict) else plain(item) for item in values]


def members_of(struct: dict[str, Any], prefix: str = "") -> list[str]:
    """`name:value` of each member; those of a struct within it as `outer.inner:value`."""
    found = []
    for name, value in struct.items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(item, dict):
                found += members_of(item, f"{prefix}{name}.")
            else:
                found.append(f"{escaped(prefix + str(name))}:{plain(item)}")
    return found


def plain(value: Any) -> str:
    """One value."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    if isinstance(value, float):
        return f"{value:f}"
    if isinstance(value, (list, tuple)):
        return ",".join(map(plain, value))
    return escaped("" if value is None else str(value))


def escaped(text: str) -> str:
    """What would break the lines, by Kamailio's letters."""
    return "".join(ESCAPES.get(char, char) for char in text)
