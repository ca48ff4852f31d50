"""The functions of pv: questions about values, xavp tools, the static branch, presets."""

from typing import Any

import pytest

from kahea.core.loader import register_variables
from kahea.core.pv import PvSpec, parse_format, parse_spec
from kahea.core.pv.stores import shv
from kahea.modules.pv import exports, sbranch, settings, shv_rpc, tests, xavp, xavu
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE
from kahea.tests.support import shared

shared.attach()
register_variables(exports)


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


def put(msg: SipMsg, name: bytes, value: Any) -> PvSpec:
    spec = parse_spec(name)
    assert spec.set is not None
    spec.set(msg, value)
    return spec


def text(msg: SipMsg, fmt: bytes) -> bytes:
    return parse_format(fmt).eval(msg)


@pytest.mark.parametrize(
    ("value", "isset", "integer", "filled", "kind"),
    [
        (None, -1, -1, -1, b"null"),
        (5, 1, 1, -1, b"int"),
        (b"5", 1, 1, 1, b"str"),
        (b"-5", 1, 1, 1, b"str"),
        (b"", 1, -1, -1, b"str"),
        (b"a", 1, -1, 1, b"str"),
    ],
)
def test_questions(msg: SipMsg, value: Any, isset: int, integer: int, filled: int, kind: bytes) -> None:
    pv = put(msg, b"$vn(q)", value)
    assert tests.pv_isset(msg, pv) == isset
    assert tests.is_int(msg, pv) == integer
    assert tests.not_empty(msg, pv) == filled
    for other in (b"int", b"str", b"null"):
        assert tests.typeof(msg, pv, other) == (1 if other == kind else -1)
        assert tests.type_test(pv, other)(msg) == (1 if other == kind else -1)


def test_unknown_type_is_refused_at_load() -> None:
    with pytest.raises(ValueError, match="int, str or null"):
        tests.type_test(parse_spec(b"$rU"), b"number")


def test_unset_removes(msg: SipMsg) -> None:
    pv = put(msg, b"$avp(x)", b"1")
    tests.pv_unset(msg, pv)
    assert pv.get(msg) is None


def test_evalx_evaluates_again(msg: SipMsg) -> None:
    pv = parse_spec(b"$var(out)")
    assert tests.pv_evalx(msg, pv, b"user $rU") == 1
    assert pv.get(msg) == b"user bob"
    assert tests.pv_evalx(msg, pv, b"$nope") == -1


def test_params_explode_and_implode(msg: SipMsg) -> None:
    assert xavp.params_explode(msg, b'a=1;b="x;y";c', b"p") == 1
    assert text(msg, b"$xavp(p=>a)|$xavp(p=>b)|$xavp(p=>c)") == b"1|x;y|"
    out = parse_spec(b"$var(out)")
    assert xavp.params_implode(msg, b"p", out) == 1
    assert out.get(msg) == b'a=1;b="x;y";c;'
    assert xavp.params_explode(msg, b"", b"p") == -1
    assert xavp.params_implode(msg, b"none", out) == -1


def test_children_are_set_and_removed(msg: SipMsg) -> None:
    assert xavp.child_set(msg, b"r", b"k", 5) == 1
    assert xavp.child_set(msg, b"r", b"k", b"v") == 1
    assert text(msg, b"$xavp(r=>k) $cnt($xavp(r))") == b"v 1"
    assert xavp.child_rm(msg, b"r", b"k") == 1
    assert xavp.child_rm(msg, b"r", b"k") == -1
    assert xavp.rm(msg, b"r") == 1
    assert xavp.rm(msg, b"r") == -1


def test_xavi_names_in_any_case(msg: SipMsg) -> None:
    xavp.xavi_child_set(msg, b"Root", b"KEY", b"v")
    assert text(msg, b"$xavi(rOOT=>key)") == b"v"
    assert xavp.xavi_child_rm(msg, b"ROOT", b"key") == 1
    assert xavp.xavi_rm(msg, b"root") == 1


def test_copy_pushes_or_replaces(msg: SipMsg) -> None:
    xavp.child_set(msg, b"a", b"x", 1)
    assert xavp.copy(msg, b"a", 0, b"b") == 1
    xavp.child_set(msg, b"a", b"x", 2)
    assert text(msg, b"$xavp(b=>x)") == b"1"
    assert xavp.copy(msg, b"a", 0, b"b", 0) == 1
    assert text(msg, b"$xavp(b=>x) $cnt($xavp(b))") == b"2 1"
    assert xavp.copy(msg, b"a", 3, b"b") == -1
    assert xavp.copy(msg, b"a", 0, b"b", 7) == -1


def test_list_to_fields(msg: SipMsg) -> None:
    xavp.slist_explode(msg, b"a, b,c", b",", b"t", b"l")
    assert text(msg, b"$xavp(l=>v[0]) $xavp(l=>v[1]) $xavp(l=>v[-1])") == b"a b c"


def test_xavu_params(msg: SipMsg) -> None:
    assert xavu.params_explode(msg, b"a=1;b=2", b"u") == 1
    assert text(msg, b"$xavu(u=>a)$xavu(u=>b)") == b"12"
    out = parse_spec(b"$var(out)")
    assert xavu.params_implode(msg, b"u", out) == 1
    assert out.get(msg) == b"a=1;b=2;"


def test_vars_to_xavp_and_back(msg: SipMsg) -> None:
    put(msg, b"$var(one)", b"1")
    assert xavp.var_to_xavp(msg, b"one", b"saved") == 1
    put(msg, b"$var(one)", b"2")
    assert xavp.xavp_to_var(msg, b"saved") == 1
    assert text(msg, b"$var(one)") == b"1"
    assert xavp.var_to_xavp(msg, b"never_named", b"saved") == -1


def test_static_branch_becomes_a_branch_or_the_request_uri(msg: SipMsg) -> None:
    assert sbranch.append(msg) == -1
    put(msg, b"$sbranch(uri)", b"sip:s@h")
    put(msg, b"$sbranch(q)", 500)
    assert sbranch.append(msg) == 1
    assert text(msg, b"$branch(uri) $branch(q)") == b"sip:s@h 500"
    put(msg, b"$sbranch(dst_uri)", b"sip:1.2.3.4")
    assert sbranch.set_ruri(msg) == 1
    assert text(msg, b"$ru $du") == b"sip:s@h sip:1.2.3.4"
    sbranch.reset(msg)
    assert parse_spec(b"$sbranch(uri)").get(msg) is None


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(b"a=i:5", (b"a", 5)), (b"b=s:x:y", (b"b", b"x:y")), (b"c = i:-1", (b"c", -1)), (b"d=s:", (b"d", b""))],
)
def test_presets(given: bytes, wanted: Any) -> None:
    assert settings.parse_preset(given) == wanted


@pytest.mark.parametrize("given", [b"a", b"a=5", b"=i:5", b"a=i:x", b"a=z:1"])
def test_bad_presets_are_refused(given: bytes) -> None:
    with pytest.raises(ValueError):
        settings.parse_preset(given)


def test_shared_variables_over_rpc(msg: SipMsg) -> None:
    shv.Store.table = None
    settings.preset_shv(b"first=i:7")
    settings.start()
    assert text(msg, b"$shv(first) $shv(other)") == b"7 0"
    shv_rpc.put("other", "str", "text")
    assert text(msg, b"$shv(other)") == b"text"
    assert shv_rpc.get("other") == {"name": "other", "type": "str", "value": "text"}
    assert {"first", "other"} <= {entry["name"] for entry in shv_rpc.get()}
    put(msg, b"$shv(other)", None)
    assert parse_spec(b"$shv(other)").get(msg) == b""
    with pytest.raises(Exception, match="not found"):
        shv_rpc.get("none")
    with pytest.raises(Exception, match="int or str"):
        shv_rpc.put("x", "float", "1")


def test_avp_aliases(msg: SipMsg) -> None:
    settings.set_aliases(b"uuid=I:50;mail=s:email")
    put(msg, b"$avp(uuid)", b"u")
    put(msg, b"$avp(email)", b"m")
    assert text(msg, b"$avp(i:50) $avp(mail)") == b"u m"
    with pytest.raises(ValueError):
        settings.set_aliases(b"broken")


def test_names_of_functions_are_unique_by_count() -> None:
    seen = {(command.name, len(command.params)) for command in exports.cmds}
    assert len(seen) == len(exports.cmds)
