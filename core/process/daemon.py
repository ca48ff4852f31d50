"""How the main process settles into the system: background, pid file, user, folders, limits."""

import grp
import os
import pwd
import resource
import struct
from collections.abc import Callable

from ..errors import StartError
from ..log import logger
from ..log import state as log_state

log = logger(__name__)


background = False  # this process and its children have left the terminal


def daemonize() -> Callable[[int], None]:
    """Go to the background; returns `report(code)`.

    The process that was started waits for `report` and ends with that code, so that whoever started the server knows
    whether it is up: 0 when all children are.
    """
    global background
    background = True
    read, write = os.pipe()
    if os.fork() > 0:
        os.close(write)
        data = os.read(read, 4)
        os._exit(struct.unpack("=i", data)[0] if len(data) == 4 else 1)
    os.close(read)
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)

    def report(code: int) -> None:
        os.write(write, struct.pack("=i", code))
        os.close(write)

    return report


def detach_stderr() -> None:
    """In the background and with syslog, once the start is good: nothing more goes to the terminal."""
    if not background or log_state.stderr:
        return
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 2)
    os.close(null)


def find_ids(user: str | None, group: str | None) -> tuple[int | None, int | None]:
    """Numbers of a user and a group given by name or number; the user's own group when none is given."""
    uid = gid = None
    if user:
        try:
            entry = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
            uid, gid = entry.pw_uid, entry.pw_gid
        except KeyError as error:
            if not user.isdigit():
                raise StartError(f"there is no user {user}") from error
            uid = int(user)
    if group:
        try:
            gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
        except KeyError as error:
            raise StartError(f"there is no group {group}") from error
    return uid, gid


def drop_privileges(uid: int | None, gid: int | None) -> None:
    """Become another user, with that user's groups; nothing to do when already so."""
    try:
        if gid is not None and gid != os.getegid():
            os.setgid(gid)
        if uid is not None and uid != os.geteuid():
            try:
                os.initgroups(pwd.getpwuid(uid).pw_name, gid if gid is not None else os.getegid())
            except KeyError:
                os.setgroups([])
            os.setuid(uid)
    except PermissionError as error:
        raise StartError(f"cannot change to uid {uid}, gid {gid}: {error.strerror}") from error


def change_root(folder: str) -> None:
    """chroot, then into it."""
    try:
        os.chroot(folder)
        os.chdir("/")
    except OSError as error:
        raise StartError(f"cannot chroot to {folder}: {error.strerror}") from error


def change_folder(folder: str) -> None:
    """The working folder (`-w`, `workdir`)."""
    try:
        os.chdir(folder)
    except OSError as error:
        raise StartError(f"cannot change the working folder to {folder}: {error.strerror}") from error


def make_run_folder(folder: str, uid: int | None, gid: int | None) -> None:
    """Where FIFOs and sockets live; created, and given to the user of the server, when it is missing."""
    if os.path.isdir(folder):
        return
    try:
        os.makedirs(folder, 0o755)
        os.chown(folder, -1 if uid is None else uid, -1 if gid is None else gid)
    except OSError as error:
        raise StartError(f"cannot create the run folder {folder}: {error.strerror}") from error


def write_pid_file(path: str, number: int) -> None:
    """Write it, unless it names a process that runs (other than us)."""
    try:
        with open(path) as file:
            old = int(file.read().strip() or 0)
        if old not in (0, os.getpid()) and is_alive(old):
            raise StartError(f"pid file {path}: process {old} runs already; stop it, or remove the file")
    except (FileNotFoundError, ValueError):
        old = 0
    try:
        with open(path, "w") as file:
            file.write(f"{number}\n")
    except OSError as error:
        raise StartError(f"cannot write the pid file {path}: {error.strerror}") from error


def remove_pid_file(path: str) -> None:
    """At the end; a file that cannot be removed any more (chroot, user) is only worth a line."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        log.notice("cannot remove the pid file %s: %s", path, error.strerror)


def is_alive(pid: int) -> bool:
    """Whether a process with that number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def set_limits(open_files: int | None, no_core: bool) -> None:
    """`open_files_limit` (raised as far as we may) and `disable_core_dump`."""
    if open_files is not None and open_files > 0:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if open_files > soft:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, max(hard, open_files)))
            except (ValueError, PermissionError):
                log.warning("cannot raise the limit of open files from %d to %d", soft, open_files)
    if no_core:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
