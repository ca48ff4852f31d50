"""Records as lines of the log, in Kamailio's form."""

from ...core import log
from .extra import legs
from .record import Record, formatted
from .settings import settings
from .stats import count


def write(record: Record) -> None:
    """`ACC: transaction answered: timestamp=...;method=INVITE;from_tag=...`"""
    if settings.log_level > log.state.level:
        return
    pairs = [("timestamp", b"%d" % int(record.at)), *times(record), *fixed(record)]
    pairs += [(extra.name, extra.get(record.msg)) for extra in settings.log_extra]
    if settings.legs:
        names = [extra.name for extra in settings.legs]
        for row in legs(settings.legs, record.msg):
            pairs += zip(names, row, strict=True)
    line = ";".join(f"{name}={printed(value)}" for name, value in pairs)
    log.write(settings.log_level, "acc", "", f"ACC: {printed(record.title)}: {line}", settings.log_facility)
    count("log_records")


def fixed(record: Record) -> list[tuple[str, bytes | None]]:
    """What each line has."""
    return [
        ("method", record.method),
        ("from_tag", record.from_tag),
        ("to_tag", record.to_tag),
        ("call_id", record.callid),
        ("code", record.code),
        ("reason", record.reason),
    ]


def times(record: Record) -> list[tuple[str, bytes | None]]:
    """What `time_mode` adds."""
    mode, attribute = settings.time_mode, settings.time_attr.decode("latin-1")
    if mode == 0:
        return []
    if mode == 1:
        return [(settings.time_exten.decode("latin-1"), b"%d" % int(record.at % 1 * 1_000_000))]
    if mode == 2:
        return [(attribute, b"%.3f" % record.at)]
    return [(attribute, formatted(record.at).encode())]


def printed(value: bytes | None) -> str:
    """On one line, whatever a peer has written."""
    return (value or b"").decode("utf-8", "backslashreplace").replace("\r", "").replace("\n", " ")
