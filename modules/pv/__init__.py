"""pv: functions on variables, xavp tools, presets. The variables themselves are the core's and need no module."""

from ...cfg.argtypes import Int, PvRead, PvWrite, Raw, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, RpcExport
from . import sbranch, settings, shv_rpc, tests, xavp, xavu
from .kemi import KEMI

exports = ModuleExports(
    name="pv",
    cmds=(
        CmdExport("pv_isset", tests.pv_isset, (PvRead,)),
        CmdExport("pv_unset", tests.pv_unset, (PvWrite,)),
        CmdExport("is_int", tests.is_int, (PvRead,)),
        CmdExport("typeof", tests.typeof, (PvRead, Str), specialise=tests.type_test),
        CmdExport("not_empty", tests.not_empty, (PvRead,)),
        CmdExport("pv_evalx", tests.pv_evalx, (PvWrite, Str)),
        CmdExport("xavp_params_explode", xavp.params_explode, (Str, Str)),
        CmdExport("xavp_params_implode", xavp.params_implode, (Str, PvWrite)),
        CmdExport("xavp_child_seti", xavp.child_set, (Str, Str, Int)),
        CmdExport("xavp_child_sets", xavp.child_set, (Str, Str, Str)),
        CmdExport("xavp_child_rm", xavp.child_rm, (Str, Str)),
        CmdExport("xavp_rm", xavp.rm, (Str,)),
        CmdExport("xavi_child_seti", xavp.xavi_child_set, (Str, Str, Int)),
        CmdExport("xavi_child_sets", xavp.xavi_child_set, (Str, Str, Str)),
        CmdExport("xavi_child_rm", xavp.xavi_child_rm, (Str, Str)),
        CmdExport("xavi_rm", xavp.xavi_rm, (Str,)),
        CmdExport("xavp_copy", xavp.copy, (Str, Int, Str, Int), min_params=3),
        CmdExport("xavp_slist_explode", xavp.slist_explode, (Str, Str, Str, Str)),
        CmdExport("xavu_params_explode", xavu.params_explode, (Str, Str)),
        CmdExport("xavu_params_implode", xavu.params_implode, (Str, PvWrite)),
        CmdExport("pv_xavp_print", xavp.print_xavps),
        CmdExport("pv_xavi_print", xavp.print_xavis),
        CmdExport("pv_xavu_print", xavu.print_xavus),
        CmdExport("pv_var_to_xavp", xavp.var_to_xavp, (Raw, Raw)),
        CmdExport("pv_xavp_to_var", xavp.xavp_to_var, (Raw,)),
        CmdExport("sbranch_set_ruri", sbranch.set_ruri),
        CmdExport("sbranch_append", sbranch.append),
        CmdExport("sbranch_reset", sbranch.reset),
    ),
    kemi=KEMI,
    params=(
        ParamExport("shvset", bytes, setter=settings.preset_shv),
        ParamExport("varset", bytes, setter=settings.preset_var),
        ParamExport("avp_aliases", bytes, setter=settings.set_aliases),
    ),
    rpcs=(
        RpcExport("pv.shvGet", shv_rpc.get, "The value of a shared variable, or of all of them: [name]", ("shv_get",)),
        RpcExport("pv.shvSet", shv_rpc.put, "Set a shared variable: name, int|str, value", ("shv_set",)),
    ),
    items=sbranch.SBRANCH,
    init=settings.start,
)
