"""What a program gives where every set is iterated backwards: whether it depends on an order.

Canonical order is decided in `primitives.canonical`; among equally common colours, and among cells
painted at one place, by `sorted` in `primitives.colours` and `primitives.paint`. `reversed_order`
puts other functions in their places for a while, so that nothing is asked on the normal path. It
does so for the whole process: call it where nothing else runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from pipeline.diagnostics import Span
from pipeline.frontend.program import Program, Statement
from pipeline.ir.status import Failure, Limits
from pipeline.oracle.execution import Namespace
from pipeline.oracle.interpret import Closure, Lane, step
from pipeline.primitives import canonical, colours, paint

SORTING: Final = (colours, paint)
"""The modules whose references choose by `sorted`."""


@contextmanager
def reversed_order() -> Iterator[None]:
    """Have the references and the interpreter iterate sets in descending order."""
    kept = [
        (module, name, value)
        for module in _modules()
        for name, value in (("ordered", canonical.ordered), ("sort_key", canonical.sort_key))
        if getattr(module, name, None) is value
    ]
    for module, name, _ in kept:
        setattr(module, name, {"ordered": _descending, "sort_key": _Backwards.of}[name])
    for module in SORTING:
        vars(module)["sorted"] = _sorted_down
    try:
        yield
    finally:
        for module in SORTING:
            del vars(module)["sorted"]
        for module, name, value in kept:
            setattr(module, name, value)


def _modules() -> list[Any]:
    """The loaded modules of ours that may have canonical order, less the one that makes it."""
    ours = [module for name, module in sys.modules.items() if name.startswith("pipeline.")]
    return [module for module in ours if module not in (canonical, sys.modules[__name__])]


def _descending(container: Iterable[Any]) -> list[Any] | tuple[Any, ...]:
    values = canonical.ordered(container)
    return values if isinstance(container, tuple) else [*reversed(values)]


class _Backwards:
    """A sort key that puts the least last."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: _Backwards) -> bool:
        return bool(other.key < self.key)

    @classmethod
    def of(cls, value: Any) -> _Backwards:
        """The key of a value."""
        return cls(canonical.sort_key(value))


def _sorted_down(values: Iterable[Any], key: Callable[[Any], Any] | None = None) -> list[Any]:
    return sorted(values, key=key, reverse=True)


def first_difference(program: Program, grid: Any, limits: Limits) -> tuple[str, Span] | None:
    """The first statement whose value is another in reversed order, as its variable and place.

    Statements that give function values are passed over.
    """
    lane, other = Lane(limits, program), Lane(limits, program)
    values, others = Namespace(), Namespace()
    values[program.parameter] = others[program.parameter] = grid
    for number, statement in enumerate(program.statements):
        ended = _attempt(lane, number, statement, values)
        with reversed_order():
            another = _attempt(other, number, statement, others)
        names = [name for name in values if _differ(values[name], others.get(name, _FAILED))]
        if names or (ended is _FAILED) != (another is _FAILED):
            value = statement.value if statement.target else None
            return statement.target or (names or [""])[0], program.place(number, value)
        if ended is not None:
            return None
    return None


_FAILED = object()


def _attempt(lane: Lane, number: int, statement: Statement, values: Namespace) -> Any:
    try:
        return step(lane, number, statement, values)
    except Failure:
        return _FAILED


def _differ(value: Any, other: Any) -> bool:
    """Whether two values without functions in them differ."""
    known = isinstance(value, int | tuple | frozenset) and not _has_function(value)
    return known and value != other


def _has_function(value: Any) -> bool:
    if isinstance(value, tuple | frozenset):
        return any(map(_has_function, value))
    return isinstance(value, Closure)
