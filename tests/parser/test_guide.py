"""The devel guide's structures and functions (chapters 5 and 6), name by name, against what Python offers.

guide/structures.json: structure → field → what it is in the sample message; [path, value] where Python has another name
or the field leads on, {"not": reason} for what Python has no need of.
guide/functions.json: function → [module of the parser, a call, its result].
"""

import importlib
import json
import pathlib
from typing import Any

import pytest

from kahea.parser import functions, hdr, msg, sip_msg, uri
from kahea.parser.headers import table as headers
from kahea.parser.msg import SipMsg

FOLDER = pathlib.Path(__file__).parent / "guide"
STRUCTURES: dict[str, dict[str, Any]] = json.loads((FOLDER / "structures.json").read_text())
FUNCTIONS: dict[str, list[Any]] = json.loads((FOLDER / "functions.json").read_text())
REQUEST = (FOLDER / "request.sip").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
REPLY = b"SIP/2.0 486 Nobody home\r\n\r\n"
MODULES = (uri, msg, hdr, headers, sip_msg, functions)  # what expressions may use beside the module they name


def names() -> dict[str, Any]:
    request = SipMsg.from_bytes(REQUEST)
    assert request.bad == 0
    own = {"request": request, "reply": SipMsg.from_bytes(REPLY), "ruri": request.orig_uri}
    return {name: value for module in MODULES for name, value in vars(module).items()} | own


def walk(value: Any, path: str) -> Any:
    """An attribute, an item of a list or a key of a dictionary for each part."""
    special = {"eoh_is_end": lambda m: m.buf[m.eoh : m.eoh + 4] == b"\r\nv=",
               "buf_is_the_message": lambda m: m.buf == REQUEST,
               "len_is_the_message": lambda m: m.len == len(REQUEST)}  # fmt: skip
    if path in special:
        return special[path](value)
    for part in path.split("."):
        if part == "__len__":
            value = len(value)
        elif part.lstrip("-").isdigit():
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value[part.encode()]
        else:
            value = getattr(value, part)
    return value


def plain(value: Any) -> Any:
    """As JSON would have it."""
    return value.decode() if isinstance(value, bytes) else list(value) if isinstance(value, tuple) else value


FIELDS = [
    (structure, field, want)
    for structure, fields in STRUCTURES.items()
    for field, want in fields.items()
    if field != "of" and not isinstance(want, dict)
]


@pytest.mark.parametrize(("structure", "field", "want"), FIELDS, ids=lambda value: str(value)[:40])
def test_fields_of_structures(structure: str, field: str, want: Any) -> None:
    path, value = want if isinstance(want, list) else (field, want)
    found = eval(STRUCTURES[structure]["of"], names())
    assert plain(walk(found, path)) == value


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    module, call, value = FUNCTIONS[name]
    owner = importlib.import_module(f"kahea.parser.{module}")
    assert " " in name or getattr(owner, name), "in the module that the table names"
    assert plain(eval(call, names() | vars(owner))) == value


def test_every_field_that_is_not_there_says_why() -> None:
    reasons = [want for fields in STRUCTURES.values() for want in fields.values() if isinstance(want, dict)]
    assert all(set(want) == {"not"} and len(want["not"]) > 10 for want in reasons)


def test_every_header_shortcut_of_the_view_is_in_the_table() -> None:
    offered = {name for name in vars(sip_msg.SipMsgFields) if not name.startswith("_")} - {"msg"}
    assert {name.replace("from_", "from") for name in offered} - set(STRUCTURES["sip_msg"]) == set()


def test_a_walk_over_headers_of_two_types() -> None:
    request = SipMsg.from_bytes(REQUEST)
    wanted = hdr.flag(hdr.HdrType.VIA) | hdr.flag(hdr.HdrType.CALLID)
    seen = []
    while hdr.parse_headers(request, wanted, next=True):
        found = hdr.last_header(request)
        assert found is not None
        seen.append(found.name)
    assert seen == [b"Via", b"v", b"Call-ID"]
    assert hdr.last_header(request) is None
    assert hdr.parse_headers(request, wanted) == wanted
    assert hdr.parse_headers(request, wanted, next=True) == hdr.flag(hdr.HdrType.VIA), "from the beginning again"
