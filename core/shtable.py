"""Tables that all processes share: bytes key -> (value, version), with expiry and compare-and-set
(src/shared/shtable.h).

    table = SharedTable("htable.bans", log2_buckets=8)            # main process, before the fork
    table.set(b"10.0.0.1", b"3", ttl=60)                           # any process
    value, version = table.get(b"10.0.0.1")
    table.set(b"10.0.0.1", b"4", ttl=60, version=version)          # raises Changed when somebody was faster

Keys and values are bytes; what is returned is a copy. Time is Unix time in whole seconds, so that a table which is kept
over a restart goes on expiring. No lock is held outside a call.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ..src.native import ffi, lib
from .clock import now
from .errors import KaheaError

ANY, ABSENT = lib.KH_SHT_ANY, lib.KH_SHT_ABSENT
VALUE_START = 4096  # bytes a first get makes room for
SCAN_START = 1 << 18  # bytes of records fetched at once by items() and reap()

_ITEM = struct.Struct("<qqII")  # kh_sht_item


class Changed(KaheaError):
    """Compare-and-set lost: the record has another version, is gone, or (ABSENT) exists."""


class TableFull(KaheaError):
    """The table's limit, a size limit or shared memory is exhausted; counted as `refused`."""


class Item(NamedTuple):
    """A record of a walk. `expires` is Unix time, 0 never."""

    key: bytes
    value: bytes
    version: int
    expires: int


_tables: dict[int, Any] = {}  # address -> kh_shtable, of all that were made


def delete_tables() -> None:
    """Main process, children gone: gives back every table, unless its memory is kept for the next start."""
    for table in _tables.values():
        lib.kh_sht_delete(table)
    _tables.clear()


class SharedTable:
    """One table; the object may be used by every process that was forked after it was made."""

    __slots__ = ("_buffer", "_item", "_size", "_sum", "c", "name")

    def __init__(
        self, name: str, log2_buckets: int = 10, max_records: int = 0, version: int = 1, kept: bool = True
    ) -> None:
        """Make the table, or take over the one of this name from before a restart (`kept`, same `version`).

        MemoryError when shared memory or names are used up.
        """
        self.name = name
        root = name.encode() if kept else ffi.NULL
        self.c = lib.kh_sht_new(root, version, log2_buckets, max_records)
        if self.c == ffi.NULL:
            raise MemoryError(f"no shared memory for the table {name} of 2^{log2_buckets} buckets")
        _tables[int(ffi.cast("uintptr_t", self.c))] = self.c
        self._item = ffi.new("kh_sht_item *")
        self._sum = ffi.new("int64_t *")
        self._room(VALUE_START)

    def _room(self, size: int) -> None:
        self._buffer = ffi.new("char[]", size)
        self._size = size

    @property
    def adopted(self) -> bool:
        """Whether the content of a former start was found."""
        return bool(lib.kh_sht_adopted(self.c))

    @property
    def cut(self) -> int:
        """How many chains of it ended in a record that was overwritten; what was behind is lost."""
        return int(lib.kh_sht_cut(self.c))

    def get(self, key: bytes) -> tuple[bytes, int] | None:
        """(value, version), or None when there is no such record or it has expired."""
        item = self._item
        while True:
            rc = lib.kh_sht_get(self.c, key, len(key), now(), item, self._buffer, self._size)
            if rc >= 0:
                return ffi.unpack(self._buffer, rc) if rc else b"", item.version
            if rc == lib.KH_ENOTFOUND:
                return None
            if rc != lib.KH_ETOOBIG or len(key) > lib.KH_SHT_KEY_MAX:
                raise self._error(rc)
            self._room(item.value_len)

    def expires(self, key: bytes) -> int | None:
        """Unix time when the record expires, 0 never; None when there is none."""
        return self._item.expires if self.get(key) is not None else None

    def set(self, key: bytes, value: bytes, ttl: int = 0, version: int = ANY) -> int:
        """Store for `ttl` seconds (0: for ever); returns the new version.

        `version`: only when the record has it (or, ABSENT, does not exist), else Changed. TableFull when refused.
        """
        t = now()
        rc = lib.kh_sht_put(self.c, key, len(key), value, len(value), t + ttl if ttl else 0, version, t)
        if rc < 0:
            raise self._error(rc)
        return rc

    def update(self, key: bytes, change: Callable[[bytes | None], bytes | None], ttl: int = 0) -> bytes | None:
        """Store `change(old value)` (None: remove) however many others do the same; returns what was stored."""
        while True:
            found = self.get(key)
            value = change(found[0] if found else None)
            try:
                if value is not None:
                    self.set(key, value, ttl, found[1] if found else ABSENT)
                elif found and not self.remove(key, found[1]):
                    continue
                return value
            except Changed:
                continue

    def add(self, key: bytes, delta: int, initial: int = 0, ttl: int = 0) -> int:
        """Add to an integer (kept as 8 bytes), atomically; a new one starts at `initial`. Returns the sum."""
        t = now()
        rc = lib.kh_sht_add(self.c, key, len(key), delta, initial, t + ttl if ttl else 0, t, self._sum)
        if rc < 0:
            raise self._error(rc)
        return self._sum[0]

    def remove(self, key: bytes, version: int = ANY) -> bool:
        """Remove the record (of that version); False when there is none, or another one."""
        rc = lib.kh_sht_remove(self.c, key, len(key), version, now())
        if rc in (lib.KH_ENOTFOUND, lib.KH_ECHANGED):
            return False
        if rc < 0:
            raise self._error(rc)
        return True

    def items(self) -> Iterator[Item]:
        """All living records, bucket by bucket: one that stays during the walk is seen exactly once."""
        return self._walk(0)

    def reap(self) -> Iterator[Item]:
        """Take the expired records out of the table and yield them: for a timer."""
        return self._walk(1)

    def _walk(self, reap: int) -> Iterator[Item]:
        cursor, need, size = ffi.new("uint64_t *"), ffi.new("uint64_t *"), SCAN_START
        buffer = ffi.new("char[]", size)
        buckets = lib.kh_sht_buckets(self.c)
        while cursor[0] < buckets:
            n = lib.kh_sht_scan(self.c, cursor, now(), reap, buffer, size, need)
            if n == lib.KH_ETOOBIG:
                size = need[0]
                buffer = ffi.new("char[]", size)
                continue
            if n < 0:
                raise self._error(n)
            yield from split_items(ffi.unpack(buffer, n) if n else b"")

    def clear(self) -> int:
        """Remove everything; how many records it were."""
        return lib.kh_sht_clear(self.c)

    def __len__(self) -> int:
        """Records, the expired ones that no timer has taken out yet included."""
        lib.kh_sht_count(self.c, self._sum_u64())
        return self._sum[0]

    def _sum_u64(self) -> Any:
        return ffi.cast("uint64_t *", self._sum)

    def __contains__(self, key: bytes) -> bool:
        return self.get(key) is not None

    def stats(self) -> dict[str, int]:
        """records, bytes, buckets, longest chain, refused, repaired, contended: see kh_sht_stats."""
        stats = ffi.new("kh_sht_stats *")
        lib.kh_sht_stats_get(self.c, stats)
        names = ("records", "bytes", "buckets", "longest", "refused", "repaired", "contended")
        return {name: getattr(stats, name) for name in names}

    def check(self) -> int:
        """Faults found by a walk over all records; 0 is a sound table."""
        return lib.kh_sht_check(self.c)

    def delete(self) -> None:
        """Free the table (main process; nobody may use it any more)."""
        lib.kh_sht_delete(self.c)

    def _error(self, rc: int) -> Exception:
        if rc in (lib.KH_ECHANGED, lib.KH_EEXIST):
            return Changed(self.name)
        if rc in (lib.KH_ENOMEM, lib.KH_ETOOBIG):
            return TableFull(self.name)
        if rc == lib.KH_EINVAL:
            return TypeError(f"{self.name}: the record is no counter")
        return RuntimeError(f"{self.name}: code {rc}")


def split_items(data: bytes) -> Iterator[Item]:
    """The records in what kh_sht_scan wrote."""
    offset = 0
    while offset < len(data):
        version, expires, value_len, key_len = _ITEM.unpack_from(data, offset)
        offset += _ITEM.size
        key_end = offset + key_len
        yield Item(data[offset:key_end], data[key_end : key_end + value_len], version, expires)
        offset = (key_end + value_len + 7) & ~7
