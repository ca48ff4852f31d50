"""Phones that register with a server on this machine and call one another."""

from kahea.tests.support.sip import SipMessage, SipSocket

DOMAIN = "127.0.0.1"


class Phone:
    """A registered phone."""

    def __init__(self, user: str, sock: SipSocket) -> None:
        self.user, self.sock = user, sock
        self.aor = f"sip:{user}@{DOMAIN}"
        parameter = "" if sock.transport == "UDP" else f";transport={sock.transport.lower()}"
        self.contact = f"<sip:{user}@{sock.ip}:{sock.port}{parameter}>"

    def register(self, *headers: str) -> SipMessage:
        """REGISTER with our contact; the reply."""
        from_ = f"<{self.aor}>;tag=reg"
        lines = (f"Contact: {self.contact}", "Expires: 300", *headers)
        request = self.sock.request("REGISTER", f"sip:{DOMAIN}", *lines, from_=from_, to=f"<{self.aor}>")
        self.sock.send(request)
        return self.sock.receive()

    def invite(self, user: str, branch: str | None = None) -> SipMessage:
        """Send an INVITE; it is returned as a message, for CANCEL, ACK and BYE."""
        contact = f"Contact: {self.contact}"
        data = self.sock.request("INVITE", f"sip:{user}@{DOMAIN}", contact, from_=f"<{self.aor}>;tag=c", branch=branch)
        self.sock.send(data)
        return SipMessage(data)

    def again(self, method: str, invite: SipMessage, answer: SipMessage | None = None) -> bytes:
        """A request in the dialog of `invite`: CANCEL (same branch), or ACK and BYE over the recorded route."""
        to = answer.header("To") if answer else invite.header("To")
        routes = [f"Route: {value}" for value in reversed(answer.all("Record-Route"))] if answer else []
        uri = (answer.header("Contact") or "<>")[1:].partition(">")[0] if answer and answer.status < 300 else invite.uri
        same = method == "CANCEL" or (answer is not None and answer.status >= 300)
        return self.sock.request(
            method,
            uri,
            *([] if same else routes),
            branch=invite.branch if same else None,
            call_id=invite.header("Call-ID"),
            cseq=1 if method in ("CANCEL", "ACK") else 2,
            from_=invite.header("From") or "",
            to=to,
        )

    def call(self, callee: "Phone") -> tuple[SipMessage, SipMessage]:
        """A whole call: it rings, is answered, and we end it. The INVITE as it arrived, the 200 as we got it."""
        invite = self.invite(callee.user)
        self.sock.expect(100)
        arrived = callee.sock.expect("INVITE")
        callee.sock.send(arrived.reply(180, "Ringing"))
        self.sock.expect(180)
        callee.sock.send(arrived.reply(200, "OK", f"Contact: {callee.contact}"))
        answer = self.sock.expect(200)
        self.sock.send(self.again("ACK", invite, answer))
        callee.sock.expect("ACK")
        self.sock.send(self.again("BYE", invite, answer))
        callee.sock.send(callee.sock.expect("BYE").reply(200, "OK"))
        self.sock.expect(200)
        return arrived, answer
