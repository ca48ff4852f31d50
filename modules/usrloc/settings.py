"""The parameters of usrloc, and their way into the kernel (src/uloc/uloc.h: kh_ul_settings)."""

from ...core.errors import ModuleError
from ...core.script import script
from ...core.sr_module import ParamExport
from ...src.native import lib

MEMORY_ONLY = 0  # db_mode
LEAST_LOG2 = 14  # 2^14 buckets cost 128 KB and keep chains short up to 100,000 AoRs


class Settings:
    """One instance; modparam writes to it, `apply` runs once before the fork."""

    def __init__(self) -> None:
        self.db_mode = MEMORY_ONLY
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
        self.unused: dict[str, int | bytes] = {}

    def add_preload(self, name: bytes) -> None:
        """`modparam("usrloc", "preload", "location")`: make this table though no function of the script names it."""
        if not name:
            raise ValueError("the name of a table is empty")
        self.preload.append(name)

    @property
    def log2_buckets(self) -> int:
        """hash_size is taken as the least: the table has no reason to be slower than memory allows."""
        return max(self.hash_size, LEAST_LOG2)

    def apply(self) -> None:
        """Check and hand over; ModuleError for what this server cannot do."""
        if self.db_mode != MEMORY_ONLY:
            raise ModuleError(f"db_mode={self.db_mode}: locations are kept in shared memory only, set db_mode to 0")
        if not 0 <= self.matching_mode <= lib.KH_UL_BY_CALLID:
            raise ModuleError(f"matching_mode={self.matching_mode} is not 0, 1, 2 or 3")
        if not 0 < self.hash_size <= lib.KH_SHT_LOG2_MAX:
            raise ModuleError(f"hash_size={self.hash_size} is not 1 to {lib.KH_SHT_LOG2_MAX}")
        if self.timer_interval <= 0:
            raise ModuleError("timer_interval must be positive")
        kernel = lib.kh_ul_settings_get()
        kernel.matching = self.matching_mode
        kernel.cseq_delay = max(self.cseq_delay, 0)
        kernel.newest_first = bool(self.desc_time_order)
        kernel.server_id = script.params.server_id


settings = Settings()

_INTS = (
    "db_mode", "timer_interval", "timer_procs", "use_domain", "desc_time_order", "matching_mode", "cseq_delay",
    "hash_size", "nat_bflag", "handle_lost_tcp", "close_expired_tcp", "max_records",
)  # fmt: skip

# Accepted so that configurations load, and without meaning while locations are in memory only.
_DB_INTS = (
    "db_load", "fetch_rows", "db_insert_update", "db_update_as_insert", "db_check_update", "db_insert_null",
    "db_ops_ruid", "db_raw_fetch_type", "expires_type", "rm_expired_delay", "db_timer_clean", "db_clean_tcp",
    "version_table", "server_id_filter", "load_rank", "skip_remote_socket",
)  # fmt: skip
_DB_TEXTS = ("db_url", *(
    name + "_column" for name in (
        "ruid", "user", "domain", "contact", "expires", "q", "callid", "cseq", "flags", "cflags", "user_agent",
        "received", "path", "socket", "methods", "instance", "reg_id", "server_id", "connection_id", "keepalive",
        "partition",
    )
))  # fmt: skip


def _unused(name: str, kind: type) -> ParamExport:
    return ParamExport(name, kind, setter=lambda value: settings.unused.__setitem__(name, value))


params = (
    *(ParamExport(name, int, settings) for name in _INTS),
    ParamExport("preload", bytes, settings, setter=settings.add_preload),
    *(_unused(name, int) for name in _DB_INTS),
    *(_unused(name, bytes) for name in _DB_TEXTS),
)
