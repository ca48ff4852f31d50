"""One call through every kind of route block, each of which logs every variable of `variables.txt`.

The same configuration and messages go through Kahea (test_in_each_route.py) and Debian's kamailio (record.py).
"""

import re
from collections.abc import Callable
from pathlib import Path

from kahea.core.scripttest import Message, Outcome
from kahea.core.scripttest.message import make_reply

HERE = Path(__file__).parent
VARIABLES = [line for line in (HERE / "variables.txt").read_text().splitlines() if line and line[0] == "$"]
#: a column of recorded.tsv each
ROUTES = ("request", "branch", "onsend", "reply", "onreply", "failure", "second", "bye", "cancel")
MODULES = ("tm", "tmx", "sl", "pv", "xlog", "rr", "textops", "siputils", "kex", "corex", "usrloc",
           "registrar")  # fmt: skip
CALLER = ("127.0.0.1", 5099)
Push = Callable[[bytes, tuple[str, int]], Outcome]
_ENTRY = re.compile(r"@(\w+)@(\d+)@([^\n]*)")
_BRANCH = re.compile(r"z9hG4bK[\w.-]+")

_CONFIG = """
debug=1
log_stderror=yes
children=1
auto_aliases=no
server_id=7
enable_sctp=0
listen=udp:127.0.0.1:5060 advertise 192.0.2.7:5064 name "main"
alias="example.com"
%s
modparam("rr", "append_fromtag", 1)
modparam("pv", "shvset", "preset=i:4")
limits.calls = 9 descr "a custom parameter"
#!define SIZE 12
request_route {
	if (is_method("CANCEL")) {
%s
		t_relay();
		exit;
	}
	if (has_totag()) {
		loose_route();
%s
		exit;
	}
	$avp(kept) = "k";
	$xavp(kept=>x) = "kx";
	$xavu(kept=>x) = "ku";
	$xavi(Kept=>X) = "ki";
	$var(kept) = "v";
	setsflag(5);
	setxflag(6);
	setflag(3);
	setbflag(2);
	$ru = "sip:bob@127.0.0.1:5070;transport=udp;x=1";
	$du = "sip:127.0.0.1:5070";
	append_branch("sip:bob@127.0.0.1:5071", "0.5");
	record_route();
	t_on_branch("B");
	t_on_reply("R");
	t_on_failure("F");
%s
	t_relay();
}
branch_route[B] {
	if ($T_branch_idx == 0) {
%s
	}
	if ($T_branch_idx == 2) {
%s
	}
}
onsend_route {
	if (is_method("INVITE") && $sndto(port) == 5070) {
%s
	}
}
reply_route {
	if (status == "180") {
%s
	}
}
onreply_route[R] {
	if (status == "180") {
%s
	}
}
failure_route[F] {
	if (t_check_status("404|486")) {
%s
		$du = $null;
		$ru = "sip:carol@127.0.0.1:5072";
		t_on_branch("B");
		t_relay();
	}
}
"""


def configuration() -> str:
    """The kamailio.cfg."""
    loads = "\n".join(f'loadmodule "{module}.so"' for module in MODULES)
    order = ("cancel", "bye", "request", "branch", "second", "onsend", "reply", "onreply", "failure")
    return _CONFIG % (loads, *map(_logs, order))


def _logs(route: str) -> str:
    return "\n".join(f'\txlog("@{route}@{i}@{name}@\\n");' for i, name in enumerate(VARIABLES))


def request(method: str, *headers: str, uri: str = "sip:bob@example.com:5080;transport=udp;x=1", to_tag: str = "",
            cseq: int = 17, body: str = "") -> bytes:  # fmt: skip
    """A request of the caller."""
    lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKcaller{cseq};rport",
             'From: "Alice A" <sip:alice@atlanta.com;p=1>;tag=ft1', f"To: <sip:bob@biloxi.com>{to_tag}",
             "Call-ID: call-1", f"CSeq: {cseq} {method}", "Max-Forwards: 70", *headers,
             f"Content-Length: {len(body)}"]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


INVITE_HEADERS = (
    "Contact: <sip:alice@127.0.0.1:5099>;expires=60, <sip:alice@10.0.0.3>", "Expires: 120", "User-Agent: phone/1",
    "P-Asserted-Identity: <sip:id1@a.com>, <tel:+123>", '"P-Preferred-Identity: "Pre" <sip:pre@b.com>'[1:],
    "Diversion: <sip:div@d.com>;reason=busy;privacy=full;counter=2", "Remote-Party-ID: <sip:rpid@r.com>;party=calling",
    "Refer-To: <sip:refer@a.com>", "X-Test: one", "X-Test: two", "x-test: three",
    'Proxy-Authorization: Digest username="dora@r.org", realm="r1", nonce="n1", uri="sip:bob@example.com",'
    ' response="0123", algorithm=MD5, cnonce="c1", opaque="o1"', "Content-Type: application/sdp",
)  # fmt: skip


def call(push: Push) -> None:
    """The messages: a forked call, one branch refused, the other busy, a third tried and cancelled; a BYE."""
    invite = request("INVITE", *INVITE_HEADERS, body="v=0\ns=-\n")
    first, second = _invites(push(invite, CALLER))
    extra = {"Contact": "<sip:bob@127.0.0.1:5070>", "Server": "b/1"}
    push(make_reply(first, 180, "Ringing now", extra, "x=1\n"), ("127.0.0.1", 5070))
    push(make_reply(second, 404, "Not here", {}), ("127.0.0.1", 5071))
    (third,) = _invites(push(make_reply(first, 486, "Busy now", {}), ("127.0.0.1", 5070)))
    push(make_reply(third, 180, "Later", {}).replace(b" 180 ", b" 183 ", 1), ("127.0.0.1", 5072))
    push(request("CANCEL"), CALLER)
    route = "Route: <sip:192.0.2.7:5064;lr;ftag=ft1>, <sip:next@127.0.0.1:5070;lr>"
    push(request("BYE", route, uri="sip:bob@127.0.0.1:5070", to_tag=";tag=tt1", cseq=18), CALLER)


def _invites(out: Outcome) -> list[Message]:
    return [m for m in out.relayed if m.method == "INVITE"]


def entries(log: str) -> dict[tuple[str, str], str]:
    """(variable, route) -> what was logged, from a server's log; branches made by the server have no fixed text."""
    found: dict[tuple[str, str], str] = {}
    for route, number, text in _ENTRY.findall(log):
        key = (VARIABLES[int(number)], route)
        found.setdefault(key, _BRANCH.sub(lambda m: m[0] if "caller" in m[0] else "z9hG4bK*", text.removesuffix("@")))
    return found
