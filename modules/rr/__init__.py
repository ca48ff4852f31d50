"""rr: Record-Route, and routing by Route: what keeps a proxy in the path of a dialog (RFC 3261 16.4, 16.6, 16.12)."""

from ...cfg.argtypes import Int, Regex, RouteType, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from .api import api
from .loose_route import loose_route, loose_route_mode, loose_route_preloaded, next_hop_route
from .pv import VARIABLES
from .record_route import (
    add_rr_param,
    prepare_record_route,
    record_route,
    record_route_advertised_address,
    record_route_preset,
    remove_record_route,
)
from .route_params import check_route_param, is_direction, prepare_is_direction
from .settings import init, settings

REQUEST = RouteType.REQUEST
RECORD = RouteType.REQUEST | RouteType.BRANCH | RouteType.FAILURE

exports = ModuleExports(
    name="rr",
    cmds=(
        CmdExport("loose_route", loose_route, routes=REQUEST),
        CmdExport("loose_route_mode", loose_route_mode, (Int,), routes=REQUEST),
        CmdExport("loose_route_preloaded", loose_route_preloaded, routes=REQUEST),
        CmdExport("record_route", record_route, (Str,), min_params=0, routes=RECORD, specialise=prepare_record_route),
        CmdExport("record_route_preset", record_route_preset, (Str, Str), min_params=1, routes=RECORD),
        CmdExport("record_route_advertised_address", record_route_advertised_address, (Str,), routes=RECORD),
        CmdExport("add_rr_param", add_rr_param, (Str,), routes=RECORD),
        CmdExport("remove_record_route", remove_record_route, routes=RouteType.REQUEST | RouteType.FAILURE),
        CmdExport("check_route_param", check_route_param, (Regex,), routes=REQUEST),
        CmdExport("is_direction", is_direction, (Str,), routes=REQUEST, specialise=prepare_is_direction),
        CmdExport("rr_next_hop_route", next_hop_route),
    ),
    kemi=(
        CmdExport("record_route_params", record_route, (Str,), specialise=prepare_record_route),
        CmdExport("record_route_preset_one", record_route_preset, (Str,)),
        CmdExport("next_hop_route", next_hop_route),
    ),
    params=(
        ParamExport("append_fromtag", int, settings),
        ParamExport("enable_double_rr", int, settings),
        ParamExport("enable_full_lr", int, settings),
        ParamExport("add_username", int, settings),
        ParamExport("custom_user_avp", bytes, settings, setter=settings.set_custom_user_avp),
        ParamExport("ignore_user", bytes, settings),
        ParamExport("enable_socket_mismatch_warning", int, settings),
        ParamExport("force_send_socket", int, settings),
        ParamExport("ignore_sips", int, settings),
        ParamExport("sockname_mode", int, settings),
    ),
    items=VARIABLES,
    init=init,
    api=api,
)
