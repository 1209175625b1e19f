"""Function values of the direct interpreter: callables that know where they were made, and the
containers of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipeline.ir.status import Failure

if TYPE_CHECKING:
    from pipeline.oracle.interpret import Lane


class Closure:
    """A function value: `run` takes its arguments; `key` names where it was made."""

    __slots__ = ("arity", "key", "lane", "order", "run")

    def __init__(
        self, lane: Lane, arity: int, run: Callable[..., Any], key: Any, order: tuple[int, Any]
    ) -> None:
        self.lane = lane
        self.arity = arity
        self.run = run
        self.key = key
        self.order = order

    def __call__(self, *args: Any) -> Any:
        path = self.lane.path
        path.append(self.key)
        result = self.run(*args)
        path.pop()
        return result

    def __lt__(self, other: object) -> bool:
        return self.order < _order_of(other)

    def __gt__(self, other: object) -> bool:
        return self.order > _order_of(other)


def _order_of(value: object) -> tuple[int, Any]:
    """Where a function stands in a set; data that is in one with it has no place there."""
    if not isinstance(value, Closure):
        raise Failure("TYPE", "")
    return value.order


class Labelled:
    """A function value as a reference calls it: the label says for which of its parameters."""

    __slots__ = ("arity", "function", "label", "lane")

    def __init__(self, lane: Lane, label: Any, function: Closure) -> None:
        self.lane = lane
        self.label = label
        self.function = function
        self.arity = function.arity if isinstance(function, Closure) else 0

    def __call__(self, *args: Any) -> Any:
        if not isinstance(self.function, Closure):
            raise Failure("NONE" if self.function is None else "TYPE", "call")
        path = self.lane.path
        path.append(self.label)
        result = self.function(*args)
        path.pop()
        return result


class Numbered(Labelled):
    """Called for one known function after another: each call is a site of its own."""

    __slots__ = ("turn",)

    def __init__(self, lane: Lane, label: Any, function: Closure) -> None:
        super().__init__(lane, label, function)
        self.turn = 0

    def __call__(self, *args: Any) -> Any:
        self.turn += 1
        self.label = -self.turn
        return super().__call__(*args)


class Scoped(Labelled):
    """Called for elements of which those after the first match do not count: totals start anew."""

    __slots__ = ()

    def __call__(self, *args: Any) -> Any:
        lane = self.lane
        totals, lane.totals = lane.totals, {}
        result = super().__call__(*args)
        lane.totals = totals
        return result


class KnownPlace(Labelled):
    """A function of a known place in a container, compared and ordered as the function itself."""

    __slots__ = ()

    def __lt__(self, other: KnownPlace) -> bool:
        return self.label < other.label


class OpenTuple(tuple):
    """A tuple of function values whose length depends on data."""

    __slots__ = ()


class OpenSet(frozenset):
    """A set of function values whose size depends on data."""

    __slots__ = ()


def holds_function(value: Any) -> bool:
    """Whether there are function values in a value; elements of one kind are alike."""
    if isinstance(value, Closure):
        return True
    if not isinstance(value, tuple | frozenset):
        return False
    kinds = {type(part): part for part in value}
    return any(map(holds_function, kinds.values()))


OPEN = (OpenTuple, OpenSet)
"""Containers of function values of which only data tells how many there are."""


def as_open(container: Any) -> Any:
    """The container as one of which only data tells how many there are."""
    return OpenTuple(container) if isinstance(container, tuple) else OpenSet(container)


def as_closed(container: Any) -> Any:
    """The container as Python has it."""
    return tuple(container) if isinstance(container, tuple) else frozenset(container)
