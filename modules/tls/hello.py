"""Reads the name that a client asks for (SNI, RFC 6066 3), before it is decided which profile the connection has.

OpenSSL itself does the reading: a server that gives up as soon as it knows the name. Handing a connection over to
another context later would leave versions, ciphers and what is asked of certificates as they were in the first.
"""

import ssl
from typing import Any

LARGEST = 1 << 16  # bytes of a client's first message, more than OpenSSL accepts


class Hello:
    """The beginning of a client's side of a connection."""

    __slots__ = ("data", "name")

    def __init__(self) -> None:
        self.data = b""
        self.name: str | None = None

    def add(self, data: bytes) -> bool:
        """More bytes from the client; True when the name is known, or it is certain that there is none."""
        self.data += data
        incoming = ssl.MemoryBIO()
        incoming.write(self.data)
        reader: Any = _reader.wrap_bio(incoming, ssl.MemoryBIO(), server_side=True)
        reader.hello = self
        try:
            reader.do_handshake()
        except ssl.SSLWantReadError:
            return len(self.data) > LARGEST
        except ssl.SSLError:
            pass  # it has given up as it should; or this is no TLS: the connection's own context will say what is wrong
        return True


def _take_name(reader: Any, name: str | None, context: ssl.SSLContext) -> int:
    """What OpenSSL calls when it has read the name, or that there is none."""
    reader.hello.name = name
    return int(ssl.ALERT_DESCRIPTION_USER_CANCELLED)


_reader = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
_reader.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
_reader.sni_callback = _take_name
