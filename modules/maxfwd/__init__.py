"""maxfwd: counts Max-Forwards down, adds it, compares it (RFC 3261 16.3 step 3, 16.6 step 3)."""

from ...cfg.argtypes import Int, RouteType
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from .maxfwd import LARGEST, is_maxfwd_lt, process, settings

exports = ModuleExports(
    name="maxfwd",
    cmds=(
        CmdExport(
            "maxfwd_process",
            process,
            (Int,),
            routes=RouteType.REQUEST,
            aliases=("mf_process_maxfwd_header", "process_maxfwd"),
        ),
        CmdExport(
            "is_maxfwd_lt",
            is_maxfwd_lt,
            (Int,),
            routes=RouteType.REQUEST | RouteType.FAILURE | RouteType.BRANCH,
            aliases=("maxfwd_at_least", "mf_lowlimit"),
        ),
    ),
    params=(ParamExport("max_limit", int, settings, settable="largest value that goes out", limits=(1, LARGEST)),),
)
