"""What is known of the script's variables on the way through a route block: which hold an int, between which bounds.

A variable with a cell may hold an int, a string that counts as a number, or nothing; what is known saves the question
when the script runs. `Flow.block` walks a block along its paths before it is emitted and leaves in `ranges` what each
expression yields, and only that which holds each time it is reached:

    $var(i) = 0;                        i is 0
    while ($var(i) < 100) {             i is 0 to 2147483647: it was 0, and the body raises it
        $var(i) = $var(i) + 1;          0 to 99 here, or the condition were false: the sum is 1 to 100 and never wraps
    }

- At the start nothing is known: variables live as long as the process. An int assigned makes known, anything else
  forgets, and so does whatever may run other parts of the script or write variables: a route, a function.
- Where paths meet, that remains which holds on all of them. A condition says something of its sides on either path.
- A loop is walked with what is known before it, then with less, until the end of the body says nothing against it.
"""

from collections.abc import Callable
from typing import Any

from ..environment import PvSpec
from ..syntax.nodes import (
    Assign,
    Binary,
    BlockExpr,
    Call,
    Compare,
    Do,
    Expr,
    If,
    Int,
    Leave,
    Null,
    RouteCall,
    Selval,
    Stmt,
    Str,
    Switch,
    Unary,
    Var,
    While,
)  # fmt: skip
from ..tables import COMPOUND
from .ranges import ANY_INT, I32, OPPOSITE, RESULTS, TRUTH, Range, compared, hull, widened

KNOWN_VARIABLES = 64  # variables of which something is known at the same time; of others nothing is
PASSES = 6  # walks through a loop; what then still changes counts as unknown

State = dict[int, Range]  # id of a cell -> bounds of the int in it; never changed in place
Paths = State | None  # None: no path leads here
_AFTER_LEN: Range = (0, I32[1])


class Flow:
    """Walks route blocks. `spec` gives the variable, None for one that does not exist; `keeps` tells of a call that it
    writes no variable."""

    def __init__(self, spec: Callable[[Var], PvSpec | None], keeps: Callable[[Call], bool]) -> None:
        self.ranges: dict[int, Range] = {}  # id of an expression -> bounds of the int it yields
        self.whole: set[int] = set()  # ids of assignments that always come to their end
        self._spec, self._keeps = spec, keeps
        self._state: Paths = {}
        self._heads: dict[int, State] = {}  # id of a while -> what is known at its head; only ever less
        self._breaks: list[list[Paths]] = []  # where the loops and switches around are left
        self._compounds: dict[int, Binary] = {}
        self._effects = 0  # counts writes, known ones and possible ones
        self._raises = False  # may what was walked raise EvalError, and so end in the middle?
        self._values: dict[type, Callable[[Any], Range | None]] = {
            Int: lambda e: (e.value, e.value), Var: self._var, Unary: self._unary, Binary: self._binary,
            Selval: self._selval, Compare: self._compare, Assign: self._assign, Call: self._call,
            RouteCall: self._elsewhere, BlockExpr: self._elsewhere,
        }  # fmt: skip
        self._statements: dict[type, Callable[[Any], None]] = {
            Do: self._do, If: self._if, While: self._while, Switch: self._switch, Leave: self._leave,
        }  # fmt: skip

    def block(self, body: list[Stmt]) -> None:
        """Walk the body of a function."""
        self._breaks = []
        self._list(body, {})

    def fits(self, expr: Expr) -> bool:
        """Does this sum never leave 32 bits?"""
        return self.ranges.get(id(expr), I32) != I32

    def positive(self, expr: Expr, least: int = 0) -> bool:
        """Is this an int, and never below `least`?"""
        return self.ranges.get(id(expr), ANY_INT)[0] >= least

    def assigned(self, expr: Assign) -> Expr:
        """The value that an assignment stores; `a += b` is `a + b`, the same node each time."""
        if expr.op not in COMPOUND:
            return expr.value
        if id(expr) not in self._compounds:
            self._compounds[id(expr)] = Binary(COMPOUND[expr.op], expr.target, expr.value, pos=expr.pos)
        return self._compounds[id(expr)]

    # -- expressions -----------------------------------------------------------------------------------------------

    def _value(self, expr: Expr) -> Range | None:
        """Walk an expression: the bounds of the int that it yields, None when it may yield something else."""
        walk = self._values.get(type(expr))
        found = walk(expr) if walk is not None else None
        if found is None:
            self.ranges.pop(id(expr), None)
        else:
            self.ranges[id(expr)] = found
        return found

    def _cell(self, expr: Expr) -> int | None:
        spec = self._spec(expr) if isinstance(expr, Var) else None
        return id(spec.cell) if spec is not None and spec.cell is not None else None

    def _var(self, expr: Var) -> Range | None:
        spec = self._spec(expr)
        if spec is None or spec.cell is None:
            return ANY_INT if spec is not None and spec.type == "int" else None
        return self._state.get(id(spec.cell)) if self._state is not None else None

    def _unary(self, expr: Unary) -> Range | None:
        op = expr.op
        if op == "!":
            return self._truth(expr)
        found = self._value(expr.value)
        low, high = found or ANY_INT
        if op == "-":
            return RESULTS["-"]((0, 0), (low, high))
        return {"~": (-high - 1, -low - 1), "(int)": (low, high), "strlen": _AFTER_LEN, "(str)": None}.get(op, TRUTH)

    def _binary(self, expr: Binary) -> Range | None:
        op = expr.op
        if op in ("&&", "||") or op in OPPOSITE:
            return self._truth(expr)
        left, right = self._value(expr.left), self._value(expr.right)
        if op not in RESULTS:  # eq, =~ and the like
            self._raises = self._raises or not isinstance(expr.right, Str)
            return TRUTH
        if op == "+" and left is None:
            return None
        right = right or ANY_INT
        self._raises = self._raises or (op in ("/", "mod") and right[0] <= 0 <= right[1])
        return RESULTS[op](left or ANY_INT, right)

    def _selval(self, expr: Selval) -> Range | None:
        found, states = [], []
        for value, state in zip((expr.then, expr.otherwise), self._test(expr.condition), strict=True):
            if state is not None:
                self._state = state
                found.append(self._value(value))
                states.append(self._state)
        self._state = states[0] if len(states) == 1 else _join(*states)
        known = [f for f in found if f is not None]
        return hull(known[0], known[-1]) if len(known) == len(found) else None

    def _compare(self, expr: Compare) -> Range:
        self._value(expr.right)
        self._raises = True
        return TRUTH

    def _call(self, expr: Call) -> Range:
        for arg in expr.args:
            self._value(arg)
        self._raises = True
        if not self._keeps(expr):
            self._forget()
        return TRUTH

    def _elsewhere(self, expr: Expr) -> Range:
        self._forget()
        return TRUTH

    def _assign(self, expr: Assign) -> Range:
        value = self.assigned(expr)
        found = self._value(value)
        spec = self._spec(expr.target)
        if spec is not None and spec.cell is not None:
            if isinstance(value, (Call, RouteCall)):  # stores its code
                found = None
            elif spec.undefined == 0 and (isinstance(value, Null) or value == Var("$null")):
                found = (0, 0)
            self._store(id(spec.cell), found)
        return TRUTH

    def _store(self, cell: int, found: Range | None) -> None:
        self._effects += 1
        state = self._state or {}
        if found is not None and (cell in state or len(state) < KNOWN_VARIABLES):
            self._state = {**state, cell: found}
        elif cell in state:
            self._state = {c: r for c, r in state.items() if c != cell}

    def _forget(self) -> None:
        self._effects += 1
        self._state = {}

    # -- conditions ------------------------------------------------------------------------------------------------

    def _truth(self, expr: Expr) -> Range:
        """A condition used as a value."""
        self._state = _join(*self._test(expr))
        return TRUTH

    def _test(self, expr: Expr) -> tuple[Paths, Paths]:
        """Walk a condition: what is known where it is true, and where it is false."""
        if isinstance(expr, Unary) and expr.op == "!":
            return self._test(expr.value)[::-1]
        if isinstance(expr, Binary) and expr.op in ("&&", "||"):
            return self._logic(expr)
        if isinstance(expr, Binary) and expr.op in OPPOSITE:
            effects = self._effects
            left, right = self._value(expr.left), self._value(expr.right)
            if effects == self._effects and left is not None:
                sides = expr, left, right or ANY_INT
                return self._where(expr.op, *sides), self._where(OPPOSITE[expr.op], *sides)
        else:
            self._value(expr)
        return self._state, self._state

    def _logic(self, expr: Binary) -> tuple[Paths, Paths]:
        yes, no = self._test(expr.left)
        goes_on, decided = (yes, no) if expr.op == "&&" else (no, yes)
        if goes_on is None:
            return yes, no
        self._state = goes_on
        yes, no = self._test(expr.right)
        return (yes, _join(decided, no)) if expr.op == "&&" else (_join(decided, yes), no)

    def _where(self, op: str, expr: Binary, left: Range, right: Range) -> Paths:
        """What is known where the comparison is true."""
        sides = compared(left, op, right)
        if sides is None:
            return None
        state = self._state or {}
        for side, bounds in zip((expr.left, expr.right), sides, strict=True):
            cell = self._cell(side)
            if cell is not None and cell in state:
                state = {**state, cell: bounds}
        return state

    # -- statements ------------------------------------------------------------------------------------------------

    def _list(self, body: list[Stmt], state: Paths) -> None:
        """Walk statements from `state` on; those that nothing reaches are left out."""
        self._state = state
        for stmt in body:
            if self._state is None:
                return
            self._statements[type(stmt)](stmt)

    def _condition(self, expr: Expr) -> tuple[Paths, Paths]:
        """The condition of a statement: one that raises EvalError is false."""
        before, effects, self._raises = self._state, self._effects, False
        yes, no = self._test(expr)
        if self._raises:
            no = before if effects == self._effects else {}
        return yes, no

    def _do(self, stmt: Do) -> None:
        before, effects, self._raises = self._state, self._effects, False
        self._value(stmt.value)
        if isinstance(stmt.value, Assign):
            (self.whole.discard if self._raises else self.whole.add)(id(stmt))
        if self._raises and effects != self._effects:  # it may have ended before the assignment
            whole = effects + 1 == self._effects and isinstance(stmt.value, Assign)
            self._state = _join(before, self._state) if whole else {}

    def _leave(self, stmt: Leave) -> None:
        if stmt.value is not None:
            self._value(stmt.value)
        if stmt.how in ("break", "esac") and self._breaks:
            self._breaks[-1].append(self._state)
        self._state = None

    def _if(self, stmt: If) -> None:
        node: If | None = stmt
        ends: Paths = None
        while node is not None:  # else if, else if, ...
            yes, no = self._condition(node.condition)
            self._list(node.then, yes)
            ends = _join(ends, self._state)
            rest, self._state, node = node.otherwise or [], no, None
            if no is not None and len(rest) == 1 and isinstance(rest[0], If):
                node = rest[0]
            else:
                self._list(rest, no)
        self._state = _join(ends, self._state)

    def _while(self, stmt: While) -> None:
        before = self._state or {}
        head = _weakened(self._heads.get(id(stmt), before), before)
        for turn in range(PASSES + 1):
            self._heads[id(stmt)] = self._state = head
            yes, no = self._condition(stmt.condition)
            self._breaks.append([_join(yes, no)])  # max_while_loops ends it whatever the condition says
            self._list(stmt.body, yes)
            ends = self._breaks.pop()
            weaker = _weakened(head, self._state)
            if weaker == head:
                break
            head = weaker if turn < PASSES - 1 else {}
        self._state = _join(*ends)

    def _switch(self, stmt: Switch) -> None:
        effects, self._raises = self._effects, False
        self._value(stmt.value)
        start: Paths = {} if self._raises and effects != self._effects else self._state
        self._breaks.append([])
        self._state = None
        for case in stmt.cases:
            self._list(case.body, _join(start, self._state))
        without = [] if any(case.label is None for case in stmt.cases) else [start]
        self._state = _join(self._state, *self._breaks.pop(), *without)


def _join(*states: Paths) -> Paths:
    """What holds on all paths."""
    live = [state for state in states if state is not None]
    if not live:
        return None
    joined = live[0]
    for state in live[1:]:
        if state is not joined:
            joined = {cell: hull(r, state[cell]) for cell, r in joined.items() if cell in state}
    return joined


def _weakened(head: State, end: Paths) -> State:
    """What is known at the head of a loop, when `end` comes back to it."""
    joined = _join(head, end) or {}
    return {cell: widened(head[cell], r) for cell, r in joined.items()}
