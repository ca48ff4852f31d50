"""A contact as Python sees it, and its bytes in the location table (src/uloc/ucontact.h: kh_ucontact)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ...src.native import ffi, lib

NOT_SAID = 0xFFFFFFFF  # methods of a contact that did not name any
Q_UNSPECIFIED = -1
NO_SOCKET = lib.KH_UC_NO_SOCK

#: states, as ul.dump names them
NEW, SYNC, DIRTY, GONE = lib.KH_UC_NEW, lib.KH_UC_SYNC, lib.KH_UC_DIRTY, lib.KH_UC_GONE
STATES = {NEW: "CS_NEW", SYNC: "CS_SYNC", DIRTY: "CS_DIRTY"}

_HEAD = struct.Struct("<qIIIIIIIIIhHH7H")
STATE_AT = 12  # bytes before the state within a contact
SIZE_AT = 16
assert _HEAD.size == ffi.sizeof("kh_ucontact")


@dataclass(slots=True)
class Contact:
    """A binding of an AoR. Texts are bytes (b"" for none), times Unix time in seconds."""

    contact: bytes  # URI, without < >
    expires: int = 0  # 0: permanent
    q: int = Q_UNSPECIFIED  # thousandths
    callid: bytes = b""
    cseq: int = 0
    received: bytes = b""
    path: bytes = b""
    user_agent: bytes = b""
    instance: bytes = b""
    reg_id: int = 0
    ruid: bytes = b""
    flags: int = 0
    cflags: int = 0
    methods: int = NOT_SAID
    socket: int = NO_SOCKET  # index of the socket table
    server_id: int = 0
    conn: int = 0
    modified: int = 0
    state: int = NEW

    def living(self, now: int) -> bool:
        """Whether it may be used at this Unix time."""
        return self.expires == 0 or self.expires > now

    def texts(self) -> tuple[bytes, ...]:
        """The parts in the order of enum kh_uc_part."""
        return (self.contact, self.received, self.path, self.callid, self.user_agent, self.instance, self.ruid)


def pack_contact(c: Contact) -> tuple[bytes, bytes]:
    """The head and the texts, as kh_ul_put takes them; ValueError when a text is longer than 65535 bytes."""
    texts = c.texts()
    lengths = [len(text) for text in texts]
    if max(lengths) > 0xFFFF:
        raise ValueError("a text of a contact is longer than 65535 bytes")
    head = _HEAD.pack(
        c.expires, c.modified, c.state, 0, c.cseq, c.flags, c.cflags, c.methods, c.server_id, c.conn, c.q, c.reg_id,
        c.socket, *lengths,
    )  # fmt: skip
    return head, b"".join(texts)


def unpack_contacts(record: bytes, gone: bool = False) -> Iterator[Contact]:
    """The contacts of a record, best first; with `gone` also those that only wait for their row to be removed."""
    offset = 0
    while offset < len(record):
        (expires, modified, state, size, cseq, flags, cflags, methods, server_id, conn, q, reg_id, socket, *lengths) = (
            _HEAD.unpack_from(record, offset)
        )
        if state == GONE and not gone:
            offset += size
            continue
        texts, at = [], offset + _HEAD.size
        for length in lengths:
            texts.append(record[at : at + length])
            at += length
        contact, received, path, callid, user_agent, instance, ruid = texts
        yield Contact(
            contact, expires, q, callid, cseq, received, path, user_agent, instance, reg_id, ruid, flags, cflags,
            methods, socket, server_id, conn, modified, state,
        )  # fmt: skip
        offset += size
