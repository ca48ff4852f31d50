"""What this server is: name, version, paths, start time. Texts in the shapes that Kamailio's tools print."""

import os
import platform
import time

from .. import __version__

NAME = "kahea"
RUN_FOLDER = "/run/kamailio"  # where Debian's kamcmd and kamctl look for the server
ARCHITECTURE = f"{platform.machine()}/{platform.system().lower()}"
FULL_NAME = f"{NAME} {__version__} ({ARCHITECTURE})"
SIGNATURE = f"{NAME} ({__version__} ({ARCHITECTURE}))"  # of the Server and User-Agent headers
FLAGS = "USE_UDP, SHM_MMAP, USE_FUTEX, CFFI"
started_at = time.time()  # in main; children inherit it


def _folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it was removed under us
        return "/"


started_in = _folder()  # what relative paths of the command line mean


def ctime(seconds: float) -> str:
    """A time as ctime(3) writes it, without the line end."""
    return time.ctime(seconds)


def uptime() -> int:
    """Seconds since the start."""
    return int(time.time() - started_at)


def compiler() -> str:
    """The interpreter, and what built it."""
    return f"{platform.python_implementation()} {platform.python_version()}, {platform.python_compiler()}"


def version_text() -> str:
    """What `kahea -v` prints."""
    return f"version: {FULL_NAME}\nflags: {FLAGS}\nid: {__version__}\nrun by {compiler()}"


def internals_text() -> str:
    """What `kahea -I` prints."""
    from ..src.native import lib
    from .options import CONFIG_FILES

    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return "\n".join(
        [
            "Print out of kahea internals",
            f"  Version: {FULL_NAME}",
            f"  Default config: {CONFIG_FILES[0]}, else {CONFIG_FILES[1]}",
            f"  Modules: {os.path.join(here, 'modules')}",
            f"  Run folder: {RUN_FOLDER}",
            f"  Flags: {FLAGS}",
            f"  Largest message: {lib.KH_MSG_MAX} bytes",
            f"  Processes: at most {lib.KH_PROC_MAX}",
            f"  Statistics: at most {lib.KH_COUNTER_MAX}",
            f"  Run by: {compiler()}",
        ]
    )
