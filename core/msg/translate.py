"""Messages as bytes, by the devel guide's names: what will be sent, built from the message and its edits.

For management, tests and modules off the hot path; sending builds into the queue without a copy (src/net/stateless.h).
"""

from typing import Any

from ...src.native import ffi, lib

_out = ffi.new("char[]", lib.KH_MSG_MAX)
_NULL = ffi.NULL


class BuildError(ValueError):
    """It cannot be built: a vital header is missing, it would be longer than lib.KH_MSG_MAX, or no socket fits."""


def _built(code: int) -> bytes:
    if code < 0:
        raise BuildError({lib.KH_ETOOBIG: "too long", lib.KH_ENOSOCK: "no socket for it"}.get(code, "not possible"))
    return ffi.unpack(_out, code)


def _text(value: bytes | None) -> tuple[Any, int]:
    return (_NULL, 0) if value is None else (value, len(value))


def build_req_buf_from_sip_req(msg: Any, dest: Any, uri: bytes | None = None, branch: bytes | None = None) -> bytes:
    """The request as it leaves to a kh_dest; `branch`: the value of the Via parameter (default: a stateless one)."""
    texts = (*_text(uri), *_text(branch))
    return _built(lib.kh_build_request(msg.c, msg.edits, dest, *texts, _out, lib.KH_MSG_MAX))


def build_res_buf_from_sip_req(msg: Any, code: int, reason: bytes, to_tag: bytes = b"", extra: bytes = b"") -> bytes:
    """A reply to the request; `extra`: complete header lines."""
    texts = (*_text(reason), *_text(to_tag), *_text(extra))
    return _built(lib.kh_build_reply(msg.c, msg.edits, code, *texts, _out, lib.KH_MSG_MAX))


def build_res_buf_from_sip_res(msg: Any, stream: bool = False) -> bytes:
    """A received reply as it goes on: without our Via, with edits; to a `stream` with a Content-Length in any case."""
    return _built(lib.kh_build_forwarded_reply(msg.c, msg.edits, stream, _out, lib.KH_MSG_MAX))


def build_all(msg: Any) -> bytes:
    """The message with its edits and nothing else."""
    return _built(lib.kh_build_plain(msg.c, msg.edits, _out, lib.KH_MSG_MAX))


def build_hop(request: bytes, method: bytes, to: bytes | None = None, extra: bytes = b"") -> bytes:
    """CANCEL or ACK for a request that was sent as `request` (RFC 3261 9.1, 17.1.1.3)."""
    c = ffi.new("kh_msg *")
    buf = ffi.from_buffer(request)
    if lib.kh_msg_parse(c, buf, len(request)) < 0:
        raise BuildError("not a request")
    return _built(lib.kh_build_hop(c, *_text(method), *_text(to), *_text(extra), _out, lib.KH_MSG_MAX))
