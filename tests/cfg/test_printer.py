"""Printer and parser agree: whatever tree is printed is read back as the same tree."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kahea.cfg.syntax import nodes as n
from kahea.cfg.syntax.parser import parse_text
from kahea.cfg.syntax.printer import print_config
from kahea.cfg.syntax.walk import walk
from kahea.cfg.tables import ASSIGNMENTS, BINARY, OPERAND_OPS, OPERANDS

OPERATORS = sorted({name for name, _ in BINARY.values()})
NAMES = st.sampled_from(["f", "t_relay", "is_method", "log", "rewriteuser"])
VARIABLES = st.sampled_from(["$rU", "$var(x)", "$(ru{uri.host})", "$(avp(a)[1])", "$hdr(X-Y)"]).map(n.Var)
STRINGS = st.binary(max_size=12).map(n.Str)
OPENSER_RIGHT = st.sampled_from([n.Null(), n.Operand("myself"), n.Host("word"), n.Host("sip.example.org")])
NUMBERS = st.integers(-(2**31), 2**31 - 1).map(n.Int)
LEAVES = NUMBERS | STRINGS | VARIABLES | st.just(n.Var("@ruri.user"))


def _compare(draw_right: st.SearchStrategy[n.Expr]) -> st.SearchStrategy[n.Compare]:
    text = [name for name, kind in OPERANDS.items() if kind in ("text", "uri")]
    made = st.builds(n.Compare, st.sampled_from(text).map(n.Operand), st.sampled_from(["==", "!=", "=~"]), STRINGS)
    ips = st.builds(n.Compare, st.just(n.Operand("src_ip")), st.sampled_from(["==", "!="]),
                    st.sampled_from([n.Net("10.0.0.0", "8"), n.Net("::1"), n.Host("a-b.example.org"),
                                     n.Operand("myself")]))  # fmt: skip
    ports = st.builds(n.Compare, st.just(n.Operand("src_port")), st.sampled_from(OPERAND_OPS["int"][:6]), draw_right)
    protos = st.builds(n.Compare, st.just(n.Operand("proto")), st.sampled_from(["==", "!="]),
                       st.sampled_from([n.Int(1, "UDP"), n.Host("*")]))  # fmt: skip
    own = st.builds(n.Compare, st.just(n.Operand("myself")), st.sampled_from(["==", "!="]),
                    st.sampled_from(["uri", "from_uri", "src_ip"]).map(n.Operand))  # fmt: skip
    return made | ips | ports | protos | own


def _grow(inner: st.SearchStrategy[n.Expr]) -> st.SearchStrategy[n.Expr]:
    return (
        st.builds(n.Binary, st.sampled_from(OPERATORS), inner, inner)
        | st.builds(n.Unary, st.sampled_from(["!", "~", "defined", "(int)", "(str)", "strlen", "strempty"]), inner)
        | st.builds(n.Selval, inner, inner, inner)
        | st.builds(n.Call, NAMES, st.lists(inner, max_size=3))
        | st.builds(n.RouteCall, STRINGS | VARIABLES)
        | st.builds(n.Assign, VARIABLES, st.sampled_from(ASSIGNMENTS), inner | st.just(n.Null()))
        | st.builds(n.BlockExpr, st.lists(st.deferred(lambda: SIMPLE), min_size=1, max_size=2))
        | st.builds(n.Binary, st.sampled_from(["==", "!="]), VARIABLES, OPENSER_RIGHT)
        | _compare(inner)
    )


EXPRESSIONS = st.recursive(LEAVES, _grow, max_leaves=8)
ASSIGNED = st.builds(n.Assign, VARIABLES, st.sampled_from(ASSIGNMENTS), EXPRESSIONS)
CALLS = st.builds(n.Call, NAMES, st.lists(EXPRESSIONS, max_size=2)) | st.just(n.Call("setflag", [n.Host("FLAG_A")]))
SIMPLE = (
    st.builds(n.Do, ASSIGNED | CALLS | st.builds(n.RouteCall, STRINGS))
    | st.builds(n.Leave, st.sampled_from(["return", "exit", "drop"]), st.none() | EXPRESSIONS)
    | st.builds(n.Leave, st.just("break"))
)


def _blocks(inner: st.SearchStrategy[n.Stmt]) -> st.SearchStrategy[n.Stmt]:
    body = st.lists(inner, max_size=3)
    case = st.builds(n.Case, st.none() | NUMBERS, body) | st.builds(n.Case, STRINGS, body, st.booleans())
    return (
        st.builds(n.If, EXPRESSIONS | ASSIGNED, body, st.none() | body)
        | st.builds(n.While, EXPRESSIONS, body)
        | st.builds(n.Switch, EXPRESSIONS, st.lists(case, max_size=3))
    )


STATEMENTS = st.recursive(SIMPLE, _blocks, max_leaves=6)
HOSTS = st.sampled_from(["1.2.3.4", "::1", "host.example.org", "eth0", "a-b.c"])
ADDRESSES = st.builds(
    n.Address,
    st.lists(HOSTS, min_size=1, max_size=2).map(tuple),
    st.sampled_from(["", "udp", "tcp", "tls", "sctp"]),
    st.sampled_from([0, 5060]),
)
TOP = (
    st.builds(n.Param, st.sampled_from(["children", "debug"]), st.integers(-9, 99))
    | st.builds(n.Param, st.just("server_header"), st.binary(max_size=9))
    | st.builds(n.Listen, ADDRESSES, st.none() | ADDRESSES, st.none() | st.binary(max_size=4), st.booleans())
    | st.builds(n.Alias, ADDRESSES)
    | st.builds(n.Custom, st.just("pstn"), st.just("gw"), st.integers(0, 9) | st.binary(max_size=5),
                st.none() | st.integers(0, 3), st.none() | st.binary(max_size=5))
    | st.builds(n.Flags, st.sampled_from(["flags", "avpflags"]),
                st.lists(st.tuples(st.sampled_from(["A", "b_1", "a b"]), st.none() | st.integers(0, 31)), min_size=1,
                         max_size=3))
    | st.builds(n.LoadModule, st.just(b"tm.so"), st.booleans())
    | st.builds(n.LoadPath, st.binary(max_size=6))
    | st.builds(n.ModParam, st.just(b"tm|sl"), st.just(b"x"), st.integers(-9, 9) | st.binary(max_size=9))
    | st.builds(n.ModParam, st.just(b"pv"), st.just(b"y"), VARIABLES, st.just(True))
    | st.builds(n.Section, st.sampled_from(["tls_server_domain", "tls_client_domain"]), st.just("[1.2.3.4:5061]"),
                st.sampled_from(["", "a = 1", "a = { b }"]))
    | st.builds(n.RouteBlock, st.sampled_from(["route", "failure_route", "branch_route", "onreply_route"]),
                st.sampled_from(["1", "A", "drop", "a b"]), st.lists(STATEMENTS, max_size=3))
    | st.builds(n.RouteBlock, st.just("event_route"), st.just("tm:local-request"), st.lists(STATEMENTS, max_size=2))
    | st.builds(n.RouteBlock, st.sampled_from(["request_route", "reply_route"]), st.just(""),
                st.lists(STATEMENTS, max_size=3))
)  # fmt: skip


CONFIGS = st.builds(n.Config, st.lists(TOP, max_size=3))


@settings(max_examples=300, deadline=None)
@given(CONFIGS)
def test_a_printed_configuration_reads_back_as_the_same_tree(config: n.Config) -> None:
    text = print_config(config)
    assert parse_text(text.encode("latin-1")) == config, text


def test_every_kind_of_node_is_printed_and_read_back() -> None:
    """The strategies make all of them; what they leave out would never be compared."""
    kinds: set[type] = {n.Address, n.Config}
    kinds |= {kind for kind in vars(n).values() if isinstance(kind, type) and issubclass(kind, n.Node)} - {n.Node}
    made: set[type] = set()

    @settings(max_examples=600, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(CONFIGS)
    def look(config: n.Config) -> None:
        made.add(n.Config)
        for item in config.items:
            made.update(type(node) for node in walk(item))
            made.update({n.Address} if isinstance(item, (n.Listen, n.Alias)) else ())

    look()
    assert made >= kinds
