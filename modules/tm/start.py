"""The life of the module: the store before the fork, the timer, what runs after each request."""

from ...core import timer
from ...core.errors import ModuleError
from ...core.msg.script_cb import POST_SCRIPT_CB, REQUEST_CB, register_script_cb
from ...src.native import ffi, lib
from . import cell, fsm, timers, unsent
from .settings import settings


def destroy() -> None:
    """Main process, at the end."""
    lib.kh_tm_done()


def init() -> None:
    """Main process, before the fork: table, machines, parameters, timer."""
    if lib.kh_tm_init() < 0:
        raise ModuleError("tm: out of shared memory for the table of transactions (-m)")
    packed = fsm.packed()
    if lib.kh_tm_load_fsm(packed, len(packed)) < 0:
        raise ModuleError("tm: the transaction machines do not fit the kernel's table")
    settings.publish()
    unsent.register()
    register_script_cb(cell.after_request, POST_SCRIPT_CB | REQUEST_CB)
    timer.register_utimer(timers.tick, None, timers.TICK_US, ffi.addressof(lib, "kh_tm_quiet"))
