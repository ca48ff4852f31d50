"""What happens to a server in these tests: calls of every fate, by three phones of a few lines.

The flags that the script sets are letters in X-Flags: a accounting, m missed calls, f failures too, p perhaps later,
x failure_route, r onreply_route; in failure_route q is a, w is m, n is an answer of our own.
"""

from collections.abc import Callable

from kahea.tests.support.sip import SipMessage, SipSocket

CONTACT_A, CONTACT_B, CONTACT_C = (f"Contact: <sip:{user}@127.0.0.1:{port}>"
                                   for user, port in (("alice", 5070), ("bob", 5071), ("carol", 5072)))  # fmt: skip


class Phones:
    """The caller and two callees, where the script sends calls to."""

    def __init__(self) -> None:
        self.a, self.b, self.c = SipSocket(5070), SipSocket(5071), SipSocket(5072)

    def close(self) -> None:
        for sock in (self.a, self.b, self.c):
            sock.close()

    def drain(self) -> None:
        """Forget what is left of the last call."""
        for sock in (self.a, self.b, self.c):
            while not sock.silent(0.01):
                pass

    def send(self, user: str, flags: str, method: str = "INVITE", *headers: str,
             from_: str = "<sip:alice@a.test>;tag=at", to: str | None = None) -> SipMessage:  # fmt: skip
        contact = [CONTACT_A] if method == "INVITE" else []
        to = to or f"<sip:{user}@b.test>"
        uri = f"sip:{user}@127.0.0.1" if user else "sip:127.0.0.1"
        data = self.a.request(method, uri, f"X-Flags: {flags}", *contact, *headers, from_=from_, to=to)
        self.a.send(data)
        return SipMessage(data)

    def again(self, method: str, invite: SipMessage, answer: SipMessage | None = None) -> None:
        """CANCEL, ACK or BYE of the caller."""
        same = answer is None or answer.status >= 300
        routes = [] if same or answer is None else [f"Route: {value}" for value in reversed(answer.all("Record-Route"))]
        self.a.send(
            self.a.request(
                method,
                invite.uri if same else "sip:bob@127.0.0.1:5071",
                *routes,
                branch=invite.branch if same else None,
                call_id=invite.get("Call-ID"),
                cseq=2 if method == "BYE" else 1,
                from_=invite.get("From"),
                to=answer.get("To") if answer else invite.get("To"),
            )
        )

    def answered(self, flags: str = "a", upstream: bool = False, headers: tuple[str, ...] = (), repeat: int = 1,
                 ringing: tuple[int, str] = (180, ""), early: str = "") -> None:  # fmt: skip
        """A call that is answered and ended, by the callee when `upstream`."""
        invite = self.send("bob", flags, "INVITE", *headers)
        arrived = self.b.expect("INVITE")
        self.b.send(arrived.reply(ringing[0], "Ringing", body=early))
        self.a.expect(ringing[0])  # or another worker may take the 200 first
        for _ in range(repeat):
            self.b.send(arrived.reply(200, "Fine", CONTACT_B))
            answer = self.a.expect(200)
        self.again("ACK", invite, answer)
        self.b.expect("ACK")
        if not upstream:
            self.again("BYE", invite, answer)
            self.b.send(self.b.expect("BYE").reply(200, "Bye"))
            self.a.expect(200)
            return
        routes = [f"Route: {value}" for value in arrived.all("Record-Route")]
        self.b.send(
            self.b.request("BYE", "sip:alice@127.0.0.1:5070", *routes, call_id=arrived.get("Call-ID"), cseq=2,
                           from_=arrived.get("To") + ";tag=uas", to=arrived.get("From"))
        )  # fmt: skip
        self.a.send(self.a.expect("BYE").reply(200, "Bye"))
        self.b.expect(200)

    def failed(self, flags: str, code: int = 486, reason: str = "Busy", method: str = "INVITE",
               headers: tuple[str, ...] = (), seen: int = 0) -> None:  # fmt: skip
        """The callee refuses."""
        invite = self.send("bob", flags, method)
        self.b.send(self.b.expect(method).reply(code, reason, *headers))
        answer = self.a.expect(seen or code)
        if method == "INVITE":
            self.b.expect("ACK")
            self.again("ACK", invite, answer)

    def message(self, flags: str, user: str = "bob", **parts: str) -> None:
        self.send(user, flags, "MESSAGE", **parts)
        self.b.send(self.b.expect("MESSAGE").reply(202, "Accepted"))
        self.a.expect(202)

    def cancelled(self, flags: str, user: str = "bob") -> None:
        """The caller gives up."""
        invite = self.send(user, flags)
        arrived = self.b.expect("INVITE")
        self.b.send(arrived.reply(180, "Ringing"))
        self.a.expect(180)
        self.again("CANCEL", invite)
        self.b.send(self.b.expect("CANCEL").reply(200, "OK"))
        self.b.send(arrived.reply(487, "Gone"))
        self.again("ACK", invite, self.a.expect(487))

    def forked(self, flags: str, code: int, reason: str) -> None:
        """Two ring: one is busy, the other one says `code`."""
        invite = self.send("fork", flags)
        first, second = self.b.expect("INVITE"), self.c.expect("INVITE")
        self.b.send(first.reply(486, "Busy", tag="b1"))
        self.b.expect("ACK")
        self.c.send(second.reply(code, reason, CONTACT_C, tag="c1"))
        self.again("ACK", invite, self.a.expect(code))

    def serial(self, flags: str, code: int = 200) -> None:
        """One is busy, the failure_route tries the other one."""
        invite = self.send("bob", flags)
        self.b.send(self.b.expect("INVITE").reply(486, "Busy", tag="b1"))
        self.c.send(self.c.expect("INVITE").reply(code, "Second", CONTACT_C, tag="c1"))
        self.again("ACK", invite, self.a.expect(code))

    def local(self, user: str, flags: str, code: int = 404) -> None:
        """The script answers."""
        invite = self.send(user, flags)
        if user == "bob":
            self.b.send(self.b.expect("INVITE").reply(486, "Busy", tag="b1"))
        self.again("ACK", invite, self.a.expect(code, 5.0))


SCENARIOS: dict[str, Callable[[Phones], None]] = {
    "answered": lambda p: p.answered(),
    "answered, 200 repeated": lambda p: p.answered(repeat=3),
    "answered, all flags": lambda p: p.answered("amf"),
    "answered, missed flag only": lambda p: p.answered("m"),
    "answered, ended by the callee": lambda p: p.answered(upstream=True),
    "answered, two headers": lambda p: p.answered(headers=("X-Acc: one", "X-Acc: two, three")),
    "answered, strange header": lambda p: p.answered(headers=('X-Acc: a;b=c,d\\e"f',)),
    "answered, one more leg": lambda p: p.answered("a2"),
    "answered, early media": lambda p: p.answered(ringing=(183, ""), early="v=0\r\n"),
    "answered, flag in onreply_route": lambda p: p.answered("r"),
    "answered, flag in onreply_route, prepared": lambda p: p.answered("pr"),
    "busy": lambda p: p.failed("a"),
    "busy, failures too": lambda p: p.failed("af"),
    "busy, missed flag only": lambda p: p.failed("m"),
    "busy, all flags": lambda p: p.failed("amf"),
    "busy, no accounting flag": lambda p: p.failed("f"),
    "busy, Reason header": lambda p: p.failed("af", headers=('Reason: SIP;cause=5;text="x"',)),
    "declined": lambda p: p.failed("amf", 603, "Decline"),
    "redirected": lambda p: p.failed("amf", 302, "Moved"),
    "unknown there": lambda p: p.failed("af", 404, "Nope"),
    "away, with failure_route": lambda p: p.failed("amfx", 480, "Away"),
    "silent": lambda p: p.local("dead", "amf", 408),
    "cancelled": lambda p: p.cancelled("amf"),
    "cancelled, CANCEL has the flag": lambda p: p.cancelled("a", "bobc"),
    "forked, one answers": lambda p: p.forked("am", 200, "Two"),
    "forked, both fail": lambda p: p.forked("amf", 404, "Nope"),
    "second try answers": lambda p: p.serial("amfx"),
    "second try fails": lambda p: p.serial("amfx", 404),
    "second try fails, missed flag again": lambda p: p.serial("amfxw", 404),
    "second try, flag in failure_route": lambda p: p.serial("xq"),
    "second try, flag in failure_route, prepared": lambda p: p.serial("pxq"),
    "second try fails, flags in failure_route, prepared": lambda p: p.serial("pfxqw", 404),
    "failure_route answers": lambda p: p.local("bob", "amfxn", 480),
    "script answers": lambda p: p.local("local", "a"),
    "script answers, failures too": lambda p: p.local("local", "af"),
    "script answers, all flags": lambda p: p.local("local", "amf"),
    "script answers without transaction": lambda p: p.local("stateless", "amf"),
    "acc_log_request": lambda p: p.local("now", ""),
    "MESSAGE": lambda p: p.message("a"),
    "MESSAGE without From tag": lambda p: p.message("a", from_="<sip:alice@a.test>"),
    "MESSAGE without users": lambda p: p.message("a", "", from_="<sip:a.test>;tag=at", to="<sip:b.test>"),
    "MESSAGE fails": lambda p: p.failed("amf", 500, "Err", "MESSAGE"),
    "MESSAGE, 503 becomes 500": lambda p: p.failed("amf", 503, "Busy", "MESSAGE", seen=500),
}
