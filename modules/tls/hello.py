"""Reads the name that a client asks for (SNI, RFC 6066 3), before it is decided which profile the connection has.

OpenSSL itself does the reading: a server that gives up as soon as it knows the name. Handing a connection over to
another context later would leave versions, ciphers and what is asked of certificates as they were in the first.
"""

import ssl
import sys

LARGEST = 1 << 16  # bytes of a client's first message, more than OpenSSL accepts


class Hello:
    """The beginning of a client's side of a connection: `data`, and `name` when `add` has returned True."""

    __slots__ = ("_found", "_incoming", "_reader", "data")

    def __init__(self) -> None:
        self.data = b""
        self._found: list[str | None] = []
        self._incoming = ssl.MemoryBIO()
        self._reader = _context.wrap_bio(self._incoming, ssl.MemoryBIO(), server_side=True)
        self._reader.found = self._found  # type: ignore[attr-defined]  # for _take_name; not self: no circle

    @property
    def name(self) -> str | None:
        """What the client asks for; None: nothing."""
        return self._found[0] if self._found else None

    def add(self, data: bytes) -> bool:
        """More bytes from the client; True when the name is known, or it is certain that there is none."""
        self.data += data
        self._incoming.write(data)
        hook, sys.unraisablehook = sys.unraisablehook, _not_ascii
        try:
            self._reader.do_handshake()
        except ssl.SSLWantReadError:
            return len(self.data) > LARGEST
        except ssl.SSLError:
            pass  # it has given up as it should; or this is no TLS: the connection's own context will say what is wrong
        finally:
            sys.unraisablehook = hook
        return True


def _take_name(reader: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> int:
    """What OpenSSL calls when it has read the name, or that there is none."""
    reader.found.append(name)  # type: ignore[attr-defined]
    return int(ssl.ALERT_DESCRIPTION_USER_CANCELLED)


def _not_ascii(problem: object) -> None:
    """A name that is no ASCII never reaches _take_name: Python's ssl writes a traceback of it, which no peer may cause.
    Such a client has asked for nothing."""


_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
_context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
_context.sni_callback = _take_name
