"""One SIP request: OPTIONS, to see whether somebody answers."""

import random
import socket
import time

from .client import ClientError, Unreachable


def options_request(uri: str, timeout: float) -> dict[str, object]:
    """One OPTIONS and its final answer; RFC 3261 §11, sent again after 0.5, 1, 2 s like timer E (§17.1.2.2)."""
    host, port = target(uri)
    tag = f"{random.getrandbits(48):x}"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((host, port))
        except OSError as error:
            raise Unreachable(f"cannot reach {host}: {error.strerror or error}") from error
        ip, mine = sock.getsockname()[:2]
        request = options(uri, f"[{ip}]" if ":" in ip else ip, mine, tag)
        begin = time.monotonic()
        wait = 0.5
        while (left := begin + timeout - time.monotonic()) > 0:
            try:
                sock.send(request)
                sock.settimeout(min(wait, left))
                line = sock.recv(65535).split(b"\r\n", 1)[0].decode("latin-1")
            except TimeoutError:
                wait = min(wait * 2, 4.0)
                continue
            except OSError as error:
                raise Unreachable(f"no answer from {uri}: {error.strerror}") from error
            status = line.partition(" ")[2]
            if not status.startswith("1"):
                return {"uri": uri, "status": status, "ms": round((time.monotonic() - begin) * 1000, 3)}
    raise Unreachable(f"no answer from {uri} within {timeout:g} s")


def options(uri: str, host: str, port: int, tag: str) -> bytes:
    """The bytes of the request."""
    lines = [
        f"OPTIONS {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{tag};rport",
        "Max-Forwards: 70",
        f"From: <sip:kaheactl@{host}>;tag={tag}",
        f"To: <{uri}>",
        f"Call-ID: {tag}@{host}",
        "CSeq: 1 OPTIONS",
        "User-Agent: kaheactl",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def target(uri: str) -> tuple[str, int]:
    """Host and port of a SIP URI; 5060 when it names none."""
    rest = uri.partition(":")[2] if uri.startswith("sip:") else uri
    rest = rest.rpartition("@")[2].partition(";")[0].partition("?")[0]
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        port = port.lstrip(":")
    else:
        host, _, port = rest.partition(":")
    if not host or (port and not port.isdigit()):
        raise ClientError(f"{uri!r} is no SIP URI")
    return host, int(port or 5060)
