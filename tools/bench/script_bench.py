"""What compiled script statements cost: `python -m kahea.tools.bench.script_bench`.

Each case is a route block, run on one parsed INVITE; beside it the same in Python as one would write it by hand over
the same accessors. Times are nanoseconds a turn, best of several runs, with the empty loop taken off.
"""

import time
from collections.abc import Callable
from typing import Any, cast

from ...cfg.compiler import compile_config
from ...cfg.parser import parse_text
from ...core.pv import parse_spec
from ...core.script_env import ServerEnvironment
from ...parser.msg import SipMsg

TURNS, ROUNDS = 20_000, 7
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


def by_hand() -> dict[str, Callable[[Any], Any]]:
    """The cases in Python."""
    import re

    names = (b"$rU", b"$fU", b"$rd", b"$fd", b"$rm", b"$var(i)")
    user, f_user, domain, f_domain, method, get_i = (cast(Any, parse_spec(name).get) for name in names)
    set_a, set_i = (cast(Any, parse_spec(name).set) for name in (b"$var(a)", b"$var(i)"))
    digits = re.compile(b"^[0-9]+$").search

    def comparison(msg: Any) -> int:
        if user(msg) == b"alice":
            set_a(msg, 1)
        return 1

    def joined(msg: Any) -> int:
        set_a(msg, b"sip:%s@%s%s" % (f_user(msg), domain(msg), f_domain(msg)))
        return 1

    def deep(msg: Any, level: int = 1) -> int:
        if level < 6:
            return deep(msg, level + 1)
        set_a(msg, 1)
        return 1

    def choice(msg: Any) -> int:
        match method(msg):
            case b"ACK" | b"BYE":
                pass
            case b"INVITE":
                set_a(msg, 2)
        return 1

    def loop(msg: Any) -> int:
        set_i(msg, 0)
        while get_i(msg) < 100:
            set_i(msg, get_i(msg) + 1)
        return 1

    def match(msg: Any) -> int:
        if digits(user(msg)):
            set_a(msg, 3)
        return 1

    return dict(zip(CASES, (comparison, joined, deep, choice, loop, match), strict=True))


def compiled() -> dict[str, Callable[[Any], Any]]:
    """The cases as route blocks."""
    blocks = "".join(f'route["{name}"] {{ {body} }}\n' for name, body in CASES.items())
    config = parse_text(f"{ROUTES}{blocks}request_route {{ exit; }}".encode(), "bench.cfg")
    routes = compile_config(config, ServerEnvironment()).routes["route"]
    return {name: routes[name.encode()] for name in CASES}


def measure(function: Callable[[Any], Any], msg: Any) -> float:
    """Nanoseconds a call."""
    best = float("inf")
    turns = range(TURNS if measure_once(function, msg) < 5e-6 else TURNS // 20)
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        for _ in turns:
            function(msg)
        best = min(best, (time.perf_counter_ns() - start) / len(turns))
    return best


def measure_once(function: Callable[[Any], Any], msg: Any) -> float:
    """Seconds of one warm call."""
    function(msg)
    start = time.perf_counter()
    function(msg)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    msg = SipMsg.from_bytes(INVITE)
    empty = measure(lambda msg: 1, msg)
    hand, script = by_hand(), compiled()
    print(f"{'case':30} {'script ns':>10} {'by hand ns':>11} {'ratio':>6}")
    for name in CASES:
        ours, theirs = measure(script[name], msg) - empty, measure(hand[name], msg) - empty
        print(f"{name:30} {ours:10.0f} {theirs:11.0f} {ours / theirs:6.2f}")


if __name__ == "__main__":
    main()
