"""The FIFO transport: documents are written to our FIFO, replies go to a FIFO that the caller has made.

A document may come in several reads, and several documents in one: they are cut where a JSON value ends.
"""

import contextlib
import errno
import json
import os
import select
import stat
import time

from ...core.errors import ModuleError
from ...core.log import logger
from .document import handle

log = logger(__name__)
BUFFER_MAX = 65536  # bytes of an unfinished document; more is garbage and dropped
REPLY_TRIES = 4  # to open the caller's FIFO ...
REPLY_WAIT_S = 0.08  # ... with this pause, because its reader may open a moment later
WRITE_WAIT_S = 2.0  # for a reader that does not empty its FIFO


class Fifo:
    """Our end: made at start, opened for reading and writing so that it never reports its end."""

    def __init__(self, path: str, mode: int, user: int, group: int, reply_folder: str, pretty: bool) -> None:
        self.path, self.reply_folder, self.pretty = path, reply_folder, pretty
        self.buffer = b""
        self.make(mode, user, group)
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def make(self, mode: int, user: int, group: int) -> None:
        """Create the FIFO; a left-over one is replaced, anything else in its place is an error."""
        try:
            if stat.S_ISFIFO(os.lstat(self.path).st_mode):
                refuse_if_read(self.path)
                os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise ModuleError(f"cannot use the FIFO {self.path}: {error.strerror}") from error
        try:
            os.mkfifo(self.path)
            os.chmod(self.path, mode)
            os.chown(self.path, user, group)
        except OSError as error:
            raise ModuleError(f"cannot create the FIFO {self.path}: {error.strerror}") from error

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
        """The end of the server; where we have no right to any more it stays, and the next start replaces it."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def answer(self, data: bytes) -> None:
        """Run a document and write the reply where the caller asked for it."""
        reply = handle(data)
        if reply is None or reply.reply_name is None:
            return
        name = reply.reply_name
        if not name or "." in name or "/" in name or "\\" in name:
            log.debug("reply FIFO name %r is not allowed", name)
            return
        fd = open_reply(os.path.join(self.reply_folder, name))
        if fd < 0:
            return
        try:
            write_all(fd, reply.encode(self.pretty))
        except OSError as error:
            log.debug("cannot write to the reply FIFO %s: %s", name, error.strerror)
        finally:
            os.close(fd)


def refuse_if_read(path: str) -> None:
    """ModuleError when a running server reads this FIFO."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return  # ENXIO: nobody
    os.close(fd)
    raise ModuleError(f"the FIFO {path} belongs to a server that runs")


def write_all(fd: int, data: bytes) -> None:
    """Write a reply of any size; a reader that takes nothing for WRITE_WAIT_S gives up the rest (TimeoutError)."""
    view = memoryview(data)
    while view:
        if not select.select([], [fd], [], WRITE_WAIT_S)[1]:
            raise TimeoutError(errno.ETIMEDOUT, "the reader is too slow")
        view = view[os.write(fd, view) :]


def open_reply(path: str) -> int:
    """Open the caller's FIFO for writing; -1 when it is missing, is no FIFO (no links), or nobody reads it."""
    for attempt in range(REPLY_TRIES):
        try:
            fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO or attempt == REPLY_TRIES - 1:
                log.debug("cannot open the reply FIFO %s: %s", path, error.strerror)
                return -1
            time.sleep(REPLY_WAIT_S)
            continue
        entry = os.fstat(fd)
        if stat.S_ISFIFO(entry.st_mode) and entry.st_nlink == 1:
            return fd
        os.close(fd)
        log.debug("%s is no FIFO", path)
        return -1
    return -1


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
