"""The top level of a configuration: parameters, modules, sockets, route blocks. `parse_file` is the way in."""

from collections.abc import Callable

from ..core_params import CORE_PARAMS
from ..errors import did_you_mean
from ..tables import NUMBERS, RESERVED, ROUTE_KINDS
from ..words import words
from . import scanner
from .addresses import AddressParser
from .nodes import (
    Config,
    Custom,
    Flags,
    LoadModule,
    LoadPath,
    ModParam,
    Param,
    RouteBlock,
    Section,
    Top,
    Var,
)  # fmt: skip
from .preprocessor import Preprocessor
from .scanner import ADDRESS, EVENT, SCRIPT, Token

MAX_FLAG_NAMES = 256
MAX_ITEMS = 20_000  # statements at the top level
SECTIONS = frozenset({"tls_server_domain", "tls_client_domain", "dst_blacklist"})
KEMI = words(
    "reply_route_callback onsend_route_callback event_route_callback received_route_callback"
    " pre_routing_callback"
)  # fmt: skip


class Parser(AddressParser):
    """A configuration, statement by statement. `on_item` runs as each is read (module defines depend on it)."""

    def __init__(self, source: Preprocessor) -> None:
        super().__init__(source)
        source.reserved = RESERVED
        self.config = Config()

    def parse(self) -> Config:
        """Read to the end."""
        while True:
            token = self.token
            if token.kind is scanner.EOF:
                self.config.compat = self.source.compat
                return self.config
            if self.accept(";"):
                continue
            if token.kind is not scanner.ID:
                if token.kind is scanner.PV:
                    self.fail(f"{token.text} stands outside of any route block")
                self.fail(f"a parameter, module or route block is expected, not {token.describe()}")
            self.take()
            handler = self.KEYWORDS.get(token.text)
            if handler is not None:
                handler(self, token)
            else:
                self._parameter(token)

    def add(self, item: Top) -> None:
        """Append a top-level statement."""
        if len(self.config.items) >= MAX_ITEMS:
            self.fail(f"more than {MAX_ITEMS} statements at the top level")
        self.config.items.append(item)

    # -- parameters ------------------------------------------------------------------------------------------------

    def _parameter(self, token: Token) -> None:
        name = token.text
        if self.token.is_op(".", "[") and name not in SECTIONS:
            self._custom(token)
            return
        if name in SECTIONS:
            self._section(token)
            return
        if name not in CORE_PARAMS:
            if self.token.is_op("("):
                self.fail(f"the function {name} stands outside of any route block", token=token)
            known = [*CORE_PARAMS, *self.KEYWORDS]
            self.fail(f"unknown config variable {name!r}", did_you_mean(name, known), token)
        if name == "cfgengine":
            self.accept("=")
        else:
            self.expect("=", f"after {name}")
        self.add(Param(name, self._value(CORE_PARAMS[name].kind), pos=token.pos))
        self._semicolon()

    def _value(self, kind: str) -> int | bytes | str:
        if kind == "ip":
            return self.host_text()
        token = self.take()
        if token.kind is scanner.STR:
            return bytes(token.value)
        if token.kind is scanner.NUM:
            return int(token.value)
        if token.kind is scanner.WORD and token.text.isdigit():
            return int(token.text)
        if token.is_op("-") and self.token.kind is scanner.NUM:
            return -int(self.take().value)
        if token.kind in (scanner.ID, scanner.WORD):
            if token.text in NUMBERS and kind not in ("id", "str|id"):
                return NUMBERS[token.text]
            return token.text
        self.fail(f"a value is expected, not {token.describe()}", token=token)

    def _custom(self, token: Token) -> None:
        index = None
        if self.accept("["):
            number = self.take()
            if number.kind is not scanner.NUM:
                self.fail(f"a number is expected, not {number.describe()}", token=number)
            index = number.value
            self.expect("]", "after the index")
        self.expect(".", f"after {token.text}")
        name = self.take()
        if name.kind is not scanner.ID:
            self.fail(f"a name is expected, not {name.describe()}", token=name)
        self.expect("=", f"after {token.text}.{name.text}")
        value = self._value("custom")
        if token.text == "kemi" and name.text not in KEMI:
            self.fail(f"unknown kemi setting {name.text!r}", did_you_mean(name.text, KEMI), name)
        if isinstance(value, str):
            self.fail(f"{token.text}.{name.text} takes a number or a quoted string", token=name)
        text = None
        if self.accept_word("desc", "descr", "description"):
            text = self.string("a description").value
        self.add(Custom(token.text, name.text, value, index, text, pos=token.pos))
        self._semicolon()

    def _section(self, token: Token) -> None:
        """OpenSER's `tls_server_domain[ip:port] { ... }` and `dst_blacklist = id:{ ... }`: text in braces."""
        source = token.frame.source.text
        start = self.token.start
        while not self.token.is_op("{"):
            if self.token.kind is scanner.EOF or self.token.is_op(";", "}"):
                self.fail(f"'{{' is expected after {token.text}")
            self.take()
        where = source[start : self.token.start].strip()
        begin, depth = self.take().start + 1, 1
        while depth:
            inner = self.take()
            if inner.kind is scanner.EOF:
                self.fail("this section is never closed with '}'", token=token)
            depth += inner.is_op("{") - inner.is_op("}")
        self.add(Section(token.text, where, source[begin : inner.start].strip(), pos=token.pos))

    def _semicolon(self) -> None:
        self.accept(";")

    # -- declarations ----------------------------------------------------------------------------------------------

    def _flags(self, token: Token) -> None:
        names: list[tuple[str, int | None]] = []
        while True:
            name = self.take()
            if name.kind not in (scanner.ID, scanner.STR):
                self.fail(f"the name of a flag is expected, not {name.describe()}", token=name)
            number = None
            if self.accept(":"):
                value = self.take()
                if value.kind is not scanner.NUM:
                    self.fail(f"a number is expected, not {value.describe()}", token=value)
                number = value.value
            text = name.text if name.kind is scanner.ID else name.value.decode("latin-1")
            names.append((text, number))
            if len(names) > MAX_FLAG_NAMES:
                self.fail(f"more than {MAX_FLAG_NAMES} flags")
            if not self.accept(","):
                break
        self.add(Flags("avpflags" if token.text == "avpflags" else "flags", names, pos=token.pos))
        self._semicolon()

    # -- modules ---------------------------------------------------------------------------------------------------

    def _loadmodule(self, token: Token) -> None:
        bracket = self.accept("(")
        name = self.string("the name of a module").value
        if bracket:
            self.expect(")", "after the name of the module")
        self.add(LoadModule(name, token.text == "loadmodulex", pos=token.pos))
        short = name.decode("latin-1").rsplit("/", 1)[-1].removesuffix(".so")
        self.source.defines.setdefault(f"MOD_{short}", "")

    def _loadpath(self, token: Token) -> None:
        self.accept("=")
        self.add(LoadPath(self.string("a path").value, pos=token.pos))

    def _modparam(self, token: Token) -> None:
        self.expect("(", f"after {token.text}")
        modules = self.string("the name of a module").value
        self.expect(",", "after the module")
        name = self.string("the name of a parameter").value
        self.expect(",", "after the parameter")
        value: int | bytes | str | Var
        if self.token.kind is scanner.PV and token.text == "modparamx":
            value = Var(self.take().text, pos=token.pos)
        else:
            start = self.token
            value = self._value("modparam")
            while isinstance(value, bytes) and self.token.kind is scanner.STR:
                value += self.take().value
            if isinstance(value, str):
                self.fail(f"{value} is not defined: a value is a number or a quoted string", token=start)
        self.expect(")", "to close modparam")
        self.add(ModParam(modules, name, value, token.text == "modparamx", pos=token.pos))
        self._semicolon()

    # -- route blocks ----------------------------------------------------------------------------------------------

    def _route(self, token: Token) -> None:
        kind, name = token.text, ""
        if kind == "event_route":
            name = self._event_name()
        elif self.token.is_op("["):
            self.take()
            name = self._route_name()
            self.expect("]", "after the name of the route")
        if kind == "route" and name in ("", "0"):
            kind, name = "request_route", ""
        elif kind == "onreply_route" and name in ("", "0"):
            kind, name = "reply_route", ""
        elif name and not ROUTE_KINDS[kind].named:
            self.fail(f"{kind} takes no name", token=token)
        self.add(RouteBlock(kind, name, self.actions(), pos=token.pos))

    def _route_name(self) -> str:
        token = self.take()
        if token.kind is scanner.STR:
            return str(token.value, "latin-1")
        if token.kind is scanner.NUM:
            return str(token.value)
        if token.kind is scanner.ID:
            name = token.text
            while self.token.is_op("-", ".", ":"):  # a superset: Kamailio wants such names in quotes
                name += self.take().text + self.take().text
            return name
        if token.kind is scanner.WORD:
            return token.text
        self.fail(f"the name of a route is expected, not {token.describe()}", token=token)

    def _event_name(self) -> str:
        self.expect("[", "after event_route")
        self.switch(EVENT)
        token = self.take()
        self.mode = SCRIPT
        if token.kind is not scanner.WORD:
            self.fail("the name of an event is expected, such as tm:local-request", token=token)
        self.switch(EVENT)
        closing = self.take()
        self.mode = SCRIPT
        if not closing.is_op("]"):
            self.fail("']' is expected after the name of the event", token=closing)
        return token.text

    KEYWORDS: dict[str, Callable[["Parser", Token], None]] = {
        "flags": _flags, "bool": _flags, "avpflags": _flags,
        "loadmodule": _loadmodule, "loadmodulex": _loadmodule, "loadpath": _loadpath, "mpath": _loadpath,
        "modparam": _modparam, "modparamx": _modparam,
        "listen": AddressParser.listen, "alias": AddressParser.alias, "domain": AddressParser.alias,
        **dict.fromkeys(ROUTE_KINDS, _route),
    }  # fmt: skip


def parse_file(path: str, source: Preprocessor | None = None) -> Config:
    """Parse a file; OSError when it cannot be read, ConfigError when it is wrong."""
    source = source or Preprocessor()
    source.open_file(path)
    return Parser(source).parse()


def parse_text(text: bytes, name: str = "<text>", source: Preprocessor | None = None) -> Config:
    """Parse a text as if it were a file called `name`."""
    source = source or Preprocessor()
    source.open_text(text, name)
    return Parser(source).parse()


__all__ = ["ADDRESS", "Parser", "parse_file", "parse_text"]
