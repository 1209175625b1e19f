"""What Python itself makes of a program: its text is run as it stands, on our rows' references.

Only for texts that we have written ourselves. Sets are in canonical order on Python's side, plain
ones inside of a reference; a function that goes from one side to the other takes its arguments and
its result along.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from bench.foreign import DISPLAYED, compiled, plain
from pipeline.data.tasks import Grid, TrainPairs
from pipeline.ir.status import DEFAULT_LIMITS, Failure
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.functions import arity_of
from pipeline.primitives.row import Primitive, conform, run_row
from pipeline.primitives.table import TABLE
from tests.published import CanonicalMutableSet, CanonicalSet


class Foreign:
    """A function of one side, called by the other."""

    def __init__(
        self, function: Callable[..., Any], give: Callable[[Any], Any], take: Callable[[Any], Any]
    ) -> None:
        self.function, self.give, self.take = function, give, take
        self.arity = arity_of(function)

    def __call__(self, *args: Any) -> Any:
        return self.take(self.function(*map(self.give, args)))


def inside(value: Any) -> Any:
    """A value of Python's side as a reference takes it."""
    if isinstance(value, tuple):
        return tuple(map(inside, value))
    if isinstance(value, list):
        raise TypeError("a list where a primitive wants a tuple")
    if isinstance(value, frozenset | set):
        return frozenset(map(inside, value))
    return Foreign(value, outside, inside) if callable(value) else value


def outside(value: Any) -> Any:
    """A value of a reference as Python's side takes it."""
    if isinstance(value, tuple):
        return tuple(map(outside, value))
    if isinstance(value, frozenset):
        return CanonicalSet(map(outside, value))
    return Foreign(value, inside, outside) if callable(value) else value


class Row:
    """A primitive as a word of the program."""

    def __init__(self, row: Primitive) -> None:
        self.row = row
        self.arity = row.arity

    def __call__(self, *args: Any, **named: Any) -> Any:
        left = self.row.parameters[len(args) :]
        values = tuple(inside(a) for a in (*args, *(named[name] for name in left)))
        if self.row.expand is not None:
            return outside(self.row.reference(*values))
        return outside(run_row(self.row, conform(self.row, values), DEFAULT_LIMITS))


@cache
def words() -> dict[str, Any]:
    """The names of the DSL."""
    rows = {name: Row(row) for name, row in TABLE.items()}
    sets = dict.fromkeys(("frozenset", "set", DISPLAYED), CanonicalSet)
    return {**rows, **CONSTANTS, **sets, "__name__": "program", "Grid": object}


def python_answer(
    text: str, grid: Grid, are_changed: bool = False, shown: TrainPairs | None = None
) -> Any:
    """The grid that the last function of a text returns, or what was raised: Failure or any other
    exception. are_changed: whether sets can be changed, so that none can be in another. shown: what
    the function gets before the grid, if anything.
    """
    names = dict(words())
    if are_changed:
        names.update(dict.fromkeys(("set", DISPLAYED), CanonicalMutableSet))
    exec(compiled("program.py", text), names)
    function = names[text[text.rindex("\ndef ") + 5 if "\ndef " in text else 4 :].split("(")[0]]
    try:
        before = () if shown is None else (outside(shown),)
        value = plain(function(*before, outside(grid)))
    except Failure as failure:
        return failure
    except Exception as error:
        return error
    return TypeError("no grid") if value is None else value
