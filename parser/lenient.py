"""The parser's leniencies by name: which are on (src/parse/lenient.h has the list with reasons, README.md explains
them).

    leniencies()                        {b"bare_lf": True, ...}
    set_leniencies(b"-bare_lf +repeated_headers")

Main process, before the fork.
"""

from ..src.native import ffi, lib

ALL = (1 << lib.KH_LAX_COUNT) - 1
_PREFIX = "KH_LAX_"
#: name -> bit, in the order of the list
BITS = {
    name.removeprefix(_PREFIX).lower().encode(): bit
    for bit, name in sorted(ffi.typeof("enum kh_lenient").elements.items())
}
_WORDS = {b"all": ALL, b"none": 0, b"default": lib.KH_LAX_DEFAULT}


def leniencies() -> dict[bytes, bool]:
    """Every name, and whether it is on."""
    on = lib.kh_lenient_get()
    return {name: bool(on & bit) for name, bit in BITS.items()}


def leniency_bits(text: bytes, on: int = lib.KH_LAX_DEFAULT) -> int:
    """The bits that words mean, one after the other: `name` or `+name` on, `-name` off, `all`, `none`, `default`.

    Raises ValueError, with the word, for one that is no name.
    """
    for word in text.replace(b",", b" ").split():
        name = word.lstrip(b"+-")
        if word in _WORDS:
            on = _WORDS[word]
        elif name not in BITS:
            raise ValueError(f"{word.decode('latin-1')} is no leniency")
        elif word.startswith(b"-"):
            on &= ~BITS[name]
        else:
            on |= BITS[name]
    return on


def extra_chars(chars: bytes) -> bytes:
    """Characters that may be allowed in hosts and header names; raises ValueError for one that delimits something."""
    if lib.kh_lenient_allows(chars, len(chars)) < 0:
        raise ValueError("blanks, controls and delimiters cannot stand in hosts and header names")
    return chars


def set_leniencies(text: bytes, strict_mode: int = 1, host_chars: bytes = b"", name_chars: bytes = b"") -> None:
    """Switch them: what sip_parser_mode 0 allows, then the words; and more characters for hosts and header names.

    Raises ValueError for an unknown word, and for a character that delimits something.
    """
    start = lib.KH_LAX_DEFAULT if strict_mode else lib.KH_LAX_DEFAULT | lib.KH_LAX_REPEATED_HEADERS
    bits, host, name = leniency_bits(text, start), extra_chars(host_chars), extra_chars(name_chars)
    lib.kh_lenient_chars(host, len(host), name, len(name))
    lib.kh_lenient_set(bits)
