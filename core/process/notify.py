"""Tells systemd (`Type=notify`) that the server is ready, alive, stopping. sd_notify(3): datagrams of KEY=VALUE."""

import os
import socket
import time


class Notifier:
    """Sends to $NOTIFY_SOCKET; does nothing where there is none."""

    def __init__(self) -> None:
        self.address = os.environ.pop("NOTIFY_SOCKET", "")
        micros = (
            os.environ.get("WATCHDOG_USEC", "") if os.environ.get("WATCHDOG_PID") in (None, str(os.getpid())) else ""
        )
        self.watchdog_s = int(micros) / 2e6 if micros.isdigit() and self.address else 0.0  # half of what is allowed
        self.next_s = 0.0

    def send(self, text: str) -> None:
        """One state line; an unreachable socket is not our problem."""
        if not self.address:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            try:
                sock.sendto(text.encode(), address)
            except OSError:
                return

    def ready(self, status: str) -> None:
        self.send(f"READY=1\nSTATUS={status}\nMAINPID={os.getpid()}")

    def stopping(self) -> None:
        self.send("STOPPING=1")

    def alive(self) -> None:
        """Feed the watchdog, not more often than asked for."""
        if self.watchdog_s and time.monotonic() >= self.next_s:
            self.next_s = time.monotonic() + self.watchdog_s
            self.send("WATCHDOG=1")
