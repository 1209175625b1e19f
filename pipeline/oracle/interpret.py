"""The direct interpreter: runs a parsed solver on plain Python values, closures and all.

It is one of the two answers that must agree, and shares nothing with the passes: function values
are Python callables made by the rows' references. What it adds to them is the account of the limit
on totals (`Limits.total`), which is kept for each *site*: a place in the program as it would stand
with all calls inlined. The path to the running site is what distinguishes them: the expression, the
function values on the way, and the turn or the place in a container of functions; not the element,
so that what a site makes for all elements of a lane adds up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from pipeline.diagnostics import Span
from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    Program,
    Statement,
    TupleLiteral,
    Variable,
)
from pipeline.frontend.unused import unused_statements
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.ir.types import GRID
from pipeline.oracle import execution
from pipeline.oracle.closures import (
    OPEN,
    Closure,
    KnownPlace,
    Labelled,
    Numbered,
    Scoped,
    as_closed,
    as_open,
    holds_function,
)
from pipeline.oracle.execution import Ended, Namespace
from pipeline.oracle.fits import Fits, fits
from pipeline.primitives.canonical import ordered
from pipeline.primitives.row import (
    Primitive,
    check_result,
    conform,
    measure,
    output_grid,
    run_row,
)
from pipeline.primitives.table import INTERNAL, TABLE, mover


def _call_none(*args: Any) -> Any:
    raise Failure("NONE", "call")


def _is_written_out(row: Primitive, args: tuple[Any, ...]) -> bool:
    """Whether a container that is extended has no type: its elements stand in the program."""
    return row.name in ("combine", "insert") and any(map(_is_unlike, args))


def _is_unlike(value: Any) -> bool:
    """Whether a container holds sets and what is no set."""
    if not isinstance(value, tuple | frozenset):
        return False
    kinds = set(map(type, value)) - {type(None)}
    return frozenset in kinds and len(kinds) > 1


_LOOKS = ("first", "last", "size", "totuple", "astuple", "initset", "equality")
"""Rows on containers of functions that count nothing, whatever they are."""

_CHOOSES = ("mostcommon", "leastcommon", "other", "at")
MOST_REPEATED = 64


def _are_containers(*values: Any) -> bool:
    return all(isinstance(value, tuple | frozenset) for value in values)


_TAKES: dict[str, Callable[..., bool]] = {
    "pair": _are_containers,
    "merge": lambda parts: _are_containers(parts) and _are_containers(*parts),
}
"""What rows take that have no types for all containers of functions."""


UNHEEDED = object()
"""The value of a variable that nobody uses, and of which types don't fit."""


class Lane:
    """One program on one sample: the path to the running site, and the totals of each site."""

    def __init__(self, limits: Limits, program: Program | None = None) -> None:
        self.program = program
        self.limits = limits
        self.fits = Fits()
        self.path: list[Any] = []
        self.prefix: list[Any] = []
        self.home = 0
        self.totals: dict[Any, int] = {}
        self.keys: dict[Any, int] = {}
        self.expression: Expression | None = None
        self.made = 0
        self.meant: tuple[Primitive, ...] = ()
        self.is_sure = False
        self.is_constant = True
        self.constants: set[str] = set()
        self.primitives: dict[str, Closure] = {}

    @cached_property
    def unused(self) -> frozenset[int]:
        """The numbers of the statements of which nobody uses the value."""
        return frozenset() if self.program is None else unused_statements(self.program)

    # -- totals

    def count(self, name: str, amount: int) -> None:
        """Add to the running site's total."""
        if amount:
            site = (name, *self.path)
            total = self.totals.get(site, 0) + amount
            self.totals[site] = total
            if total > self.limits.total:
                raise Failure("TOTAL", name)

    # -- function values

    def function(self, row: Primitive) -> Closure:
        """The primitive as a function value."""
        known = self.primitives.get(row.name)
        if known is None:
            known = Closure(
                self, row.arity, lambda *args: self.apply(row, args), row.name, (0, row.name)
            )
            self.primitives[row.name] = known
        return known

    def _key(self, name: Any) -> int:
        """A number for the running site, the same whenever it runs."""
        return self.keys.setdefault((name, *self.path), len(self.keys))

    def closure(self, arity: int, run: Callable[..., Any], site: Any) -> Closure:
        """A function value that is written out, at a site."""
        self.made += 1
        key = self.keys.setdefault((site, *self.prefix), len(self.keys))  # no path leads here yet
        return Closure(self, arity, run, key, (1, self.made))

    def functions_in(self, container: Any) -> tuple[bool, bool]:
        """Whether there are function values in a container, and whether each of them is known."""
        functions = holds_function(container)
        return functions, functions and type(container) not in OPEN

    def _with_functions(self, row: Primitive, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, with a function that fails where one is missing."""
        if not any(args[k] is None for k in row.function_positions):
            return args
        none = Closure(self, 1, _call_none, "missing", (0, ""))
        return tuple(
            [none if a is None and k in row.function_positions else a for k, a in enumerate(args)]
        )

    def _combine(self, row: Primitive, args: tuple[Any, ...]) -> Closure:
        self.made += 1
        key, order = self._key(row.name), (1, self.made)
        if row.name in ("lbind", "rbind") and args[0] is None:
            raise Failure("NONE", row.name)
        args = self._with_functions(row, args)
        labelled = [
            Labelled(self, k, a) if k in row.function_positions else a for k, a in enumerate(args)
        ]
        if row.turns_argument is not None:
            run = self._powered(row, args)
            is_data = args[1] == 1 and not isinstance(args[0], Closure)
            return args[0] if is_data else Closure(self, 1, run, key, order)
        run = row.reference(*labelled)
        return Closure(self, run.__code__.co_argcount, run, key, order)

    def _powered(self, row: Primitive, args: tuple[Any, ...]) -> Callable[..., Any]:
        function, turns = args
        if not self.fits.takes(INTERNAL["turns"], (turns,)):
            raise Failure("TYPE", row.name)
        run_row(INTERNAL["turns"], (turns,), self.limits)  # fails here, not where it is called
        return lambda x: row.reference(Numbered(self, 0, function), turns)(x)

    # -- rows

    def apply(self, row: Primitive, args: tuple[Any, ...]) -> Any:
        """Apply a primitive to plain values and function values."""
        if row.expand is None:
            return self._first_order(row, args)
        if row.makes_function:
            return self._combine(row, args)
        if row.merges:
            parts = self.apply(TABLE[row.merges], args)
            return self._first_order(TABLE["merge"], (parts,))
        if row.is_loop:
            return self._loop(row, args)
        return self._first_order(row, args)

    def _first_order(self, row: Primitive, args: tuple[Any, ...]) -> Any:
        moves = mover(row)
        is_static = moves.on_functions and any(map(holds_function, args))
        if is_static or _is_written_out(row, args):
            return self._on_functions(moves, args)
        if not self.fits.takes(row, args):
            return execution.meant(self, row, args)
        args = conform(row, args)
        result = run_row(row, args, self.limits)
        self.count(row.name, measure(row, args, result))
        return result

    def _on_functions(self, row: Primitive, args: tuple[Any, ...]) -> Any:
        """A row on function values. Where all of its containers are known nothing is counted, as
        none of it is left when flattened.
        """
        takes = _TAKES.get(row.name)
        if not (self.fits.takes(row, args) if takes is None else takes(*args)):
            raise Failure("TYPE", row.name)
        opened = any(type(a) in OPEN for a in args) or self._mixes(row, args)
        if row.name == "merge":
            opened = opened or any(type(part) in OPEN for part in args[0])
        args = conform(row, tuple([as_closed(a) if type(a) in OPEN else a for a in args]))
        if not opened or row.name in _LOOKS:
            result = row.reference(*args)
            return as_open(result) if opened and row.name == "totuple" else result
        result = run_row(row, args, self.limits)
        self.count(row.name, measure(row, args, result))
        is_container = isinstance(result, tuple | frozenset) and row.name not in _CHOOSES
        return as_open(result) if is_container else result

    def _mixes(self, row: Primitive, args: tuple[Any, ...]) -> bool:
        """Whether a row makes one of functions and of data, or of as many as only data tells."""
        if row.name in ("product", "pair"):
            return len({holds_function(a) for a in args}) == 2
        if row.name != "repeat":
            return False
        is_constant, self.is_constant = self.is_constant, True
        return not is_constant or args[1] > MOST_REPEATED

    def _is_constant(self, expression: Expression) -> bool:
        """Whether a value stands in the program."""
        if isinstance(expression, Variable):
            return expression.name in self.constants
        return isinstance(expression, Literal)

    def _loop(self, row: Primitive, args: tuple[Any, ...]) -> Any:
        """Run a row that applies a function to elements, counting its visits."""
        containers = row.container_positions
        if any(args[k] is None for k in containers):
            raise Failure("NONE", row.name)
        args = self._with_functions(row, args)
        if not all(isinstance(args[k], tuple | frozenset) for k in containers):
            raise execution.no_container(self, row, args)
        opened = any(type(args[k]) in OPEN for k in containers)
        held = [holds_function(args[k]) for k in containers]
        functions = any(held)
        opened = opened or (functions and not all(held))
        is_visited = not functions or (opened and len(containers) > 1)
        if is_visited and row.function_positions and not row.stops_early:
            self.count(f"{row.name} elements", _visits(row, args))
        plain = [as_closed(a) if type(a) in OPEN else a for a in args]
        for k in row.function_positions:
            plain[k] = self._labelled(row, k, args[k], functions and not opened)
        if not row.function_positions:
            (k,) = containers
            plain[k] = type(plain[k])(
                [f if opened else KnownPlace(self, n, f) for n, f in enumerate(ordered(plain[k]))]
            )
        try:
            result = row.reference(*plain)
        except Failure as failure:
            failure.operation = failure.operation or row.name
            raise
        return self._looped(row, args, result, functions, opened)

    def _labelled(self, row: Primitive, place: int, function: Closure, known: bool) -> Labelled:
        if known:
            return Numbered(self, place, function)
        return (Scoped if row.stops_early else Labelled)(self, place, function)

    def _looped(
        self, row: Primitive, args: tuple[Any, ...], result: Any, functions: bool, opened: bool
    ) -> Any:
        """The result of a loop after its checks; a container of function values may be open."""
        if opened and row.gives_element and result is None:
            raise Failure("NONE", row.name)
        if functions and row.gives_element:
            return result
        if isinstance(result, tuple | frozenset) and holds_function(result):
            if row.collects and functions and not opened:
                return result
            return result if row.gives_element else as_open(result)
        check_result(row, args, result, self.limits)
        if opened or not functions:  # else the results are packed, which counts nothing
            self.count(row.name, measure(row, args, result))
        return result

    # -- programs

    def evaluate(self, expression: Expression, values: Namespace) -> Any:
        """The value of one expression."""
        if isinstance(expression, Variable):
            value = values[expression.name]
            if value is UNHEEDED:
                raise Failure("TYPE", expression.name)
            return value
        if isinstance(expression, Literal):
            return expression.value
        if isinstance(expression, Builtin):
            return self.function(expression.row)
        if isinstance(expression, TupleLiteral):
            return self._tuple(tuple(self.evaluate(e, values) for e in expression.elements))
        if isinstance(expression, Call):
            return self._call(expression, values)
        return execution.evaluate(self, expression, values)

    def _tuple(self, parts: tuple[Any, ...]) -> Any:
        if len(parts) == 2:
            return self._first_order(TABLE["astuple"], parts)
        return self.packed(parts, tuple)

    def packed(self, parts: tuple[Any, ...], kind: Callable[[Any], Any]) -> Any:
        """The parts in one container."""
        result = kind(parts)
        if not holds_function(result) and len(result) > self.limits.elements:
            raise Failure("ELEMENTS", "tuple")
        return result

    def _call(self, expression: Call, values: Namespace) -> Any:
        function = expression.function
        called = None if isinstance(function, Builtin) else self.evaluate(function, values)
        args = tuple(self.evaluate(a, values) for a in expression.arguments)
        self.path = [*self.prefix, id(expression)]
        self.expression = expression
        if isinstance(function, Builtin):
            if function.row.name == "repeat":
                self.is_constant = self._is_constant(expression.arguments[-1])
            return self.apply(function.row, args)
        if not isinstance(called, Closure):
            raise Failure("NONE" if called is None else "TYPE", "call")
        return called(*args)


def _visits(row: Primitive, args: tuple[Any, ...]) -> int:
    if row.visits is not None:
        return row.visits(*args)
    return min(len(args[k]) for k in row.container_positions)


def interpret(program: Program, grid: Any, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The solver's output grid for an input grid; raises Failure where the lane fails."""
    return _run(Lane(limits, program), program, grid)


def step(lane: Lane, number: int, statement: Statement, values: Namespace) -> Ended | None:
    """Run a statement of a program; what it returns, where it does."""
    lane.home, lane.expression, lane.is_sure = number, None, False
    lane.prefix = [number]  # two statements may be the same line
    if not statement.target:
        return execution.execute(lane, (statement.value,), values)  # type: ignore[arg-type]
    try:
        result = values[statement.target] = lane.evaluate(statement.value, values)
    except Failure as failure:
        if failure.reason != "TYPE" or number not in lane.unused or lane.is_sure:
            raise
        values[statement.target] = UNHEEDED
        return None
    (lane.constants.add if isinstance(statement.value, Literal) else lane.constants.discard)(
        statement.target
    )
    return Ended(result) if statement.target == "return" else None


def _run(lane: Lane, program: Program, grid: Any) -> Any:
    values = Namespace()
    values[program.parameter] = grid
    for number, statement in enumerate(program.statements):
        ended = step(lane, number, statement, values)
        if ended is not None:
            if not fits(ended.value, GRID):
                raise Failure("TYPE", "return")
            return output_grid(ended.value, lane.limits)
    raise AssertionError("the front end lets no solver end without a return")


def outcome(program: Program, grid: Any, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The output grid, or the Failure: how the lane ends."""
    try:
        return interpret(program, grid, limits)
    except Failure as failure:
        return failure.with_traceback(None)


def locate(
    program: Program, grid: Any, limits: Limits = DEFAULT_LIMITS
) -> tuple[Span, Failure] | None:
    """The expression in which a lane fails, and how; None if it does not."""
    lane = Lane(limits, program)
    try:
        _run(lane, program, grid)
    except Failure as failure:
        return program.place(lane.home, lane.expression), failure.with_traceback(None)
    return None
