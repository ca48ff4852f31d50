"""The server as the script compiler sees it: functions of core and modules, variables, core keywords."""

from collections.abc import Callable, Iterable
from typing import Any

from ..cfg.environment import Format, PvSpec, Value
from ..parser.msg import SipMsg
from . import loader
from .msg.sending import sending
from .net.addr import family_of
from .sr_module import CmdExport

Getter = Callable[[Any], Value]


def _sent(read: Getter) -> Getter:
    """Where the message goes, read from `sending`; undefined outside onsend_route."""
    return lambda msg: read(sending) if sending.active else None


def _uri(msg: SipMsg) -> Value:
    return b"%d" % msg.status if msg.is_reply else msg.ruri


#: core keyword -> what it reads
OPERANDS: dict[str, Getter] = {
    "method": lambda msg: msg.method_name,
    "uri": _uri,
    "status": _uri,
    "from_uri": lambda msg: msg.from_uri,
    "to_uri": lambda msg: msg.to_uri,
    "src_ip": lambda msg: msg.rcv.src_ip,
    "dst_ip": lambda msg: msg.rcv.dst_ip,
    "src_port": lambda msg: msg.rcv.src_port,
    "dst_port": lambda msg: msg.rcv.dst_port,
    "af": lambda msg: msg.rcv.af,
    "proto": lambda msg: msg.rcv.proto,
    "msg:len": lambda msg: len(sending.buf if sending.active else msg.buf),
    "snd_ip": _sent(lambda to: to.socket.ip),
    "snd_port": _sent(lambda to: to.socket.port),
    "snd_proto": _sent(lambda to: to.proto),
    "snd_af": _sent(lambda to: family_of(to.socket.ip)),
    "to_ip": _sent(lambda to: to.to_ip),
    "to_port": _sent(lambda to: to.to_port),
}


class ServerEnvironment:
    """cfg.environment.Environment over the module loader and core.pv."""

    def __init__(self) -> None:
        from .functions import core_commands

        self.core: dict[str, list[CmdExport]] = {}
        for command in core_commands():
            for name in (command.name, *command.aliases):
                self.core.setdefault(name, []).append(command)

    def find_command(self, name: str, nargs: int) -> CmdExport | None:
        """A core function, else a module's."""
        for command in self.core.get(name, ()):
            if _least(command) <= nargs <= len(command.params):
                return command
        return loader.find_export(name, nargs)

    def command_names(self) -> Iterable[str]:
        """All functions."""
        return [*self.core, *loader.command_names()]

    def command_counts(self, name: str) -> list[int]:
        """With how many arguments `name` exists."""
        ranges = [(_least(c), len(c.params)) for c in self.core.get(name, ())] + loader.arities(name)
        return sorted({n for low, high in ranges for n in range(low, high + 1)})

    def parse_pv(self, text: bytes) -> PvSpec:
        """A variable."""
        from .pv import parse_spec

        return parse_spec(text)

    def parse_format(self, text: bytes) -> Format:
        """A text with variables."""
        from .pv import parse_format

        return parse_format(text)

    def operand(self, name: str) -> Getter:
        """A core keyword."""
        return OPERANDS[name]

    def is_myself(self, text: bytes, port: int = 0) -> bool:
        """Is this URI, or this host, ours? A URI without a port means the default port of its transport."""
        from ..parser.uri import parse_uri
        from .net.sockets import check_self

        uri = parse_uri(text) if b":" in text else None
        if uri is not None and uri.host:
            return bool(check_self(uri.host, uri.send_port, 0))
        return bool(check_self(text, port, 0))

    def resolve(self, host: bytes) -> list[bytes]:
        """Addresses of a host name."""
        from .net.resolve import resolve_host

        return resolve_host(host)


def _least(command: CmdExport) -> int:
    return len(command.params) if command.min_params is None else command.min_params
