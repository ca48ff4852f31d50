"""A network namespace of one's own, so that every test may use port 5060."""

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def isolate() -> bool:
    """Move this process (once) into a new network namespace with `lo` up; False when the system does not allow it."""
    if os.environ.get("KAHEA_TEST_NETNS") == str(os.getpid()):
        return True
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 and not (os.geteuid() != 0 and isolate_user(libc)):
        return False
    interface_up("lo")
    os.environ["KAHEA_TEST_NETNS"] = str(os.getpid())
    return True


def isolate_user(libc: ctypes.CDLL) -> bool:
    """The way for those who are not root: a user namespace first, in which this user is root."""
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    return True


def interface_up(name: str) -> None:
    """`ip link set NAME up` without needing the tool."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", name.encode(), 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(sock, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", name.encode(), flags | IFF_UP))


def free_port(kind: int = socket.SOCK_DGRAM, ip: str = "127.0.0.1") -> int:
    """A port that nobody uses now."""
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, kind) as sock:
        sock.bind((ip, 0))
        port: int = sock.getsockname()[1]
        return port
