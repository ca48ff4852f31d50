"""The time of day as scripts see it. Tests of scripts let it run ahead of the computer's (core/scripttest)."""

import time


class Clock:
    """Of this process."""

    ahead_ns = 0


def now_ns() -> int:
    """Nanoseconds since 1970."""
    return time.time_ns() + Clock.ahead_ns


def now() -> int:
    """Seconds since 1970."""
    return now_ns() // 1_000_000_000
