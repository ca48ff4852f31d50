"""The process under a script test: loads a configuration as the server does, opens nothing, sends nothing.

Commands come over a connection as (name, arguments); answers are ("ok", value) or ("error", text). What the script
sends stays in the kernel part's queue, from where `push` and `advance` take it.
"""

import math
import os
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from ...cfg.errors import ConfigError
from ...parser.errors import BadMessage
from ...parser.msg import SipMsg
from ...parser.receive_info import ReceiveInfo, write_receive_info
from ...src.native import ffi, lib
from .. import loader, log, runtime, settings, tasks, timer
from ..clock import Clock, now
from ..errors import KaheaError
from ..msg.receive import message, receive_junk, receive_msg
from ..net import sockets
from ..net.addr import PROTO_NAMES, addr_text, make_addr, proto_number
from ..options import Options
from ..pv import parse_spec
from ..pv.variables.destination import socket_text
from ..rpc.registry import RpcError, call
from ..script import script
from ..server import Server
from .coverage import Coverage

MICRO = 1_000_000
NANO = 1_000_000_000

Sent = tuple[str, bytes, str, str, int, bool]  # destination ip:port, bytes, transport, socket, connection, closes it
Peer = tuple[int, str, int]  # transport, ip, port
STREAMS = ("tcp", "tls", "ws", "wss")


class Worker:
    """One loaded script."""

    def __init__(self, path: str, folder: str, defines: list[str], coverage: bool) -> None:
        self.server = Server(Options(config=path, defines=defines, auto_aliases=False))
        self.msg: SipMsg | None = None
        self.number = 0
        self.coverage = Coverage() if coverage else None
        self.clock = 0.0  # seconds that tests let pass
        self.due: dict[int, float] = {}
        self.connections: dict[Peer, int] = {}
        self.last_connection = 0
        self.load(folder)

    def load(self, folder: str) -> None:
        """The server's own start, without processes and sockets."""
        lib.kh_send_hold(1)
        sockets.served.update(map(proto_number, STREAMS))
        sockets.opener = lambda *args: os.open(os.devnull, os.O_RDWR)
        runtime.set_run_folder(folder)
        self.server.load()
        script.params.set("auto_aliases", 0)
        log.setup(level=max(script.params.debug, log.NOTICE), stderr=True)
        self.server.share()
        self.server.modules()
        self.server.listen()
        settings.start_prefix(script.params, lambda: self.msg)
        loader.child_init(1)
        for each in (*timer.timers(), *timer.utimers()):
            self.due[each.ident] = each.interval

    def run(self, function: Callable[..., Any], *args: Any) -> None:
        """Call what may run the script."""
        if self.coverage is None:
            function(*args)
        else:
            self.coverage.run(function, *args)

    # commands

    def push(self, data: bytes, ip: str, port: int, over: str, at: str) -> list[Sent]:
        """A message arrives from ip:port over a transport, at a listening socket ("": the first of that transport)."""
        listening = socket_for(over, at)
        conn = self.connect((listening.proto, ip, port)) if over in STREAMS else 0
        rcv = ReceiveInfo(ip.encode(), port, listening.ip, listening.port, listening.proto, listening.index, conn)
        self.number += 1
        try:
            msg = SipMsg.from_bytes(data, rcv)
        except BadMessage:
            return self.push_junk(data, rcv)
        msg.c.id = self.number
        self.msg = msg
        lib.kh_ul_stop_clock(now())
        runtime.sync()
        self.run(receive_msg, msg)
        self.run(tasks.run_due)
        return self.sent()

    def connect(self, peer: Peer) -> int:
        """The number of the connection with a peer, which is there from now on."""
        number = self.connections.get(peer)
        if number is None:
            self.last_connection += 1
            number = self.connections[peer] = self.last_connection
            self.add_peer(peer, number)
        return number

    def add_peer(self, peer: Peer, number: int) -> None:
        """Tell the kernel part; 0: it takes no connections."""
        proto, ip, port = peer
        if lib.kh_send_peer(make_addr(ip.encode(), port, proto), number) < 0:
            raise ValueError(f"there are {lib.KH_SEND_PEERS} connections already")

    def lose(self, ip: str, port: int, over: str) -> None:
        """The connection with a peer is gone."""
        number = self.connections.pop((proto_number(over), ip, port), None)
        if number is None:
            raise ValueError(f"there is no connection over {over} with {ip}:{port}")
        lib.kh_send_peer_lost(number)

    def refuse(self, ip: str, port: int, over: str) -> None:
        """Who listens there no longer takes connections, and the one there was is gone."""
        peer = proto_number(over), ip, port
        if peer in self.connections:
            self.lose(ip, port, over)
        self.add_peer(peer, 0)

    def push_junk(self, data: bytes, rcv: ReceiveInfo) -> list[Sent]:
        """What is no SIP message lies in the message of the process, as a worker finds it."""
        self.junk = ffi.new("char[]", data)
        lib.kh_msg_parse(message.c, self.junk, len(data))
        write_receive_info(ffi.addressof(message.c, "rcv"), rcv)
        message.c.id = self.number
        receive_junk()
        return self.sent()

    def advance(self, seconds: float) -> list[Sent]:
        """Let time pass: every timer runs as often as it would, and every task, each at its moment."""
        end = self.clock + seconds
        every = [*timer.timers(), *timer.utimers()]
        while True:
            next_one = min(every, key=lambda each: self.due[each.ident], default=None)
            moment = self.due[next_one.ident] if next_one is not None else math.inf
            task = self.next_task()
            if min(moment, task) > end:
                break
            self.set_clock(min(moment, task))
            if next_one is None or task <= moment:
                self.run(tasks.run_due)
                continue
            self.run(next_one.function, int(moment * (MICRO if next_one.micro else 1)), next_one.param)
            self.due[next_one.ident] = moment + next_one.interval
        self.set_clock(end)
        return self.sent()

    def next_task(self) -> float:
        """The moment when the first task is due; the tasks' clock counts whole milliseconds."""
        due = tasks.next_due_ms()
        return math.inf if due is None else max(self.clock, self.clock + (due - lib.kh_now_ms() + 1) / 1000)

    def set_clock(self, moment: float) -> None:
        """The kernel part's clock, and the time of day, run ahead by what has passed for the test."""
        Clock.ahead_ns += int((moment - self.clock) * NANO)
        self.clock = moment
        lib.kh_clock_skew(int(moment * 1000))
        lib.kh_ul_stop_clock(now())

    def set_time(self, seconds: float) -> None:
        """The time of day, in seconds since 1970."""
        Clock.ahead_ns = int(seconds * NANO) - time.time_ns()
        lib.kh_ul_stop_clock(now())

    def rpc(self, command: str, params: list[str | int | float]) -> Any:
        """A management command."""
        return call(command, params)

    def get(self, name: str) -> bytes | int | None:
        """A variable, read on the message that arrived last."""
        return parse_spec(name.encode()).get(self.msg)

    def missing(self) -> list[tuple[str, int]]:
        """Lines of the script that have not run."""
        if self.coverage is None:
            raise ValueError("load the script with coverage=True")
        return self.coverage.missing(block for blocks in script.routes.values() for block in blocks.values())

    def routes(self) -> dict[str, list[str]]:
        """Names of the route blocks by kind."""
        return {kind: [name.decode("latin-1") for name in blocks] for kind, blocks in script.routes.items()}

    def sent(self) -> list[Sent]:
        """Take what was sent."""
        dest = ffi.new("kh_dest *")
        found = []
        for i in range(lib.kh_send_held()):
            data = lib.kh_send_held_bytes(i, dest)
            found.append(self.describe(dest, bytes(ffi.buffer(data, lib.kh_send_held_len(i)))))
        lib.kh_send_forget()
        return found

    def describe(self, dest: Any, data: bytes) -> Sent:
        """One message that was sent; a connection that it needed is there now, unless it asked to close it."""
        to, info = address_text(dest.to), sockets.sockets()[dest.sock]
        over, closes = PROTO_NAMES[info.proto], bool(dest.flags & lib.KH_DEST_CLOSE)
        conn = dest.conn
        if over in STREAMS:
            ip, port = addr_text(ffi.addressof(dest, "to")).decode(), dest.to.port
            conn = conn or self.connect((info.proto, ip, port))
            peer = next((peer for peer, number in self.connections.items() if number == conn), None)
            if peer is not None:
                to = peer_text(peer)
                if closes:
                    self.lose(peer[1], peer[2], over)
        return to, data, over, socket_text(info).decode(), conn, closes


def address_text(addr: Any) -> str:
    """`ip:port` of a kh_addr."""
    import socket

    raw = bytes(ffi.buffer(addr.ip))
    if addr.family == socket.AF_INET6:
        return f"[{socket.inet_ntop(socket.AF_INET6, raw)}]:{addr.port}"
    return f"{socket.inet_ntop(socket.AF_INET, raw[:4])}:{addr.port}"


def peer_text(peer: Peer) -> str:
    """`ip:port`."""
    _, ip, port = peer
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def socket_for(over: str, at: str) -> sockets.SocketInfo:
    """The listening socket that a message arrives at; ValueError."""
    proto = proto_number(over)
    if at:
        found = sockets.find_socket(at.encode())
    else:
        found = next((info for info in sockets.sockets() if info.proto == proto), None)
    if found is None or found.proto != proto:
        raise ValueError(f"the configuration does not listen on {at or over}")
    return found


def answer(connection: Connection, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Run one command and tell the other side; the value, or None after an error."""
    try:
        value = function(*args)
    except (KaheaError, ConfigError, RpcError, ValueError, LookupError, OSError) as error:
        connection.send(("error", f"{error}"))
        return None
    connection.send(("ok", None if isinstance(value, Worker) else value))
    return value


def main(fd: int) -> None:
    """Serve until the test closes the connection."""
    connection = Connection(fd)
    worker: Worker | None = None
    time.tzset()
    while True:
        try:
            name, args = connection.recv()
        except EOFError:
            return
        if name == "load":
            worker = answer(connection, Worker, args)
        else:
            answer(connection, getattr(worker, name), args)


if __name__ == "__main__":
    main(int(sys.argv[1]))
