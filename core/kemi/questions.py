"""`KSR.is_INVITE()`, `KSR.is_UDP()`, `KSR.to_IPv6()`, `KSR.is_myself_furi()`...: one function a question."""

from collections.abc import Callable
from typing import Any

from ...src.native import lib
from ..msg.sending import sending
from ..pv import parse_spec
from .current import message

Question = Callable[[], bool]
#: letter of `is_method_in` -> method
METHODS = {"I": b"INVITE", "A": b"ACK", "B": b"BYE", "C": b"CANCEL", "R": b"REGISTER", "M": b"MESSAGE", "O": b"OPTIONS",
           "S": b"SUBSCRIBE", "P": b"PUBLISH", "N": b"NOTIFY", "U": b"UPDATE", "K": b"KDMQ", "E": b"PRACK",
           "F": b"REFER", "G": b"GET", "T": b"POST", "V": b"PUT", "D": b"DELETE"}  # fmt: skip
#: letter of `is_proto` -> transport
PROTOS = {"u": lib.KH_PROTO_UDP, "t": lib.KH_PROTO_TCP, "e": lib.KH_PROTO_TLS, "s": lib.KH_PROTO_SCTP,
          "v": lib.KH_PROTO_WS, "w": lib.KH_PROTO_WSS}  # fmt: skip
_TRANSPORTS = {"UDP": "u", "TCP": "t", "TLS": "e", "SCTP": "s", "WS": "v", "WSS": "w", "WSX": "vw"}
#: `is_myself_x()` -> variable
_MYSELF = {"ruri": b"$ru", "duri": b"$du", "nhuri": b"$nh(u)", "furi": b"$fu", "turi": b"$tu", "suri": b"$su",
           "srcip": b"$si"}  # fmt: skip


def questions(is_myself: Callable[[bytes], bool]) -> dict[str, Question]:
    """All of them by name; `is_myself` tells whether a URI or host is ours."""
    found: dict[str, Question] = {f"is_{name.decode()}": _method(name) for name in (*METHODS.values(), b"INFO")}
    for name, letters in _TRANSPORTS.items():
        numbers = frozenset(PROTOS[letter] for letter in letters)
        found[f"is_{name}"] = _came_by(numbers)
        found[f"to_{name}"] = _goes_by(numbers)
    for name, version in (("IPv4", False), ("IPv6", True)):
        found[f"is_{name}"] = _came_over(version)
        found[f"to_{name}"] = _goes_over(version)
    for name, variable in _MYSELF.items():
        found[f"is_myself_{name}"] = _ours(variable, is_myself)
    return found


def _method(name: bytes) -> Question:
    def question() -> bool:
        return bool(message().method_name == name)

    return question


def _came_by(numbers: frozenset[int]) -> Question:
    def question() -> bool:
        return message().rcv.proto in numbers

    return question


def _goes_by(numbers: frozenset[int]) -> Question:
    def question() -> bool:
        return sending.active and sending.proto in numbers

    return question


def _came_over(six: bool) -> Question:
    def question() -> bool:
        return (b":" in message().rcv.src_ip) == six

    return question


def _goes_over(six: bool) -> Question:
    def question() -> bool:
        return sending.active and (b":" in sending.to_ip) == six

    return question


def _ours(variable: bytes, is_myself: Callable[[bytes], bool]) -> Question:
    read: list[Any] = []  # the variable's accessor, parsed when first asked for

    def question() -> bool:
        if not read:
            read.append(parse_spec(variable).get)
        value = read[0](message())
        return isinstance(value, bytes) and is_myself(value)

    return question
