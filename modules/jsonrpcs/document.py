"""A JSON-RPC request document in, a reply document out: no sockets here.

Kamailio's dialect: parameters are positional (an object's members count in their order), only strings and numbers are
passed on, a fault carries the RPC code, a request without `id` is answered without one, and a batch (which Kamailio
does not know) is answered as JSON-RPC 2.0 says.
"""

import json
from dataclasses import dataclass
from typing import Any

from ...core.rpc.registry import RpcError, call

BATCH_MAX = 100  # requests in one document


@dataclass(slots=True)
class Reply:
    """What a document led to. `code` and `text` are those of the command (200 OK, or the fault)."""

    code: int
    text: str
    document: dict[str, Any] | list[dict[str, Any]]
    reply_name: str | None = None  # FIFO that the caller named

    @classmethod
    def fault(cls, error: RpcError) -> "Reply":
        """A reply that is a fault of the transport."""
        document = {"jsonrpc": "2.0", "error": {"code": error.code, "message": error.text}}
        return cls(error.code, error.text, document)

    def encode(self, pretty: bool) -> bytes:
        """The document as text; `pretty` as Kamailio prints it: tabs, one member a line."""
        if pretty:
            return (json.dumps(self.document, indent="\t", separators=(",", ":\t")) + "\n").encode()
        return json.dumps(self.document, separators=(",", ":")).encode()


def handle(data: bytes) -> Reply | None:
    """Run what the document asks for. None when it is not JSON or no request: Kamailio gives no answer then."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, list):
        return handle_batch(document)
    return handle_one(document) if isinstance(document, dict) else None


def handle_batch(documents: list[Any]) -> Reply | None:
    """An array of requests gives the array of their replies; JSON-RPC 2.0 §6."""
    if not documents or len(documents) > BATCH_MAX:
        return None
    replies = [handle_one(document) for document in documents if isinstance(document, dict)]
    return Reply(200, "OK", [reply.document for reply in replies if isinstance(reply.document, dict)])


def handle_one(request: dict[str, Any]) -> Reply:
    """One request object."""
    document: dict[str, Any] = {"jsonrpc": "2.0"}
    code, text = 200, "OK"
    try:
        method = request.get("method")
        if not isinstance(method, str):
            raise RpcError(400, "Invalid Request")
        document["result"] = result_of(call(method, parameters(request.get("params"))))
    except RpcError as error:
        code, text = error.code, error.text
        document["error"] = {"code": code, "message": text}
    identifier = request.get("id")
    if isinstance(identifier, (str, int, float)):
        document["id"] = identifier
    name = request.get("reply_name")
    return Reply(code, text, document, name if isinstance(name, str) else None)


def parameters(params: Any) -> list[str | int | float]:
    """Positional parameters; what is neither text nor number is left out, as in Kamailio."""
    if isinstance(params, dict):
        params = list(params.values())
    if not isinstance(params, list):
        return []
    return [value for value in params if isinstance(value, (str, int, float)) and not isinstance(value, bool)]


def result_of(value: Any) -> Any:
    """A command that added nothing answers `{}`; bytes become text."""
    return {} if value is None else plain(value)


def plain(value: Any) -> Any:
    """What JSON can carry: bytes as text (UTF-8, else Latin-1), tuples as arrays."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("latin-1")
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
