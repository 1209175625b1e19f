"""Where loads come from, and how large they are: as many lanes as take a worker about a second.

Workers are of kinds, by what they run loads on: their processors, or GPUs of some name. What one of
a kind measured is taken of all, as lanes differ in what they cost more than workers of a kind do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pipeline.cluster.job import ClusterJob, Load

SECONDS: Final = 1.0
"""How long a load should take."""

MORE: Final = 64
"""How many times as many lanes a load may have at most for workers that have GPUs."""

FAR: Final = 4
"""A load that has so many times as many lanes as workers of a kind should have is parted: it comes
from a worker of another kind, which is no more."""


class Supply(Protocol):
    """Where loads come from."""

    def next(self, lanes: int) -> Load | None:
        """The next load, of about so many lanes; None where there is no more."""


class EachLoad:
    """Loads as they are, whatever their size; they are made as they are wanted."""

    def __init__(self, loads: Iterable[Any]) -> None:
        self._left = iter(loads)

    def next(self, lanes: int) -> Load | None:
        """See `Supply`."""
        return next(self._left, None)


@dataclass(slots=True)
class _Measured:
    """What workers of a kind have done so far."""

    lanes: int = 0
    seconds: float = 0.0


class SizedLoads:
    """The loads of a run, for workers of any kind."""

    def __init__(self, job: ClusterJob, supply: Supply) -> None:
        self._job, self._supply = job, supply
        self._measured: dict[str, _Measured] = {}
        self.are_over = False

    def took(self, kind: str, load: Any, seconds: float) -> None:
        """Note how long a worker of a kind was at a load, 0 where that is not known."""
        if seconds:
            measured = self._measured.setdefault(kind, _Measured())
            measured.lanes += load.lanes
            measured.seconds += seconds

    def rate(self, kind: str) -> float:
        """How many lanes a second one thread of a worker of a kind does; 0 if nobody knows."""
        measured = self._measured.get(kind)
        return measured.lanes / measured.seconds if measured else 0.0

    def size(self, kind: str) -> int:
        """How many lanes a load should have for workers of a kind."""
        most = self._job.most * (MORE if kind else 1)
        return max(self._job.least, min(most, round(SECONDS * self.rate(kind))))

    def next(self, kind: str) -> Load | None:
        """The next load for workers of a kind; None where there is no more."""
        if self.are_over:
            return None
        load = self._supply.next(self.size(kind))
        self.are_over = load is None
        return load

    def fitting(self, load: Any, kind: str) -> list[Any]:
        """A load, in parts if it is far too large for workers of a kind."""
        if load.lanes < FAR * self.size(kind):
            return [load]
        return [fit for part in load.parts() for fit in self.fitting(part, kind)] or [load]
