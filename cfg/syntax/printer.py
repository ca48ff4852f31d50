"""A tree back to text. `parse_text(print_config(tree)) == tree`: a test holds printer and parser against each other."""

import re
from collections.abc import Callable
from typing import Any

from ..tables import CORE_COMMANDS
from .nodes import (
    Address,
    Alias,
    Assign,
    Binary,
    BlockExpr,
    Call,
    Case,
    Compare,
    Config,
    Custom,
    Do,
    Expr,
    Flags,
    Host,
    If,
    Int,
    Leave,
    Listen,
    LoadModule,
    LoadPath,
    ModParam,
    Net,
    Null,
    Operand,
    Param,
    RouteBlock,
    RouteCall,
    Section,
    Selval,
    Stmt,
    Str,
    Switch,
    Unary,
    Var,
    While,
)  # fmt: skip
from .scanner import quote

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_HOST = re.compile(r"[A-Za-z0-9](?:[-.A-Za-z0-9]*[A-Za-z0-9])?\Z")


def print_config(config: Config) -> str:
    """The text of a configuration, as latin-1 characters."""
    return "\n".join(print_item(item) for item in config.items) + "\n"


def print_item(item: Any) -> str:
    """One top-level statement."""
    return _TOP[type(item)](item)


def print_statement(stmt: Stmt, indent: int = 0) -> str:
    """One statement with its indentation, without newline at the end."""
    return "    " * indent + _STATEMENTS[type(stmt)](stmt, indent)


def print_expression(expr: Expr) -> str:
    """An expression; whatever has operators inside another expression is put in parentheses."""
    return _EXPRESSIONS[type(expr)](expr)


# -- expressions ---------------------------------------------------------------------------------------------------


def _inner(expr: Expr) -> str:
    text = print_expression(expr)
    return f"({text})" if isinstance(expr, (Binary, Unary, Compare)) else text


def _assign(expr: Assign) -> str:
    return f"{expr.target.text} {expr.op} {print_expression(expr.value)}"


def _unary(expr: Unary) -> str:
    if expr.op in ("strlen", "strempty"):
        return f"{expr.op}({print_expression(expr.value)})"
    if expr.op == "-" and isinstance(expr.value, Int):
        return f"-({expr.value.value})"
    return f"{expr.op} {_inner(expr.value)}"


def _net(expr: Net) -> str:
    address = f"[{expr.address}]" if ":" in expr.address else expr.address
    return address if expr.mask is None else f"{address}/{expr.mask}"


def _args(call: Call) -> str:
    row = CORE_COMMANDS.get(call.name)
    if row is not None and row.args == "flag":
        return ", ".join(a.name if isinstance(a, Host) else print_expression(a) for a in call.args)
    return ", ".join(map(print_expression, call.args))


_EXPRESSIONS: dict[type, Callable[[Any], str]] = {
    Int: lambda e: str(e.value),
    Str: lambda e: quote(e.value),
    Null: lambda e: "null",
    Var: lambda e: e.text,
    Unary: _unary,
    Binary: lambda e: f"{_inner(e.left)} {e.op} {_inner(e.right)}",
    Selval: lambda e: f"selval({', '.join(map(print_expression, (e.condition, e.then, e.otherwise)))})",
    Operand: lambda e: e.name,
    Net: _net,
    Host: lambda e: e.name,
    Compare: lambda e: f"{e.left.name} {e.op} {_inner(e.right)}",
    Call: lambda e: f"{e.name}({_args(e)})",
    RouteCall: lambda e: f"route({print_expression(e.name)})",
    Assign: lambda e: f"({_assign(e)})",
    BlockExpr: lambda e: "{ " + " ".join(print_statement(s) for s in e.body) + " }",
}

# -- statements ----------------------------------------------------------------------------------------------------


def _block(body: list[Stmt], indent: int) -> str:
    lines = [print_statement(s, indent + 1) for s in body]
    return "\n".join(["{", *lines, "    " * indent + "}"])


def _if(stmt: If, indent: int) -> str:
    text = f"if ({print_expression(stmt.condition)}) {_block(stmt.then, indent)}"
    return text if stmt.otherwise is None else f"{text} else {_block(stmt.otherwise, indent)}"


def _switch(stmt: Switch, indent: int) -> str:
    lines = [f"switch ({print_expression(stmt.value)}) {{"]
    for case in stmt.cases:
        lines.append("    " * (indent + 1) + _label(case))
        lines += [print_statement(s, indent + 2) for s in case.body]
    return "\n".join([*lines, "    " * indent + "}"])


def _label(case: Case) -> str:
    if case.label is None:
        return "default:"
    return f"case {'/ ' if case.regex else ''}{print_expression(case.label)}:"


def _leave(stmt: Leave, indent: int) -> str:
    return f"{stmt.how};" if stmt.value is None else f"{stmt.how} {print_expression(stmt.value)};"


_STATEMENTS: dict[type, Callable[[Any, int], str]] = {
    Do: lambda s, indent: (_assign(s.value) if isinstance(s.value, Assign) else print_expression(s.value)) + ";",
    If: _if,
    While: lambda s, indent: f"while ({print_expression(s.condition)}) {_block(s.body, indent)}",
    Switch: _switch,
    Leave: _leave,
}

# -- top level -----------------------------------------------------------------------------------------------------


def _value(value: int | bytes | str | Var) -> str:
    if isinstance(value, Var):
        return value.text
    return quote(value) if isinstance(value, bytes) else str(value)


def _host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    return host if _HOST.match(host) else quote(host.encode("latin-1"))


def _address(address: Address) -> str:
    hosts = [_host(h) for h in address.hosts]
    text = hosts[0] if len(hosts) == 1 else f"({', '.join(hosts)})"
    return (f"{address.proto}:" if address.proto else "") + text + (f":{address.port}" if address.port else "")


def _listen(item: Listen) -> str:
    text = f"listen = {_address(item.address)}"
    if item.advertise:
        text += f" advertise {_address(item.advertise)}"
    if item.name is not None:
        text += f" name {quote(item.name)}"
    return text + (" virtual;" if item.virtual else ";")


def _custom(item: Custom) -> str:
    index = "" if item.index is None else f"[{item.index}]"
    text = "" if item.text is None else f" desc {quote(item.text)}"
    return f"{item.group}{index}.{item.name} = {_value(item.value)}{text};"


def _flags(item: Flags) -> str:
    names = [name if _WORD.match(name) else quote(name.encode("latin-1")) for name, _ in item.names]
    numbers = ["" if number is None else f":{number}" for _, number in item.names]
    return f"{item.kind} {', '.join(n + i for n, i in zip(names, numbers, strict=True))};"


def _modparam(item: ModParam) -> str:
    word = "modparamx" if item.expand else "modparam"
    return f"{word}({quote(item.modules)}, {quote(item.name)}, {_value(item.value)})"


def _route(item: RouteBlock) -> str:
    name = item.name
    if item.kind != "event_route":
        name = quote(name.encode("latin-1")) if name else ""
    return f"{item.kind}{f'[{name}]' if name else ''} {_block(item.body, 0)}"


_TOP: dict[type, Callable[[Any], str]] = {
    Param: lambda i: f"{i.name} = {_value(i.value)};",
    Listen: _listen,
    Alias: lambda i: f"alias = {_address(i.address)};",
    Custom: _custom,
    Flags: _flags,
    LoadModule: lambda i: f"loadmodule{'x' if i.expand else ''} {quote(i.name)};",
    LoadPath: lambda i: f"loadpath {quote(i.path)};",
    ModParam: _modparam,
    Section: lambda i: f"{i.name}{i.where} {{ {i.text} }}",
    RouteBlock: _route,
}
