"""Transformations, a file a class: `{s.len}`, `{uri.user}`... Functions of bytes; a failure is a ValueError.

To add one: a row in the list at the end of the file of its class.
"""

from .encodings import ENCODINGS
from .escapes import ESCAPES
from .line import LINE
from .nameaddr import NAMEADDR
from .param import PARAM
from .s import STRING
from .tobody import TOBODY
from .uri import URI
from .urialias import URIALIAS
from .val import VAL

TRANSFORMATIONS = (
    *STRING, *ENCODINGS, *ESCAPES, *URI, *PARAM, *NAMEADDR, *TOBODY, *LINE, *URIALIAS, *VAL,
)  # fmt: skip
