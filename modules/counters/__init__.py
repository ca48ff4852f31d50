"""counters: counters that the script declares and changes; all statistics over RPC by group and name."""

from ...cfg.argtypes import Int, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from . import functions
from .rpc import RPCS
from .settings import settings

exports = ModuleExports(
    name="counters",
    cmds=(
        CmdExport("cnt_inc", functions.cnt_inc, (Str,), specialise=functions.incrementer),
        CmdExport("cnt_add", functions.cnt_add, (Str, Int)),
        CmdExport("cnt_reset", functions.cnt_reset, (Str,)),
    ),
    kemi=(
        CmdExport("inc", functions.cnt_inc, (Str,), specialise=functions.incrementer),
        CmdExport("add", functions.cnt_add, (Str, Int)),
        CmdExport("reset", functions.cnt_reset, (Str,)),
    ),
    params=(
        ParamExport("script_counter", bytes, settings, setter=settings.add_counter),
        ParamExport("script_cnt_grp_name", bytes, settings, attr="group"),
    ),
    rpcs=RPCS,
    init=settings.start,
)
