"""Values that may change while the server runs: Kamailio's cfg framework (`cfg.set_now_int core debug 3`).

A variable is declared before fork, with its default. What differs from the defaults is one small record in memory that
all processes share: values, values of group instances (`group[5]`), and changes that wait for a commit. Whoever changes
it bumps a generation number; each process looks at that number between two messages (`sync`, one comparison) and takes
over what changed.

There are two places for the record, by the last bit of the generation: a writer fills the other one, then bumps, so one
that dies before leaves everything as it was. Writers take turns by a lock that the system frees when its holder dies.
"""

import fcntl
import marshal
import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from . import info

STATE_MAX = 1 << 16  # bytes of the record
TEXT_MAX = 1024  # bytes of a text value
INSTANCES_MAX = 256
HEADER = 24  # generation, size of the record in either place

Value = int | bytes
Key = tuple[str, int | None, str]  # group, instance (None: the group itself), name
_run_folder = [info.RUN_FOLDER]


def run_folder() -> str:
    """Where FIFOs and sockets live (`-Y`, `rundir`)."""
    return _run_folder[0]


def set_run_folder(folder: str) -> None:
    """Main process, before modules are initialised."""
    _run_folder[0] = folder


@dataclass(slots=True)
class Variable:
    """One `group.name`. `on_change(value)` runs in every process that takes a new value over."""

    group: str
    name: str
    kind: type  # int or bytes
    doc: str
    value: Value  # as this process knows it
    default: Value
    on_change: Callable[[Value], None] | None = None
    limits: tuple[int, int] | None = None  # smallest and largest number

    def check(self, value: Value) -> None:
        """TypeError or ValueError with a sentence when the variable cannot have this value."""
        if not isinstance(value, self.kind):
            raise TypeError(f"{self.group}.{self.name} is {'a number' if self.kind is int else 'a text'}")
        if isinstance(value, bytes):
            if len(value) > TEXT_MAX:
                raise ValueError(f"the value is longer than {TEXT_MAX} bytes")
        elif self.limits is not None and not self.limits[0] <= value <= self.limits[1]:
            raise ValueError(f"{self.name} must be {self.limits[0]} to {self.limits[1]}, not {value}")
        elif not -(1 << 63) <= value < 1 << 63:
            raise ValueError(f"{value} does not fit 64 bits")

    def take(self, value: Value) -> bool:
        """This process has the new value; False when it is none."""
        if value == self.value:
            return False
        self.value = value
        if self.on_change is not None:
            self.on_change(value)
        return True


@dataclass(slots=True)
class State:
    """The record. A pending None deletes the value of an instance."""

    values: dict[Key, Value] = field(default_factory=dict)
    instances: set[tuple[str, int]] = field(default_factory=set)
    pending: dict[Key, Value | None] = field(default_factory=dict)

    def value(self, variable: Variable, instance: int | None = None) -> Value:
        """What holds for an instance: its own value, that of the group, the default."""
        values, group, name = self.values, variable.group, variable.name
        base = values.get((group, None, name), variable.default)
        return base if instance is None else values.get((group, instance, name), base)


_variables: dict[tuple[str, str], Variable] = {}
_groups: dict[str, Callable[[], None]] = {}
_file = os.memfd_create("kahea-runtime")
os.ftruncate(_file, HEADER + 2 * STATE_MAX)
_memory = mmap.mmap(_file, HEADER + 2 * STATE_MAX)  # children inherit it
generation = memoryview(_memory)[:HEADER].cast("q")  # [0]; the sizes in [1] and [2]
seen = [0]  # the generation that this process knows; -1: it must look again
_state = State()  # of that generation
_selected: dict[str, int] = {}  # group -> instance, for the message in hand


def declare(
    group: str,
    name: str,
    default: Value,
    doc: str = "",
    on_change: Callable[[Value], None] | None = None,
    limits: tuple[int, int] | None = None,
) -> Variable:
    """Make a variable; before fork. Declaring it again replaces all of it."""
    variable = Variable(group, name, type(default), doc, default, default, on_change, limits)
    _variables[group, name] = variable
    if any(key[::2] == (group, name) for key in read()[1].values):
        with changing() as state:
            state.values = {key: value for key, value in state.values.items() if key[::2] != (group, name)}
    return variable


def on_group_change(group: str, function: Callable[[], None]) -> None:
    """Have `function()` called in each process after it took over new values of the group; before fork."""
    _groups[group] = function


def find(group: str, name: str) -> Variable | None:
    """The variable, or None."""
    return _variables.get((group, name))


def variables(group: str | None = None) -> list[Variable]:
    """All of them, or those of a group, in the order of declaration."""
    return [variable for variable in _variables.values() if group in (None, variable.group)]


# the record


def read() -> tuple[int, State]:
    """(generation, record) as they are now."""
    while True:
        now = generation[0]
        place, size = HEADER + (now & 1) * STATE_MAX, generation[1 + (now & 1)]
        data = _memory[place : place + size]
        if generation[0] == now:
            return now, State(*marshal.loads(data)) if size else State()


@contextmanager
def changing() -> Iterator[State]:
    """Change the record for all processes; nothing changes when the block raises. ValueError when it gets too big."""
    fcntl.lockf(_file, fcntl.LOCK_EX)
    try:
        now, state = read()
        yield state
        data = marshal.dumps((state.values, state.instances, state.pending))
        if len(data) > STATE_MAX or len(state.instances) > INSTANCES_MAX:
            raise ValueError("no room is left for runtime values")
        other = now + 1 & 1
        place = HEADER + other * STATE_MAX
        _memory[place : place + len(data)] = data
        generation[1 + other] = len(data)
        generation[0] = now + 1
    finally:
        fcntl.lockf(_file, fcntl.LOCK_UN)
    sync()


def set_values(changes: dict[tuple[str, str], Value]) -> None:
    """Set variables for all processes, all at once; KeyError, TypeError or ValueError when one cannot be set."""
    for key, value in changes.items():
        _variables[key].check(value)
    with changing() as state:
        state.values.update({(group, None, name): value for (group, name), value in changes.items()})


# each process


def sync() -> None:
    """Take over what others have set, and forget what the last message selected. Called between two messages; returns
    at once when nothing has changed."""
    global _state
    while generation[0] != seen[0]:
        seen[0], _state = read()
        _selected.clear()
        take_over(list(_variables.values()))


def take_over(these: list[Variable]) -> None:
    """Give variables the values that hold now, and tell who wants to know."""
    changed = {each.group for each in these if each.take(_state.value(each, _selected.get(each.group)))}
    for group in changed & _groups.keys():
        _groups[group]()


# the message in hand


def select(group: str, instance: int) -> bool:
    """The variables of the group have the values of an instance until the next message; False: there is none."""
    if (group, instance) not in _state.instances:
        return False
    _selected[group] = instance
    seen[0] = -1
    take_over(variables(group))
    return True


def unselect(group: str) -> bool:
    """Back to the values of the group; False when none was selected."""
    if _selected.pop(group, None) is None:
        return False
    take_over(variables(group))
    return True


def selected(group: str) -> int | None:
    """The instance chosen for the message in hand."""
    return _selected.get(group)
