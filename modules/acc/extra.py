"""Further values of a record: `log_name=$variable;log_name=$variable`, and the same by legs of a call."""

from dataclasses import dataclass
from typing import Any

from ...core.pv import PvSpec
from ...core.pv.spec import spec_at


@dataclass(frozen=True, slots=True)
class Extra:
    """One value: its name (of a column) and its variable."""

    name: str
    spec: PvSpec

    def get(self, msg: Any) -> bytes | None:
        """As text; None when it is undefined."""
        return as_text(self.spec.get(msg))

    def values(self, msg: Any) -> list[bytes | None]:
        """All values, for legs: the newest first."""
        found = self.spec.values(msg) if self.spec.values is not None else [self.spec.get(msg)]
        return [as_text(value) for value in found if value is not None]


def as_text(value: bytes | int | None) -> bytes | None:
    """A number in digits."""
    return b"%d" % value if isinstance(value, int) else value


def parse_extra(parameter: str, text: bytes) -> list[Extra]:
    """The values of a parameter; ValueError. `acc_extra_size` is looked at when the module starts."""
    found, at = [], 0
    while text[at:].strip(b" ;"):
        equals = text.find(b"=", at)
        name = text[at:equals].strip(b" ;\t").decode("latin-1")
        if equals < 0 or not name:
            raise ValueError(f'{parameter}: "{text[at:].decode("latin-1")}" is not of the form name=$variable')
        start = equals + 1 + (len(text) - equals - 1 - len(text[equals + 1 :].lstrip()))
        try:
            spec, at = spec_at(text, start)
        except LookupError as error:
            raise ValueError(f"{parameter}: {error.args[0]}") from None
        found.append(Extra(name, spec))
        if text[at:].strip() and not text[at:].lstrip().startswith(b";"):
            raise ValueError(f'{parameter}: a ";" is missing before "{text[at:].decode("latin-1")}"')
    return found


def legs(extras: list[Extra], msg: Any) -> list[list[bytes | None]]:
    """A row for each leg, at least one: the values of all variables at the same place of their lists."""
    columns = [extra.values(msg) for extra in extras]
    rows = max(1, *(len(column) for column in columns))
    return [[column[row] if row < len(column) else None for column in columns] for row in range(rows)]
