"""xlog: log lines from the script, with variables in them."""

from ...cfg.argtypes import Fmt, Raw
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, keeping
from .color import COLOR
from .settings import settings
from .write import (
    FIXED,
    leveled,
    leveled_line,
    line_writer,
    writer,
    xlog_facility,
    xlog_level,
    xlog_text,
    xlogl_facility,
    xlogl_level,
    xlogm,
)

exports = ModuleExports(
    name="xlog",
    cmds=keeping(
        CmdExport("xlog", xlog_text, (Fmt,), specialise=writer(None)),
        CmdExport("xlog", xlog_level, (Raw, Fmt), specialise=leveled),
        CmdExport("xlog", xlog_facility, (Raw, Raw, Fmt)),
        CmdExport("xlogl", xlog_text, (Fmt,), specialise=line_writer),
        CmdExport("xlogl", xlogl_level, (Raw, Fmt), specialise=leveled_line),
        CmdExport("xlogl", xlogl_facility, (Raw, Raw, Fmt)),
        CmdExport("xlogm", xlogm, (Raw, Fmt)),
        *(CmdExport(name, function, (Fmt,), specialise=make) for name, function, make in FIXED),
    ),
    params=(
        ParamExport("buf_size", int, settings),
        ParamExport("force_color", int, settings),
        ParamExport("long_format", int, settings),
        ParamExport("prefix", bytes, settings),
        ParamExport("prefix_mode", int, settings),
        ParamExport("log_facility", bytes, settings, setter=settings.set_facility),
        ParamExport("log_colors", bytes, settings, setter=settings.add_colors),
        ParamExport("methods_filter", int, settings, settable="methods that xlogm() writes for, a mask"),
    ),
    items=COLOR,
)
