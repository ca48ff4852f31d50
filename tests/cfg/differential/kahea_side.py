"""The same bodies through Kahea's compiler, with the few variables and functions that they use."""

import contextlib

from kahea.cfg.argtypes import Flag, Str
from kahea.cfg.compile.compiler import compile_config
from kahea.cfg.compile.values import ScriptExit
from kahea.cfg.syntax.parser import parse_text
from kahea.core.sr_module import CmdExport
from kahea.tests.cfg.differential.oracle import PREAMBLE, ROUTES
from kahea.tests.cfg.fake import CellEnvironment, Msg

MESSAGE = {b"$rU": b"bob", b"$rm": b"INVITE", b"$ru": b"sip:bob@example.com:5080", b"$rp": b"5080", b"$cs": b"10",
           b"$method": b"INVITE", b"$uri": b"sip:bob@example.com:5080", b"$status": b"sip:bob@example.com:5080",
           b"$from_uri": b"sip:alice@example.com", b"$to_uri": b"sip:bob@example.com", b"$src_ip": b"127.0.0.1",
           b"$dst_ip": b"127.0.0.1", b"$src_port": 5099, b"$dst_port": 5060, b"$af": 2, b"$proto": 1,
           b"$rd": b"example.com", b"$msg:len": 300}  # fmt: skip


def _say(msg: Msg, text: bytes) -> int:
    msg.log.append(text.decode("latin-1"))
    return 1


def _is_method(msg: Msg, names: bytes) -> int:
    return 1 if b"INVITE" in names.split(b"|") else -1


class Environment(CellEnvironment):
    """Functions and variables of the bodies."""

    def __init__(self) -> None:
        super().__init__()
        made = (
            CmdExport("xlog", _say, (Str,), keeps_variables=True),
            CmdExport("is_method", _is_method, (Str,), keeps_variables=True),
            CmdExport("has_totag", lambda msg: -1),
            CmdExport("setflag", lambda msg, n: msg.flags.add(n) or 1, (Flag,)),
            CmdExport("isflagset", lambda msg, n: 1 if n in msg.flags else -1, (Flag,)),
        )
        self.commands = {c.name: c for c in made}

    def is_myself(self, text: bytes, port: int = 0) -> bool:
        """The listen address."""
        return b"127.0.0.1" in text


def run(body: str) -> list[str]:
    """What a body logs, line by line as Kamailio's log has it."""
    extra, _, main = body.rpartition("\n---\n")
    text = f'#!KAMAILIO\nloadmodule "xlog.so"\n{ROUTES}{extra}\nroute[T] {{ {PREAMBLE} {main}\n return 1; }}\n'
    text += "request_route { $var(c) = route(T); }"
    compiled = compile_config(parse_text(text.encode("latin-1"), "case.cfg"), Environment())
    msg = Msg()
    msg.vars.update(MESSAGE)
    with contextlib.suppress(ScriptExit):
        compiled.routes["request_route"][b""](msg)
    return [line for line in "".join(msg.log).split("\n") if line]
