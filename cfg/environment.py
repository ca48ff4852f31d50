"""What the compiler needs from the server, as protocols: `cfg` knows no `core`.

`core.script.ServerEnvironment` implements `Environment` over the module loader and the pseudo-variable engine; tests
use a small fake.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..core.sr_module import CmdExport

Value = bytes | int | None


class PvSpec(Protocol):
    """A parsed pseudo-variable. `set` is None where it cannot be written.

    `type` promises what `get` returns: "int", "str" or "" (anything). `cell`, unless None, is the object whose
    attribute `value` is the value, `undefined` what is stored there for None.
    """

    name: bytes
    get: Callable[[Any], Value]
    set: Callable[[Any, Value], Any] | None
    type: str
    cell: Any
    undefined: Value


class Format(Protocol):
    """A text with pseudo-variables in it. `parts` are bytes and PvSpec; `constant` when there is no PvSpec."""

    @property
    def parts(self) -> Sequence[Any]: ...

    @property
    def constant(self) -> bool: ...

    def eval(self, msg: Any) -> bytes:
        """The text with the values of `msg` put in."""


class Environment(Protocol):
    """Resolver of names in a script. Unknown names raise LookupError, bad texts ValueError, with a sentence each."""

    def find_command(self, name: str, nargs: int) -> "CmdExport | None":
        """The core or module function that takes `nargs` parameters."""

    def command_names(self) -> Iterable[str]:
        """All names of functions, for suggestions and for telling a wrong count from an unknown name."""

    def command_counts(self, name: str) -> list[int]:
        """The numbers of parameters with which `name` exists, ascending; empty when unknown."""

    def parse_pv(self, text: bytes) -> PvSpec:
        """`$rU`, `$(avp(x)[1]{s.len})`, ... as an accessor."""

    def parse_format(self, text: bytes) -> Format:
        """A text with variables."""

    def operand(self, name: str) -> Callable[[Any], Value]:
        """Accessor of a core keyword: method, uri, from_uri, to_uri, src_ip, dst_port, proto, af, msg:len, ...."""

    def is_myself(self, text: bytes, port: int = 0) -> bool:
        """Is this host, or this URI, one of our listen addresses or aliases?"""

    def resolve(self, host: bytes) -> list[bytes]:
        """The addresses of a host name, as text; empty when there is none. Used by `src_ip == "host"`."""
