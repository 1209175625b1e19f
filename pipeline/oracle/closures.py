"""Function values of the direct interpreter, and how references call them: each call says where it
leads, as totals are kept for each site (see `interpret`).
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

    def __lt__(self, other: Closure) -> bool:
        return self.order < other.order


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


def call_missing(*args: Any) -> Any:
    """What runs where a function is missing."""
    raise Failure("NONE", "call")


class AtPlace(Labelled):
    """A function of a known place in a container, compared and ordered as the function itself."""

    __slots__ = ()

    def __lt__(self, other: AtPlace) -> bool:
        return self.label < other.label
