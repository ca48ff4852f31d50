"""The FIFO transport: documents are written to our FIFO, replies go to a FIFO that the caller has made.

A document may come in several reads, and several documents in one: they are cut where a JSON value ends.
"""

import json
import os

from ...core.log import logger
from ...core.rpc.endpoints import Access, answer_fifo, make_fifo, remove_file
from .document import handle

log = logger(__name__)
BUFFER_MAX = 65536  # bytes of an unfinished document; more is garbage and dropped


class Fifo:
    """Our end, made at start."""

    def __init__(self, path: str, access: Access, reply_folder: str, pretty: bool) -> None:
        self.path, self.reply_folder, self.pretty = path, reply_folder, pretty
        self.buffer = b""
        self.fd = make_fifo(path, access)

    def fileno(self) -> int:
        return self.fd

    def ready(self) -> None:
        """Something can be read: take it, and answer every complete document."""
        try:
            self.buffer += os.read(self.fd, BUFFER_MAX)
        except BlockingIOError:
            return
        while self.buffer:
            document, self.buffer = cut(self.buffer)
            if document is None:
                break
            self.answer(document)
        if len(self.buffer) > BUFFER_MAX:
            log.debug("%d bytes on the FIFO are no JSON document: dropped", len(self.buffer))
            self.buffer = b""

    def remove(self) -> None:
        """The end of the server."""
        remove_file(self.path)

    def answer(self, data: bytes) -> None:
        """Run a document and write the reply where the caller asked for it."""
        reply = handle(data)
        if reply is not None and reply.reply_name is not None:
            answer_fifo(self.reply_folder, reply.reply_name, reply.encode(self.pretty))


def cut(buffer: bytes) -> tuple[bytes | None, bytes]:
    """(first complete JSON value, the rest); (None, buffer) while it is incomplete, (None, b"") for garbage."""
    text = buffer.decode("latin-1")
    begin = len(text) - len(text.lstrip())
    if begin == len(text) or text[begin] not in "{[":
        return None, b""
    try:
        _, end = json.JSONDecoder().raw_decode(text, begin)
    except RecursionError:
        return None, b""
    except json.JSONDecodeError as error:
        incomplete = error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
        return None, buffer if incomplete else b""
    return buffer[begin:end], buffer[end:].lstrip()
