"""Sockets and FIFOs of management: made by the main process with its rights, served by a process of a module.

A left-over file of a server that is gone is replaced; one that a running server reads is not, and neither is anything
that is no socket or FIFO. Every error is a ModuleError with a sentence.
"""

import contextlib
import errno
import grp
import os
import pwd
import select
import socket
import stat
import time
from dataclasses import dataclass

from ..errors import ModuleError
from ..log import logger

log = logger(__name__)
BACKLOG = 64  # connections that wait to be accepted
REPLY_TRIES = 4  # to open the caller's FIFO ...
REPLY_WAIT_S = 0.08  # ... with this pause, because its reader may open a moment later
WRITE_WAIT_S = 2.0  # for a reader that does not take what it asked for


@dataclass(frozen=True, slots=True)
class Access:
    """Rights of a file; -1 as user or group leaves it as it is."""

    mode: int
    user: int = -1
    group: int = -1

    def give(self, path: str) -> None:
        """Set them."""
        os.chmod(path, self.mode)
        os.chown(path, self.user, self.group)


def user_id(value: int | bytes) -> int:
    """The number of a user, by number or name; ValueError."""
    if isinstance(value, int):
        return value
    try:
        return pwd.getpwnam(os.fsdecode(value)).pw_uid
    except KeyError:
        raise ValueError(f"there is no user {os.fsdecode(value)}") from None


def group_id(value: int | bytes) -> int:
    """The number of a group, by number or name; ValueError."""
    if isinstance(value, int):
        return value
    try:
        return grp.getgrnam(os.fsdecode(value)).gr_gid
    except KeyError:
        raise ValueError(f"there is no group {os.fsdecode(value)}") from None


def bind_unix(path: str, kind: socket.SocketKind, access: Access) -> socket.socket:
    """A unix socket, SOCK_STREAM (then it listens) or SOCK_DGRAM; not blocking."""
    sock = socket.socket(socket.AF_UNIX, kind)
    try:
        if os.path.lexists(path) and stat.S_ISSOCK(os.lstat(path).st_mode):
            refuse_if_served(path, kind)
            os.unlink(path)
        sock.bind(path)
        access.give(path)
    except OSError as error:
        sock.close()
        raise ModuleError(f"cannot create the socket {path}: {error.strerror or error}") from error
    except ModuleError:
        sock.close()
        raise
    return opened(sock, kind)


def refuse_if_served(path: str, kind: socket.SocketKind) -> None:
    """ModuleError when a running server has this socket."""
    with socket.socket(socket.AF_UNIX, kind) as probe:
        try:
            probe.connect(path)
        except OSError:
            return  # nobody
    raise ModuleError(f"the socket {path} belongs to a server that runs")


def bind_inet(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A TCP (then it listens) or UDP socket; a name is looked up once. Not blocking."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise ModuleError(f"cannot bind {host}: {error.strerror or error}") from error
    sock = socket.socket(family, kind)
    try:
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise ModuleError(f"cannot bind {host} port {port}: {error.strerror or error}") from error
    return opened(sock, kind)


def opened(sock: socket.socket, kind: socket.SocketKind) -> socket.socket:
    """Ready for a loop."""
    if kind == socket.SOCK_STREAM:
        sock.listen(BACKLOG)
    sock.setblocking(False)
    return sock


def make_fifo(path: str, access: Access) -> int:
    """A FIFO, opened for reading and writing so that it never reports its end."""
    try:
        if stat.S_ISFIFO(os.lstat(path).st_mode):
            refuse_if_read(path)
            os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ModuleError(f"cannot use the FIFO {path}: {error.strerror}") from error
    try:
        os.mkfifo(path)
        access.give(path)
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ModuleError(f"cannot create the FIFO {path}: {error.strerror}") from error


def refuse_if_read(path: str) -> None:
    """ModuleError when a running server reads this FIFO."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return  # ENXIO: nobody
    os.close(fd)
    raise ModuleError(f"the FIFO {path} belongs to a server that runs")


def remove_file(path: str) -> None:
    """The end of the server; where we have no right to any more a file stays, and the next start replaces it."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def answer_fifo(folder: str, name: str, data: bytes) -> bool:
    """Write a reply to the FIFO that the caller has made in `folder`; False when that was not possible."""
    if not name or "." in name or "/" in name or "\\" in name:
        log.debug("reply FIFO name %r is not allowed", name)
        return False
    fd = open_reply(os.path.join(folder, name))
    if fd < 0:
        return False
    try:
        write_all(fd, data)
    except OSError as error:
        log.debug("cannot write to the reply FIFO %s: %s", name, error.strerror)
        return False
    finally:
        os.close(fd)
    return True


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


def write_all(fd: int, data: bytes) -> None:
    """Write a reply of any size; a reader that takes nothing for WRITE_WAIT_S gives up the rest (TimeoutError)."""
    view = memoryview(data)
    while view:
        if not select.select([], [fd], [], WRITE_WAIT_S)[1]:
            raise TimeoutError(errno.ETIMEDOUT, "the reader is too slow")
        view = view[os.write(fd, view) :]
