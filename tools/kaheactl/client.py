"""A JSON-RPC client for module jsonrpcs: unix or UDP datagrams, and the FIFO for what no datagram can carry."""

import itertools
import json
import os
import select
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

RUN_FOLDERS = ("var/run", "/run/kahea", "/run/kamailio")  # looked for in this order; $KAHEA_RUN_DIR comes first
SOCKET_NAME, FIFO_NAME = "kamailio_rpc.sock", "kamailio_rpc.fifo"
DATAGRAM_MAX = 1 << 20
_numbers = itertools.count(1)


class ClientError(Exception):
    """Something to tell the user in one line; `code` is the exit status."""

    code = 1


class Unreachable(ClientError):
    """No server answers where we look."""

    code = 3


class Fault(ClientError):
    """The server refused or failed; it says why."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"{number} {text}")
        self.number = number
        self.text = text


def find_run_folder() -> Path:
    """The first folder that holds a server's socket or FIFO."""
    folders = [os.environ["KAHEA_RUN_DIR"]] if "KAHEA_RUN_DIR" in os.environ else list(RUN_FOLDERS)
    for folder in folders:
        if any((Path(folder) / name).exists() for name in (SOCKET_NAME, FIFO_NAME)):
            return Path(folder)
    return Path(folders[-1])


class Client:
    """Calls commands of one server. `address` is a socket path, a FIFO path, or udp:host:port; default: look for it."""

    def __init__(self, address: str | None = None, timeout: float = 5.0) -> None:
        self.timeout = timeout
        self.udp = address.removeprefix("udp:") if address and address.startswith("udp:") else None
        folder = find_run_folder()
        self.socket_path, self.fifo_path = folder / SOCKET_NAME, folder / FIFO_NAME
        if address and self.udp is None:
            path = Path(address)
            if path.is_dir():
                self.socket_path, self.fifo_path = path / SOCKET_NAME, path / FIFO_NAME
            else:
                self.socket_path, self.fifo_path = (path, path) if path.is_fifo() else (path, path.parent / FIFO_NAME)

    def call(self, method: str, *params: Any) -> Any:
        """The result of a command; Fault when the server says so, Unreachable when there is none."""
        request = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": next(_numbers)}
        reply = self.send(request)
        if "error" in reply:
            error = reply["error"]
            raise Fault(error.get("code", 500), error.get("message", "unknown"))
        return reply.get("result")

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        """Take the way that is there; a reply too big for a datagram is asked for again over the FIFO."""
        if self.udp is not None:
            return self.over_datagram(request, socket.AF_INET, split_address(self.udp))
        if self.socket_path.is_socket():
            reply = self.over_datagram(request, socket.AF_UNIX, str(self.socket_path))
            if "use the FIFO" not in str(reply.get("error", {}).get("message", "")) or not self.fifo_path.is_fifo():
                return reply
        if self.fifo_path.is_fifo():
            return self.over_fifo(request)
        raise Unreachable(f"no server: there is neither {self.socket_path} nor {self.fifo_path.name} (is it running?)")

    def over_datagram(self, request: dict[str, Any], family: int, address: Any) -> dict[str, Any]:
        """One datagram there, one back."""
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            if family == socket.AF_UNIX:
                sock.bind("")  # an address of its own, made by the kernel, so that the server can answer
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DATAGRAM_MAX)
            sock.settimeout(self.timeout)
            try:
                sock.connect(address)
                sock.send(json.dumps(request).encode())
                return decode(sock.recv(DATAGRAM_MAX))
            except TimeoutError as error:
                raise Unreachable(f"no answer from {address} within {self.timeout:g} s") from error
            except OSError as error:
                raise Unreachable(f"no server at {address}: {error.strerror}") from error

    def over_fifo(self, request: dict[str, Any]) -> dict[str, Any]:
        """Write to the server's FIFO, read from one of our own."""
        name = f"kaheactl_{os.getpid()}_{next(_numbers)}"
        path = Path(tempfile.gettempdir()) / name
        os.mkfifo(path, 0o666)
        try:
            os.chmod(path, 0o666)  # the server may run as another user
            reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            try:
                fd = os.open(self.fifo_path, os.O_WRONLY | os.O_NONBLOCK)
                try:
                    os.write(fd, json.dumps({**request, "reply_name": name}).encode())
                finally:
                    os.close(fd)
                return decode(self.read_all(reader))
            finally:
                os.close(reader)
        except OSError as error:
            raise Unreachable(f"no server at {self.fifo_path}: {error.strerror}") from error
        finally:
            path.unlink()

    def read_all(self, fd: int) -> bytes:
        """Until the server closes its end."""
        data, end = b"", time.monotonic() + self.timeout
        while time.monotonic() < end:
            if not select.select([fd], [], [], 0.05)[0]:
                continue
            part = os.read(fd, 65536)
            if not part and data:
                return data
            if not part:
                time.sleep(0.01)  # nobody has opened it for writing yet
            data += part
        raise Unreachable(f"no answer from {self.fifo_path} within {self.timeout:g} s")


def split_address(text: str) -> tuple[str, int]:
    """`host:port` -> (host, port)."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise ClientError(f"{text!r} is not host:port")
    return host, int(port)


def decode(data: bytes) -> dict[str, Any]:
    """The reply document."""
    try:
        reply = json.loads(data)
    except ValueError as error:
        raise ClientError(f"the server's answer is no JSON: {data[:80]!r}") from error
    if not isinstance(reply, dict):
        raise ClientError("the server's answer is no JSON-RPC reply")
    return reply
