"""What compiled script statements cost: `python -m kahea.tools.bench.script_bench`.

Each case is a route block, run on one parsed INVITE; beside it the same in Python as one would write it by hand: the
same accessors of the message, attributes of an object for what the script keeps in `$var`. Times are nanoseconds of
CPU a call, the median of several runs in turn, with the empty call taken off.
"""

import re
import statistics
import time
from collections.abc import Callable
from typing import Any, cast

from ...cfg.compile.compiler import compile_config
from ...cfg.syntax.parser import parse_text
from ...core.pv import parse_spec
from ...core.script_env import ServerEnvironment
from ...parser.msg import SipMsg

TURN_NS, ROUNDS = 20_000_000, 15  # about 20 ms a round
INVITE = (
    b"INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\n"
    b"From: <sip:alice@example.com>;tag=f\r\nTo: <sip:bob@example.com>\r\nCall-ID: c1\r\nCSeq: 10 INVITE\r\n"
    b"Max-Forwards: 70\r\nContact: <sip:alice@192.0.2.1>\r\nContent-Length: 0\r\n\r\n"
)
CASES = {
    "if with a variable": 'if ($rU == "alice") { $var(a) = 1; }',
    "string with three variables": '$var(a) = "sip:" + $fU + "@" + $rd + $fd;',
    "route calls, five deep": "route(R1);",
    "switch": 'switch ($rm) { case "ACK": case "BYE": break; case "INVITE": $var(a) = 2; break; default: exit; }',
    "while of 100 turns": "$var(i) = 0; while ($var(i) < 100) { $var(i) = $var(i) + 1; }",
    "=~": 'if ($rU =~ "^[0-9]+$") { $var(a) = 3; }',
}
ROUTES = "".join(f"route[R{i}] {{ route(R{i + 1}); }}\n" for i in range(1, 5)) + "route[R5] { $var(a) = 1; }\n"


class Variables:
    """What the script keeps in `$var(a)` and `$var(i)`."""

    a: Any = 0
    i: Any = 0


def by_hand() -> dict[str, Callable[[Any], Any]]:
    """The cases in Python."""
    names = (b"$rU", b"$fU", b"$rd", b"$fd", b"$rm")
    user, f_user, domain, f_domain, method = (cast(Any, parse_spec(name).get) for name in names)
    digits = re.compile(b"^[0-9]+$").search
    var = Variables()

    def comparison(msg: Any) -> int:
        if user(msg) == b"alice":
            var.a = 1
        return 1

    def joined(msg: Any) -> int:
        var.a = b"sip:%s@%s%s" % (f_user(msg), domain(msg), f_domain(msg))
        return 1

    def r1(msg: Any) -> int:
        return r2(msg)

    def r2(msg: Any) -> int:
        return r3(msg)

    def r3(msg: Any) -> int:
        return r4(msg)

    def r4(msg: Any) -> int:
        return r5(msg)

    def r5(msg: Any) -> int:
        var.a = 1
        return 1

    def choice(msg: Any) -> int:
        match method(msg):
            case b"ACK" | b"BYE":
                pass
            case b"INVITE":
                var.a = 2
        return 1

    def loop(msg: Any) -> int:
        var.i = 0
        for _ in range(100):  # a script that loops for ever is stopped, by hand as well
            if not var.i < 100:
                break
            var.i += 1
        return 1

    def match(msg: Any) -> int:
        if digits(user(msg)):
            var.a = 3
        return 1

    return dict(zip(CASES, (comparison, joined, r1, choice, loop, match), strict=True))


def compiled() -> dict[str, Callable[[Any], Any]]:
    """The cases as route blocks."""
    blocks = "".join(f'route["{name}"] {{ {body} }}\n' for name, body in CASES.items())
    config = parse_text(f"{ROUTES}{blocks}request_route {{ exit; }}".encode(), "bench.cfg")
    routes = compile_config(config, ServerEnvironment()).routes["route"]
    return {name: routes[name.encode()] for name in CASES}


def measure(functions: list[Callable[[Any], Any]], msg: Any) -> list[float]:
    """Nanoseconds of CPU a call of each: medians of rounds in which they take turns, so that a slow moment hits all."""
    turns = range(max(200, int(TURN_NS / once(functions[0], msg))))
    rounds: list[list[float]] = [[] for _ in functions]
    for _ in range(ROUNDS):
        for function, times in zip(functions, rounds, strict=True):
            start = time.process_time_ns()
            for _ in turns:
                function(msg)
            times.append((time.process_time_ns() - start) / len(turns))
    return [statistics.median(times) for times in rounds]


def once(function: Callable[[Any], Any], msg: Any) -> float:
    """Nanoseconds of CPU of one warm call."""
    function(msg)
    start = time.process_time_ns()
    function(msg)
    return time.process_time_ns() - start


def main() -> None:
    """Print the table."""
    msg = SipMsg.from_bytes(INVITE)
    hand, script = by_hand(), compiled()
    print(f"{'case':30} {'script ns':>10} {'by hand ns':>11} {'ratio':>6}")
    for name in CASES:
        ours, theirs, empty = measure([script[name], hand[name], lambda msg: 1], msg)
        print(f"{name:30} {ours - empty:10.0f} {theirs - empty:11.0f} {(ours - empty) / (theirs - empty):6.2f}")


if __name__ == "__main__":
    main()
