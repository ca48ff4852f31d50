"""xlog: log lines from the script, with variables in them."""

from ...cfg.argtypes import Raw
from ...core.sr_module import CmdExport, ModuleExports, ParamExport
from .color import COLOR
from .settings import settings
from .write import FIXED, leveled, line_writer, writer, xlog_facility, xlog_level, xlog_text, xlogm

exports = ModuleExports(
    name="xlog",
    cmds=(
        CmdExport("xlog", xlog_text, (Raw,), specialise=writer(None)),
        CmdExport("xlog", xlog_level, (Raw, Raw), specialise=leveled),
        CmdExport("xlog", xlog_facility, (Raw, Raw, Raw)),
        CmdExport("xlogl", xlog_text, (Raw,), specialise=line_writer),
        CmdExport("xlogl", xlog_level, (Raw, Raw)),
        CmdExport("xlogm", xlogm, (Raw, Raw)),
        *(CmdExport(name, function, (Raw,), specialise=make) for name, function, make in FIXED),
    ),
    params=(
        ParamExport("buf_size", int, settings),
        ParamExport("force_color", int, settings),
        ParamExport("long_format", int, settings),
        ParamExport("prefix", bytes, settings),
        ParamExport("prefix_mode", int, settings),
        ParamExport("log_facility", bytes, settings, setter=settings.set_facility),
        ParamExport("log_colors", bytes, settings, setter=settings.add_colors),
        ParamExport("methods_filter", int, settings, settable=True),
    ),
    items=COLOR,
)
