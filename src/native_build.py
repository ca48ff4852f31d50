"""Builds `kahea.src._native` from the C files of this folder and those in it.

Each header is the contract of its C file. The part between `/* cdef */` and `/* end cdef */` is handed to cffi
unchanged, so there is one truth and the compiler checks it. `HEADERS` is in order of dependency; a C file needs no
entry, all of them are compiled.
"""

import hashlib
import os
import pathlib
import re

from cffi import FFI

HERE = pathlib.Path(__file__).resolve().parent
#: each uses what stands before it; edit and net know one another, since a line that is added names the socket it
#: leaves by
FOLDERS = ("", "shared", "parse", "edit", "conn", "net", "uloc", "tm")
HEADERS = [
    "kh.h",
    "fault.h",
    "shared/shm.h",
    "shared/proc.h",
    "shared/lock.h",
    "shared/arena.h",
    "shared/counter.h",
    "shared/wheel.h",
    "shared/shtable.h",
    "shared/tasks.h",
    "signals.h",
    "addr.h",
    "parse/lenient.h",
    "parse/hdr.h",
    "parse/nameaddr.h",
    "parse/via.h",
    "parse/uri.h",
    "parse/msg.h",
    "parse/msg_parts.h",
    "parse/sanity.h",
    "edit/lump.h",
    "edit/seen.h",
    "net/ifaddr.h",
    "net/sock.h",
    "edit/build.h",
    "net/stateless.h",
    "edit/rr.h",
    "uloc/ucontact.h",
    "uloc/reg.h",
    "uloc/uloc.h",
    "conn/frame.h",
    "conn/proxy.h",
    "conn/tcp.h",
    "conn/chan.h",
    "conn/conn.h",
    "conn/wqueue.h",
    "conn/rbuf.h",
    "net/stream.h",
    "net/sendq.h",
    "net/udp.h",
    "tm/cells.h",
    "tm/tm.h",
]

# Workers have one thread each, so nothing gains from releasing the GIL around a call, and no caller reads errno
# through cffi: leaving both out halves the cost of a call.
FAST_CALLS = """
#undef Py_BEGIN_ALLOW_THREADS
#undef Py_END_ALLOW_THREADS
#undef _cffi_save_errno
#undef _cffi_restore_errno
#define Py_BEGIN_ALLOW_THREADS {
#define Py_END_ALLOW_THREADS }
#define _cffi_save_errno() ((void)0)
#define _cffi_restore_errno() ((void)0)
"""


def cdef_of(header: pathlib.Path) -> str:
    """The declarations of one header that cffi is to see."""
    parts = re.findall(r"/\* cdef \*/(.*?)/\* end cdef \*/", header.read_text(), re.S)
    if not parts:
        raise ValueError(f"{header.name}: no /* cdef */ ... /* end cdef */ part")
    return "\n".join(parts)


# Inlining across files and direct calls between them: single steps get 2 to 12 % faster. The stack protector
# guards functions with character arrays; Debian's default (all that take an address) costs a call about 4 %.
OPTIMISE = ["-O2", "-flto=auto", "-fvisibility=hidden", "-fstack-protector"]


def flags() -> list[str]:
    """Compiler flags; `KAHEA_CFLAGS` adds to them (sanitizers, fault injection)."""
    warnings = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers"]
    return ["-std=gnu11", "-g", *OPTIMISE, *warnings] + os.environ.get("KAHEA_CFLAGS", "").split()


def c_files(pattern: str = "*.c") -> list[pathlib.Path]:
    """The kernel's files, folder by folder."""
    found = [path for folder in FOLDERS for path in sorted((HERE / folder).glob(pattern))]
    return [path for path in found if path.name != "_native.c"]


def include_flags() -> list[str]:
    """What a compiler needs to find the headers by their bare names, for programs made of the kernel's files."""
    return [f"-I{HERE / folder}" for folder in FOLDERS]


def named(*stems: str) -> list[str]:
    """Paths of some of the C files, by name without ending."""
    return [str(path) for path in c_files() if path.stem in stems]


def build_id() -> str:
    """What shared memory looks like, as a number: two builds that agree on it may use each other's segment."""
    layout = b"".join(path.read_bytes() for path in c_files("*.[ch]"))
    return f"0x{hashlib.sha256(layout).hexdigest()[:16]}ull"


ffi = FFI()
for name in HEADERS:
    ffi.cdef(cdef_of(HERE / name))
ffi.set_source(
    "kahea.src._native",
    "".join(f'#include "{name}"\n' for name in HEADERS) + FAST_CALLS,
    sources=[f"src/{path.relative_to(HERE)}" for path in c_files()],
    depends=[f"src/{path.relative_to(HERE)}" for path in c_files("*.h")],
    include_dirs=[f"src/{folder}".rstrip("/") for folder in FOLDERS],
    define_macros=[("KH_BUILD_ID", build_id())],
    extra_compile_args=flags(),
    extra_link_args=OPTIMISE + os.environ.get("KAHEA_LDFLAGS", "").split(),
)

if __name__ == "__main__":
    ffi.compile(verbose=True)
