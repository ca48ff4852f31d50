"""The parameters of usrloc, and their way into the kernel (src/uloc/uloc.h: kh_ul_settings)."""

import enum

from ...core.errors import ModuleError
from ...core.script import script
from ...core.sr_module import ParamExport
from ...src.native import lib

LEAST_LOG2 = 14  # 2^14 buckets cost 128 KB and keep chains short up to 100,000 AoRs
DB_URL = b"mysql://kamailio:kamailiorw@localhost/kamailio"  # Kamailio's


class DbMode(enum.IntEnum):
    """db_mode: where the contacts are."""

    MEMORY = 0
    WRITE_THROUGH = 1  # in the database too, before the answer is sent
    WRITE_BACK = 2  # in the database too, at the next run of the timer
    DB_ONLY = 3
    LOAD_ONLY = 4  # in memory, filled from the database at the start


#: column -> its usual name where that is another; each has a parameter COLUMN_column
COLUMNS = {
    "ruid": "ruid", "user": "username", "domain": "domain", "contact": "contact", "expires": "expires", "q": "q",
    "callid": "callid", "cseq": "cseq", "flags": "flags", "cflags": "cflags", "user_agent": "user_agent",
    "received": "received", "path": "path", "socket": "socket", "methods": "methods", "instance": "instance",
    "reg_id": "reg_id", "server_id": "server_id", "connection_id": "connection_id", "keepalive": "keepalive",
    "partition": "partition",
}  # fmt: skip


class Settings:
    """One instance; modparam writes to it, `apply` runs once before the fork."""

    def __init__(self) -> None:
        self.timer_interval = 60  # s between runs of the expiry timer
        self.timer_procs = 0
        self.use_domain = 0
        self.desc_time_order = 0
        self.matching_mode = 0
        self.cseq_delay = 20  # s
        self.hash_size = 10
        self.nat_bflag = -1
        self.handle_lost_tcp = 0
        self.close_expired_tcp = 0
        self.max_records = 0  # AoRs a table, 0: as many as fit into memory
        self.preload: list[bytes] = []
        # the database
        self.db_mode = int(DbMode.MEMORY)
        self.db_url = DB_URL
        self.db_load = 1
        self.fetch_rows = 2000
        self.version_table = 1  # whether the version of the table is looked at
        self.expires_type = 0  # 1: times are numbers, seconds since 1970
        self.db_insert_null = 0
        self.db_insert_update = 0
        self.db_update_as_insert = 0
        self.db_ops_ruid = 1
        self.db_timer_clean = 0
        self.db_clean_tcp = 0
        self.rm_expired_delay = 0  # s
        self.server_id_filter = 0
        self.skip_remote_socket = 0
        self.columns = dict(COLUMNS)
        self.unused: dict[str, int | bytes] = {}

    def add_preload(self, name: bytes) -> None:
        """`modparam("usrloc", "preload", "location")`: make this table though no function of the script names it."""
        if not name:
            raise ValueError("the name of a table is empty")
        self.preload.append(name)

    def set_column(self, column: str, name: bytes) -> None:
        """`modparam("usrloc", "user_column", "login")`"""
        if not name:
            raise ValueError("the name of a column is empty")
        self.columns[column] = name.decode("utf-8", "surrogateescape")

    @property
    def log2_buckets(self) -> int:
        """hash_size is taken as the least: the table has no reason to be slower than memory allows."""
        return max(self.hash_size, LEAST_LOG2)

    @property
    def writes_rows(self) -> bool:
        """Whether contacts are in memory and in the database, which has to be kept in line."""
        return self.db_mode in (DbMode.WRITE_THROUGH, DbMode.WRITE_BACK)

    @property
    def loads_rows(self) -> bool:
        """Whether a start reads the database."""
        return self.db_mode == DbMode.LOAD_ONLY or (self.writes_rows and bool(self.db_load))

    def apply(self) -> None:
        """Check and hand over; ModuleError for what makes no sense."""
        if self.db_mode not in list(DbMode):
            raise ModuleError(f"db_mode={self.db_mode} is not 0, 1, 2, 3 or 4")
        if not 0 <= self.matching_mode <= lib.KH_UL_BY_CALLID:
            raise ModuleError(f"matching_mode={self.matching_mode} is not 0, 1, 2 or 3")
        if not 0 < self.hash_size <= lib.KH_SHT_LOG2_MAX:
            raise ModuleError(f"hash_size={self.hash_size} is not 1 to {lib.KH_SHT_LOG2_MAX}")
        if self.timer_interval <= 0:
            raise ModuleError("timer_interval must be positive")
        if self.fetch_rows <= 0:
            raise ModuleError("fetch_rows must be positive")
        kernel = lib.kh_ul_settings_get()
        kernel.matching = self.matching_mode
        kernel.cseq_delay = max(self.cseq_delay, 0)
        kernel.newest_first = bool(self.desc_time_order)
        kernel.server_id = script.params.server_id
        kernel.expire_lost = bool(self.handle_lost_tcp)
        kernel.has_rows = self.writes_rows or self.db_mode == DbMode.DB_ONLY


settings = Settings()

_INTS = (
    "timer_interval", "timer_procs", "use_domain", "desc_time_order", "matching_mode", "cseq_delay", "hash_size",
    "nat_bflag", "handle_lost_tcp", "close_expired_tcp", "max_records", "db_mode", "db_load", "fetch_rows",
    "version_table", "expires_type", "db_insert_null", "db_insert_update", "db_update_as_insert", "db_ops_ruid",
    "db_timer_clean", "db_clean_tcp", "rm_expired_delay", "server_id_filter", "skip_remote_socket",
)  # fmt: skip

# Accepted so that configurations load: what they ask for is so, or cannot matter here (README.md).
_NEEDLESS = ("db_check_update", "db_raw_fetch_type", "load_rank")


def _unused(name: str) -> ParamExport:
    return ParamExport(name, int, setter=lambda value: settings.unused.__setitem__(name, value))


def _column(name: str) -> ParamExport:
    return ParamExport(f"{name}_column", bytes, setter=lambda value: settings.set_column(name, value))


params = (
    *(ParamExport(name, int, settings) for name in _INTS),
    ParamExport("preload", bytes, settings, setter=settings.add_preload),
    ParamExport("db_url", bytes, settings),
    *(_unused(name) for name in _NEEDLESS),
    *(_column(name) for name in COLUMNS),
)
