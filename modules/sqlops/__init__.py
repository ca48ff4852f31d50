"""sqlops: SQL from the script, its results as variables."""

from ...cfg.argtypes import Raw, Str
from ...core.pv import PvExport, TransformationExport
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from . import kemi, literals, query, results
from .connections import child_init, destroy, init, parse_connection, settings, sqlrows

exports = ModuleExports(
    name="sqlops",
    cmds=(
        CmdExport("sql_query", query.sql_query, (Str, Str, Str), min_params=2, declare=query.declare),
        CmdExport("sql_xquery", query.sql_xquery, (Str, Str, Str), declare=query.declare_xavp),
        CmdExport("sql_pvquery", query.sql_pvquery, (Str, Str, Raw), declare=query.declare_variables),
        CmdExport("sql_query_async", query.sql_query_async, (Str, Str), declare=query.declare_xavp),
        CmdExport("sql_result_free", results.sql_result_free, (Str,)),
    ),
    kemi=(
        CmdExport("sql_num_rows", kemi.sql_num_rows, (Str,)),
        CmdExport("sql_num_columns", kemi.sql_num_columns, (Str,)),
        CmdExport("sql_is_null", kemi.sql_is_null, (Str, kemi.Int, kemi.Int)),
        CmdExport("sql_result_get", kemi.sql_result_get, (Str, kemi.Int, kemi.Int)),
        CmdExport("sql_result_gete", kemi.sql_result_gete, (Str, kemi.Int, kemi.Int)),
        CmdExport("sql_result_getz", kemi.sql_result_getz, (Str, kemi.Int, kemi.Int)),
        CmdExport("sql_pvquery", query.sql_pvquery, (Str, Str, Str)),
    ),
    params=(
        ParamExport("sqlcon", bytes, setter=settings.add_connection),
        ParamExport("sqlres", bytes, setter=settings.add_result),
        ParamExport("connect_mode", int, settings),
        ParamExport("results_maxsize", int, settings),
        ParamExport("tr_buf_size", int, settings),
    ),
    items=(
        PvExport("dbr", results.get_dbr, parse_name=results.parse_dbr),
        PvExport("sqlrows", sqlrows, parse_name=parse_connection),
    ),
    transformations=(
        TransformationExport("sql.val", literals.val, wants="any"),
        TransformationExport("sql.val.str", literals.val_str, wants="any"),
        TransformationExport("sql.val.int", literals.val_int, wants="any"),
    ),
    init=init,
    child_init=child_init,
    destroy=destroy,
)
