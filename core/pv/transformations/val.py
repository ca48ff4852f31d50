"""`{val.*}`: what undefined becomes, and JSON strings."""

import json

from ..exports import TransformationExport, Value


def json_text(value: Value) -> Value:
    """Escaped for the inside of a JSON string."""
    return json.dumps(_text(value).decode("utf-8", "replace"))[1:-1].encode()


def json_quoted(value: Value) -> Value:
    """A JSON string with its quotes; an int as it is."""
    return b"%d" % value if isinstance(value, int) else json.dumps(_text(value).decode("utf-8", "replace")).encode()


def _text(value: Value) -> bytes:
    return b"" if value is None else value if isinstance(value, bytes) else b"%d" % value


VAL = (
    TransformationExport("val.n0", lambda value: 0 if value is None else value, wants="any"),
    TransformationExport("val.ne", lambda value: b"" if value is None else value, wants="any"),
    TransformationExport("val.json", json_text, wants="any"),
    TransformationExport("val.jsonqe", json_quoted, wants="any"),
)
