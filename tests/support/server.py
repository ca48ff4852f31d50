"""A Kahea server as a test sees it: a configuration, a process tree, a log, management commands."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import kahea

PACKAGE_PARENT = Path(kahea.__file__).resolve().parent.parent
PREAMBLE = "#!KAMAILIO\ndebug=2\nlisten=udp:127.0.0.1:5060\nauto_aliases=no\n"


class ServerError(AssertionError):
    """The server did not start, stop or answer; the text holds its log."""


class Server:
    """One server with its own run folder. `cfg` is a path, or the text of a configuration.

    A text that has no `listen` gets PREAMBLE in front. `command` replaces the program (the oracle, a wrapper).
    """

    def __init__(
        self,
        cfg: str | Path,
        folder: Path,
        *args: str,
        workers: int | None = 2,
        foreground: bool = True,
        command: list[str] | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(cfg, str):
            text = cfg if "listen=" in cfg else PREAMBLE + cfg
            cfg = folder / "kamailio.cfg"
            cfg.write_text(text)
        self.cfg = cfg
        self.log_path = folder / "log"
        self.pid_file = folder / "server.pid"
        run = ["-f", str(cfg), "-Y", str(folder), "-P", str(self.pid_file), "-w", str(folder)]
        self.daemon = not foreground and "-D" not in args
        run += [] if self.daemon else ["-E"]  # a daemon with -E would hold the pipes of who started it
        run += ["-DD"] if foreground else []
        run += ["-n", str(workers)] if workers else []
        self.command = (command or [sys.executable, "-m", "kahea.core.main"]) + run + list(args)
        path = os.pathsep.join(filter(None, [str(PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
        self.env = {**os.environ, "PYTHONPATH": path, **(env or {})}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 15.0) -> None:
        """Start and wait for READY=1, as systemd would."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            address = "\0" + f"kahea-test-{os.getpid()}-{id(self)}-{time.monotonic_ns()}"
            notify.bind(address)
            notify.settimeout(0.1)
            self.env["NOTIFY_SOCKET"] = "@" + address[1:]
            with open(self.log_path, "ab") as log:
                self.process = subprocess.Popen(self.command, env=self.env, stdout=log, stderr=log, cwd=self.folder)
            end = time.monotonic() + timeout
            while time.monotonic() < end:
                if self.process.poll() is not None and not (self.daemon and self.process.returncode == 0):
                    raise ServerError(f"the server ended with code {self.process.returncode}:\n{self.log}")
                try:
                    if b"READY=1" in notify.recv(4096):
                        if self.daemon:
                            self.process.wait(5)  # who started it is told, too
                        return
                except TimeoutError:
                    continue
        self.close()
        raise ServerError(f"the server was not ready after {timeout} s:\n{self.log}")

    @property
    def pid(self) -> int:
        """The main process."""
        assert self.process is not None
        return int(self.pid_file.read_text()) if self.daemon else self.process.pid

    @property
    def log(self) -> str:
        """All that it wrote."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def stop(self, timeout: float = 5.0, sig: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(timeout)

    def close(self) -> None:
        """Stop, by force if it must be."""
        if self.process is None:
            return
        if self.daemon:
            self.close_daemon()
            return
        tree = [self.pid, *self.children()]
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            for pid in tree:
                kill(pid, signal.SIGKILL)
            self.process.wait(5)
            raise ServerError(f"SIGTERM did not stop the server:\n{self.log}") from None

    def close_daemon(self) -> None:
        """The same for a server in the background, if it still runs."""
        if self.pid_file.exists():
            pid = self.pid
            kill(pid, signal.SIGTERM)
            wait_until(lambda: not alive(pid), 5, "the daemon to end")

    def children(self) -> list[int]:
        """Process ids of all children of the main process."""
        try:
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except OSError:
            return []

    def processes(self) -> list[dict[str, Any]]:
        """The process table: index, pid, status, rank, description."""
        result = self.rpc("core.psa")
        assert isinstance(result, list)
        return result

    def workers(self) -> list[int]:
        """Process ids of the SIP workers, by rank."""
        found = [entry for entry in self.processes() if entry["rank"] > 0]
        return [entry["pid"] for entry in sorted(found, key=lambda entry: entry["rank"])]

    def rpc(self, method: str, *params: str | int | float, timeout: float = 5.0) -> Any:
        """A management command over the unix datagram socket of module jsonrpcs; the result, or ServerError."""
        reply = self.rpc_document({"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1}, timeout)
        if "error" in reply:
            raise ServerError(f"{method}: {reply['error']['code']} {reply['error']['message']}")
        return reply["result"]

    def rpc_document(self, document: dict[str, Any], timeout: float = 5.0) -> dict[str, Any]:
        """Send a JSON-RPC document as it is, return the reply document."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.bind("\0" + f"kahea-rpc-{os.getpid()}-{time.monotonic_ns()}")
            sock.settimeout(timeout)
            sock.connect(str(self.folder / "kamailio_rpc.sock"))
            sock.send(json.dumps(document).encode())
            reply: dict[str, Any] = json.loads(sock.recv(1 << 18))
            return reply

    def wait_log(self, text: str, timeout: float = 5.0) -> None:
        """Wait until the log holds `text`."""
        wait_until(lambda: text in self.log, timeout, f"{text!r} in the log")


def kill(pid: int, sig: int) -> None:
    """Signal a process that may be gone."""
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        return


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition: Any, timeout: float = 5.0, what: str = "the condition") -> None:
    """Poll `condition()` until it is true; ServerError after `timeout` seconds."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise ServerError(f"waited {timeout} s in vain for {what}")
        time.sleep(0.02)
