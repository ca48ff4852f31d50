"""Messages that the tests of variables and functions read."""

INVITE = (
    b"INVITE sip:bob:pw@example.com:5080;transport=tcp;x=1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKa;rport\r\n"
    b"Via: SIP/2.0/TCP 10.0.0.3;branch=z9hG4bKb;received=10.9.9.9\r\n"
    b"Max-Forwards: 70\r\n"
    b'From: "Alice A" <sip:alice@atlanta.com;p=1>;tag=ft1\r\n'
    b"To: <sip:bob@biloxi.com>\r\n"
    b"Call-ID: call-1\r\n"
    b"CSeq: 17 INVITE\r\n"
    b"Contact: <sip:alice@10.0.0.2>;expires=60, <sip:alice@10.0.0.3>\r\n"
    b"Expires: 120\r\n"
    b"User-Agent: phone/1\r\n"
    b"P-Asserted-Identity: <sip:id1@a.com>, <tel:+123>\r\n"
    b"Refer-To: <sip:refer@a.com>\r\n"
    b"X-Test: one\r\n"
    b"X-Test: two\r\n"
    b"x-test: three\r\n"
    b'Proxy-Authorization: Digest username="alice@atlanta.com", realm="r1", nonce="n1", uri="sip:bob@example.com",'
    b' response="0123", algorithm=MD5, cnonce="c1", opaque="o1"\r\n'
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"v=0\n"
)
REPLY = (
    b"SIP/2.0 180 Ringing now\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.3:5070;branch=z9hG4bKb;received=10.9.9.9;rport=7070\r\n"
    b"From: <sip:alice@atlanta.com>;tag=ft1\r\n"
    b"To: <sip:bob@biloxi.com>;tag=tt1\r\n"
    b"Call-ID: call-1\r\n"
    b"CSeq: 17 INVITE\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)
