"""What a program gives where every set is iterated backwards: whether it depends on an order.

Canonical order is decided in one place, `primitives.canonical.ordered`. `reversed_order` puts
another function in its place for a while, so that nothing is asked on the normal path. It does so
for the whole process: call it where nothing else runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.diagnostics import Span
from pipeline.frontend.program import Program, Statement
from pipeline.ir.status import Failure, Limits
from pipeline.oracle.closures import Closure
from pipeline.oracle.execution import Namespace
from pipeline.oracle.interpret import Lane, step
from pipeline.primitives import canonical


@contextmanager
def reversed_order() -> Iterator[None]:
    """Have the references and the interpreter iterate sets in descending order."""
    turned = [m for m in _modules() if getattr(m, "ordered", None) is canonical.ordered]
    for module in turned:
        module.ordered = _descending
    try:
        yield
    finally:
        for module in turned:
            module.ordered = canonical.ordered


def _modules() -> list[Any]:
    """The loaded modules of ours that may have canonical order, less the one that makes it."""
    ours = [module for name, module in sys.modules.items() if name.startswith("pipeline.")]
    return [module for module in ours if module not in (canonical, sys.modules[__name__])]


def _descending(container: Iterable[Any]) -> list[Any] | tuple[Any, ...]:
    values = canonical.ordered(container)
    return values if isinstance(container, tuple) else [*reversed(values)]


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
