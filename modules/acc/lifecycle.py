"""The start of the module, and what it says about its configuration."""

from ...core.errors import ModuleError
from ...core.log import logger
from . import database, events
from .settings import ASYNC, DELAYED, settings

log = logger(__name__)


def check() -> list[str]:
    """What a configuration asks for and does not get."""
    found = []
    if settings.cdr_enable:
        found.append("acc: cdr_enable needs module dialog, which is not there yet: no call data record is written")
    if settings.db_insert_mode in (DELAYED, ASYNC):
        found.append("acc: db_insert_mode 1 and 2 are normal inserts")
    if not settings.db_url and (settings.db_flag >= 0 or settings.db_missed_flag >= 0):
        found.append("acc: db_flag and db_missed_flag do nothing without db_url")
    return found


def init() -> None:
    """Main process. ModuleError."""
    for name in ("log_extra", "db_extra"):
        if len(getattr(settings, name)) > settings.acc_extra_size:
            raise ModuleError(f"{name} has more values than acc_extra_size allows: {settings.acc_extra_size}")
    for text in check():
        log.warning("%s", text.removeprefix("acc: "))
    database.init()
    events.bind()
