"""Commands run by the script: `jsonrpc_exec(document)`, and the reply in `$jsonrpl(code|text|body)`."""

from typing import Any

from ...core.pv import Format, PvExport, Value
from .document import Reply, handle
from .settings import settings

INVALID = Reply(500, "Invalid Request", {})


class Last:
    """The reply of this process's last command; None before the first."""

    reply: Reply | None = None


def jsonrpc_exec(msg: Any, text: bytes) -> int:
    """Run the request in a JSON-RPC document; -1 when it is none, or when the command has failed."""
    Last.reply = handle(text) or INVALID
    return 1 if Last.reply.code < 300 else -1


def jsonrpc_execx(msg: Any, text: Format) -> int:
    """The same in KEMI, with variables in the document."""
    return jsonrpc_exec(msg, text.eval(msg))


def code(msg: Any) -> Value:
    """$jsonrpl(code): 200, or that of the fault."""
    return None if Last.reply is None else Last.reply.code


def text(msg: Any) -> Value:
    """$jsonrpl(text): OK, or what went wrong."""
    return None if Last.reply is None else Last.reply.text.encode()


def body(msg: Any) -> Value:
    """$jsonrpl(body): the whole reply document."""
    return None if Last.reply is None else Last.reply.encode(bool(settings.pretty_format))


JSONRPL = (PvExport("jsonrpl", choices={"code": code, "text": text, "body": body}),)
