"""kex: extensions of the core. Flags and $du are the core's own here; this adds texts into variables and log levels."""

from ...cfg.argtypes import Int, PvWrite, Str
from ...core.functions.branches import isdsturiset, resetdsturi, setdsturi
from ...core.functions.flags import isbflagset, issflagset, resetbflag, resetsflag, setbflag, setsflag
from ...core.sr_module import CmdExport, ModuleExports
from . import functions, unique

exports = ModuleExports(
    name="kex",
    cmds=(
        CmdExport("setsflag", setsflag, (Int,)),
        CmdExport("resetsflag", resetsflag, (Int,)),
        CmdExport("issflagset", issflagset, (Int,)),
        CmdExport("setbflag", setbflag, (Int, Int), min_params=1),
        CmdExport("resetbflag", resetbflag, (Int, Int), min_params=1),
        CmdExport("isbflagset", isbflagset, (Int, Int), min_params=1),
        CmdExport("setdsturi", setdsturi, (Str,)),
        CmdExport("resetdsturi", resetdsturi),
        CmdExport("isdsturiset", isdsturiset),
        CmdExport("pv_printf", functions.pv_printf, (PvWrite, Str), aliases=("avp_printf",)),
        CmdExport("is_myself", functions.is_myself, (Str,)),
        CmdExport("setdebug", functions.setdebug, (Int,)),
        CmdExport("resetdebug", functions.resetdebug),
    ),
    items=unique.SRUID,
)
