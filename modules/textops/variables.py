"""Variables in the replacement of `/re/replacement/flags`, and the transformation `{re.subst,...}`."""

import functools
from collections.abc import Callable
from typing import Any

from ...cfg.regex import Subst, parse_subst
from ...core.pv import Text, TransformationExport, Value, parse_format
from ...parser.msg import SipMsg

MAX_EXPRESSIONS = 256  # of those computed at run time, kept compiled


_format = functools.lru_cache(4 * MAX_EXPRESSIONS)(parse_format)


def with_variables(msg: SipMsg, expression: Subst) -> Subst:
    """The expression with the variables of its replacement read."""
    return expression.filled(lambda part: _format(part).eval(msg))


@functools.lru_cache(MAX_EXPRESSIONS)
def compiled(text: bytes) -> Subst:
    """An expression; ValueError."""
    expression = parse_subst(text)
    if b"$" in expression.replacement:
        for part in expression.parts:  # unknown variables are an error now
            if isinstance(part, bytes):
                _format(part)
    return expression


def re_subst(msg: Any, value: bytes, text: bytes) -> Value:
    """`value` with the expression applied; unchanged when nothing matches."""
    if not value:
        raise ValueError("empty text")
    found = with_variables(msg, compiled(text)).apply(value)
    return value if found is None else found


def re_subst_of(text: bytes) -> Callable[[Any, bytes], Value]:
    """The same for a constant expression, checked at load."""
    compiled(text)
    return lambda msg, value: re_subst(msg, value, text)


RE = (TransformationExport("re.subst", re_subst, (Text,), prepare=re_subst_of, with_msg=True),)
