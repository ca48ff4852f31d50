"""The tree of a configuration. Text is latin-1 `str` for names and `bytes` for string values; `pos` says where.

Two trees are equal when they mean the same: positions do not compare.
"""

from dataclasses import dataclass, field

from ..source import Pos


@dataclass(slots=True)
class Node:
    """Anything with a place in the file."""

    pos: Pos = field(default=None, compare=False, repr=False, kw_only=True)  # type: ignore[assignment]


# -- expressions ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Int(Node):
    """A number or a boolean; `word` is the spelling when it was a word (`yes`, `inet6`)."""

    value: int
    word: str = field(default="", compare=False)


@dataclass(slots=True)
class Str(Node):
    """A string constant."""

    value: bytes


@dataclass(slots=True)
class Null(Node):
    """OpenSER's `null`."""


@dataclass(slots=True)
class Var(Node):
    """A pseudo-variable, a select (`@a.b`) or a SER attribute, as written."""

    text: str


@dataclass(slots=True)
class Unary(Node):
    """`!` `~` `-` `defined` `(int)` `(str)` `strlen` `strempty`."""

    op: str
    value: "Expr"


@dataclass(slots=True)
class Binary(Node):
    """An operator of `tables.BINARY`, by its first spelling."""

    op: str
    left: "Expr"
    right: "Expr"


@dataclass(slots=True)
class Selval(Node):
    """`selval(condition, then, otherwise)`."""

    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"


@dataclass(slots=True)
class Operand(Node):
    """A core keyword: `method`, `src_ip`, `myself`.... Stands only beside a comparison."""

    name: str


@dataclass(slots=True)
class Net(Node):
    """The right side of an address comparison: an address, or a network when `mask` is given (bits or address)."""

    address: str
    mask: str | None = None


@dataclass(slots=True)
class Host(Node):
    """A bare host name or word where a string is meant."""

    name: str


@dataclass(slots=True)
class Compare(Node):
    """A core-keyword comparison. `right` may be Operand("myself"), Net, Host or any expression."""

    left: Operand
    op: str
    right: "Expr"


@dataclass(slots=True)
class Call(Node):
    """A function call; core commands too."""

    name: str
    args: "list[Expr]" = field(default_factory=list)


@dataclass(slots=True)
class RouteCall(Node):
    """`route(X)`."""

    name: "Expr"


@dataclass(slots=True)
class Assign(Node):
    """`lvalue op value` with op `=` or one of OpenSER's `:= += -= ...`."""

    target: Var
    op: str
    value: "Expr"


@dataclass(slots=True)
class BlockExpr(Node):
    """`{ actions }` used as a value."""

    body: "list[Stmt]"


Expr = (
    Int | Str | Null | Var | Unary | Binary | Selval | Operand | Net | Host | Compare | Call | RouteCall | Assign
    | BlockExpr
)  # fmt: skip

# -- statements ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Do(Node):
    """A call, route call or assignment as a statement."""

    value: Call | RouteCall | Assign


@dataclass(slots=True)
class If(Node):
    """`if`; `otherwise` is None without else."""

    condition: Expr
    then: "list[Stmt]"
    otherwise: "list[Stmt] | None" = None


@dataclass(slots=True)
class While(Node):
    """`while`."""

    condition: Expr
    body: "list[Stmt]"


@dataclass(slots=True)
class Case(Node):
    """One label of a switch with the actions up to the next label; `label` None is default, `regex` marks `/ "re"`."""

    label: Expr | None
    body: "list[Stmt]"
    regex: bool = False


@dataclass(slots=True)
class Switch(Node):
    """`switch`."""

    value: Expr
    cases: list[Case]


@dataclass(slots=True)
class Leave(Node):
    """`return`, `exit`, `drop` with an optional value, or `break`."""

    how: str
    value: Expr | None = None


Stmt = Do | If | While | Switch | Leave

# -- top level -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Param(Node):
    """A core parameter; `value` is int, bytes, or str for a bare word."""

    name: str
    value: int | bytes | str


@dataclass(slots=True)
class Address:
    """One socket address as written: `proto:host:port`. Empty host means any; several hosts for SCTP."""

    hosts: tuple[str, ...]
    proto: str = ""
    port: int = 0


@dataclass(slots=True)
class Listen(Node):
    """`listen = address [advertise host:port] [name "x"] [virtual]`; one node an address."""

    address: Address
    advertise: Address | None = None
    name: bytes | None = None
    virtual: bool = False
    workers: int = field(default=0, compare=False)  # socket_workers in force here


@dataclass(slots=True)
class Alias(Node):
    """`alias = host`; one node a name."""

    address: Address


@dataclass(slots=True)
class Custom(Node):
    """`group.name = value` or `group[index].name = value` with an optional description."""

    group: str
    name: str
    value: int | bytes
    index: int | None = None
    text: bytes | None = None


@dataclass(slots=True)
class Flags(Node):
    """`flags A:1, B` (kind "flags") or `avpflags A` (kind "avpflags")."""

    kind: str
    names: list[tuple[str, int | None]]


@dataclass(slots=True)
class LoadModule(Node):
    """`loadmodule "x"`; with `expand` (loadmodulex) variables in the name are replaced first."""

    name: bytes
    expand: bool = False


@dataclass(slots=True)
class LoadPath(Node):
    """`loadpath`, `mpath`."""

    path: bytes


@dataclass(slots=True)
class ModParam(Node):
    """`modparam("modules", "name", value)`; `value` may be a Var for modparamx."""

    modules: bytes
    name: bytes
    value: int | bytes | Var
    expand: bool = False


@dataclass(slots=True)
class Section(Node):
    """OpenSER's `name[where] { key = value ... }` and `dst_blacklist = id:{...}`: kept as written."""

    name: str
    where: str
    text: str


@dataclass(slots=True)
class RouteBlock(Node):
    """A route block. `kind` is one of `tables.ROUTE_KINDS`; `name` is "" for the unnamed one."""

    kind: str
    name: str
    body: list[Stmt]


Top = Param | Listen | Alias | Custom | Flags | LoadModule | LoadPath | ModParam | Section | RouteBlock


@dataclass(slots=True)
class Config:
    """A whole configuration: its top-level statements in order; `compat` is the mode of `#!KAMAILIO` and the like."""

    items: list[Top] = field(default_factory=list)
    compat: str = field(default="MAXCOMPAT", compare=False)
