"""Date (RFC 3261 20.17): rfc1123-date in GMT, English names, nothing else."""

import re
from datetime import UTC, datetime

from ..errors import BadHeader

_DAYS = (b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun")
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_DATE = re.compile(rb"(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")


def parse_date(body: bytes) -> datetime:
    """An aware datetime; raises BadHeader."""
    found = _DATE.fullmatch(body.strip())
    if found is None or found[1] not in _DAYS or found[3] not in _MONTHS:
        raise BadHeader(f"bad Date {body[:40]!r}")
    day, year, hour, minute, second = (int(found[n]) for n in (2, 4, 5, 6, 7))
    try:
        return datetime(year, _MONTHS.index(found[3]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise BadHeader(f"bad Date {body[:40]!r}") from error


def format_date(when: datetime) -> bytes:
    """The header body for an aware datetime."""
    t = when.astimezone(UTC)
    clock = b"%02d:%02d:%02d GMT" % (t.hour, t.minute, t.second)
    return b"%s, %02d %s %04d %s" % (_DAYS[t.weekday()], t.day, _MONTHS[t.month - 1], t.year, clock)
