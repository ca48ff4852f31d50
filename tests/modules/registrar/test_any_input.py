"""Whatever a phone sends as Contact, Path, Expires and To is answered, and the table stays whole."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kahea.modules.registrar.save import save
from kahea.parser.errors import BadMessage

from .conftest import Registrar, request

PIECES = st.sampled_from(
    [
        b"<", b">", b'"', b"\\", b";", b",", b"=", b"*", b" ", b"\t", b"%", b"%41", b"%zz", b"%0", b"@", b":",
        b"sip:", b"a", b"q", b"q=0.5", b"q=.", b"expires", b"expires=0", b"expires=9", b'expires="7"', b"received",
        b'="sip:x"',
        b"+sip.instance", b'="<urn:uuid:1>"', b"reg-id=1", b"methods", b'="INVITE', b"\r\n ", b"\x00", b"\xff",
        b"[::1]", b"<sip:u@h>", b"sip:u@h;x", b"9" * 20, b"x" * 300,
    ]
)  # fmt: skip
VALUES = st.lists(PIECES, max_size=12).map(b"".join)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contacts=st.lists(VALUES, max_size=3), path=VALUES, expires=VALUES, to=VALUES)
def test_every_register_is_answered(
    registrar: Registrar, contacts: list[bytes], path: bytes, expires: bytes, to: bytes
) -> None:
    registrar.configure(use_path=1, path_use_received=1, path_mode=0)
    lines = b"".join(b"Contact: %s\r\n" % value for value in contacts) + b"Path: %s\r\nExpires: %s\r\n" % (
        path,
        expires,
    )
    registrar.cseq += 1
    for aor in (b"<sip:alice@h>", to):
        try:
            msg = request(lines=lines, to=aor, cseq=registrar.cseq)
        except BadMessage:
            continue
        before = len(registrar.replies)
        save(msg, b"location")
        assert len(registrar.replies) == before + 1
        registrar.lookup()
    assert registrar.table.table.check() == 0
