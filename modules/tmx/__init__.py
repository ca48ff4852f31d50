"""tmx: extensions of tm, home of the $T variables and of the statistics of transactions."""

from ...cfg.argtypes import Int, RouteType, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, StatExport
from ..tm.management import numbers
from . import functions as f
from .variables import VARIABLES

ANY, R, O = RouteType.ANY, RouteType.REQUEST, RouteType.ONREPLY  # noqa: E741

exports = ModuleExports(
    name="tmx",
    requires=("tm",),
    cmds=(
        CmdExport("t_cancel_branches", f.t_cancel_branches, (Str,), routes=O),
        CmdExport("t_cancel_callid", f.t_cancel_callid, (Str, Str, Int, Int), 3, ANY),
        CmdExport("t_reply_callid", f.t_reply_callid, (Str, Str, Int, Str), routes=ANY),
        CmdExport("t_reuse_branch", f.t_reuse_branch, (), routes=RouteType.EVENT | RouteType.BRANCH_FAILURE),
        CmdExport("t_flush_flags", f.t_flush_flags, (), routes=ANY),
        CmdExport("t_flush_xflags", f.t_flush_xflags, (), routes=ANY),
        CmdExport("t_drop", f.t_drop, (Int,), 0, ANY),
        CmdExport("t_is_failure_route", f.t_is_failure_route, (), routes=ANY),
        CmdExport("t_is_branch_route", f.t_is_branch_route, (), routes=ANY),
        CmdExport("t_is_reply_route", f.t_is_reply_route, (), routes=ANY),
        CmdExport("t_is_request_route", f.t_is_request_route, (), routes=ANY),
        CmdExport("t_precheck_trans", f.t_precheck_trans, (), routes=R),
        CmdExport("t_suspend", f.t_suspend, (), routes=ANY),
        CmdExport("t_continue", f.t_continue, (Str, Str, Str), routes=ANY),
    ),
    kemi=(
        CmdExport("t_cancel_callid_reason", f.t_cancel_callid, (Str, Str, Int, Int)),
        CmdExport("t_drop_rcode", f.t_drop, (Int,)),
    ),
    params=(ParamExport("precheck_trans", int, f.Conf),),
    stats=tuple(
        StatExport(name)
        for name in (
            "UAS_transactions", "UAC_transactions", "2xx_transactions", "3xx_transactions", "4xx_transactions",
            "5xx_transactions", "6xx_transactions", "rpl_received", "rpl_absorbed", "rpl_generated", "rpl_relayed",
            "rpl_sent", "req_absorbed", "retransmitted", "repaired", "stillborn", "chain_full",
        )
    )
    + (
        StatExport("inuse_transactions", function=lambda: int(numbers().inuse), no_reset=True),
        StatExport("active_transactions", function=lambda: int(numbers().active), no_reset=True),
    ),
    items=VARIABLES,
)  # fmt: skip
