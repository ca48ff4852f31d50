"""async: the script goes on later, or elsewhere (t_suspend and t_continue of tm, the task workers of the core)."""

from ...cfg.argtypes import Int, Route, RouteType, Str
from ...core.pv import PvExport
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from . import data, start
from . import suspended as s
from .settings import settings

ANY, RF = RouteType.ANY, RouteType.REQUEST | RouteType.FAILURE
ROUTE = "route"

exports = ModuleExports(
    name="async",
    requires=("tm",),
    cmds=(
        CmdExport("async_route", s.async_route, (Route, Int), routes=RF, route_kind=ROUTE),
        CmdExport("async_ms_route", s.async_ms_route, (Route, Int), routes=RF, route_kind=ROUTE),
        CmdExport("async_sleep", s.async_sleep, (Int,), routes=RF, continues=True),
        CmdExport("async_ms_sleep", s.async_ms_sleep, (Int,), routes=RF, continues=True),
        CmdExport("async_task_route", s.async_task_route, (Route,), routes=RF, route_kind=ROUTE),
        CmdExport("async_task_group_route", s.async_task_group_route, (Route, Str), routes=RF, route_kind=ROUTE),
        CmdExport("async_task_data", data.async_task_data, (Route, Str), routes=ANY, route_kind=ROUTE),
        CmdExport("async_task_group_data", data.async_task_group_data, (Route, Str, Str), routes=ANY, route_kind=ROUTE),
    ),
    kemi=(
        CmdExport("route", s.async_route, (Str, Int)),
        CmdExport("ms_route", s.async_ms_route, (Str, Int)),
        CmdExport("task_route", s.async_task_route, (Str,)),
        CmdExport("task_group_route", s.async_task_group_route, (Str, Str)),
        CmdExport("task_data", data.async_task_data, (Str, Str)),
        CmdExport("task_group_data", data.async_task_group_data, (Str, Str, Str)),
        CmdExport("get_gname", data.get_gname),
        CmdExport("get_data", data.get_data),
    ),
    params=(
        ParamExport("workers", int, settings),
        ParamExport("ms_timer", int, settings),
        ParamExport("return", int, settings, "code"),
    ),
    items=(PvExport("async", choices={"gname": data.get_gname, "data": data.get_data}),),
    check=start.check,
    init=start.init,
)
