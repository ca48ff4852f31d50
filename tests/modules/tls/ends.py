"""The two ends of a connection: the module's transport on one, Python's own ssl on the other."""

import socket
import ssl
from typing import Any

from kahea.cfg.source import Source
from kahea.core.net.transports import ConnectionFacts, TransportError
from kahea.modules.tls.profiles import Profiles
from kahea.modules.tls.transport import TlsTransport

TURNS = 200  # enough for any handshake over a socket pair


def source(text: str) -> Source:
    """A tls.cfg that is in no file."""
    return Source("tls.cfg", text)


class Ends:
    """`ours` is the transport under test, `peer` an SSLSocket over the other end."""

    def __init__(self, profiles: Profiles, facts: ConnectionFacts) -> None:
        left, right = socket.socketpair()
        left.setblocking(False)
        right.setblocking(False)
        ip, port = facts.local[0].decode(), facts.local[1]
        if facts.accepted:
            self.ours = TlsTransport(facts, left.detach(), lambda name: profiles.server(ip, port, name))
        else:
            there = facts.peer[0].decode(), facts.peer[1]
            self.ours = TlsTransport(facts, left.detach(), lambda name: profiles.client(*there, "", name))
        self.wire = right  # for what is no TLS
        self.peer: Any = None

    def wrap(self, context: ssl.SSLContext, name: str | None = None) -> None:
        """The other end speaks TLS."""
        server = self.ours.facts.accepted is False
        self.peer = context.wrap_socket(
            self.wire, server, False, suppress_ragged_eofs=False, server_hostname=None if server else name
        )

    def shake(self) -> None:
        """Both sides' handshakes; what either raises."""
        mine = theirs = False
        for _ in range(TURNS):
            if not theirs:
                try:
                    self.peer.do_handshake()
                    theirs = True
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    pass
            mine = mine or self.ours.handshake()
            if mine and theirs:
                return
        raise AssertionError("the handshake does not end")

    def failure(self) -> str:
        """Why our side gives the handshake up."""
        try:
            self.shake()
        except TransportError as error:
            return str(error)
        raise AssertionError("the handshake succeeded")

    def peer_says(self, data: bytes) -> None:
        """The peer writes; small enough for the socket."""
        assert self.peer.send(data) == len(data)

    def receive(self, size: int = 65536) -> bytes:
        """What our side reads until there is nothing now."""
        buffer, got = bytearray(size), b""
        while True:
            count = self.ours.read(memoryview(buffer))
            if not count:
                return got
            got += buffer[:count]

    def peer_hears(self) -> bytes:
        """What the peer reads until there is nothing now."""
        got = b""
        while True:
            try:
                data = self.peer.recv(65536)
            except ssl.SSLWantReadError:
                return got
            if not data:
                return got
            got += data

    def close(self) -> None:
        self.ours.close()
        (self.peer or self.wire).close()
