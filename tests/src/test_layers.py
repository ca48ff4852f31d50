"""The folders of the kernel: each file includes only what its own folder has, or one before it."""

import re

from kahea.src.native_build import FOLDERS, HERE, c_files

INCLUDE = re.compile(r'^#include "(\w+\.h)"', re.M)
ALLOWED = {("edit", "net")}  # a line that is added names the socket it leaves by


def test_includes_go_one_way() -> None:
    files = c_files("*.[ch]")
    folder = {path.name: str(path.parent.relative_to(HERE)).lstrip(".") for path in files}
    wrong = [
        f"{path.name} includes {name}"
        for path in files
        for name in INCLUDE.findall(path.read_text())
        if FOLDERS.index(folder[name]) > FOLDERS.index(folder[path.name])
        and (folder[path.name], folder[name]) not in ALLOWED
    ]
    assert len(folder) == len(files) > 80 and not wrong, wrong
