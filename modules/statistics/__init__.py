"""statistics: script statistics as in the first OpenSER."""

from ...cfg.argtypes import Int, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from .statistics import declare, reset_stat, start, update_stat

exports = ModuleExports(
    name="statistics",
    cmds=(
        CmdExport("update_stat", update_stat, (Str, Int)),
        CmdExport("reset_stat", reset_stat, (Str,)),
    ),
    params=(ParamExport("variable", bytes, setter=declare),),
    init=start,
)
