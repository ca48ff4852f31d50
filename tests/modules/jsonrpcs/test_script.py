"""Commands that the routing script runs itself: jsonrpc_exec() and $jsonrpl."""

from collections.abc import Callable

import pytest

from kahea.core.scripttest import ScriptTest

CONFIG = """
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "jsonrpcs.so"
modparam("jsonrpcs", "pretty_format", 0)
request_route {
    if (jsonrpc_exec("$hdr(X-Command)")) sl_send_reply("200", "$jsonrpl(code) $jsonrpl(text)");
    else sl_send_reply("500", "$jsonrpl(code) $jsonrpl(text)");
}
"""
ECHO = '{"jsonrpc":"2.0","method":"jsonrpc.echo","params":["a",1],"id":7}'


@pytest.mark.parametrize(
    ("command", "answer", "body"),
    [
        (ECHO, "200 OK", '{"jsonrpc":"2.0","result":["a",1],"id":7}'),
        ('{"jsonrpc":"2.0","method":"no.such","id":1}', "500 Method Not Found", None),
        ("not json", "500 Invalid Request", "{}"),
    ],
)
def test_a_command_and_its_reply(
    kahea_script: Callable[..., ScriptTest], command: str, answer: str, body: str | None
) -> None:
    script = kahea_script(CONFIG)
    (reply,) = script.send("OPTIONS", "sip:x@y", headers={"X-Command": command}).replies
    assert reply.reason == answer
    if body is not None:
        assert script.get("$jsonrpl(body)") == body
