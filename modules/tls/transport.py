"""A TLS connection: core.net.transports.Transport over Python's ssl.

OpenSSL never sees the socket: bytes go through two MemoryBIOs, so it cannot wait, and a record that the socket took
half of is no concern of it. What it made for the wire and the socket did not take stays in `_unsent`: a record and what
a handshake needs at most, since nothing more is encrypted before that has left.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any, NoReturn

from ...core.net.transports import ConnectionFacts, TransportError
from . import unverified
from .context import reason
from .hello import Hello
from .profiles import Ready

RECORD = 16384  # bytes: the most that one record carries (RFC 8446 5.1)
READ_SIZE = RECORD + 512  # with its head and padding

Choose = Callable[[str | None], Ready]  # of the name that the client asks for


class TlsTransport:
    """One connection. `choose` is asked for the profile as soon as the name is known; `name` is the one that we, the
    client, ask for."""

    def __init__(self, facts: ConnectionFacts, fd: int, choose: Choose, name: str | None = None) -> None:
        self.facts = facts
        self.wants_write = False
        self.established = False
        self.ready: Ready | None = None
        self.server_name = name  # that the client asked for, or asks for
        self.verify_error = unverified.OK  # what is wrong with the certificate of a peer that was let in all the same
        self.cache: dict[str, Any] = {}  # what variables.py has parsed
        self.on_established: Callable[[TlsTransport], None] = lambda made: None
        self.goodbye = False  # send a close_notify before the connection is closed
        self._choose = choose
        self._hello = Hello() if facts.accepted else None
        self._socket = socket.socket(fileno=fd)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self._unsent = b""

    @property
    def tls(self) -> ssl.SSLObject:
        """OpenSSL's side of it, from the moment when the profile is known."""
        assert self._tls is not None
        return self._tls

    # what the receiver calls

    def handshake(self) -> bool:
        """True when it is done: read() and write() may be called from then on."""
        if self._tls is None:
            if self._hello is not None and not self._read_hello(self._hello):
                return False
            self._hello = None
            self._start()
        while True:
            try:
                self._shake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                data = self._receive()
                if not data:
                    return self._closed_early(data)
                self._incoming.write(data)
            except ssl.SSLError as error:
                self._lose(error)
        self._flush()
        self._check_depth()
        self.established = True
        with contextlib.suppress(OSError):  # a client's first request may wait until its last record is acknowledged
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        self.on_established(self)
        return True

    def read(self, into: memoryview) -> int | None:
        """Decrypted bytes. 0 also when the peer ends without a close_notify: SIP frames its messages by itself."""
        while True:
            try:
                return int(self.tls.read(len(into), into))
            except ssl.SSLWantReadError:
                data = self._receive()
                if not data:
                    self._flush()  # the answer to a key update
                    return None if data is None else 0
                self._incoming.write(data)
            except ssl.SSLZeroReturnError:
                return 0
            except ssl.SSLError as error:
                self._lose(error)

    def write(self, data: memoryview) -> int | None:
        """Encrypt and send a record's worth, when what was encrypted before has left. Of no bytes: only send that."""
        self._flush()
        if self._unsent:
            return None
        if not data:
            return 0
        try:
            taken = self.tls.write(data[:RECORD])
        except ssl.SSLWantReadError:
            return None  # a renegotiation: it is the peer's turn
        except ssl.SSLError as error:
            self._lose(error)
        self._flush()
        return taken

    def close(self) -> None:
        """With a close_notify when the parameter asks for it and the socket takes it; the peer's is not waited for."""
        if self.goodbye and self.established:
            with contextlib.suppress(OSError, TransportError):  # ssl.SSLError is an OSError
                with contextlib.suppress(ssl.SSLWantReadError):
                    self.tls.unwrap()
                self._flush()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    # inside

    def _read_hello(self, hello: Hello) -> bool:
        """Collect the client's first message; True when it is known which name it asks for."""
        while True:
            data = self._receive()
            if not data:
                return self._closed_early(data)
            if hello.add(data):
                self.server_name = hello.name
                self._incoming.write(hello.data)
                return True

    def _start(self) -> None:
        """The name is known: OpenSSL begins."""
        server = self.facts.accepted
        self.ready = self._choose(self.server_name)
        if not server:
            self.server_name = self.server_name or self.ready.profile.server_name or None
        try:
            self._tls = self.ready.context.wrap_bio(
                self._incoming, self._outgoing, server, None if server else self.server_name
            )
        except ValueError as error:  # a server_name that cannot be one
            raise TransportError(f"server_name {self.server_name}: {error}") from None

    @staticmethod
    def _closed_early(data: bytes | None) -> bool:
        if data is None:
            return False
        raise TransportError("the peer closed the connection before the handshake was done")

    def _shake(self) -> None:
        """OpenSSL goes on as far as it can; what it found wrong with a certificate that it lets pass is kept."""
        unverified.State.error = unverified.OK
        try:
            self.tls.do_handshake()
        finally:
            self.verify_error = self.verify_error or unverified.State.error

    def _receive(self) -> bytes | None:
        """Bytes of the wire; None: nothing now, b"": the peer has ended."""
        try:
            return self._socket.recv(READ_SIZE)
        except BlockingIOError:
            return None
        except OSError as error:
            raise TransportError(reason(error)) from None

    def _flush(self) -> None:
        """Give the socket what it takes."""
        while self._unsent or self._outgoing.pending:
            self._unsent = self._unsent or self._outgoing.read()
            try:
                sent = self._socket.send(self._unsent, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                break
            except OSError as error:
                raise TransportError(reason(error)) from None
            self._unsent = self._unsent[sent:]
        self.wants_write = bool(self._unsent)

    def _lose(self, error: ssl.SSLError) -> NoReturn:
        """OpenSSL gives the connection up: its alert leaves, if the socket takes it."""
        with contextlib.suppress(TransportError):
            self._flush()
        text = reason(error)
        if isinstance(error, ssl.SSLCertVerificationError):
            text += f": {error.verify_message}"
        raise TransportError(text + (f" (sni: {self.server_name})" if self.server_name else ""))

    def _check_depth(self) -> None:
        """verify_depth: so many between the peer's certificate and a trusted one; Python's ssl has no such limit."""
        assert self.ready is not None
        if self.ready.profile.judges_later or self.ready.context.verify_mode == ssl.CERT_NONE:
            return
        between = len(verified_chain(self.tls)) - 2
        if between > self.ready.profile.verify_depth:
            raise TransportError(f"certificate verify failed: {between} certificates between the peer's and the root")


def verified_chain(tls: ssl.SSLObject) -> list[Any]:
    """From the peer's certificate to a trusted one; empty when there was none to verify."""
    public = getattr(tls, "get_verified_chain", None)  # since Python 3.13
    return list((public or tls._sslobj.get_verified_chain)() or ())  # type: ignore[attr-defined]
