"""The SIP user agent of sip.py over TLS: a client's connection, and a listener that accepts connections."""

import socket
import ssl
from typing import Any

from .sip import Address
from .sip_tcp import SipStream

SERVER = ("127.0.0.1", 5061)


def client_context(files: Any = None, ca: Any = None) -> ssl.SSLContext:
    """A client that shows a certificate (certificates.Files) or none; believes anybody, or those that `ca` signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca)
    if files is not None:
        context.load_cert_chain(files.certificate, files.key)
    return context


def server_context(files: Any, ca: Any = None) -> ssl.SSLContext:
    """A server with a certificate; with `ca` it asks the client for one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    if ca is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(ca)
    return context


class SipTls(SipStream):
    """A connection to the server, its handshake done; `name` is what it asks for (SNI)."""

    transport = "TLS"

    def __init__(
        self,
        to: Address = SERVER,
        context: ssl.SSLContext | None = None,
        name: str | None = None,
        accepted: ssl.SSLSocket | None = None,
    ) -> None:
        if accepted is None:
            wire = socket.create_connection(to, 5)
            try:
                accepted = (context or client_context()).wrap_socket(wire, server_hostname=name)
            except OSError:
                wire.close()
                raise
        super().__init__(to, accepted=accepted)

    @property
    def tls(self) -> ssl.SSLSocket:
        assert isinstance(self.socket, ssl.SSLSocket)
        return self.socket

    @property
    def certificate(self) -> bytes:
        """What the other side has shown, PEM; b"" when nothing."""
        der = self.tls.getpeercert(binary_form=True)
        return ssl.DER_cert_to_PEM_cert(der).encode() if der else b""


class SipTlsListener:
    """A port where the server connects to; `asked` are the names that were asked for."""

    def __init__(self, context: ssl.SSLContext, port: int = 0, ip: str = "127.0.0.1") -> None:
        self.socket = socket.create_server((ip, port))
        self.ip, self.port = self.socket.getsockname()[:2]
        self.asked: list[str | None] = []
        self.context = context
        context.sni_callback = lambda tls, name, context: self.asked.append(name)

    def accept(self, timeout: float = 5.0) -> SipTls:
        """The next connection, its handshake done."""
        self.socket.settimeout(timeout)
        wire, peer = self.socket.accept()
        wire.settimeout(timeout)
        try:
            return SipTls(peer[:2], accepted=self.context.wrap_socket(wire, server_side=True))
        except OSError:
            wire.close()
            raise

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> "SipTlsListener":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
