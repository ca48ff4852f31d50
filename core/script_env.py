"""The server as the script compiler sees it: functions of core and modules, variables, core keywords."""

from collections.abc import Callable, Iterable
from typing import Any

from ..cfg.environment import Format, PvSpec, Value
from ..parser.msg import SipMsg
from . import loader
from .sr_module import CmdExport

Getter = Callable[[Any], Value]


class SendInfo:
    """Where the message in onsend_route is about to go; addresses are text, `proto` as in ReceiveInfo."""

    __slots__ = ("length", "snd_ip", "snd_port", "snd_proto", "to_ip", "to_port")

    def __init__(self) -> None:
        self.snd_ip: bytes | None = None
        self.snd_port: int | None = None
        self.snd_proto: int | None = None
        self.to_ip: bytes | None = None
        self.to_port: int | None = None
        self.length: int | None = None


send_info = SendInfo()  # one a process: filled by whoever runs onsend_route


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
    "msg:len": lambda msg: len(msg.buf) if send_info.length is None else send_info.length,
    "snd_ip": lambda msg: send_info.snd_ip,
    "snd_port": lambda msg: send_info.snd_port,
    "snd_proto": lambda msg: send_info.snd_proto,
    "snd_af": lambda msg: None if send_info.snd_ip is None else 10 if b":" in send_info.snd_ip else 2,
    "to_ip": lambda msg: send_info.to_ip,
    "to_port": lambda msg: send_info.to_port,
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
        """Is this URI, or this host, ours?"""
        from ..parser.uri import parse_uri
        from .net.sockets import check_self

        uri = parse_uri(text) if b":" in text else None
        if uri is not None and uri.host:
            return bool(check_self(uri.host, uri.port_no or 0, 0))
        return bool(check_self(text, port, 0))

    def resolve(self, host: bytes) -> list[bytes]:
        """Addresses of a host name."""
        from .net.resolve import resolve_host

        return resolve_host(host)


def _least(command: CmdExport) -> int:
    return len(command.params) if command.min_params is None else command.min_params
