"""The module's parameters."""

import os
from dataclasses import dataclass, field

from ...core.log import facility_number
from .extra import Extra, parse_extra

NORMAL, DELAYED, ASYNC = range(3)  # db_insert_mode


@dataclass
class Settings:
    """Values of `modparam("acc", ...)`. Flags are numbers, -1 is none."""

    early_media: int = 0
    report_ack: int = 0
    report_cancels: int = 0
    detect_direction: int = 0
    failed_transaction_flag: int = -1
    failed_filter: frozenset[int] = frozenset()
    acc_prepare_flag: int = -1
    acc_prepare_always: int = 0
    reason_from_hf: int = 0
    acc_extra_nullable: int = 0
    clone_msg: int = 1  # what is accounted is always a copy
    acc_extra_size: int = 64
    legs: list[Extra] = field(default_factory=list)
    time_mode: int = 0
    time_attr: bytes = b"time_attr"
    time_exten: bytes = b"time_exten"
    time_format: bytes = b"%Y-%m-%d %H:%M:%S"

    log_flag: int = -1
    log_missed_flag: int = -1
    log_level: int = 1
    log_facility: int | None = None  # None: that of the server
    log_extra: list[Extra] = field(default_factory=list)

    db_flag: int = -1
    db_missed_flag: int = -1
    db_url: bytes = b""
    db_extra: list[Extra] = field(default_factory=list)
    db_table_acc: bytes = b"acc"
    db_table_missed_calls: bytes = b"missed_calls"
    db_insert_mode: int = NORMAL
    acc_method_column: bytes = b"method"
    acc_from_tag_column: bytes = b"from_tag"
    acc_to_tag_column: bytes = b"to_tag"
    acc_callid_column: bytes = b"callid"
    acc_sip_code_column: bytes = b"sip_code"
    acc_sip_reason_column: bytes = b"sip_reason"
    acc_time_column: bytes = b"time"

    # call data records need module dialog
    cdr_enable: int = 0
    cdr_skip: bytes = b""
    cdr_log_enable: int = 1
    cdr_start_on_confirmed: int = 0
    cdr_facility: bytes = b"LOG_DAEMON"
    cdr_extra: bytes = b""
    cdr_extra_nullable: int = 0
    cdr_start_id: bytes = b"start_time"
    cdr_end_id: bytes = b"end_time"
    cdr_duration_id: bytes = b"duration"
    cdr_expired_dlg_enable: int = 0
    cdrs_table: bytes = b""
    cdr_on_failed: int = 1
    cdr_extra_size: int = 64

    def set_filter(self, value: bytes) -> None:
        """`404,487`: failures that are not accounted."""
        codes = [int(part) for part in value.split(b",") if part.strip().isdigit()]
        if len(codes) != len(value.split(b",")) or not all(300 <= code <= 999 for code in codes):
            raise ValueError(f'failed_filter "{os.fsdecode(value)}" is no list of codes from 300 to 999')
        self.failed_filter = frozenset(codes)

    def set_facility(self, value: bytes) -> None:
        """LOG_LOCAL0 and its like."""
        self.log_facility = facility_number(value.decode("latin-1"))

    def set_log_extra(self, value: bytes) -> None:
        self.log_extra = parse_extra("log_extra", value)

    def set_db_extra(self, value: bytes) -> None:
        self.db_extra = parse_extra("db_extra", value)

    def set_legs(self, value: bytes) -> None:
        self.legs = parse_extra("multi_leg_info", value)


def mask(*flags: int) -> int:
    """Bits of message flags; -1 has none."""
    return sum(1 << flag for flag in set(flags) if flag >= 0)


settings = Settings()
FLAGS = (
    "failed_transaction_flag", "acc_prepare_flag", "log_flag", "log_missed_flag", "db_flag", "db_missed_flag",
)  # fmt: skip
SETTERS = {
    "failed_filter": settings.set_filter,
    "log_facility": settings.set_facility,
    "log_extra": settings.set_log_extra,
    "db_extra": settings.set_db_extra,
    "multi_leg_info": settings.set_legs,
}
LIMITS = {"time_mode": (0, 4), "log_level": (-5, 3), "db_insert_mode": (0, 2), **dict.fromkeys(FLAGS, (-1, 31))}
PLAIN = {
    name: type(getattr(settings, name))
    for name in Settings.__dataclass_fields__
    if isinstance(getattr(settings, name), (int, bytes))
}
