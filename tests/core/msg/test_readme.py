"""What core/msg/README.md shows and names."""

import importlib
import pathlib
import re

import kahea.core.msg
from kahea.core.msg import lump_list, lumps
from kahea.core.msg.translate import build_all
from kahea.parser.hdr import HdrType
from kahea.parser.msg import SipMsg
from kahea.src.native import lib

TEXT = (pathlib.Path(kahea.core.msg.__file__ or "").parent / "README.md").read_text()
MESSAGE = (
    b"INVITE sip:bob@b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nMax-Forwards: 70\r\nSubject: x\r\n"
    b"Content-Length: 5\r\n\r\nhello"
)


def test_its_example_works() -> None:
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.S):
        exec(compile(code, "README.md", "exec"), {})


def test_its_picture_is_true() -> None:
    msg = SipMsg.from_bytes(MESSAGE)
    hdr = msg.c.hdr
    assert (hdr[0].off, hdr[1].off, hdr[1].body_off, hdr[2].off, hdr[3].off) == (26, 46, 60, 64, 76)
    assert (msg.c.eoh, msg.c.body.off) == (95, 97)
    lumps.replace_lump(msg, 97, 5, b"good bye")
    lumps.remove_hf(msg, HdrType.SUBJECT)
    lumps.replace_lump(msg, 60, 2, b"69")
    lumps.append_hf(msg, b"X: 1\r\n")
    lumps.set_edit_text(msg, lib.KH_EDP_NEW_URI, b"sip:bob@10.0.0.2")
    assert [(lump.offset, lump.len) for lump in lump_list.add_rm(msg)] == [(60, 2), (64, 12), (95, 0)]
    assert [(lump.offset, lump.len) for lump in lump_list.body_lumps(msg)] == [(97, 5)]
    assert build_all(msg) == (
        b"INVITE sip:bob@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nMax-Forwards: 69\r\nContent-Length: 8\r\nX: 1\r\n"
        b"\r\ngood bye"
    )


def test_its_names_are_there() -> None:
    for module, name in re.findall(r"`(lumps|lump_list)\.(?!py)(\w+)", TEXT):
        assert hasattr(importlib.import_module(f"kahea.core.msg.{module}"), name), name
    for name in re.findall(r"`(\w+\.py)`", TEXT.partition("## Where is what")[2]):
        assert (pathlib.Path(kahea.core.msg.__file__ or "").parent / name).exists(), name
