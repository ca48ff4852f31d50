"""textopsx: applied edits, status lines, values of headers, walks."""

from collections.abc import Callable

import pytest

from kahea.cfg.regex import compile_regex
from kahea.core.functions.branches import append_branch, setdsturi
from kahea.core.loader import register_variables
from kahea.core.msg.lumps import append_hf
from kahea.core.msg.ruri import SET_USER, edit_uri
from kahea.core.msg.translate import build_all
from kahea.core.pv import parse_format
from kahea.modules.textopsx import buffer, exports, iterators, match, status, values
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE, REPLY

register_variables(exports)
LISTS = INVITE.replace(
    b"Expires: 120\r\n",
    b"Supported: path, 100rel\r\nFoo: a;x=1;y, b;x=2\r\nFoo: \"c,d\";x=3\r\nAuthorization: Digest a=1, b=\"2,3\"\r\n",
)  # fmt: skip


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(LISTS)


def headers(msg: SipMsg, name: bytes) -> list[bytes]:
    """Bodies in what is sent."""
    return SipMsg.from_bytes(build_all(msg)).headers(name)


def test_applied_edits_are_read_back(msg: SipMsg) -> None:
    append_hf(msg, b"X-New: 1\r\n")
    edit_uri(msg, SET_USER, b"carol")
    setdsturi(msg, b"sip:9.9.9.9")
    append_branch(msg, b"sip:b@h", b"0.5")
    assert msg.header(b"X-New") is None
    rcv = msg.rcv
    assert buffer.msg_apply_changes(msg) == 1
    assert msg.header(b"X-New") == b"1"
    assert parse_format(b"$rU $oU $du $branch(uri) $branch(q)").eval(msg) == b"carol carol sip:9.9.9.9 sip:b@h 500"
    assert msg.rcv == rcv
    assert build_all(msg).count(b"X-New") == 1


def test_edits_are_not_applied_in_a_transaction(msg: SipMsg) -> None:
    msg.t = object()
    assert buffer.msg_apply_changes(msg) == -1


def test_another_message_must_be_of_the_same_kind(msg: SipMsg) -> None:
    assert buffer.msg_set_buffer(msg, REPLY) == -1
    assert buffer.msg_set_buffer(msg, b"junk") == -1
    assert buffer.msg_set_buffer(msg, INVITE.replace(b"call-1", b"call-2")) == 1
    assert msg.callid == b"call-2"


@pytest.mark.parametrize(
    ("old", "code", "wanted"), [(b"180 Ringing now", 183, 1), (b"180 Ringing now", 200, -1), (b"603 No", 404, 1),
                                (b"404 No", 200, -1), (b"404 No", 99, -1), (b"404 No", 700, -1)],
)  # fmt: skip
def test_status_line(old: bytes, code: int, wanted: int) -> None:
    msg = SipMsg.from_bytes(REPLY.replace(b"180 Ringing now", old))
    assert status.change_reply_status(msg, code, b"Other") == wanted
    if wanted > 0:
        assert build_all(msg).startswith(b"SIP/2.0 %d Other\r\n" % code)
        assert msg.status == code


def test_body_is_removed(msg: SipMsg) -> None:
    assert match.remove_body(msg) == 1
    sent = SipMsg.from_bytes(build_all(msg))
    assert (sent.body, sent.content_type, sent.content_length) == (None, None, 0)
    assert match.remove_body(SipMsg.from_bytes(REPLY)) == -1


def test_only_needed_and_matching_headers_are_kept(msg: SipMsg) -> None:
    assert match.keep_hf(msg, compile_regex(b"^Supp")) == 1
    sent = SipMsg.from_bytes(build_all(msg))
    assert sent.header(b"Supported") and sent.header(b"Via") and sent.header(b"Contact")
    assert sent.header(b"User-Agent") is None and sent.header(b"X-Test") is None


@pytest.mark.parametrize(
    ("value", "pattern", "flags", "wanted"),
    [(b"123456", b"123*", b"", 1), (b"abc", b"A?C", b"", -1), (b"abc", b"A?C", b"i", 1), (b"b", b"[a-c]", b"", 1),
     (b"xb", b"b", b"", -1)],
)  # fmt: skip
def test_shell_patterns(msg: SipMsg, value: bytes, pattern: bytes, flags: bytes, wanted: int) -> None:
    assert match.fnmatch(msg, value, pattern, flags) == wanted


Change = Callable[[SipMsg], int]
CHANGES: list[tuple[Change, bytes, list[bytes]]] = [
    (lambda m: values.append_hf_value(m, b"Foo", b"z"), b"Foo", [b"a;x=1;y, b;x=2", b'"c,d";x=3', b"z"]),
    (lambda m: values.append_hf_value(m, b"Foo[1]", b"z"), b"Foo", [b"a;x=1;y,z, b;x=2", b'"c,d";x=3']),
    (lambda m: values.append_hf_value(m, b"Foo[-1]", b"z"), b"Foo", [b"a;x=1;y, b;x=2", b'"c,d";x=3,z']),
    (lambda m: values.append_hf_value(m, b"Bar[-1]", b"z"), b"Bar", [b"z"]),
    (lambda m: values.insert_hf_value(m, b"Foo", b"z"), b"Foo", [b"z", b"a;x=1;y, b;x=2", b'"c,d";x=3']),
    (lambda m: values.insert_hf_value(m, b"Foo[2]", b"z"), b"Foo", [b"a;x=1;y, z,b;x=2", b'"c,d";x=3']),
    (lambda m: values.remove_hf_value(m, b"Foo"), b"Foo", [b"b;x=2", b'"c,d";x=3']),
    (lambda m: values.remove_hf_value(m, b"Foo[2]"), b"Foo", [b"a;x=1;y", b'"c,d";x=3']),
    (lambda m: values.remove_hf_value(m, b"Foo[-1]"), b"Foo", [b"a;x=1;y, b;x=2"]),
    (lambda m: values.remove_hf_value(m, b"Foo[*]"), b"Foo", []),
    (lambda m: values.remove_hf_value(m, b"Foo.x"), b"Foo", [b"a;y, b;x=2", b'"c,d";x=3']),
    (lambda m: values.remove_hf_value(m, b"Foo[*].x"), b"Foo", [b"a;y, b", b'"c,d"']),
    (lambda m: values.assign_hf_value(m, b"Foo", b"n"), b"Foo", [b"n, b;x=2", b'"c,d";x=3']),
    (lambda m: values.assign_hf_value(m, b"Foo[3].x", b"9"), b"Foo", [b"a;x=1;y, b;x=2", b'"c,d";x=9']),
    (lambda m: values.assign_hf_value(m, b"Foo[2].lr", b""), b"Foo", [b"a;x=1;y, b;x=2;lr", b'"c,d";x=3']),
    (lambda m: values.assign_hf_value2(m, b"Authorization.b", b"4"), b"Authorization", [b"Digest a=1, b=4"]),
    (lambda m: values.assign_hf_value2(m, b"Authorization.c", b"5"), b"Authorization", [b'Digest a=1, b="2,3", c=5']),
    (lambda m: values.remove_hf_value2(m, b"Authorization.b"), b"Authorization", [b"Digest a=1"]),
    (lambda m: values.remove_hf_value2(m, b"Authorization"), b"Authorization", []),
    (lambda m: values.include_hf_value(m, b"Supported", b"timer"), b"Supported", [b"path, 100rel,timer"]),
    (lambda m: values.include_hf_value(m, b"Supported", b"PATH"), b"Supported", [b"path, 100rel"]),
    (lambda m: values.include_hf_value(m, b"Require", b"path"), b"Require", [b"path"]),
    (lambda m: values.exclude_hf_value(m, b"Supported", b"path"), b"Supported", [b"100rel"]),
    (lambda m: values.exclude_hf_value(m, b"Supported", b"none"), b"Supported", [b"path, 100rel"]),
]


@pytest.mark.parametrize("row", range(len(CHANGES)))
def test_values_of_headers(msg: SipMsg, row: int) -> None:
    change, name, wanted = CHANGES[row]
    assert change(msg) == 1
    assert headers(msg, name) == wanted


@pytest.mark.parametrize("target", [b"", b"Foo[0]", b"Foo[x]", b"Foo.a.b", b"Foo[9]", b"None.x", b"Foo.none"])
def test_targets_that_mean_nothing(msg: SipMsg, target: bytes) -> None:
    assert values.remove_hf_value(msg, target) == -1


def test_value_exists(msg: SipMsg) -> None:
    assert values.hf_value_exists(msg, b"supported", b"PATH") == 1
    assert values.hf_value_exists(msg, b"supported", b"pat") == -1


def test_walk_over_headers(msg: SipMsg) -> None:
    assert iterators.hf_next(msg, b"i") == -1
    iterators.hf_start(msg, b"i")
    seen = []
    while iterators.hf_next(msg, b"i") > 0:
        seen.append(parse_format(b"$hfitname(i)").eval(msg))
        if seen[-1].lower() == b"x-test":
            assert iterators.hf_rm(msg, b"i") == 1
        if seen[-1] == b"Foo":
            iterators.hf_insert(msg, b"i", b"Before: 1\r\n")
            iterators.hf_append(msg, b"i", b"After: 1\r\n")
    assert seen[0] == b"Via" and len(seen) == msg.c.n_hdr
    assert iterators.hf_prev(msg, b"i") == 1
    assert parse_format(b"$hfitbody(i)").eval(msg) == b"application/sdp"
    assert iterators.hf_end(msg, b"i") == 1
    assert headers(msg, b"X-Test") == []
    assert len(headers(msg, b"Before")) == len(headers(msg, b"After")) == 2


def test_walks_are_few(msg: SipMsg) -> None:
    assert [iterators.hf_start(msg, b"%d" % n) for n in range(5)] == [1, 1, 1, 1, -1]


def test_walk_over_body_lines() -> None:
    msg = SipMsg.from_bytes(
        INVITE.replace(b"Content-Length: 4", b"Content-Length: 15").replace(b"v=0\n", b"v=0\r\ns=-\r\nt=0\r\n")
    )
    iterators.bl_start(msg, b"b")
    lines = []
    while iterators.bl_next(msg, b"b") > 0:
        lines.append(parse_format(b"$blitval(b)").eval(msg))
        if lines[-1].startswith(b"s="):
            iterators.bl_rm(msg, b"b")
            iterators.bl_append(msg, b"b", b"a=x\r\n")
    assert lines == [b"v=0\r\n", b"s=-\r\n", b"t=0\r\n"]
    assert SipMsg.from_bytes(build_all(msg)).body == b"v=0\r\na=x\r\nt=0\r\n"
