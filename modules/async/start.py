"""Before the fork: what the functions in the script need, and the module's own workers."""

from ...cfg.errors import ConfigError
from ...cfg.syntax.nodes import Call
from ...cfg.syntax.walk import walk
from ...core import loader, tasks
from ...core.log import logger
from ...core.script import script
from . import data, suspended
from .settings import settings

log = logger(__name__)
TASK_FUNCTIONS = frozenset({"async_task_route", "async_task_group_route", "async_task_data", "async_task_group_data"})
MS_FUNCTIONS = frozenset({"async_ms_route", "async_ms_sleep"})
DESCRIPTION = "ASYNC MOD TIMER"  # Kamailio's


def check() -> list[str]:
    """Warnings about calls that fail each time; ConfigError where Kamailio does not start either."""
    calls = {node.name: node.pos for node in walk(script.config.items) if isinstance(node, Call)}
    params = script.params
    workers = bool(params.async_workers or params.async_workers_group)
    for name in TASK_FUNCTIONS & calls.keys():
        if not workers:
            raise ConfigError(f"{name}() needs task workers: set async_workers", calls[name])
    found = []
    for name in sorted(MS_FUNCTIONS & calls.keys()):
        if not settings.ms_timer:
            found.append(f'{name}() fails: set modparam("async", "ms_timer", 10)')
        elif not workers:
            found.append(f"{name}() fails: set async_workers, its tasks are for them")
    if settings.workers <= 0 and {"async_route", "async_sleep"} & calls.keys():
        found.append("async_route() and async_sleep() fail: there are no workers of the module async")
    return found


def init() -> None:
    """Main process."""
    for text in check():
        log.warning("%s", text)
    settings.tm = loader.bind_api("tm")
    settings.resume = tasks.register_async_task(suspended.resume)
    settings.run_data = tasks.register_async_task(data.run_data)
    settings.timed = tasks.make_group(DESCRIPTION, settings.workers) if settings.workers > 0 else None
