"""How long functions and route blocks take: `latency_limit_action`, `latency_limit_cfg`. Else nothing is measured."""

import time
from collections.abc import Callable
from typing import Any

from ..source import Pos
from .values import ScriptLog


def timed(function: Callable[..., int], what: str, pos: Pos, limit_us: int) -> Callable[..., int]:
    """`function(msg, ...)` reporting each time that it takes longer than `limit_us` microseconds."""

    def measured(msg: Any, *args: Any) -> int:
        start = time.perf_counter_ns()
        try:
            return function(msg, *args)
        finally:
            took = (time.perf_counter_ns() - start) // 1000
            if took > limit_us:
                ScriptLog.latency(f"{pos.file}:{pos.line}: {what} took {took} us, more than {limit_us}")

    return measured
