"""Comparisons that begin with a core keyword: `method == INVITE`, `src_ip == 10.0.0.0/8`, `uri == myself`."""

from ..tables import (
    BINARY,
    OPERAND_ALIASES,
    OPERAND_OPS,
    OPERANDS,
    OPERATOR_CALLS,
    PROTOCOLS,
)  # fmt: skip
from . import scanner
from .nodes import (
    Call,
    Compare,
    Expr,
    Host,
    Int,
    Net,
    Operand,
)  # fmt: skip
from .reader import Reader
from .scanner import ADDRESS, SCRIPT, Token


class ComparisonParser(Reader):
    """Reads comparisons; what is general in them comes from ExpressionParser."""

    def expression(self, power: int = 0) -> Expr:
        """An expression."""
        raise AssertionError("ExpressionParser reads expressions")

    def call(self, token: Token) -> Call:
        """A call after its name."""
        raise AssertionError("ExpressionParser reads calls")

    def host(self, token: Token) -> Host:
        """A bare word or dotted name after its first word."""
        raise AssertionError("ExpressionParser reads words")

    # -- core-keyword comparisons ----------------------------------------------------------------------------------

    def comparison(self, token: Token) -> Expr:
        """A comparison after its keyword."""
        name = OPERAND_ALIASES.get(token.text, token.text)
        left = Operand(name, pos=token.pos)
        kind = OPERANDS[token.text]
        op = self.token
        if op.text not in OPERAND_OPS[kind]:
            self.fail(
                f"{token.text} stands only on the left of a comparison", "operators: " + " ".join(OPERAND_OPS[kind])
            )
        self.take()
        right = self._compare_right(kind, name)
        return Compare(
            left, {"eq": "==", "ne": "!=", "ieq": "==", "ine": "!="}.get(op.text, op.text), right, pos=token.pos
        )

    def _compare_right(self, kind: str, name: str) -> Expr:
        token = self.token
        if kind == "ip":
            return self._address()
        if kind == "myself":
            if token.kind is scanner.ID and OPERANDS.get(token.text) in ("uri", "ip"):
                return Operand(self.take().text, pos=token.pos)
            self.fail("myself is compared with uri, from_uri, to_uri, src_ip or dst_ip")
        if token.is_id("myself") and kind == "uri":
            return Operand("myself", pos=self.take().pos)
        if kind == "proto":
            if token.kind is scanner.ID and token.text in PROTOCOLS:
                return Int(PROTOCOLS[token.text], self.take().text, pos=token.pos)
            if token.is_op("*"):
                return Host("*", pos=self.take().pos)
        if kind in ("text", "uri") and token.kind is scanner.ID and token.text not in OPERATOR_CALLS:
            word = self.take()
            if not self.token.is_op("("):
                return self.host(word)
            return self.call(word)
        return self.expression(BINARY["=="][1])

    def _address(self) -> Expr:
        """Right of `src_ip ==`: IP, IP/len, IP/mask, [IPv6], myself, a host name, or an expression."""
        token = self.token
        if token.is_id("myself"):
            return Operand("myself", pos=self.take().pos)
        if token.is_op("[") or token.kind in (scanner.IP4, scanner.IP6):
            bracket = self.accept("[")
            address = self.take()
            if address.kind not in (scanner.IP4, scanner.IP6):
                self.fail(f"an IP address is expected, not {address.describe()}", token=address)
            if bracket:
                self.expect("]", "after the IPv6 address")
            mask = None
            if self.accept("/"):
                end = self.take()
                if end.kind not in (scanner.NUM, scanner.IP4, scanner.IP6):
                    self.fail(f"a mask is expected after '/', not {end.describe()}", token=end)
                mask = end.text
            return Net(address.text, mask, pos=token.pos)
        if token.kind is scanner.ID and token.text not in OPERATOR_CALLS:
            self.switch(ADDRESS)
            word = self.take()
            self.mode = SCRIPT
            if not self.token.is_op("("):
                return Host(word.text, pos=word.pos)
            return self.call(word)
        return self.expression(BINARY["=="][1])
