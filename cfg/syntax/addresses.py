"""`listen`, `alias` and other addresses: `[proto:]host[:port]`, read in the scanner's address mode."""

from typing import TYPE_CHECKING

from ..core_params import CORE_PARAMS
from ..tables import PROTOCOLS, RESERVED, ROUTE_KINDS
from . import scanner
from .nodes import Address, Alias, Listen
from .scanner import ADDRESS, SCRIPT, Token
from .statements import StatementParser

if TYPE_CHECKING:
    from .nodes import Top

_HOST_KINDS = (scanner.ID, scanner.WORD, scanner.IP4, scanner.IP6, scanner.STR, scanner.NUM)
_STOP = (RESERVED | frozenset(CORE_PARAMS) | frozenset(ROUTE_KINDS) | {"listen", "alias"}) - {"name", "NAME"}


class AddressParser(StatementParser):
    """The right side of `listen=` and `alias=`: one or more addresses, greedily, as in Kamailio."""

    def add(self, item: "Top") -> None:
        """Append a top-level statement (defined by Parser)."""
        raise AssertionError("Parser collects statements")

    def listen(self, token: Token) -> None:
        """`listen = address... [advertise address] [name "x"] [virtual]`."""
        self._begin("listen")
        while True:
            node = Listen(self._socket(), pos=token.pos)
            if self.accept_word("advertise", "ADVERTISE"):
                node.advertise = self._socket()
            if self.accept_word("name", "NAME"):
                node.name = self.string("the name of the socket").value
            if self.accept_word("virtual"):
                node.virtual = True
            self.add(node)
            if node.advertise or node.name is not None or not self._another(token):
                break
        self._finish()

    def alias(self, token: Token) -> None:
        """`alias = address...`."""
        self._begin("alias")
        while True:
            self.add(Alias(self._socket(), pos=token.pos))
            if not self._another(token):
                break
        self._finish()

    def host_text(self) -> bytes:
        """One host name or address, for `advertised_address` and the like."""
        self.switch(ADDRESS)
        token = self.take()
        self.mode = SCRIPT
        if token.kind is scanner.STR:
            return bytes(token.value)
        if token.kind not in _HOST_KINDS:
            self.fail(f"an address is expected, not {token.describe()}", token=token)
        return token.text.encode("latin-1")

    def _begin(self, what: str) -> None:
        self.expect("=", f"after {what}")
        self.switch(ADDRESS)

    def _finish(self) -> None:
        self.switch(SCRIPT)
        self.accept(";")

    def _another(self, first: Token) -> bool:
        """Does one more address follow? A new line that begins an assignment or a keyword ends the list."""
        token = self.token
        if token.kind not in _HOST_KINDS and not token.is_op("[", "(", "*"):
            return False
        if token.kind is scanner.ID and token.text in _STOP and token.text not in PROTOCOLS:
            return False
        between = token.frame.source.text[max(0, token.start - 200) : token.start]
        blank = between[len(between.rstrip()) :]
        if token.frame is not first.frame or "\n" in blank or between.rstrip()[-1:] == ";":
            rest = token.frame.source.text[token.start :][:200].split("\n", 1)[0]
            return "=" not in rest and not rest.startswith("#")
        return True

    def _socket(self) -> Address:
        proto = ""
        token = self.token
        if token.is_op("*"):
            self.take()
            self.expect(":", "after '*'")
        elif token.kind is scanner.ID and (token.text in PROTOCOLS or token.text == "any"):
            self.take()
            if self.accept(":"):
                proto = "" if token.text == "any" else token.text.lower()
            else:
                return self._with_port(proto, (token.text,))
        if proto in ("ws", "wss"):
            self.fail("a socket's transport is udp, tcp, tls or sctp", token=token)
        if self.accept("("):
            hosts = [self._socket_host()]
            while self.accept(","):
                hosts.append(self._socket_host())
            self.expect(")", "after the list of addresses")
            return self._with_port(proto, tuple(hosts))
        return self._with_port(proto, (self._socket_host(),))

    def _socket_host(self) -> str:
        token = self.take()
        if token.is_op("["):
            inner = self.take()
            self.expect("]", "after the IPv6 address")
            return inner.text
        if token.kind is scanner.STR:
            return str(token.value, "latin-1")
        if token.kind not in _HOST_KINDS:
            self.fail(f"an address or host name is expected, not {token.describe()}", token=token)
        return token.text

    def _with_port(self, proto: str, hosts: tuple[str, ...]) -> Address:
        if not self.accept(":"):
            return Address(hosts, proto)
        token = self.take()
        if token.is_op("*") or token.is_id("any"):
            return Address(hosts, proto)
        if token.kind is not scanner.NUM or not 0 <= token.value <= 65535:
            self.fail(f"a port number is expected, not {token.describe()}", token=token)
        return Address(hosts, proto, token.value)
