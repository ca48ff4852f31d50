"""What a test of a routing script holds: `ScriptTest` (the script) and `Outcome` (what a message led to).

script = ScriptTest("kamailio.cfg")
out = script.send("INVITE", "sip:bob@example.com")
assert out.relayed_to == ["192.0.2.9:5060"]
out = script.answer(out.relayed[0], 486)
"""

import multiprocessing.connection
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .message import Message, make_reply, make_request

ANSWER_LIMIT_S = 30.0  # for one message, or for the load
SOURCE = ("192.0.2.100", 5060)  # where messages come from unless a test says otherwise
LOG_LINES = 30  # of the server's log in a failure


class LoadError(AssertionError):
    """The script could not be loaded; the text is what `kahea -c` would print."""


class Outcome:
    """Everything that left the server because of one message, in order."""

    def __init__(self, sent: Sequence[tuple[str, bytes]]) -> None:
        self.sent = [Message(data, to) for to, data in sent]

    @property
    def relayed(self) -> list[Message]:
        """The requests."""
        return [m for m in self.sent if m.is_request]

    @property
    def replies(self) -> list[Message]:
        """The replies, forwarded or the server's own."""
        return [m for m in self.sent if not m.is_request]

    @property
    def relayed_to(self) -> list[str]:
        """Where the requests went: `ip:port` each."""
        return [m.to for m in self.relayed]

    @property
    def replied(self) -> list[int]:
        """Status codes of the replies."""
        return [m.status for m in self.replies]

    @property
    def silent(self) -> bool:
        """Nothing was sent."""
        return not self.sent

    def __repr__(self) -> str:
        return "Outcome(" + ", ".join(map(repr, self.sent)) + ")"


class ScriptTest:
    """A script in a server without sockets. Close it, or use it as a context manager; the fixture does."""

    def __init__(self, config: str | Path, *, defines: Sequence[str] = (), folder: str | Path | None = None) -> None:
        """`config` is a path, or the text of a configuration (a text has a newline or a brace). LoadError."""
        self._temporary = tempfile.TemporaryDirectory() if folder is None else None
        self._folder = Path(folder) if folder is not None else Path(self._temporary.name)  # type: ignore[union-attr]
        self._log = open(self._folder / "scripttest.log", "w+b")  # noqa: SIM115 - lives as long as this object
        self._number = 0
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", __package__ + ".worker", str(theirs.fileno())]
        parent = Path(sys.modules[__package__.split(".")[0]].__file__ or "").resolve().parent.parent
        path = os.pathsep.join(filter(None, [str(parent), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": path},
        )
        theirs.close()
        self._connection = multiprocessing.connection.Connection(ours.detach())
        try:
            self._call("load", self._path(config), str(self._folder), list(defines))
        except AssertionError as error:
            self.close()
            raise LoadError(str(error)) from None

    def _path(self, config: str | Path) -> str:
        if isinstance(config, Path) or ("\n" not in config and "{" not in config):
            return str(config)
        path = self._folder / "script.cfg"
        path.write_text(config)
        return str(path)

    # -- messages --------------------------------------------------------------------------------------------------

    def send(
        self,
        method: str,
        uri: str,
        *,
        headers: dict[str, str] | None = None,
        body: str = "",
        source: tuple[str, int] = SOURCE,
    ) -> Outcome:
        """A request with the usual headers arrives; `headers` replaces or adds, "" leaves one out."""
        self._number += 1
        host = f"[{source[0]}]" if ":" in source[0] else source[0]
        data = make_request(method, uri, self._number, f"{host}:{source[1]}", headers or {}, body)
        return self.push(data, source)

    def answer(
        self, request: Message, status: int, reason: str = "", *, headers: dict[str, str] | None = None, body: str = ""
    ) -> Outcome:
        """Who got `request` replies."""
        host, _, port = request.to.rpartition(":")
        data = make_reply(request, status, reason, headers or {}, body)
        return self.push(data, (host.strip("[]"), int(port)))

    def push(self, data: bytes, source: tuple[str, int] = SOURCE) -> Outcome:
        """Any datagram arrives."""
        return Outcome(self._call("push", data, *source))

    def advance(self, seconds: float) -> Outcome:
        """Time passes (not yours): retransmissions, timeouts, expiries."""
        return Outcome(self._call("advance", seconds))

    # -- looking inside --------------------------------------------------------------------------------------------

    def get(self, variable: str) -> str | int | None:
        """A variable on the message that arrived last: `get("$avp(x)")`."""
        value = self._call("get", variable)
        return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value

    @property
    def routes(self) -> dict[str, list[str]]:
        """Names of the route blocks by kind."""
        found: dict[str, list[str]] = self._call("routes")
        return found

    @property
    def log(self) -> str:
        """What the server has logged."""
        self._log.flush()
        return (self._folder / "scripttest.log").read_text(errors="replace")

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> "ScriptTest":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _call(self, name: str, *args: Any) -> Any:
        try:
            self._connection.send((name, args))
            if not self._connection.poll(ANSWER_LIMIT_S):
                raise AssertionError(f"no answer in {ANSWER_LIMIT_S:.0f} s:\n{self._tail()}")
            how, value = self._connection.recv()
        except (EOFError, OSError):
            raise AssertionError(f"the server under the script has died:\n{self._tail()}") from None
        if how == "error":
            raise AssertionError(value)
        return value

    def _tail(self) -> str:
        return "\n".join(self.log.splitlines()[-LOG_LINES:])
