"""Parameters of pv: values that variables have before any script runs."""

from ...core.pv.exports import Value
from ...core.pv.stores import avp, script_var, shv


def parse_preset(text: bytes) -> tuple[bytes, Value]:
    """`name=i:5` or `name=s:text`; ValueError."""
    name, equals, value = text.partition(b"=")
    kind, colon, rest = value.strip().partition(b":")
    if not name.strip() or not equals or not colon or kind not in (b"i", b"I", b"s", b"S"):
        raise ValueError(f'"{text.decode("latin-1")}" is not of the form name=i:number or name=s:text')
    if kind in (b"s", b"S"):
        return name.strip(), rest
    if not rest.strip().lstrip(b"+-").isdigit():
        raise ValueError(f'"{rest.decode("latin-1")}" is no number')
    return name.strip(), int(rest)


def preset_shv(text: bytes) -> None:
    """shvset."""
    shv.preset(*parse_preset(text))


def preset_var(text: bytes) -> None:
    """varset."""
    name, value = parse_preset(text)
    script_var.var_cell(name).value = value


def set_aliases(text: bytes) -> None:
    """avp_aliases."""
    avp.set_aliases(text)


def start() -> None:
    """Main process, before fork: the shared variables must exist in all processes."""
    shv.open_table()
