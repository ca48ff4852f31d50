"""Routes in Python: loads a KEMI script whose methods replace the route blocks of kamailio.cfg."""

from ...core.sr_module import ModuleExports, ParamExport, RpcExport
from .engine import api_list, child_init, init, reload, settings

exports = ModuleExports(
    name="app_python3",
    params=(
        ParamExport("load", bytes, settings),
        ParamExport("script_name", bytes, settings, "load"),
        ParamExport("mod_init_function", bytes, settings),
        ParamExport("script_init", bytes, settings, "mod_init_function"),
        ParamExport("child_init_method", bytes, settings),
        ParamExport("script_child_init", bytes, settings, "child_init_method"),
    ),
    rpcs=(
        RpcExport("app_python.reload", reload, "Reload the Python script in every process"),
        RpcExport("app_python.api_list", api_list, "The route methods of the Python script"),
    ),
    init=init,
    child_init=child_init,
)
