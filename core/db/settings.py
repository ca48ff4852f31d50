"""The core parameters that concern databases."""

from typing import Any

from ..log import ERR


class DbSettings:
    """Of this server; written once, by main, when the configuration is read."""

    version_table = "version"
    latency_limit_us = 0  # longer statements are reported; 0: none
    latency_level = ERR
    sql_buffer_size = 65535  # bytes of an SQL text; a longer one is refused


def apply(params: Any) -> None:
    """Take over what the file says."""
    DbSettings.version_table = params.version_table.decode("utf-8", "surrogateescape")
    DbSettings.latency_limit_us = params.latency_limit_db
    DbSettings.latency_level = params.latency_log
    DbSettings.sql_buffer_size = params.sql_buffer_size
