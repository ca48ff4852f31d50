"""The errors of memory.

MemoryError (Python's own)
└── OutOfMemory     an allocation was refused; the process goes on
ValueError
└── BadBlock        freed, resized or read: not a block in use
OSError
└── SegmentError    the shared segment cannot be made or mapped
"""


class OutOfMemory(MemoryError):
    """Refused: says how much was asked for and how much there is."""

    def __init__(self, pool: str, wanted: int, available: int) -> None:
        super().__init__(f"out of {pool} memory: {wanted} bytes wanted, {available} of the pool are free")
        self.wanted = wanted
        self.available = available


class BadBlock(ValueError):
    """Not a block in use: freed before, or never allocated. Nothing was changed."""


class SegmentError(OSError):
    """No shared segment: the reason is its text."""
