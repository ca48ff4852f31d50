"""sl: replies without a transaction, the ACKs to them, and send_reply(), which uses a transaction when there is one."""

from ...cfg.argtypes import Int, RouteType, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, RpcExport
from .api import api
from .life import child_init, init
from .replies import (
    forward_reply,
    prepare_send_reply,
    prepare_sl_reply,
    send_reply,
    send_reply_mode,
    sl_reply,
    sl_reply_error,
)
from .settings import settings
from .stats import STATISTICS, rpc_stats
from .variables import VARIABLES

ANY_REPLY = RouteType.REQUEST | RouteType.ONREPLY | RouteType.FAILURE

exports = ModuleExports(
    name="sl",
    cmds=(
        CmdExport(
            "sl_send_reply",
            sl_reply,
            (Int, Str),
            routes=RouteType.REQUEST,
            specialise=prepare_sl_reply,
            aliases=("sl_reply",),
        ),
        CmdExport("send_reply", send_reply, (Int, Str), routes=ANY_REPLY, specialise=prepare_send_reply),
        CmdExport("send_reply_mode", send_reply_mode, (Int, Str, Int), routes=ANY_REPLY),
        CmdExport("sl_reply_error", sl_reply_error, routes=RouteType.REQUEST),
        CmdExport("sl_forward_reply", forward_reply, (Int, Str), min_params=0, routes=RouteType.ONREPLY),
    ),
    params=(
        ParamExport("default_code", int, settings, setter=settings.set_default_code),
        ParamExport("default_reason", bytes, settings),
        ParamExport("bind_tm", int, settings),
        ParamExport("rich_redirect", int, settings),
        ParamExport("event_callback_fl_ack", bytes, settings),
        ParamExport("event_callback_lres_sent", bytes, settings),
    ),
    stats=STATISTICS,
    items=VARIABLES,
    rpcs=(RpcExport("sl.stats", rpc_stats, "Stateless replies by class, errors and absorbed ACKs"),),
    init=init,
    child_init=child_init,
    api=api,
    event_routes=("sl:filtered-ack", "sl:local-response"),
    event_callbacks={"sl:filtered-ack": "event_callback_fl_ack", "sl:local-response": "event_callback_lres_sent"},
)
