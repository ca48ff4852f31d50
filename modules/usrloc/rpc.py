"""The commands ul.*: results in the shapes that Kamailio's tools print (kamctl ul show, kamcmd)."""

from typing import Any

from ...core.db import DbError
from ...core.rpc.registry import RpcError
from ...src.native import ffi, lib
from .contact import NO_SOCKET, STATES, Contact
from .database import database
from .domain import Domain, domains, known_domain
from .settings import settings
from .socket_names import socket_index, socket_text

NOT_SET = "[not set]"
PERMANENT = 0


def dump(mode: str = "") -> dict[str, Any]:
    """ul.dump [brief]"""
    return {"Domains": [{"Domain": dump_domain(domain, mode == "brief")} for domain in domains()]}


def dump_domain(domain: Domain, brief: bool) -> dict[str, Any]:
    """One table: AoRs (brief), or AoRs with contacts."""
    now = lib.kh_ul_now()
    aors: list[dict[str, Any]] = []
    for aor, contacts in domain.records():
        if brief:
            aors.append({"AoR": text(aor)})
        else:
            hash_id = lib.kh_sht_hash(domain.c, aor, len(aor))
            aors.append({"Info": {"AoR": text(aor), "HashID": hash_id, "Contacts": contact_list(contacts, now)}})
    stats = domain.table.stats()
    return {
        "Domain": domain.name.decode(),
        "Size": stats["buckets"],
        "AoRs": aors,
        "Stats": {"Records": stats["records"], "Max-Slots": stats["longest"]},
    }


def lookup(table: str, aor: str) -> dict[str, Any]:
    """ul.lookup TABLE AOR"""
    key = aor_key(aor)
    contacts = find(table).get(key)
    now = lib.kh_ul_now()
    if not any(contact.living(now) for contact in contacts):
        raise RpcError(500, "AOR not found in location table")
    return {"AoR": text(key), "Contacts": contact_list(contacts, now)}


def add(
    table: str, aor: str, contact: str, expires: int, q: float, path: str, flags: int, cflags: int, methods: int,
    received: str = "", socket: str = "",
) -> None:  # fmt: skip
    """ul.add TABLE AOR CONTACT EXPIRES Q PATH FLAGS CFLAGS METHODS [RECEIVED [SOCKET]]; `.` or 0 stands for none."""
    domain, now = find(table), lib.kh_ul_now()
    try:
        seconds, thousandths = int(expires), round(float(q) * 1000)
        binding = Contact(
            contact=contact.encode(), expires=now + seconds if seconds else PERMANENT,
            q=min(thousandths, 1000) if thousandths >= 0 else -1,
            path=optional(path), received=optional(received), socket=socket_number(socket), flags=int(flags),
            cflags=int(cflags), methods=int(methods) & 0xFFFFFFFF, callid=b"dfjrewr12386fd6-343@Kahea.rpc", cseq=1,
            user_agent=b"SIP Router MI Server", modified=now, server_id=lib.kh_ul_settings_get().server_id,
        )  # fmt: skip
    except ValueError as error:
        raise RpcError(400, f"Invalid parameter: {error}") from error
    if not domain.put(aor_key(aor), binding):
        raise RpcError(500, "Failed to insert contact")


def rm(table: str, aor: str) -> None:
    """ul.rm TABLE AOR; ok as well when there is nothing to remove"""
    find(table).remove(aor_key(aor))


def rm_contact(table: str, aor: str, contact: str) -> None:
    """ul.rm_contact TABLE AOR CONTACT"""
    domain, key = find(table), aor_key(aor)
    if not domain.get(key):
        raise RpcError(404, "AOR not found")
    if not domain.remove_contact(key, contact.encode()):
        raise RpcError(404, "Contact not found")


def flush() -> None:
    """ul.flush: what only memory knows is written now; nothing to do where that is never so"""
    for domain in domains():
        domain.flush()


def db_users(table: str) -> int:
    """ul.db_users TABLE"""
    return counted(table, "user", *(["domain"] if settings.use_domain else []))


def db_contacts(table: str) -> int:
    """ul.db_contacts TABLE"""
    return counted(table)


def db_expired_contacts(table: str) -> int:
    """ul.db_expired_contacts TABLE"""
    return counted(table, expired=True)


def counted(table: str, *columns: str, expired: bool = False) -> int:
    """A number that the database counts."""
    if not settings.db_mode:
        raise RpcError(500, f"Command is not supported in db_mode={settings.db_mode}")
    try:
        return database.count(find(table).name, *columns, expired=expired)
    except DbError as error:
        raise RpcError(500, f"Failed to query the database: {error}") from error


def find(table: str) -> Domain:
    """The table of that name, or the error Kamailio gives."""
    domain = known_domain(str(table).encode())
    if domain is None:
        raise RpcError(500, "Domain table not found")
    return domain


def aor_key(aor: str) -> bytes:
    """The key of an AoR given as `user`, `user@domain` or a URI, as the registrar would make it."""
    given = str(aor).encode()
    if not given.startswith((b"sip:", b"sips:", b"tel:")):
        given = b"sip:" + given if b"@" in given else b"sip:" + given + b"@localhost"
        if settings.use_domain and b"@" not in str(aor).encode():
            raise RpcError(500, "AOR without domain, but use_domain is set")
    out = ffi.new("char[]", lib.KH_SHT_KEY_MAX)
    n = lib.kh_reg_aor(given, len(given), out)
    if n < 0:
        raise RpcError(400, "Invalid AOR")
    return ffi.unpack(out, n) if n else b""


def contact_list(contacts: list[Contact], now: int) -> list[dict[str, Any]]:
    """The contacts as ul.dump and ul.lookup show them."""
    return [{"Contact": describe(contact, now)} for contact in contacts]


def describe(c: Contact, now: int) -> dict[str, Any]:
    """One contact, with Kamailio's names."""
    left = "permanent" if c.expires == PERMANENT else c.expires - now if c.expires > now else "expired"
    return {
        "Address": text(c.contact),
        "Expires": left,
        "Q": c.q / 1000 if c.q >= 0 else -1,
        "Call-ID": text(c.callid),
        "CSeq": c.cseq,
        "User-Agent": text(c.user_agent or b"n/a"),
        "Received": text(c.received) or NOT_SET,
        "Path": text(c.path) or NOT_SET,
        "State": STATES[c.state],
        "Flags": c.flags,
        "CFlags": c.cflags,
        "Socket": text(socket_text(c.socket)) or NOT_SET,
        "Methods": c.methods,
        "Ruid": text(c.ruid),
        "Instance": text(c.instance) or NOT_SET,
        "Reg-Id": c.reg_id,
        "Server-Id": c.server_id,
        "Tcpconn-Id": c.conn or -1,
        "Keepalive": 0,
        "Last-Keepalive": c.modified,
        "KA-Roundtrip": 0,
        "Last-Modified": c.modified,
    }


def optional(value: object) -> bytes:
    """An argument that may be left out by `.` or 0."""
    given = str(value)
    return b"" if given in ("", ".", "0") else given.encode()


def socket_number(value: str) -> int:
    """The index of `udp:1.2.3.4:5060`; ValueError when there is no such socket."""
    given = optional(value)
    index = socket_index(given) if given else NO_SOCKET
    if index is None:
        raise ValueError(f"no socket {value}")
    return index


def text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
