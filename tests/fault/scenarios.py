"""The operations that are killed at every step, by name. Each checks that what was there is still there, once."""

from collections.abc import Callable

from .arena import ALLOCATOR
from .connections import CONNECTIONS
from .locations import LOCATIONS
from .locks import LOCKS
from .steps import Scenario
from .tables import TABLES
from .tasks import TASKS
from .timers import WHEEL
from .transactions import TRANSACTIONS

ALL: dict[str, Callable[[], Scenario]] = {
    **ALLOCATOR,
    **LOCKS,
    **WHEEL,
    **TABLES,
    **TASKS,
    **LOCATIONS,
    **TRANSACTIONS,
    **CONNECTIONS,
}
