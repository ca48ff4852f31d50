"""What one route block of a transaction writes and another reads: as Debian's kamailio did with writes.cfg."""

import re
from collections.abc import Callable
from pathlib import Path

from kahea.core.scripttest import ScriptTest

CONFIG = Path(__file__).parent / "writes.cfg"
#: what each block logged, in order; the columns are those of the xlog() lines in writes.cfg
KAMAILIO = """
b0 r|r|r|1|2|sip:bob@127.0.0.1:5070|<null>|<null>
b1 b0|b0, r|r|3|2|sip:bob@127.0.0.1:5071|<null>|<null>
a b1|b1|3|2|sip:bob@127.0.0.1:5070|<null>|<null>|From: <sip:reqfrom@example.com>;tag=from1
r0-180 b1, b0, r|b1|3|10|r
r1-404 b1, b0, r|b1|7|10|r
r0-486 b1, b0, r|b1|7|42|r
f b1, b0, r|486, 404, 180|b1|reply|7|42|sip:bob@127.0.0.1:5070|bob|<null>|404|<null>
b2 f|f, b1, b0, r|b1|15|42|sip:carol@127.0.0.1:5072|<null>|<null>
r2-603 b2, f, b1, b0, r|b1|3|42|r
g b2, f, b1, b0, r|7|42|sip:bob@127.0.0.1:5070|From: <sip:reqfrom@example.com>;tag=from1
""".strip()


def test_each_block_reads_what_kamailios_did(kahea_script: Callable[..., ScriptTest]) -> None:
    script = kahea_script(CONFIG)
    first, second = script.send("INVITE", "sip:bob@example.com").relayed
    assert (first.uri, first.headers("X-Branch")) == ("sip:u0@127.0.0.1:5070", ["0"])
    assert (second.uri, second.header("To")) == ("sip:u1@127.0.0.1:5071", "Branch <sip:bob@example.com>")
    assert script.answer(first, 180).replies.only().header("X-Reply") == "180"
    script.answer(second, 404)
    third = script.answer(first, 486).requests("INVITE").only()
    assert (third.uri, third.header("X-Fail")) == ("sip:u2@127.0.0.1:5072", "1")
    assert third.header("From") == "<sip:failfrom@example.com>;tag=from1"
    assert script.answer(third, 603).replied == [480]
    logged = [f"{block} {line}" for block, line in re.findall(r"@([\w-]+)@(.*)@\n", script.log)]
    assert logged == KAMAILIO.splitlines()
