"""How occurrences of variables are read: names, inner names, indexes, transformations, and what is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.core.pv import parse_format, parse_spec, pv_names
from kahea.core.pv.registry import transformation_names
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE, REPLY


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


@pytest.mark.parametrize(
    "text",
    [b"$rU", b"$(rU)", b" $rU ", b"$ruri.user", b"$(ruri.user)"],
)
def test_spellings_of_one_variable(msg: SipMsg, text: bytes) -> None:
    assert parse_spec(text).get(msg) == b"bob"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"rU", "begins with"),
        (b"$", "no name"),
        (b"$()", "no name"),
        (b"$nope", "unknown variable"),
        (b"$rV", "did you mean"),
        (b"$rU.", "follows"),
        (b"$rU x", "not one variable"),
        (b"$hdr", "needs an inner name"),
        (b"$hdr()", "empty"),
        (b"$rU(x)", "takes no inner name"),
        (b"$(rU[0])", "takes no index"),
        (b"$(hdr(X)[a])", "not an index"),
        (b"$(hdr(X)[0)", "unclosed"),
        (b"$(hdr(X", "unclosed"),
        (b"$(rU", "missing"),
        (b"$(rU {s.len})", "missing"),
        (b"$time(century)", "does not exist"),
        (b"$branch(colour)", "does not exist"),
        (b"$Mf(32)", "0 to 31"),
        (b"$avp(i:x)", "needs a number"),
        (b"$xavp(a=>)", "needs a name"),
        (b"$xavp(a[0=>b)", "missing"),
        (b"$sel(nope)", "does not exist"),
        (b"$(rU{s.nope})", "unknown transformation"),
        (b"$(rU{S.len})", "unknown transformation"),
        (b"$(rU{s.substr})", "needs 2"),
        (b"$(rU{s.substr,1})", "needs 2"),
        (b"$(rU{s.substr,a,b})", "number"),
        (b"$(rU{s.len,1})", "too many"),
        (b"$(rU{s.len)", "unknown transformation|missing"),
        (b"$(rU{s.rm,x)", "unclosed"),
        (b"$avp(" * 2000 + b"x" + b")" * 2000, "deep"),
        (b"$(var(x)[" * 2000, "deep"),
    ],
)
def test_what_is_refused(text: bytes, complaint: str) -> None:
    with pytest.raises((ValueError, LookupError), match=complaint):
        parse_spec(text)


def test_name_in_var_is_literal(msg: SipMsg) -> None:
    inner = parse_spec(b"$var($var(n))")
    assert inner.set is not None
    inner.set(msg, b"x")
    assert parse_spec(b"$var(n)").get(msg) != b"x"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"", b""),
        (b"plain", b"plain"),
        (b"$$", b"$"),
        (b"a$$b", b"a$b"),
        (b"$rU:$rd", b"bob:example.com"),
        (b"<$rU>", b"<bob>"),
        (b"$(rU)x", b"bobx"),
        (b"$avp(none)", b"<null>"),
        (b"$(avp(none){s.len})", b""),
        (b"$(rU{s.select,1,,})", b""),
        (b"$(ru{s.select,1,:})", b"bob"),
        (b"$(ru{s.rm,{}})", b"sip:bob:pw@example.com:5080;transport=tcp;x=1"),
    ],
)
def test_formats(msg: SipMsg, text: bytes, wanted: bytes) -> None:
    parsed = parse_format(text)
    assert parsed.eval(msg) == wanted
    assert parsed.constant == (b"$" not in text.replace(b"$$", b""))


def test_separator_may_be_a_brace(msg: SipMsg) -> None:
    spec = parse_spec(b"$var(b)")
    assert spec.set is not None
    spec.set(msg, b"a}b")
    assert parse_spec(b"$(var(b){s.select,1,}})").get(msg) == b"b"


@pytest.mark.parametrize("data", [INVITE, REPLY])
def test_every_plain_variable_can_be_read(data: bytes) -> None:
    msg = SipMsg.from_bytes(data)
    for name in pv_names():
        try:
            spec = parse_spec(b"$(" + name + b")")
        except ValueError:
            continue  # needs an inner name
        value = spec.get(msg)
        assert value is None or isinstance(value, bytes | int), name
        if spec.type == "int":
            assert isinstance(value, int), name
        elif spec.type == "str":
            assert isinstance(value, bytes), name


def test_read_only_variables_have_no_setter() -> None:
    assert parse_spec(b"$si").set is None
    assert parse_spec(b"$(rU{s.len})").set is None


@given(st.binary(max_size=40))
def test_any_text_is_a_format_or_an_error(text: bytes) -> None:
    with contextlib.suppress(ValueError, LookupError):
        parse_format(text).eval(SipMsg.from_bytes(INVITE))


@given(st.sampled_from([n for n in transformation_names() if n.count(b".") < 9]), st.binary(max_size=60))
def test_transformations_never_raise(name: bytes, value: bytes) -> None:
    msg = SipMsg.from_bytes(INVITE)
    spec = parse_spec(b"$var(any)")
    assert spec.set is not None
    spec.set(msg, value)
    for params in (b"", b",1", b",1,1", b",x", b",x,y", b",1,;", b",/a/b/g"):
        try:
            transformed = parse_spec(b"$(var(any){" + name + params + b"})")
        except ValueError:
            continue
        result = transformed.get(msg)
        assert result is None or isinstance(result, bytes | int)
