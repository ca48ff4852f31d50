"""Location table: the record of the AoR in question is the old or the new one, whole; all others are untouched; and
when the phone repeats its REGISTER it gets what it asked for."""

from collections.abc import Callable
from typing import Any

from kahea.modules.usrloc.contact import NEW, SYNC, Contact, unpack_contacts
from kahea.modules.usrloc.domain import Domain
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib

from .steps import Scenario

START = 1_800_000_000  # Unix time of all of it
AOR = b"alice"
PHONES = 12  # other AoRs, in few buckets
REGISTER = (
    b"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
    b"From: <sip:alice@example.com>;tag=a\r\nTo: <sip:alice@example.com>\r\nCall-ID: c1\r\n"
    b"CSeq: %d REGISTER\r\nContact: %s\r\n%sContent-Length: 0\r\n\r\n"
)
Found = dict[bytes, int]  # contact URI -> expires


class Location(Scenario):
    """Alice has a desk phone and a mobile that soon expires; the child registers, removes or expires."""

    other_stride = 3
    old: Found = {b"sip:desk@192.0.2.1": START + 3600, b"sip:mobile@192.0.2.2": START + 10}

    def __init__(self, body: Callable[["Location"], Any], new: Found, rows: bool = False) -> None:
        self.body, self.new, self.rows = body, new, rows

    def prepare(self) -> None:
        lib.kh_ul_stop_clock(START)
        lib.kh_ul_settings_get().has_rows = self.rows
        self.domain = Domain(b"location")
        self.domain.c = lib.kh_sht_new(b"usrloc.location", lib.KH_UL_VERSION, 3, 0)
        for number in range(PHONES):
            self.put(b"other%d" % number, b"sip:%d@192.0.2.9" % number, START + 3600)
        for uri, expires in self.old.items():
            self.put(AOR, uri, expires)
        self.others = {aor: found for aor, found in self.content().items() if aor != AOR}
        self.blocks = self.count_blocks() - len(self.content())

    def put(self, aor: bytes, uri: bytes, expires: int) -> None:
        contact = Contact(uri, expires=expires, callid=b"c0", ruid=b"r" + uri, state=SYNC if self.rows else NEW)
        assert self.domain.put(aor, contact)

    def register(self, contact: bytes, lines: bytes = b"", cseq: int = 2) -> int:
        """A worker saves a REGISTER: bits of what was done, or minus the error."""
        msg = SipMsg.from_bytes(REGISTER % (cseq, contact, lines))
        request = ffi.new("kh_reg *")
        return int(lib.kh_ul_register(self.domain.c, request, msg.c, msg.edits, 0, 0))

    def content(self) -> dict[bytes, Found]:
        """Every AoR with its contacts."""
        room, cursor, need = ffi.new("char[]", 1 << 16), ffi.new("uint64_t *"), ffi.new("uint64_t *")
        size = lib.kh_sht_scan(self.domain.c, cursor, 0, 0, room, 1 << 16, need)
        assert size >= 0 and cursor[0] == lib.kh_sht_buckets(self.domain.c)
        return {aor: found_in(value) for aor, value in items(ffi.unpack(room, size) if size else b"")}

    def count_blocks(self) -> int:
        out = ffi.new("kh_shm_info *")
        lib.kh_shm_info_get(out)
        return int(out.blocks)

    def act(self) -> None:
        self.body(self)

    def again(self) -> None:
        """Another worker registers another phone, and looks all of them up."""
        self.put(b"late", b"sip:late@192.0.2.3", START + 60)
        lib.kh_ul_contacts(self.domain.c)

    def judge(self, completed: bool) -> None:
        assert lib.kh_sht_check(self.domain.c) == 0
        self.check([self.new] if completed else [self.old, self.new])
        self.body(self)
        self.check([self.new])
        assert self.count_blocks() == self.blocks + len(self.content())

    def check(self, may_be: list[Found]) -> None:
        content = self.content()
        assert content.pop(AOR, {}) in may_be
        content.pop(b"late", None)
        assert content == self.others


def items(data: bytes) -> list[tuple[bytes, bytes]]:
    """What kh_sht_scan copied: (key, value)."""
    found, at = [], 0
    while at < len(data):
        item = ffi.from_buffer("kh_sht_item *", data[at : at + ffi.sizeof("kh_sht_item")])
        key = at + ffi.sizeof("kh_sht_item")
        value = key + item.key_len
        found.append((data[key:value], data[value : value + item.value_len]))
        at = (value + item.value_len + 7) & ~7
    return found


def found_in(value: bytes) -> Found:
    return {contact.contact: contact.expires for contact in unpack_contacts(value)}


def expire(location: Location) -> None:
    """The timer, when the mobile's time is over."""
    lib.kh_ul_stop_clock(START + 20)
    cursor, used = ffi.new("uint64_t *"), ffi.new("uint64_t *")
    lib.kh_ul_expire(location.domain.c, cursor, lib.kh_sht_buckets(location.domain.c), ffi.NULL, 0, used)


def again(contact: bytes, lines: bytes = b"") -> Callable[[Location], Any]:
    """A REGISTER of the phone; repeated it has a higher CSeq, as phones do."""
    numbers = iter(range(2, 100))
    return lambda location: location.register(contact, lines, next(numbers))


DESK, MOBILE, SOFT = b"sip:desk@192.0.2.1", b"sip:mobile@192.0.2.2", b"sip:soft@192.0.2.3"
OLD = Location.old
LOCATIONS: dict[str, Callable[[], Scenario]] = {
    "location: another contact": lambda: Location(again(b"<%s>;expires=60" % SOFT), {**OLD, SOFT: START + 60}),
    "location: refreshed": lambda: Location(again(b"<%s>;expires=60" % MOBILE), {**OLD, MOBILE: START + 60}),
    "location: one contact leaves": lambda: Location(again(b"<%s>;expires=0" % MOBILE), {DESK: START + 3600}),
    "location: all leave": lambda: Location(again(b"*", b"Expires: 0\r\n"), {}),
    "location: expired": lambda: Location(expire, {DESK: START + 3600}),
    "location: all leave, but for their rows": lambda: Location(again(b"*", b"Expires: 0\r\n"), {}, rows=True),
    "location: expired, but for its row": lambda: Location(expire, {DESK: START + 3600}, rows=True),
    "location: removed by command": lambda: Location(lambda scenario: scenario.domain.remove(AOR), {}),
}
