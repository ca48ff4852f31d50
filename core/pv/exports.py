"""What one declares to add a pseudo-variable or a transformation. A module lists these in its ModuleExports.

PvExport("pp", get=lambda msg: os.getpid())                                    $pp
PvExport("hdrc", parse_name=bytes, get=lambda msg, name: len(msg.headers(name)))  $hdrc(Name)
PvExport("time", choices={"sec": seconds, "min": minutes})                     $time(sec), $time(min)
TransformationExport("s.strip", strip, (Number,))                              {s.strip,2}
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = bytes | int | None
Getter = Callable[[Any], Value]  # of the message
Setter = Callable[[Any, Value], Any]  # message, value; None deletes

ALL = "*"  # the index [*]: all values
ITERATE = "+"  # the index [+]


@dataclass(slots=True)
class Cell:
    """The place of one value."""

    value: Value


@dataclass(slots=True)
class Accessors:
    """How one occurrence of a variable in the script is read and written.

    `values` are all values of a class with an index, the one of index 0 first. `kind` may promise the type of what
    `get` returns: "int" or "str" (never None), which lets the compiler leave out checks. `cell`, for a variable that is
    nothing but a place in this process, is that place: compiled routes read and write its `value` instead of calling;
    `undefined` is what is stored when None is assigned.
    """

    get: Getter
    set: Setter | None = None
    values: Callable[[Any], Sequence[Value]] | None = None
    kind: str = ""
    cell: Cell | None = None
    undefined: Value = None


@dataclass(frozen=True, slots=True)
class PvExport:
    """A pseudo-variable or a class of them.

    Without an inner name: `get(msg)`, `set(msg, value)`. With one, `parse_name(text)` is called once at load and its
    result handed on: `get(msg, param)`, `set(msg, param, value)`; it raises ValueError with a sentence for the user.
    `choices` is for a fixed list of inner names: a getter each, or (getter, setter). `values(msg[, param])`
    makes it a class with an index; `join` is what stands between values for `[*]`. `bind(param, index)` replaces
    all of them for a class that wants to build its functions itself. `inner_optional` allows both `$x` and `$x(y)`:
    param is then None.

    A setter that refuses raises PvError; the message is logged and the script goes on.
    """

    name: str
    get: Callable[..., Value] | None = None
    set: Callable[..., Any] | None = None
    parse_name: Callable[[bytes], Any] | None = None
    choices: Mapping[str, Any] | None = None
    values: Callable[..., Sequence[Value]] | None = None
    join: bytes = b","
    bind: Callable[[Any, Any], Accessors] | None = None
    inner_optional: bool = False
    kind: str = ""
    aliases: Sequence[str] = ()


class TrParam(enum.Enum):
    """Parameters of a transformation. All but CHAR may be a variable, read at each use."""

    NUMBER = "number"  # int; blanks around it are allowed
    TEXT = "text"  # bytes up to the next comma, of the last parameter up to the closing brace
    CHAR = "char"  # exactly one byte, or one of \\n \\r \\t \\\\


Number, Text, Char = TrParam.NUMBER, TrParam.TEXT, TrParam.CHAR


@dataclass(frozen=True, slots=True)
class TransformationExport:
    """`{name,param,...}`: `function(value, *params)` returns the new value and raises ValueError when it fails.

    `optional` trailing parameters may be left out. The function gets bytes, of an int its digits, and is not called
    for undefined, which fails; `wants="any"` gives it whatever there is. `prepare(*params)`, called once at load
    when all parameters are constants, returns the function of the value alone. `with_msg` puts the message first.
    """

    name: str
    function: Callable[..., Value]
    params: Sequence[TrParam] = ()
    optional: int = 0
    wants: str = "text"
    prepare: Callable[..., Callable[..., Value]] | None = None
    with_msg: bool = False
    aliases: Sequence[str] = ()
