"""Commands over binrpc, what Debian's kamcmd speaks, and over the old FIFO protocol; unix, UDP and TCP sockets.

A process (`ctl: handler`) of its own answers; it touches shared memory only, so no call waits for it.
"""

from ...core.sr_module import ModuleExports, ParamExport, ProcExport, RpcExport, StatExport
from .commands import connections, listen, who
from .server import destroy, init, serve
from .settings import INTEGERS, settings

exports = ModuleExports(
    name="ctl",
    params=[
        ParamExport("binrpc", bytes, setter=settings.add_binrpc),
        ParamExport("fifo", bytes, setter=settings.add_fifo),
        *(ParamExport(name, int, settings) for name in INTEGERS),
        ParamExport("user", int | bytes, setter=settings.set_user),
        ParamExport("group", int | bytes, setter=settings.set_group),
        ParamExport("binrpc_buffer_size", int | bytes, setter=settings.set_buffer),
    ],
    stats=[
        StatExport(name)
        for name in (
            "connections", "refused_connections", "requests", "faults", "bad_requests", "too_big", "unsent_answers"
        )
    ],
    rpcs=[
        RpcExport("ctl.who", who, "The open connections."),
        RpcExport("ctl.connections", connections, "The number of open connections."),
        RpcExport("ctl.listen", listen, "The sockets where commands are taken."),
    ],
    procs=[ProcExport("handler", serve)],
    init=init,
    destroy=destroy,
)  # fmt: skip
