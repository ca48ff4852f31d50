"""The grammar's data: words, operators, block kinds, core commands. A new spelling is a new row here."""

from dataclasses import dataclass

from .argtypes import RouteType
from .words import words

# -- operators (cfg-language: tightest binds with the greatest number) -------------------------------------------------

#: spelling -> (name used in the tree, binding power); all are left-associative
BINARY: dict[str, tuple[str, int]] = {
    "*": ("*", 110), "/": ("/", 110), "mod": ("mod", 110), "%": ("mod", 110),
    "+": ("+", 100), "-": ("-", 100),
    "<": ("<", 90), ">": (">", 90), "<=": ("<=", 90), ">=": (">=", 90),
    "==": ("==", 80), "!=": ("!=", 80), "=~": ("=~", 80), "!~": ("!~", 80),
    "eq": ("eq", 80), "ne": ("ne", 80), "ieq": ("ieq", 80), "ine": ("ine", 80),
    ">>": (">>", 70), "<<": ("<<", 60), "^": ("^", 50), "&": ("&", 40), "|": ("|", 30),
    "&&": ("&&", 20), "and": ("&&", 20), "||": ("||", 10), "or": ("||", 10),
}  # fmt: skip

#: prefix operator -> (name in the tree, binding power of its operand)
PREFIX: dict[str, tuple[str, int]] = {
    "!": ("!", 120), "not": ("!", 120), "~": ("~", 120), "-": ("-", 120),
    "defined": ("defined", 130), "(int)": ("(int)", 140), "(str)": ("(str)", 140),
}  # fmt: skip

#: functions that are operators: name -> number of arguments
OPERATOR_CALLS = {"strlen": 1, "strempty": 1, "selval": 3}

ASSIGNMENTS = ("=", ":=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=")
#: compound assignment -> operator
COMPOUND = {"+=": "+", "-=": "-", "*=": "*", "/=": "/", "%=": "mod", "&=": "&", "|=": "|", "^=": "^"}

# -- named numbers -----------------------------------------------------------------------------------------------------

NUMBERS = {
    **dict.fromkeys(words("yes true on enable"), 1),
    **dict.fromkeys(words("no false off disable"), 0),
    **dict.fromkeys(words("inet INET ipv4 IPv4 IPV4"), 2),
    **dict.fromkeys(words("inet6 INET6 ipv6 IPv6 IPV6"), 10),
}
#: transports -> the number of `$prid`/`proto ==`
PROTOCOLS = {name: number for number, names in enumerate(("udp", "tcp", "tls", "sctp", "ws", "wss"), 1)
             for name in (names, names.upper())}  # fmt: skip

# -- core keywords in comparisons --------------------------------------------------------------------------------------

#: keyword -> kind: "text" compares without case, "uri" also with myself, "ip" with addresses, "int", "proto", "myself"
OPERANDS = {
    "method": "text", "status": "uri", "uri": "uri", "from_uri": "uri", "to_uri": "uri",
    "src_ip": "ip", "dst_ip": "ip", "snd_ip": "ip", "to_ip": "ip",
    "src_port": "int", "dst_port": "int", "snd_port": "int", "to_port": "int", "af": "int", "snd_af": "int",
    "to_af": "int", "msg:len": "int", "proto": "proto", "snd_proto": "proto", "to_proto": "proto",
    "myself": "myself",
}  # fmt: skip
OPERAND_ALIASES = {"to_af": "snd_af", "to_proto": "snd_proto"}
OPERAND_OPS = {
    "text": ("==", "!=", "=~", "!~", "eq", "ne"), "uri": ("==", "!=", "=~", "!~", "eq", "ne"),
    "ip": ("==", "!=", "=~", "!~", "eq", "ne"), "int": ("==", "!=", "<", ">", "<=", ">=", "ieq", "ine", "eq", "ne"),
    "proto": ("==", "!=", "ieq", "ine", "eq", "ne"), "myself": ("==", "!=", "eq", "ne"),
}  # fmt: skip
ONSEND_OPERANDS = frozenset({"snd_ip", "to_ip", "snd_port", "to_port", "snd_proto", "snd_af"})
MAX_LEN = 65535  # OpenSER's `max_len`: the largest datagram


# -- route blocks ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RouteKind:
    """A kind of route block: its words in the file, whether it may or must have a name, where functions may be used."""

    kind: str
    words: tuple[str, ...]
    type: RouteType
    named: bool
    unnamed: bool = True


ROUTE_KINDS: dict[str, RouteKind] = {k.kind: k for k in (
    RouteKind("route", ("route",), RouteType.ANY, named=True, unnamed=False),
    RouteKind("request_route", ("request_route",), RouteType.REQUEST, named=False),
    RouteKind("reply_route", ("reply_route",), RouteType.CORE_ONREPLY, named=False),
    RouteKind("onreply_route", ("onreply_route",), RouteType.TM_ONREPLY, named=True, unnamed=False),
    RouteKind("failure_route", ("failure_route",), RouteType.FAILURE, named=True),
    RouteKind("branch_route", ("branch_route",), RouteType.BRANCH, named=True),
    RouteKind("onsend_route", ("onsend_route",), RouteType.ONSEND, named=False),
    RouteKind("event_route", ("event_route",), RouteType.EVENT, named=True, unnamed=False),
    RouteKind("local_route", ("local_route",), RouteType.LOCAL, named=False),
    RouteKind("error_route", ("error_route",), RouteType.REQUEST | RouteType.ERROR, named=False),
)}  # fmt: skip

# -- core commands -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CoreCommand:
    """A command of the grammar. It sets no `$rc` and never stops the script. `args` says how its arguments are read:

    "expr" ordinary expressions; "flag" flag names and numbers; "host" addresses and host names; "proto" a transport.
    `bare`: the parentheses may be left out. `onsend`: allowed in onsend_route.
    """

    name: str
    aliases: tuple[str, ...] = ()
    args: str = "expr"
    bare: bool = False
    onsend: bool = False


_COMMANDS = (
    CoreCommand("forward", args="host"),
    CoreCommand("forward_udp", args="host"),
    CoreCommand("forward_tcp", args="host"),
    CoreCommand("forward_tls", args="host"),
    CoreCommand("forward_sctp", args="host"),
    CoreCommand("log", onsend=True),
    CoreCommand("error"),
    CoreCommand("exec"),
    CoreCommand("setflag", args="flag", onsend=True),
    CoreCommand("resetflag", args="flag", onsend=True),
    CoreCommand("isflagset", args="flag", onsend=True),
    CoreCommand("setavpflag", args="flag"),
    CoreCommand("resetavpflag", args="flag"),
    CoreCommand("isavpflagset", args="flag"),
    CoreCommand("rewritehost", ("sethost", "seth")),
    CoreCommand("rewritehostport", ("sethostport", "sethp")),
    CoreCommand("rewritehostporttrans", ("sethostporttrans", "sethpt")),
    CoreCommand("rewriteuser", ("setuser", "setu")),
    CoreCommand("rewriteuserpass", ("setuserpass", "setup")),
    CoreCommand("rewriteport", ("setport", "setp")),
    CoreCommand("rewriteuri", ("seturi",)),
    CoreCommand("revert_uri", bare=True),
    CoreCommand("prefix"),
    CoreCommand("strip"),
    CoreCommand("strip_tail"),
    CoreCommand("userphone"),
    CoreCommand("remove_branch"),
    CoreCommand("clear_branches"),
    CoreCommand("force_rport", ("add_rport",), bare=True),
    CoreCommand("add_local_rport", ("force_local_rport",), bare=True),
    CoreCommand("force_tcp_alias", ("add_tcp_alias",), bare=True),
    CoreCommand("udp_mtu_try_proto", args="proto"),
    CoreCommand("set_advertised_address", args="host"),
    CoreCommand("set_advertised_port"),
    CoreCommand("force_send_socket", args="host"),
    CoreCommand("set_forward_no_connect", bare=True, onsend=True),
    CoreCommand("set_forward_close", bare=True, onsend=True),
    CoreCommand("set_reply_no_connect", bare=True, onsend=True),
    CoreCommand("set_reply_close", bare=True, onsend=True),
    CoreCommand("cfg_select"),
    CoreCommand("cfg_reset"),
)
#: every spelling -> its row
CORE_COMMANDS = {spelling: row for row in _COMMANDS for spelling in (row.name, *row.aliases)}

# -- words that defines never replace ----------------------------------------------------------------------------------

STATEMENTS = words(
    "if else while switch case default break esac return exit drop route request_route reply_route"
    " onreply_route failure_route branch_route onsend_route event_route local_route error_route"
    " loadmodule loadmodulex loadpath mpath modparam modparamx cfgengine include_file import_file flags"
    " bool avpflags"
)
RESERVED: frozenset[str] = (
    STATEMENTS | frozenset(CORE_COMMANDS) | frozenset(OPERANDS) | frozenset(NUMBERS) | frozenset(PROTOCOLS)
    | frozenset(OPERATOR_CALLS) | words("and or not mod eq ne ieq ine defined advertise ADVERTISE virtual")
)  # fmt: skip
