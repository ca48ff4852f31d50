"""`{param.*}`: lists `a=1;b="x;y";c`. Of several equal names the last one counts; names in any case."""

from ..exports import Number, Text, TransformationExport, Value

_BLANKS = b" \t\r\n"
Item = tuple[bytes, bytes]


def parse_list(value: bytes, separator: bytes = b";") -> list[Item]:
    """(name, value without quotes) of each item; ValueError for a syntax error. A leading separator counts."""
    if not value or len(separator) != 1:
        raise ValueError("no parameter list")
    items: list[Item] = []
    at = 0
    while at < len(value):
        item, at = _item(value, at, separator)
        if item[0] or at < len(value):
            items.append(item)
    return items


def _item(value: bytes, at: int, separator: bytes) -> tuple[Item, int]:
    stop = frozenset(separator + b"," + _BLANKS)
    end = at
    while end < len(value) and value[end : end + 1] not in (separator, b"=", b","):
        end += 1
    name = value[at:end].strip(_BLANKS)
    if value[end : end + 1] != b"=":
        return (name, b""), _separated(value, end, separator)
    at = end + 1
    while value[at : at + 1] in (b" ", b"\t") and at < len(value):
        at += 1
    quote = value[at : at + 1]
    if quote in (b'"', b"'") and quote:
        return _quoted(name, value, at + 1, quote, separator)
    end = at
    while end < len(value) and value[end] not in stop:
        end += 1
    return (name, value[at:end]), _separated(value, end, separator)


def _quoted(name: bytes, value: bytes, at: int, quote: bytes, separator: bytes) -> tuple[Item, int]:
    end = at
    while value[end : end + 1] != quote:
        end += 2 if value[end : end + 1] == b"\\" else 1
        if end >= len(value):
            raise ValueError("unclosed quote")
    return (name, value[at:end]), _separated(value, end + 1, separator)


def _separated(value: bytes, at: int, separator: bytes) -> int:
    """Behind the separator that must follow a value; a comma ends the list."""
    while value[at : at + 1] in (b" ", b"\t", b"\r", b"\n") and at < len(value):
        at += 1
    if at >= len(value) or value[at : at + 1] == b"," != separator:
        return len(value)
    if value[at : at + 1] != separator:
        raise ValueError("text behind a value")
    return at + 1


def value_of(value: bytes, name: bytes, separator: bytes = b";") -> Value:
    """The value of a name, empty when there is none."""
    name = name.strip().lower()
    found = b""
    for key, item in parse_list(value, separator):
        if key.lower() == name:
            found = item
    return found


def has(value: bytes, name: bytes, separator: bytes = b";") -> Value:
    """1 when the name is there, else 0."""
    name = name.strip().lower()
    return int(any(key.lower() == name for key, _ in parse_list(value, separator)))


def value_at(value: bytes, index: int, separator: bytes = b";") -> Value:
    """The value of an item, counted from the end below 0; empty outside."""
    return _at(parse_list(value, separator), index)[1]


def name_at(value: bytes, index: int, separator: bytes = b";") -> Value:
    """The name of an item as written."""
    return _at(parse_list(value, separator), index)[0]


def _at(items: list[Item], index: int) -> Item:
    return items[index] if -len(items) <= index < len(items) else (b"", b"")


def count(value: bytes, separator: bytes = b";") -> Value:
    """How many items."""
    return len(parse_list(value, separator))


PARAM = (
    TransformationExport("param.value", value_of, (Text, Text), 1),
    TransformationExport("param.in", has, (Text, Text), 1),
    TransformationExport("param.valueat", value_at, (Number, Text), 1),
    TransformationExport("param.name", name_at, (Number, Text), 1),
    TransformationExport("param.count", count, (Text,), 1),
)
