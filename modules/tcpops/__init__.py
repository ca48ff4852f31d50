"""tcpops: one connection at a time: is it there, how long may it be idle, keepalive, its end as an event."""

from ...cfg.argtypes import Int, PvWrite, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from . import connections, events, outbound, variables
from .settings import settings

exports = ModuleExports(
    name="tcpops",
    cmds=(
        CmdExport("tcp_conid_alive", connections.tcp_conid_alive, (Int,)),
        CmdExport("tcp_conid_state", connections.tcp_conid_state, (Int,)),
        CmdExport("tcp_get_conid", connections.tcp_get_conid, (Str, PvWrite)),
        CmdExport("tcp_keepalive_enable", connections.tcp_keepalive_enable, (Int, Int, Int, Int), min_params=3),
        CmdExport("tcp_keepalive_disable", connections.tcp_keepalive_disable, (Int,), min_params=0),
        CmdExport("tcp_set_connection_lifetime", connections.tcp_set_connection_lifetime, (Int, Int), min_params=1),
        CmdExport("tcp_enable_closed_event", connections.tcp_enable_closed_event, (Int,), min_params=0),
        CmdExport("tcp_close_connection", connections.tcp_close_connection, (Int,), min_params=0),
        CmdExport("tcp_set_otcpid", outbound.tcp_set_otcpid, (Int,)),
        CmdExport("tcp_set_otcpid_flag", outbound.tcp_set_otcpid_flag, (Int,)),
    ),
    kemi=(
        CmdExport("tcp_keepalive_enable", connections.tcp_keepalive_enable, (Int, Int, Int)),
        CmdExport("tcp_keepalive_enable_cid", connections.tcp_keepalive_enable, (Int, Int, Int, Int)),
        CmdExport("tcp_keepalive_disable", connections.tcp_keepalive_disable),
        CmdExport("tcp_keepalive_disable_cid", connections.tcp_keepalive_disable, (Int,)),
        CmdExport("tcp_set_connection_lifetime", connections.tcp_set_connection_lifetime, (Int,)),
        CmdExport("tcp_set_connection_lifetime_cid", connections.tcp_set_connection_lifetime, (Int, Int)),
        CmdExport("tcp_enable_closed_event", connections.tcp_enable_closed_event),
        CmdExport("tcp_enable_closed_event_cid", connections.tcp_enable_closed_event, (Int,)),
        CmdExport("tcp_close_connection", connections.tcp_close_connection),
        CmdExport("tcp_close_connection_id", connections.tcp_close_connection, (Int,)),
    ),
    params=(
        ParamExport("closed_event", int, settings),
        ParamExport("event_callback", bytes, settings),
    ),
    items=variables.TCP,
    init=events.init,
    event_routes=tuple(events.NAMES.values()),
    event_callbacks=dict.fromkeys(events.NAMES.values(), "event_callback"),
)
