"""sanity: well-formedness checks that RFCs suggest, and the precise error reply for what fails."""

from ...cfg.argtypes import Int, RouteType
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from .check import check_defaults_api, sanity_check, specialise_check
from .reply import init, sanity_reply
from .settings import settings

exports = ModuleExports(
    name="sanity",
    cmds=(
        CmdExport(
            "sanity_check",
            sanity_check,
            (Int, Int),
            min_params=0,
            routes=RouteType.REQUEST | RouteType.ONREPLY,
            specialise=specialise_check,
        ),
        CmdExport("sanity_reply", sanity_reply, routes=RouteType.REQUEST | RouteType.ONREPLY),
    ),
    kemi=(CmdExport("sanity_check_defaults", sanity_check, specialise=specialise_check),),
    params=(
        ParamExport("default_checks", int, settings),
        ParamExport("uri_checks", int, settings),
        ParamExport("proxy_require", bytes, settings, setter=settings.set_proxy_require),
        ParamExport("autodrop", int, settings),
        ParamExport("noreply", int, settings),
    ),
    requires=("sl",),
    init=init,
    api=check_defaults_api,
)
