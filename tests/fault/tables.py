"""Shared hash table: the touched record is the old or the new one, all others are untouched, no block is lost."""

from collections.abc import Callable
from typing import Any

from kahea.core.shtable import SharedTable
from kahea.src.native import ffi, lib

from .steps import Scenario

RECORDS = {b"key%d" % number: b"value %d" % number for number in range(40)}
KEY = b"key7"


class Table(Scenario):
    """A small table, so that chains are long; the child changes KEY or adds a record."""

    def __init__(self, body: Callable[[SharedTable], Any], key: bytes, ends: tuple[bytes | None, ...]) -> None:
        self.body = body
        self.key = key
        self.ends = ends  # values it may have afterwards; the last one if the operation was completed

    def prepare(self) -> None:
        self.table = SharedTable("test", 3)
        for key, value in RECORDS.items():
            self.table.set(key, value)
        self.table.add(b"sum", 5)
        self.others = {k: v for k, v in self.content().items() if k not in (self.key, b"other")}
        self.blocks = self.count_blocks() - len(self.content())

    def count_blocks(self) -> int:
        out = ffi.new("kh_shm_info *")
        lib.kh_shm_info_get(out)
        return int(out.blocks)

    def content(self) -> dict[bytes, bytes]:
        return {item.key: item.value for item in self.table.items()}

    def act(self) -> None:
        self.body(self.table)

    def again(self) -> None:
        for key in (self.key, b"other"):
            self.table.get(key)
        self.table.set(b"other", b"by another process")

    def judge(self, completed: bool) -> None:
        assert self.table.check() == 0
        content = self.content()
        found = content.pop(self.key, None)
        assert found in self.ends
        assert not completed or found == self.ends[-1]
        content.pop(b"other", None)
        assert content == self.others
        assert self.count_blocks() == self.blocks + len(self.content())


def number(value: int) -> bytes:
    return value.to_bytes(8, "little")


TABLES: dict[str, Callable[[], Scenario]] = {
    "table: insert": lambda: Table(lambda t: t.set(b"new", b"n" * 300), b"new", (None, b"n" * 300)),
    "table: replace": lambda: Table(lambda t: t.set(KEY, b"r" * 300), KEY, (RECORDS[KEY], b"r" * 300)),
    "table: remove": lambda: Table(lambda t: t.remove(KEY), KEY, (RECORDS[KEY], None)),
    "table: add": lambda: Table(lambda t: t.add(b"sum", 1), b"sum", (number(5), number(6))),
}
