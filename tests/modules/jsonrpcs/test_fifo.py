"""The FIFO: documents are cut out of the stream, replies reach only FIFOs that are allowed."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.core.errors import ModuleError
from kahea.core.rpc import registry
from kahea.core.rpc.endpoints import Access
from kahea.modules.jsonrpcs.fifo import Fifo, cut


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Fifo]:
    registry.register_rpc("unit.size", lambda n: "x" * n, "")
    made = Fifo(str(tmp_path / "rpc.fifo"), Access(0o660), str(tmp_path), False)
    yield made
    os.close(made.fd)
    registry.unregister_rpc("unit.size")


def write(fifo: Fifo, *documents: dict[str, object]) -> None:
    fd = os.open(fifo.path, os.O_WRONLY)
    os.write(fd, b"\n".join(json.dumps(document).encode() for document in documents))
    os.close(fd)
    fifo.ready()


def test_stream_is_cut_into_documents() -> None:
    assert cut(b' {"a": "}"} [1]') == (b'{"a": "}"}', b"[1]")


@pytest.mark.parametrize("part", [b"{", b'{"a"', b'{"a": ', b'{"a": "x', b'{"a": [1, 2'])
def test_unfinished_document_is_kept(part: bytes) -> None:
    assert cut(part) == (None, part)


@pytest.mark.parametrize("garbage", [b"hello", b"   ", b'{"a" b "c": 1} '])
def test_garbage_is_dropped(garbage: bytes) -> None:
    assert cut(garbage) == (None, b"")


@pytest.mark.parametrize("size", [3, 300_000])
def test_reply_of_any_size_arrives(fifo: Fifo, tmp_path: Path, size: int) -> None:
    os.mkfifo(tmp_path / "back")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "back").read_bytes()))
    reader.start()
    write(fifo, {"method": "unit.size", "params": [size], "id": 1, "reply_name": "back"})
    reader.join(5)
    assert len(json.loads(got[0])["result"]) == size


@pytest.mark.parametrize("name", ["", "../back", "a/b", "a\\b", "missing"])
def test_reply_names_outside_the_folder_are_refused(fifo: Fifo, tmp_path: Path, name: str) -> None:
    write(fifo, {"method": "unit.size", "params": [1], "reply_name": name})


def test_reply_never_goes_to_a_file_or_through_a_link(fifo: Fifo, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("file", "link"):
        write(fifo, {"method": "unit.size", "params": [1], "reply_name": name})
    assert (tmp_path / "file").read_bytes() == b""


def test_something_else_in_the_place_of_the_fifo_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "rpc.fifo").write_text("precious")
    with pytest.raises(ModuleError, match="File exists"):
        Fifo(str(tmp_path / "rpc.fifo"), Access(0o660), str(tmp_path), False)
    assert (tmp_path / "rpc.fifo").read_text() == "precious"
