"""Headers: `$hdr(Name)`, `$hdrc`, `$hfl $hflc`, and those with a name of their own (`$ci $cs $ct $ua ...`)."""

from typing import Any

from ....parser.headers.contact import parse_contact
from ....src.native import lib
from ..exports import Accessors, PvExport, Value
from ..names import parse_dynamic, read_name
from ..spec import PvSpec, indexed

ANY_HEADER = b"*"
MAX_SPLIT = 256  # values that $hfl splits one kind of header into


def header_values(msg: Any, name: bytes) -> list[bytes]:
    """Bodies of all headers of a name, in order; `*`: of all headers."""
    if name == ANY_HEADER:
        return [body for _, body in msg.all_headers()]
    return msg.headers(name)


def _bind_hdr(name: bytes | PvSpec, index: Any) -> Accessors:
    def values(msg: Any) -> list[Any]:
        return header_values(msg, read_name(name, msg))

    if isinstance(name, bytes) and name != ANY_HEADER and (index is None or isinstance(index, int)):
        at = index or 0
        return Accessors(lambda msg: msg.header(name, at), values=values)
    return Accessors(indexed(values, index, b","), values=values)


def _count(msg: Any, name: bytes | PvSpec) -> Value:
    return len(header_values(msg, read_name(name, msg)))


def split_values(msg: Any, name: bytes | PvSpec) -> list[Any]:
    """Bodies of all headers of a name, comma lists split (a comma in quotes or <> does not)."""
    found: list[bytes] = []
    for body in header_values(msg, read_name(name, msg)):
        found += split_list(body)
    return found[:MAX_SPLIT]


def split_list(body: bytes) -> list[bytes]:
    """The values of a comma list."""
    values, start, quoted, angle, i = [], 0, False, False, 0
    while i < len(body):
        c = body[i]
        if quoted:
            if c == 0x5C:
                i += 1
            elif c == 0x22:
                quoted = False
        elif c == 0x22:
            quoted = True
        elif c == 0x3C:
            angle = True
        elif c == 0x3E:
            angle = False
        elif c == 0x2C and not angle:
            values.append(body[start:i].strip())
            start = i + 1
        i += 1
    values.append(body[start:].strip())
    return [value for value in values if value]


def _cseq_number(msg: Any) -> Value:
    return b"%d" % msg.cseq_num if msg.cseq_method else None


def contact_expires(msg: Any) -> list[int]:
    """Seconds of each contact: its expires parameter, else the Expires header."""
    found: list[int] = []
    for body in msg.headers(lib.KH_HDR_CONTACT):
        try:
            contacts = parse_contact(body).contacts
        except ValueError:
            continue
        found += [c.expires for c in contacts if c.expires is not None]
    if msg.expires is not None:
        found.append(msg.expires)
    return found


HEADERS = (
    PvExport("hdr", parse_name=parse_dynamic, bind=_bind_hdr),
    PvExport("hdrc", parse_name=parse_dynamic, get=_count, kind="int"),
    PvExport("hfl", parse_name=parse_dynamic, values=split_values),
    PvExport("hflc", parse_name=parse_dynamic, get=lambda msg, name: len(split_values(msg, name)), kind="int"),
    PvExport("ci", lambda msg: msg.callid),
    PvExport("cs", _cseq_number),
    PvExport("csb", lambda msg: msg.header(lib.KH_HDR_CSEQ)),
    PvExport("cl", lambda msg: msg.content_length),
    PvExport("ct", lambda msg: msg.header(lib.KH_HDR_CONTACT)),
    PvExport("cT", lambda msg: msg.content_type),
    PvExport("ua", lambda msg: msg.user_agent),
    PvExport("expires", choices={
        "min": lambda msg: min(contact_expires(msg), default=None),
        "max": lambda msg: max(contact_expires(msg), default=None),
    }),
)  # fmt: skip
