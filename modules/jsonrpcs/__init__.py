"""JSON-RPC 2.0 over a FIFO and a unix or UDP datagram socket: what kamctl, kamcli and kaheactl speak.

A process (`jsonrpcs`) of its own answers; it touches shared memory only, so no call waits for it.
"""

from ...cfg.argtypes import Fmt, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, ProcExport, RpcExport
from . import script, settings
from .server import count, destroy, echo, init, serve

exports = ModuleExports(
    name="jsonrpcs",
    cmds=[CmdExport("jsonrpc_exec", script.jsonrpc_exec, (Str,))],
    kemi=[
        CmdExport("exec", script.jsonrpc_exec, (Str,)),
        CmdExport("execx", script.jsonrpc_execx, (Fmt,)),
        CmdExport("response", script.body),
    ],
    params=[
        *(ParamExport(name, int, settings.settings) for name in settings.INTEGERS),
        *(ParamExport(name, bytes, settings.settings) for name in settings.TEXTS),
        *(ParamExport(name, int | bytes, setter=setter) for name, setter in settings.IDENTITIES),
    ],
    rpcs=[RpcExport("jsonrpc.echo", echo, "Returns its parameters.")],
    procs=[ProcExport("JSON-RPC", serve, count)],
    items=script.JSONRPL,
    init=init,
    destroy=destroy,
)
