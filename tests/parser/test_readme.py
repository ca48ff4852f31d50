"""What parser/README.md shows works as shown, the C too."""

import ctypes
import pathlib
import re
import subprocess
import sysconfig
from typing import Any

import pytest

import kahea
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib
from kahea.src.native_build import include_flags, named

from .guard import GuardedBuffer
from .test_msg import INVITE

ROOT = pathlib.Path(kahea.__file__).parent
TEXT = (ROOT / "parser" / "README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.S)
(C,) = re.findall(r"```c\n(.*?)```", TEXT, re.S)
MESSAGE = INVITE.replace(b"X-Custom: one", b"X-Trunk: north;weight=5")


@pytest.mark.parametrize("code", PYTHON, ids=lambda code: code.split("\n")[-2][:30])
def test_python_examples_run(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {"msg": SipMsg.from_bytes(MESSAGE)})


class Trunk(ctypes.Structure):
    _fields_ = [("off", ctypes.c_uint16), ("len", ctypes.c_uint16), ("weight", ctypes.c_uint16)]


@pytest.fixture(scope="module")
def trunk_parse(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The C example, compiled with the files of the kernel that it uses."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "trunk.c").write_text(C)
    sources = [str(folder / "trunk.c"), *named("chars", "nameaddr", "lenient")]
    compiler = sysconfig.get_config_var("CC").split()[0]
    command = [compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", *include_flags()]
    subprocess.run([*command, "-o", folder / "trunk.so", *sources], check=True)
    return ctypes.CDLL(str(folder / "trunk.so")).kh_trunk_parse


@pytest.mark.parametrize(
    ("body", "name", "weight"),
    [(b"north", b"north", 1), (b"north ; x=y ; Weight = 12", b"north", 12), (b"a;weight=1000", None, 0),
     (b";weight=1", None, 0), (b"a b", None, 0), (b"a;weight=x", None, 0)],
)  # fmt: skip
def test_the_c_example_parses(trunk_parse: Any, body: bytes, name: bytes | None, weight: int) -> None:
    out = Trunk(7, 7, 7)
    code = trunk_parse(ctypes.byref(out), body, 0, len(body))
    if name is None:
        assert (code, out.weight) == (lib.KH_EMALFORMED, 7)
    else:
        assert (code, body[out.off : out.off + out.len], out.weight) == (lib.KH_OK, name, weight)


def test_the_c_example_stays_inside_its_input(trunk_parse: Any) -> None:
    guarded, body = GuardedBuffer(), b'north ;x="a;b" ; weight=12'
    for end in range(len(body) + 1):
        at = int(ffi.cast("uintptr_t", guarded.place(body[:end])))
        trunk_parse(ctypes.byref(Trunk()), ctypes.c_void_p(at), 0, end)
