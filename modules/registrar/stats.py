"""Statistics of the group registrar."""

from ...core.sr_module import StatExport
from ...core.statistics import StatVar, register_stat
from .settings import settings

stats = (
    StatExport("max_expires", function=lambda: settings.max_expires),
    StatExport("max_contacts", function=lambda: settings.max_contacts),
    StatExport("default_expire", function=lambda: settings.default_expires),
    StatExport("default_expires_range", function=lambda: settings.default_expires_range),
    StatExport("expires_range", function=lambda: settings.expires_range),
    StatExport("accepted_regs"),
    StatExport("rejected_regs"),
)


def counter(name: str) -> StatVar:
    """One of the counted ones."""
    return register_stat("registrar", name)
