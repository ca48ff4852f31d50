import pytest

from kahea.cfg.regex import compile_regex
from kahea.modules.textops import headers
from kahea.tests.modules.edited import edited, invite, lines


@pytest.mark.parametrize(("name", "there"), [(b"Subject", 1), (b"s", 1), (b"x-a", 1), (b"X-B", -1), (b"k", 1)])
def test_presence_knows_compact_names_and_any_case(name: bytes, there: int) -> None:
    assert headers.is_present_hf(invite(), name) == there
    assert headers.presence_test(name)(invite()) == there


def test_remove_takes_all_of_a_name_and_says_whether_there_was_one() -> None:
    msg = invite()
    assert headers.remove_hf(msg, b"Subject") == 1
    assert headers.remove_hf(msg, b"X-None") == -1
    assert lines(msg, b"Subject") == []
    assert msg.header(b"Subject") == b"one"  # an edit shows only in what is sent


@pytest.mark.parametrize(("index", "left"), [(0, [b"two"]), (1, [b"one"]), (-1, [b"one"]), (-2, [b"two"])])
def test_remove_one_occurrence(index: int, left: list[bytes]) -> None:
    msg = invite()
    assert headers.remove_hf_idx(msg, b"Subject", index) == 1
    assert lines(msg, b"Subject") == left


@pytest.mark.parametrize("index", [2, -3])
def test_remove_an_occurrence_that_is_not_there(index: int) -> None:
    msg = invite()
    assert headers.remove_hf_idx(msg, b"Subject", index) == -1
    assert lines(msg, b"Subject") == [b"one", b"two"]


@pytest.mark.parametrize(
    ("operator", "text", "left"),
    [
        (b"eq", b"one", [b"two"]),
        (b"ne", b"one", [b"one"]),
        (b"in", b"w", [b"one"]),
        (b"re", b"^o", [b"two"]),
        (b"??", b"one", [b"one", b"two"]),
        (b"re", b"(", [b"one", b"two"]),
    ],
)
def test_remove_by_body(operator: bytes, text: bytes, left: list[bytes]) -> None:
    msg = invite()
    headers.remove_hf_match(msg, b"Subject", operator, text)
    assert lines(msg, b"Subject") == left


def test_remove_by_expression_on_the_name() -> None:
    msg = invite()
    assert headers.remove_hf_exp(msg, compile_regex(b"^(x-|s)"), compile_regex(b"^su")) == 1
    assert lines(msg, b"X-A") == []
    assert lines(msg, b"Subject") == [b"one"]  # `Subject` is spared, its compact form is not


def test_append_goes_behind_all_and_behind_a_named_header() -> None:
    msg = invite()
    headers.append_hf(msg, b"X-Z: last\r\n")
    headers.append_hf(msg, b"X-Y: near\r\n", b"X-A")
    text = edited(msg)
    assert b"X-A: first\r\nX-Y: near\r\ns: two\r\n" in text
    assert b"X-Z: last\r\n\r\n" in text


def test_insert_goes_before_all_and_before_a_named_header() -> None:
    msg = invite()
    headers.insert_hf(msg, b"X-Y: near\r\n", b"X-A")
    headers.insert_hf(msg, b"X-0: top\r\n")
    text = edited(msg)
    assert b"X-Y: near\r\nX-A: first\r\n" in text
    assert text.split(b"\r\n")[1] == b"X-0: top"


def test_append_urihf_shows_the_request_uri() -> None:
    msg = invite()
    headers.append_urihf(msg, b"X-URI: <", b">\r\n")
    assert lines(msg, b"X-URI") == [b"<sip:bob@example.org:5060;x=1>"]
