"""`core.*` and `system.*`: what the server says about itself. Results have the shapes that kamcmd and kamctl expect."""

import os
import signal
import sys
import time
from typing import Any

from ... import __version__
from .. import info
from ..loader import loaded_modules
from ..process import table
from .registry import RpcError, find_rpc, names, register_rpc


def version() -> str:
    return info.FULL_NAME + " "  # Kamailio's text ends with a blank, and kamctl cuts it there


def core_info() -> dict[str, str]:
    return {
        "version": info.FULL_NAME,
        "id": __version__,
        "compiler": info.compiler(),
        "compiled": "",
        "flags": info.FLAGS,
    }


def run_info() -> dict[str, Any]:
    seconds = info.uptime()
    days, rest = divmod(seconds, 86400)
    return {
        "name": info.NAME,
        "version": info.FULL_NAME,
        "sourceid": __version__,
        "compiler": info.compiler(),
        "compiled": "",
        "time_now": info.ctime(time.time()),
        "time_started": info.ctime(info.started_at),
        "started_in": info.started_in,
        "uptime_secs": seconds,
        "uptime_days": f"{days}d {rest // 3600}h {rest % 3600 // 60}m {rest % 60}s",
    }


def uptime() -> dict[str, Any]:
    return {"now": info.ctime(time.time()), "up_since": info.ctime(info.started_at), "uptime": info.uptime()}


def flags() -> str:
    return info.FLAGS


def echo(*values: Any) -> list[str]:
    return [str(value) for value in values]


def print_ints(*values: int) -> list[int]:
    return list(values)


def arguments() -> list[str]:
    return list(sys.orig_argv)


def folder() -> list[str]:
    return [os.getcwd()]


def processes() -> list[Any]:
    return [value for row in table.rows() for value in (row.pid, row.description)]


def processes_x() -> list[dict[str, Any]]:
    return [{"IDX": row.index, "PID": row.pid, "DSC": row.description} for row in table.rows()]


def processes_all() -> list[dict[str, Any]]:
    return [
        {
            "index": row.index,
            "pid": row.pid,
            "status": row.state,
            "rank": row.rank,
            "description": row.description,
            "starts": row.starts,
            "uptime": row.uptime_ms // 1000,
        }
        for row in table.rows()
    ]


def modules() -> list[str]:
    return [module.name for module in reversed(loaded_modules())]


def kill(number: int = signal.SIGTERM) -> None:
    """Send the signal to the main process; SIGTERM and SIGINT stop the server."""
    try:
        os.kill(table.main_pid(), signal.Signals(number))
    except ValueError:
        raise RpcError(400, f"there is no signal {number}") from None


def list_methods() -> list[str]:
    return names()


def method_help(name: str) -> str:
    command = find_rpc(str(name))
    if command is None:
        raise RpcError(400, "Method Name Not Found")
    return command.doc


def method_signature(*name: Any) -> None:
    raise RpcError(500, "Not Implemented Yet")


COMMANDS: list[tuple[str, Any, str, tuple[str, ...]]] = [
    ("core.version", version, "Version of the server.", ("version",)),
    ("core.info", core_info, "Version, interpreter and build flags.", ()),
    ("core.runinfo", run_info, "Version and times of the running server.", ()),
    ("core.uptime", uptime, "Start time and seconds since then.", ("uptime",)),
    ("core.flags", flags, "Build flags.", ()),
    ("core.echo", echo, "Returns its parameters as texts.", ()),
    ("core.prints", echo, "Returns its parameters as texts.", ()),
    ("core.printi", print_ints, "Returns its parameters as integers.", ()),
    ("core.arg", arguments, "The command line of the server.", ("arg",)),
    ("core.pwd", folder, "The working folder of the server.", ("pwd",)),
    ("core.ps", processes, "Processes: pid and description in turn.", ("ps",)),
    ("core.psx", processes_x, "Processes as structs.", ()),
    ("core.psa", processes_all, "Processes with rank, status, number of starts and uptime.", ()),
    ("core.modules", modules, "Names of the loaded modules, the last loaded first.", ()),
    ("core.kill", kill, "Sends a signal (default SIGTERM) to the main process.", ("kill",)),
    ("system.listMethods", list_methods, "Names of all RPC commands.", ("which",)),
    ("system.methodHelp", method_help, "Help text of a command.", ()),
    ("system.methodSignature", method_signature, "Kamailio answers 500 to this one, and so do we.", ()),
]


def register_all() -> None:
    """Main process, once."""
    for name, function, doc, mi_names in COMMANDS:
        register_rpc(name, function, doc, mi_names)
