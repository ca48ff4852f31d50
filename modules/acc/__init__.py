"""acc: accounting of transactions, missed calls and requests to the log and to databases."""

from ...cfg.argtypes import Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, StatExport
from . import functions, stats
from .lifecycle import check, init
from .settings import LIMITS, PLAIN, SETTERS, settings

exports = ModuleExports(
    name="acc",
    cmds=(
        CmdExport("acc_log_request", functions.acc_log_request, (Str,)),
        CmdExport("acc_db_request", functions.acc_db_request, (Str, Str)),
        CmdExport("acc_request", functions.acc_request, (Str, Str)),
    ),
    params=(
        *(ParamExport(name, kind, settings, limits=LIMITS.get(name)) for name, kind in PLAIN.items()),
        *(ParamExport(name, bytes, setter=setter) for name, setter in SETTERS.items()),
    ),
    stats=tuple(StatExport(name) for name in stats.NAMES),
    requires=("tm",),
    check=check,
    init=init,
)
