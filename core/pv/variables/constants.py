"""Constants: `$null`, `$true`, `$K(UDP)`."""

import socket

from ..exports import PvExport

_NUMBERS = {
    "IPv4": socket.AF_INET, "INET": socket.AF_INET, "IPv6": socket.AF_INET6, "INET6": socket.AF_INET6,
    "UDP": 1, "TCP": 2, "TLS": 3, "SCTP": 4, "WS": 5, "WSS": 6,
}  # fmt: skip

CONSTANTS = (
    PvExport("null", lambda msg: None),
    PvExport("true", lambda msg: 1, kind="int"),
    PvExport("K", choices={name: (lambda msg, n=n: int(n)) for name, n in _NUMBERS.items()}, kind="int"),
)
