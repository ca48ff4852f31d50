"""Types of script-function parameters: what the compiler does once at load, so that a call gets ready values.

A module writes `CmdExport("t_on_failure", t_on_failure, (Str,))`; the compiler turns the argument in kamailio.cfg into
what the type promises. `check` runs at load for constants, so a bad regex is an error with file, line and caret.
"""

import enum


class ArgType(enum.Enum):
    """What a script function receives for one argument."""

    STR = "str"  # bytes; variables in the text are expanded at each call
    FORMAT = "format"  # a parsed text with variables (core.pv.Format): the function calls .eval(msg) when it needs it
    RAW = "raw"  # bytes; constant, taken as written (no expansion)
    INT = "int"  # int; a number, a numeric string or a variable
    REGEX = "regex"  # a compiled POSIX extended regex (cfg.regex.Regex), constant or dynamic
    SUBST = "subst"  # a compiled /re/replacement/flags (cfg.regex.Subst)
    PV_READ = "pv_read"  # the PvSpec itself; the function reads it with .get(msg)
    PV_WRITE = "pv_write"  # a writable PvSpec; the function sets it with .set(msg, value)
    ROUTE = "route"  # bytes: name of a route block of any kind; a constant unknown name is an error at load where the
    #                  function's `route_kind` says which kind it must be
    FLAG = "flag"  # int 0..31: a number or a name declared by `flags`


Str, Raw, Int, Regex, Subst = ArgType.STR, ArgType.RAW, ArgType.INT, ArgType.REGEX, ArgType.SUBST
Fmt = ArgType.FORMAT
PvRead, PvWrite, Route, Flag = ArgType.PV_READ, ArgType.PV_WRITE, ArgType.ROUTE, ArgType.FLAG


class RouteType(enum.IntFlag):
    """Where a function may be used; the numbers are Kamailio 5.6's."""

    REQUEST = 1 << 0
    FAILURE = 1 << 1
    TM_ONREPLY = 1 << 2
    BRANCH = 1 << 3
    ONSEND = 1 << 4
    ERROR = 1 << 5
    LOCAL = 1 << 6
    CORE_ONREPLY = 1 << 7
    BRANCH_FAILURE = 1 << 8
    ONEVENT = 1 << 9
    ONREPLY = TM_ONREPLY | CORE_ONREPLY
    EVENT = REQUEST | ONEVENT
    ANY = (1 << 10) - 1
