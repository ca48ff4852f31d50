"""db_sqlite: the driver for SQLite, a database in a file."""

from ...core.db import DRIVER_STATS
from ...core.sr_module import ModuleExports, ParamExport
from .connection import api
from .settings import settings

exports = ModuleExports(
    name="db_sqlite",
    params=(
        ParamExport("db_set_readonly", bytes, setter=settings.add_readonly),
        ParamExport("db_set_journal_mode", bytes, setter=settings.add_journal_mode),
    ),
    stats=DRIVER_STATS,
    api=api,
)
