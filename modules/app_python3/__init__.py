"""Routes in Python: loads a KEMI script whose methods replace the route blocks of kamailio.cfg."""

from ...cfg.argtypes import Fmt, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, RpcExport
from .engine import api_list, check, child_init, init, python_exec, python_execx, reload, settings

exports = ModuleExports(
    name="app_python3",
    cmds=(CmdExport("python_exec", python_exec, (Str, Str), min_params=1),),
    kemi=(
        CmdExport("exec", python_exec, (Str,)),
        CmdExport("execx", python_execx, (Fmt,)),
        CmdExport("exec_p1", python_exec, (Str, Str)),
    ),
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
        RpcExport("app_python.api_list", api_list, "The functions of the KSR object"),
    ),
    check=check,
    init=init,
    child_init=child_init,
)
