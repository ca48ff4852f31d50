"""The text of the routing script, shared by all processes, so that every worker switches to the same one.

Main writes, children read. It is an anonymous file (memfd) inherited at fork: a header with generation, length and
checksum, then the files. A file that changes on disk while workers reload cannot give two workers two scripts.
"""

import os
import pickle
import struct
import zlib

_HEADER = struct.Struct("=QQI4x")  # generation, length of the payload, its CRC-32
TRIES = 50  # reads while main may be writing

Files = dict[str, bytes]


class ScriptStore:
    """Generation and files of the script in force."""

    def __init__(self) -> None:
        self.fd = os.memfd_create("kahea-script", os.MFD_CLOEXEC)
        os.pwrite(self.fd, _HEADER.pack(0, 0, 0), 0)

    def generation(self) -> int:
        """Number of the script in force; 0 before the first."""
        number: int = _HEADER.unpack(os.pread(self.fd, _HEADER.size, 0))[0]
        return number

    def publish(self, files: Files) -> int:
        """Main process: put a checked script in force for all; its generation."""
        payload = pickle.dumps(files)
        number = self.generation() + 1
        os.pwrite(self.fd, payload, _HEADER.size)
        os.pwrite(self.fd, _HEADER.pack(number, len(payload), zlib.crc32(payload)), 0)
        return number

    def fetch(self) -> tuple[int, Files]:
        """Generation and files; OSError when main keeps writing."""
        for _ in range(TRIES):
            number, length, checksum = _HEADER.unpack(os.pread(self.fd, _HEADER.size, 0))
            payload = os.pread(self.fd, length, _HEADER.size)
            if zlib.crc32(payload) == checksum:
                return number, pickle.loads(payload) if payload else {}
        raise OSError("the script in shared memory changes all the time")
