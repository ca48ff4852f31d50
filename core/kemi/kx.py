"""`KSR.kx`: `get_ruri()`, `gete_ruser()`, `getw_ua()`... common values without the names of variables."""

import os
from collections.abc import Callable

from ..pv.variables.process import number
from .pv import Pv, Text

#: `get_<name>`, with `gete_<name>` and `getw_<name>` beside it -> variable
TEXTS = {
    "ruri": "$ru", "ruser": "$rU", "rhost": "$rd", "ouri": "$ou", "furi": "$fu", "fuser": "$fU", "fhost": "$fd",
    "turi": "$tu", "tuser": "$tU", "thost": "$td", "duri": "$du", "cturi": "$(ct{nameaddr.uri})", "nhuri": "$nh(u)",
    "srcuri": "$su", "srcaddr_sock": "$sas", "ua": "$ua", "srcip": "$si", "srcport": "$sp", "send_sock": "$fs",
    "send_sock_name": "$fsn", "rcvip": "$Ri", "rcv_sock_name": "$Rn", "rcvport": "$Rp", "rcvadvip": "$RAi",
    "rcvadvport": "$RAp", "rcvaddr_sock": "$Ras", "proto": "$pr", "au": "$au", "method": "$rm", "body": "$rb",
    "callid": "$ci", "msgbuf": "$mb",
}  # fmt: skip
#: `get_<name>` that is a number -> variable
NUMBERS = {
    "send_sock_port": "$fsp", "protoid": "$prid", "bodylen": "$bs", "timestamp": "$Ts",
    "msglen": "$ml", "msgtype": "$mt",
}  # fmt: skip


class Kx:
    """One a process."""

    def __init__(self, pv: Pv) -> None:
        self._pv = pv
        for name, variable in TEXTS.items():
            for how in ("get", "gete", "getw"):
                vars(self)[f"{how}_{name}"] = _reader(getattr(pv, how), variable)
        for name, variable in NUMBERS.items():
            vars(self)[f"get_{name}"] = _number(pv, variable)

    def get_status(self) -> int:
        """Code of a reply; -1 in a request."""
        return self._pv.geti("$rsi") or -1

    def gets_status(self) -> str | None:
        """Code of a reply as text; None in a request."""
        code = self.get_status()
        return None if code < 0 else str(code)

    def get_conid(self) -> int:
        """Number of the connection; -1 without one."""
        return self._pv.geti("$conid") or -1

    def get_def(self, name: str) -> str:
        """Text of a preprocessor define; "" without."""
        return str(self._pv.gete(f"$def({name})"))

    def get_defn(self, name: str) -> int:
        """The same as a number."""
        return self._pv.geti(f"$defn({name})")

    def ifdef(self, name: str) -> bool:
        """Is it defined?"""
        return not self.ifndef(name)

    def ifndef(self, name: str) -> bool:
        """Is it not?"""
        return self._pv.is_null(f"$def({name})")

    def get_env(self, name: str) -> str:
        """A variable of the environment; "" without."""
        return os.environ.get(name, "")

    def get_envn(self, name: str) -> int:
        """The same as a number."""
        return number(os.environb.get(name.encode()))


def _reader(read: Callable[[str], Text], variable: str) -> Callable[[], Text]:
    def get() -> Text:
        return read(variable)

    return get


def _number(pv: Pv, variable: str) -> Callable[[], int]:
    def get() -> int:
        return pv.geti(variable)

    return get
