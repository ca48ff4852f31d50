"""`$sruid`: an identifier that this server gives once, new at every read."""

import os
import time
from itertools import count
from typing import Any

from ...core.pv import PvExport, Value

_numbers = count(1)
_start = int(time.time())


def sruid(msg: Any) -> Value:
    """srid-START-PID-NUMBER in hexadecimal digits: unique among the processes and the starts of a server."""
    return b"srid-%x-%x-%x" % (_start, os.getpid(), next(_numbers))


SRUID = (PvExport("sruid", sruid, kind="str"),)
