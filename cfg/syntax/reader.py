"""One token of lookahead over the preprocessor, read lazily: what follows a `loadmodule` may depend on it."""

from typing import NoReturn

from ..errors import ConfigError
from . import scanner
from .preprocessor import Preprocessor
from .scanner import SCRIPT, Token

MAX_NESTING = 150  # blocks and parentheses inside one another


class Reader:
    """Tokens for a recursive-descent parser. `mode` is how the next token is scanned."""

    def __init__(self, source: Preprocessor) -> None:
        self.source = source
        self.mode = SCRIPT
        self._ahead: Token | None = None
        self._depth = 0

    @property
    def token(self) -> Token:
        """The next token, not yet taken."""
        if self._ahead is None:
            self._ahead = self.source.next(self.mode)
        return self._ahead

    def take(self) -> Token:
        """Take the next token; nothing behind it is read."""
        token = self.token
        self._ahead = None
        return token

    def switch(self, mode: str) -> None:
        """Scan on in another mode; a token that was looked at is read again."""
        if mode != self.mode:
            self.mode = mode
            if self._ahead is not None:
                self._ahead = self.source.rescan(self._ahead, mode)

    def accept(self, *ops: str) -> Token | None:
        """Take the next token if it is one of these operators."""
        return self.take() if self.token.is_op(*ops) else None

    def accept_word(self, *words: str) -> Token | None:
        """Take the next token if it is one of these words."""
        return self.take() if self.token.is_id(*words) else None

    def expect(self, op: str, where: str) -> Token:
        """Take an operator or complain: "`;` is expected after ..."."""
        if not self.token.is_op(op):
            self.fail(f"{op!r} is expected {where}, not {self.token.describe()}")
        return self.take()

    def string(self, what: str) -> Token:
        """Take a string token."""
        if self.token.kind is not scanner.STR:
            self.fail(f"{what} is expected in quotes, not {self.token.describe()}")
        return self.take()

    def fail(self, message: str, hint: str = "", token: Token | None = None) -> NoReturn:
        """Stop with the message at the next token."""
        raise ConfigError(message, (token or self.token).pos, hint)

    def deeper(self) -> None:
        """Count one level of nesting; `shallower` undoes it."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            self.fail(f"nested more than {MAX_NESTING} deep")

    def shallower(self) -> None:
        """Undo `deeper`."""
        self._depth -= 1
