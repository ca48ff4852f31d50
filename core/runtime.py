"""Values that may change while the server runs: Kamailio's cfg framework (`cfg.set_now_int core debug 3`).

A variable is declared before fork and lives in memory shared by all processes. Whoever sets one bumps a generation
number; each process looks at that number between two messages (`sync`, one comparison) and takes over what changed.
"""

import mmap
import struct
from collections.abc import Callable
from dataclasses import dataclass

from . import info

VARIABLES_MAX = 256
TEXT_MAX = 246  # bytes of a text value
SLOT = 256  # bytes: 8 for a number or the length, the rest for the text
HEADER = 8

Value = int | bytes
_run_folder = [info.RUN_FOLDER]


def run_folder() -> str:
    """Where FIFOs and sockets live (`-Y`, `rundir`)."""
    return _run_folder[0]


def set_run_folder(folder: str) -> None:
    """Main process, before modules are initialised."""
    _run_folder[0] = folder


@dataclass(slots=True)
class Variable:
    """One `group.name`. `on_change(value)` runs in every process that takes the new value over."""

    group: str
    name: str
    kind: type  # int or bytes
    doc: str
    index: int
    value: Value  # as this process knows it
    default: Value
    on_change: Callable[[Value], None] | None = None


_variables: dict[tuple[str, str], Variable] = {}
_memory = mmap.mmap(-1, HEADER + VARIABLES_MAX * SLOT)  # anonymous and shared: children inherit it
generation = memoryview(_memory).cast("q")  # [0]: even when at rest, odd while somebody writes
_seen = [0]


def declare(
    group: str,
    name: str,
    default: Value,
    doc: str = "",
    on_change: Callable[[Value], None] | None = None,
) -> Variable:
    """Make a variable; before fork. Declaring it again replaces default and callback."""
    known = _variables.get((group, name))
    index = known.index if known else len(_variables)
    if index >= VARIABLES_MAX:
        raise MemoryError(f"more than {VARIABLES_MAX} runtime variables")
    variable = Variable(group, name, type(default), doc, index, default, default, on_change)
    _variables[group, name] = variable
    store(variable, default)
    return variable


def find(group: str, name: str) -> Variable | None:
    """The variable, or None."""
    return _variables.get((group, name))


def variables() -> list[Variable]:
    """All of them, in the order of declaration."""
    return list(_variables.values())


def store(variable: Variable, value: Value) -> None:
    """Write into shared memory; ValueError when it does not fit. Writers are management processes, one at a time."""
    place = HEADER + variable.index * SLOT
    if isinstance(value, int):
        struct.pack_into("q", _memory, place, value)
        return
    if len(value) > TEXT_MAX:
        raise ValueError(f"the value is longer than {TEXT_MAX} bytes")
    struct.pack_into("q", _memory, place, len(value))
    _memory[place + 8 : place + 8 + len(value)] = value


def load(variable: Variable) -> Value:
    """Read from shared memory."""
    place = HEADER + variable.index * SLOT
    number: int = struct.unpack_from("q", _memory, place)[0]
    return number if variable.kind is int else _memory[place + 8 : place + 8 + min(number, TEXT_MAX)]


def set_values(changes: dict[tuple[str, str], Value]) -> None:
    """Set variables for all processes, all at once; KeyError, TypeError or ValueError when one cannot be set."""
    for key, value in changes.items():
        if not isinstance(value, _variables[key].kind):
            raise TypeError(f"{'.'.join(key)} is {'a number' if _variables[key].kind is int else 'a text'}")
        if isinstance(value, bytes) and len(value) > TEXT_MAX:
            raise ValueError(f"the value is longer than {TEXT_MAX} bytes")
    generation[0] += 1
    for key, value in changes.items():
        store(_variables[key], value)
    generation[0] += 1
    sync()


def sync() -> None:
    """Take over what others have set. Called between two messages; returns at once when nothing has changed."""
    now = generation[0]
    if now == _seen[0] or now & 1:
        return
    _seen[0] = now
    for variable in _variables.values():
        value = load(variable)
        if value != variable.value:
            variable.value = value
            if variable.on_change is not None:
                variable.on_change(value)
