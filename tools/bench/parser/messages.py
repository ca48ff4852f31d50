"""The messages that the parser benchmark times."""

SDP = (
    b"v=0\r\no=user1 53655765 2353687637 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
    b"m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


def _message(first: bytes, headers: list[bytes], body: bytes = b"") -> bytes:
    lines = [first, *headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _common(method: bytes, vias: int = 1) -> list[bytes]:
    return [
        *(b"Via: SIP/2.0/UDP 192.0.2.%d:5060;branch=z9hG4bK-524287-1-%d" % (n + 1, n) for n in range(vias)),
        b"From: sipp <sip:sipp@192.0.2.10:5060>;tag=1SIPpTag001",
        b"To: service <sip:service@proxy.example.com:5060>",
        b"Call-ID: 1-524287@192.0.2.10",
        b"CSeq: 1 " + method,
        b"Contact: <sip:sipp@192.0.2.10:5060>",
        b"Max-Forwards: 70",
    ]


def invite() -> bytes:
    """An INVITE as sipp sends it, about 600 bytes."""
    extra = [
        b"User-Agent: a phone/1.0",
        b"Subject: Performance Test",
        b"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER",
        b"Content-Type: application/sdp",
    ]
    return _message(b"INVITE sip:service@proxy.example.com SIP/2.0", _common(b"INVITE") + extra, SDP)


def options() -> bytes:
    return _message(b"OPTIONS sip:proxy.example.com SIP/2.0", _common(b"OPTIONS"))


def ok_with_six_vias() -> bytes:
    rr = [b"Record-Route: <sip:192.0.2.%d;lr=on;ftag=1SIPpTag001>" % n for n in range(1, 4)]
    headers = _common(b"INVITE", 6)
    headers[7] += b";tag=xyz"
    return _message(b"SIP/2.0 200 OK", headers + rr + [b"Content-Type: application/sdp"], SDP)


def ims_invite() -> bytes:
    """What a mobile network sends, about 2,000 bytes."""
    ims = [
        *(b"Route: <sip:p%d.ims.mnc001.mcc001.3gppnetwork.org:4060;lr>" % n for n in range(3)),
        *(b"Record-Route: <sip:mo@p%d.ims.mnc001.mcc001.3gppnetwork.org:4060;lr;did=5a1.b2>" % n for n in range(3)),
        b"P-Preferred-Identity: <sip:+12015550123@ims.mnc001.mcc001.3gppnetwork.org>",
        b"P-Asserted-Identity: <tel:+12015550123>",
        b"P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010019B01",
        b"P-Charging-Vector: icid-value=0a0b0c0d0e0f;icid-generated-at=192.0.2.1;orig-ioi=ims.example.com",
        b"Security-Verify: ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=98765432;spi-s=87654321;port-c=8642;port-s=7531",
        b'Accept-Contact: *;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"',
        b"P-Preferred-Service: urn:urn-7:3gpp-service.ims.icsi.mmtel",
        b"Privacy: none",
        b"Supported: 100rel, timer, precondition, gruu, outbound",
        b"Require: sec-agree",
        b"Proxy-Require: sec-agree",
        b"Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, REFER, NOTIFY, MESSAGE, OPTIONS",
        b"Accept: application/sdp, application/3gpp-ims+xml",
        b"Session-Expires: 1800;refresher=uac",
        b"Min-SE: 90",
        b"User-Agent: handset/12 IMS client 4.1",
        b"Content-Type: application/sdp",
    ]
    return _message(b"INVITE tel:+12015550199;phone-context=example.com SIP/2.0", _common(b"INVITE", 2) + ims, SDP * 2)


MESSAGES = {
    "INVITE": invite(),
    "OPTIONS": options(),
    "200 with 6 Via": ok_with_six_vias(),
    "IMS INVITE": ims_invite(),
}
