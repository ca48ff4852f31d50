"""The parameters of async, and what `init` makes of them."""

from dataclasses import dataclass
from typing import Any

from ...core.tasks import TaskGroup


@dataclass(slots=True)
class Settings:
    """One a process, made before the fork."""

    workers: int = 1  # processes for async_route() and async_sleep()
    ms_timer: int = 0  # milliseconds: resolution of the async_ms_* functions; 0: they are off
    code: int = 0  # `return`: what the functions that suspend return
    tm: Any = None  # the API of tm
    timed: TaskGroup | None = None  # those processes; None: workers=0
    resume: int = 0  # numbers of the functions that tasks call
    run_data: int = 0


settings = Settings()
