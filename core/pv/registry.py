"""Names of pseudo-variables and transformations. Filled at import (core) and by loadmodule; a later one replaces."""

import difflib
from collections.abc import Iterable

from .exports import PvExport, TransformationExport

_variables: dict[bytes, PvExport] = {}
_transformations: dict[bytes, TransformationExport] = {}
_loaded = False


def register_pv(export: PvExport) -> None:
    """Make a variable known to scripts that are parsed from now on."""
    for name in (export.name, *export.aliases):
        _variables[name.encode("latin-1")] = export


def register_transformation(export: TransformationExport) -> None:
    """Make a transformation known; the class is exact, the part behind the dot in any case."""
    for name in (export.name, *export.aliases):
        _transformations[_key(name.encode("latin-1"))] = export


def register_all(exports: Iterable[PvExport | TransformationExport]) -> None:
    """Register a list of either."""
    for export in exports:
        if isinstance(export, PvExport):
            register_pv(export)
        else:
            register_transformation(export)


def find_pv(name: bytes) -> PvExport:
    """The variable of a name; LookupError with a sentence when there is none."""
    _load_core()
    found = _variables.get(name)
    if found is None:
        shown = name.decode("latin-1")
        if name[-1:] in (b".", b"?") and name[:-1] in _variables:
            hint = f' (write "$({shown[:-1]})" when "{shown[-1]}" follows)'
        else:
            close = difflib.get_close_matches(shown, [n.decode("latin-1") for n in _variables], 1, 0.5)
            hint = f' (did you mean "${close[0]}"?)' if close else ""
        raise LookupError(f'unknown variable "${shown}"{hint}')
    return found


def find_transformation(name: bytes) -> TransformationExport:
    """The transformation `class.name`; LookupError with a sentence when there is none."""
    _load_core()
    found = _transformations.get(_key(name))
    if found is None:
        shown = name.decode("latin-1")
        close = difflib.get_close_matches(shown, [n.decode("latin-1") for n in _transformations], 1)
        hint = f' (did you mean "{{{close[0]}}}"?)' if close else ""
        raise LookupError(f'unknown transformation "{{{shown}}}"{hint}')
    return found


def pv_names() -> list[bytes]:
    """All names of variables, sorted."""
    _load_core()
    return sorted(_variables)


def transformation_names() -> list[bytes]:
    """All names of transformations, sorted."""
    _load_core()
    return sorted(_transformations)


def _key(name: bytes) -> bytes:
    head, dot, tail = name.partition(b".")
    return head + dot + tail.lower()


def _load_core() -> None:
    """The core's own; not at import, since their files import this one."""
    global _loaded
    if _loaded:
        return
    _loaded = True
    from .stores import STORES
    from .transformations import TRANSFORMATIONS
    from .variables import VARIABLES

    for export in (*STORES, *VARIABLES):
        for name in (export.name, *export.aliases):
            _variables.setdefault(name.encode("latin-1"), export)
    for transformation in TRANSFORMATIONS:
        for name in (transformation.name, *transformation.aliases):
            _transformations.setdefault(_key(name.encode("latin-1")), transformation)
