"""Messages as they occur in the field: phones, IMS, WebRTC, trunks, presence (field/*.txt), and odd syntax (odd.json).

In the text files a line `=== name: what it is` begins a message; lines end in CRLF on the wire, and `Content-Length: *`
stands for the length of the body. In odd.json `{n}` does.
"""

import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).parent / "field"


def _sized(text: bytes, mark: bytes) -> bytes:
    """`mark` becomes the length of what follows the empty line behind the first headers."""
    body = re.split(rb"(?<=[^\r\n])(?:\r?\n){2}", text, maxsplit=1)[1]
    return re.sub(rb"(?mi)^((?:Content-Length|l): 0*)" + re.escape(mark), rb"\g<1>%d" % len(body), text)


def _of_text(path: pathlib.Path) -> dict[str, bytes]:
    found = {}
    for part in path.read_bytes().split(b"=== ")[1:]:
        title, _, text = part.partition(b"\n")
        head, _, body = text.partition(b"\n\n")
        wire = head + b"\n\n" + body.removesuffix(b"\n")
        found[f"{path.stem}/{title.partition(b':')[0].decode()}"] = _sized(wire.replace(b"\n", b"\r\n"), b"*")
    return found


def _odd() -> dict[str, bytes]:
    table = json.loads((FOLDER / "odd.json").read_text())
    found = {}
    for title, edits in table["edits"].items():
        text = "".join(table["base"])
        for old, new in zip(edits[::2], edits[1::2], strict=True):
            assert old in text, title
            text = text.replace(old, new, -1 if old == "\r\n" else 1)
        found[f"odd/{title}"] = _sized(text.encode(), b"{n}")
    return found


FIELD: dict[str, bytes] = {k: v for path in sorted(FOLDER.glob("*.txt")) for k, v in _of_text(path).items()} | _odd()
