"""POSIX extended regular expressions on Python's `re`: rows by hand, and what hypothesis finds with the C library."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kahea.cfg.regex import compile_regex, parse_subst, translate
from kahea.tests.cfg import posix

MATCHES = [
    (b"^[0-9]+$", b"123"),
    (b"BOB", b"xbobx"),
    (b"a.c", b"a\nc"),
    (b"^b", b"a\nb"),
    (b"a|b", b"xb"),
    (b"[[:alpha:]]+", b"1a"),
    (b"[^[:digit:]]", b"1"),
    (b"[]a]", b"]"),
    (b"[^]a]", b"]"),
    (b"[a-]", b"-"),
    (b"[\\d]", b"d"),
    (b"\\d", b"5"),
    (b"\\w+", b"a_1"),
    (b"\\bab", b"x ab"),
    (b"a\\.b", b"a.b"),
    (b"a\\.b", b"axb"),
    (b"a{2}", b"aa"),
    (b"a{2}", b"a"),
    (b"a{,2}", b""),
    (b"x{1,2}y", b"xxy"),
    (b"(ab)+\\1", b"abab"),
    (b"^$", b""),
    (b"a*", b""),
    (b"(a|b)*c", b"ababc"),
    (b"a**", b"aa"),
    (b"a+?", b"a"),
    (b"\\<ab\\>", b"x ab y"),
    (b"sip:[^@]+@", b"sip:bob@x"),
    (b"^(sip|tel):", b"TEL:1"),
    (b"[[.a.]]", b"a"),
    (b"\\+49", b"+49"),
    (b"a{", b"a{"),
    (b"*a", b"*a"),
    (b"a$b", b"a$b"),
    (b"\\$", b"$"),
    (b"[$]", b"$"),
    (b"(^a)", b"ba"),
    (b"()", b""),
]


@pytest.mark.parametrize(("pattern", "data"), MATCHES, ids=[f"{p!r} {d!r}" for p, d in MATCHES])
def test_a_pattern_matches_where_the_c_library_does(pattern: bytes, data: bytes) -> None:
    wanted = posix.search(pattern, data)
    if wanted == "bad":
        return
    found = compile_regex(pattern).search(data)
    assert (None if found is None else found.span()) == wanted


_ATOM = st.sampled_from([b"a", b"b", b"A", b".", b"[ab]", b"[^a]", b"[[:alpha:]]", b"\\w", b"\\.", b"\n", b"[b-]"])
_PIECE = st.builds(lambda a, r: a + r, _ATOM, st.sampled_from([b"", b"", b"*", b"+", b"?", b"{1,2}", b"{2}"]))


def _grow(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    joined = st.lists(inner, min_size=1, max_size=3).map(b"".join)
    group = st.builds(
        lambda x, y, r: b"(" + x + b"|" + y + b")" + r, joined, joined, st.sampled_from([b"", b"*", b"+"])
    )
    return joined | group


#: anchors at the ends only: within a pattern the C library takes them for ends of lines now and then
_PATTERNS = st.builds(
    lambda start, middle, end: start + middle + end,
    st.sampled_from([b"", b"^"]),
    st.recursive(_PIECE, _grow, max_leaves=5),
    st.sampled_from([b"", b"$"]),
)


@settings(max_examples=200, deadline=None)
@given(_PATTERNS, st.text("abA.\n-", max_size=8).map(str.encode), st.booleans())
def test_there_is_a_match_exactly_when_the_c_library_finds_one(pattern: bytes, data: bytes, newline: bool) -> None:
    wanted = posix.search(pattern, data, posix.REG_ICASE | (posix.REG_NEWLINE if newline else 0))
    found = compile_regex(pattern, newline=newline).search(data)
    assert (found is None) == (wanted is None)
    if found is not None and isinstance(wanted, tuple):
        assert found.start() == wanted[0]


@settings(max_examples=300, deadline=None)
@given(st.text("ab()[]{}*+?|^$\\.-:1,", max_size=12).map(str.encode))
def test_no_pattern_ends_in_anything_but_a_sentence(pattern: bytes) -> None:
    try:
        compile_regex(pattern).search(b"abab")
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize("pattern", [b"[", b"[[:nope:]]", b"a\\", b"(", b"[z-a]", b"a" * 10_000])
def test_malformed_patterns_are_refused(pattern: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        compile_regex(pattern)


def test_case_matters_when_asked_for() -> None:
    assert compile_regex(b"A", ignore_case=False).search(b"a") is None


def test_a_translation_is_plain() -> None:
    assert translate(b"^a.[0-9]+$") == rb"\Aa.[0-9]+\Z"


SUBSTS = [
    (b"/a/b/", b"aa", b"ba"),
    (b"/a/b/g", b"aa", b"bb"),
    (b"/A/b/i", b"a", b"b"),
    (b"/x/b/", b"a", None),
    (b"/(.*)@(.*)/\\2@\\1/", b"u@h", b"h@u"),
    (b"!a/b!c!", b"a/b", b"c"),
    (b"/a\\/b/c/", b"a/b", b"c"),
    (b"/a/\\n/", b"a", b"\n"),
    (b"/(a)|b/[\\1]/g", b"ab", b"[a][]"),
    (b"/a.b/x/", b"a\nb", None),
    (b"/a.b/x/s", b"a\nb", b"x"),
]


@pytest.mark.parametrize(("text", "data", "wanted"), SUBSTS)
def test_substitutions(text: bytes, data: bytes, wanted: bytes | None) -> None:
    assert parse_subst(text).apply(data) == wanted


@pytest.mark.parametrize("text", [b"", b"/", b"/a", b"/a/b", b"/a/b/x", b"/[/b/"])
def test_malformed_substitutions_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_subst(text)
