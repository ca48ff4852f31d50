"""What a test of a routing script holds: `ScriptTest`, a script in a server without sockets.

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
from datetime import datetime
from pathlib import Path
from typing import Any

from .dialog import within as in_dialog
from .message import Message, make_reply, make_request
from .outcome import Outcome
from .transcript import LOG_LINES, Transcript

Arrival = tuple[tuple[str, int], str, str]  # source, transport, socket ("": the first of that transport)
ANSWER_LIMIT_S = 30.0  # for one message, or for the load
SOURCE = ("192.0.2.100", 5060)  # where messages come from unless a test says otherwise


class LoadError(AssertionError):
    """The script could not be loaded; the text is what `kahea -c` would print."""


class ScriptTest:
    """A script in a server without sockets. Close it, or use it as a context manager; the fixture does."""

    def __init__(
        self,
        config: str | Path,
        *,
        defines: Sequence[str] = (),
        coverage: bool = False,
        folder: str | Path | None = None,
    ) -> None:
        """`config` is a path, or the text of a configuration (a text has a newline or a brace). LoadError."""
        self._temporary = tempfile.TemporaryDirectory() if folder is None else None
        self._folder = Path(folder) if folder is not None else Path(self._temporary.name)  # type: ignore[union-attr]
        self._log = open(self._folder / "scripttest.log", "w+b")  # noqa: SIM115 - lives as long as this object
        self._number = 0
        self._last: tuple[Message, Arrival] | None = None  # the request that send() has made, and from where
        self._arrived: tuple[bytes, Arrival] | None = None  # and what arrived last
        self.transcript = Transcript()
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
            self._call("load", self._path(config), str(self._folder), list(defines), coverage)
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
        uri: str = "",
        *,
        headers: dict[str, str] | None = None,
        body: str = "",
        source: tuple[str, int] | None = None,
        over: str = "",
        at: str = "",
        within: Message | None = None,
    ) -> Outcome:
        """A request with the usual headers arrives; `headers` replaces or adds, "" leaves one out.

        `over`: the transport ("tcp", "tls"); `at`: the listening socket ("tcp:192.0.2.1:5060") when it is not the first
        of that transport. `within` makes it the next request of a call: of the caller, when it is a reply that the
        caller got; of the called party, when it is the request that they got.
        """
        self._number += 1
        more: dict[str, str] = {}
        if within is not None:
            target, more = in_dialog(within, method, self._number + 1)
            uri = uri or target
            if within.is_request and source is None:
                source = address(within.to)
            over = over or within.over
        if not uri:
            raise ValueError("a request needs a URI, or a message of the call it is within")
        source, over = source or SOURCE, over or "udp"
        host = f"[{source[0]}]" if ":" in source[0] else source[0]
        data = make_request(method, uri, self._number, f"{host}:{source[1]}", {**more, **(headers or {})}, body, over)
        self._last = Message(data), (source, over, at)
        return self.push(data, source, over, at)

    def cancel(self) -> Outcome:
        """Who sent the last request cancels it."""
        if self._last is None:
            raise ValueError("nothing was sent that could be cancelled")
        request, arrival = self._last
        kept = {name: request.header(name) or "" for name in ("Via", "From", "To", "Call-ID")}
        number = (request.header("CSeq") or "1").split(" ")[0]
        headers = {**kept, "CSeq": f"{number} CANCEL", "Contact": ""}
        return self.push(make_request("CANCEL", request.uri, 0, "", headers, ""), *arrival)

    def register(self, aor: str, *contacts: str, expires: int = 3600, **options: Any) -> Outcome:
        """REGISTER for `sip:user@domain`; contacts are URIs. `expires=0` removes them; options as of send()."""
        domain = aor.partition("@")[2] or aor.partition(":")[2]
        headers = {"To": f"<{aor}>", "From": f"<{aor}>;tag=reg", "Contact": ", ".join(f"<{uri}>" for uri in contacts),
                   "Expires": str(expires), **options.pop("headers", {})}  # fmt: skip
        return self.send("REGISTER", f"sip:{domain}", headers=headers, **options)

    def answer(
        self, request: Message, status: int, reason: str = "", *, headers: dict[str, str] | None = None, body: str = ""
    ) -> Outcome:
        """Who got `request` replies, over the connection that it came by if there is one."""
        data = make_reply(request, status, reason, headers or {}, body)
        return self.push(data, address(request.to), request.over, request.socket)

    def push(self, data: bytes, source: tuple[str, int] = SOURCE, over: str = "udp", at: str = "") -> Outcome:
        """Any bytes arrive: a datagram, or over a stream one message (of the same source: over the same connection)."""
        self._arrived = data, (source, over, at)
        out = Outcome(self._call("push", data, *source, over, at))
        first = data.partition(b"\r\n")[0].decode("utf-8", "replace")
        how = "" if over == "udp" else f"{over}:"
        self.transcript.add(f"{first}  from {how}{source[0]}:{source[1]}", out.sent)
        return out

    def lose(self, source: tuple[str, int] = SOURCE, over: str = "tcp") -> None:
        """The stream connection with this peer is gone."""
        self._call("lose", *source, over)
        self.transcript.add(f"the connection with {over}:{source[0]}:{source[1]} is lost", [])

    def refuse(self, peer: tuple[str, int], over: str = "tcp") -> None:
        """From now on this peer takes no stream connection."""
        self._call("refuse", *peer, over)
        self.transcript.add(f"{over}:{peer[0]}:{peer[1]} takes no connections any more", [])

    def repeat(self) -> Outcome:
        """What arrived last arrives again: a retransmission."""
        if self._arrived is None:
            raise ValueError("nothing has arrived that could be repeated")
        data, arrival = self._arrived
        return self.push(data, *arrival)

    # -- time ------------------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> Outcome:
        """Time passes (not yours): retransmissions, timeouts, expiries; $Ts and $time(...) go along."""
        out = Outcome(self._call("advance", seconds))
        self.transcript.add(f"{seconds:g} s later", out.sent)
        return out

    def set_time(self, moment: datetime) -> None:
        """What $time(hour) and its like show from now on; no timer runs because of it."""
        self._call("set_time", moment.timestamp())
        self.transcript.add(f"it is {moment}", [])

    # -- looking inside --------------------------------------------------------------------------------------------

    def get(self, variable: str) -> str | int | None:
        """A variable on the message that arrived last: `get("$avp(x)")`."""
        value = self._call("get", variable)
        return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value

    def rpc(self, command: str, *params: str | int | float) -> Any:
        """A management command: `rpc("ul.lookup", "location", "sip:bob@example.com")`; AssertionError for a fault."""
        return self._call("rpc", command, list(params))

    @property
    def not_run(self) -> list[str]:
        """Lines of the script that no message has reached: `kamailio.cfg:12: exit;`; needs `coverage=True`."""
        found: list[tuple[str, int]] = self._call("missing")
        texts = {path: Path(path).read_text(errors="replace").splitlines() for path in {path for path, _ in found}}
        return [f"{Path(path).name}:{line}: {texts[path][line - 1].strip()}" for path, line in found]

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


def address(text: str) -> tuple[str, int]:
    """(ip, port) of `ip:port`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
