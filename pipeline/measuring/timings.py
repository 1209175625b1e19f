"""What was measured several times: medians, and how far the measurements lie apart; how the time
grows with the number of tasks; all of it as JSON.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

FORM: Final = 1
"""The form of the JSON; a profile of another form is not compared."""

DIGITS: Final = 9
"""Seconds are kept to the nanosecond."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Something that was measured several times: the median, the shortest and the longest."""

    name: str
    seconds: float
    least: float
    most: float

    @property
    def spread(self) -> float:
        """How far the measurements lie apart."""
        return self.most - self.least

    def to_json(self) -> dict[str, Any]:
        """As plain values, without the name."""
        found = {"seconds": self.seconds, "least": self.least, "most": self.most}
        return {key: round(value, DIGITS) for key, value in found.items()}


def timing(name: str, runs: Iterable[float]) -> Timing:
    """The timing of something, from how long it took each time."""
    each = list(runs)
    return Timing(name, statistics.median(each), min(each), max(each))


def timings(runs: Sequence[Mapping[str, float]]) -> tuple[Timing, ...]:
    """The timings of several things, in the order of the first run; what a run lacks took 0."""
    return tuple(timing(name, [run.get(name, 0.0) for run in runs]) for name in runs[0])


@dataclass(frozen=True, slots=True)
class OperationTiming:
    """An operation's kernels in a run of the check: calls and lanes are the same each time."""

    timing: Timing
    calls: int
    lanes: int


@dataclass(frozen=True, slots=True)
class SolverTiming:
    """What a solver takes to compile, with the step that takes longest, and to run.

    run: None where the backend does not tell solvers apart.
    """

    compile: Timing
    step: str
    step_seconds: float
    run: Timing | None

    @property
    def name(self) -> str:
        """Of the solver."""
        return self.compile.name

    @property
    def seconds(self) -> float:
        """Both together."""
        return self.compile.seconds + (self.run.seconds if self.run else 0.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """The whole way for so many tasks, and its phases."""

    tasks: int
    solvers: int
    whole: Timing
    phases: tuple[Timing, ...]


@dataclass(frozen=True, slots=True)
class KernelsCompiled:
    """Kernels that had to be compiled first; no part of what was measured."""

    kernels: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What was measured, when and on what: each mapping is written as it is."""

    made: str
    repeats: int
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    battery: Mapping[str, Any]
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """A profile of the whole pipeline.

    yardstick: a fixed piece of work, which tells how fast the machine was. busy: what share of its
    time the processor worked for others. unexplained: what of the whole is in no phase. steps: of
    the phase `generate`. solvers, operations: the slowest first. no_operations: why there are none,
    if so.
    """

    facts: ProfileFacts
    yardstick: Timing
    busy: float
    whole: Timing
    unexplained: Timing
    phases: tuple[Timing, ...]
    steps: tuple[Timing, ...]
    operations: tuple[OperationTiming, ...]
    solvers: tuple[SolverTiming, ...]
    scaling: tuple[Scale, ...]
    no_operations: str = ""
    compiled: KernelsCompiled | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        facts, compiled = self.facts, self.compiled
        return {
            "form": FORM,
            "made": facts.made,
            "repeats": facts.repeats,
            "machine": dict(facts.machine),
            "versions": dict(facts.versions),
            "battery": dict(facts.battery),
            "settings": dict(facts.settings),
            "yardstick": self.yardstick.to_json(),
            "busy": round(self.busy, 4),
            "whole": self.whole.to_json(),
            "unexplained": self.unexplained.to_json(),
            "phases": [_named(found) for found in self.phases],
            "passes": [_named(found) for found in self.steps],
            "kernels_compiled": compiled and asdict(compiled),
            "scaling": [_scale(found, power) for found, power in with_powers(self.scaling)],
            "no_operations": self.no_operations,
            "operations": [
                {**_named(found.timing), "calls": found.calls, "lanes": found.lanes}
                for found in self.operations
            ],
            "solvers": [_solver(found) for found in self.solvers],
        }


def _named(found: Timing) -> dict[str, Any]:
    return {"name": found.name, **found.to_json()}


def _scale(found: Scale, power: float | None) -> dict[str, Any]:
    return {
        "tasks": found.tasks,
        "solvers": found.solvers,
        **found.whole.to_json(),
        "exponent": power if power is None else round(power, 4),
        "phases": {phase.name: round(phase.seconds, DIGITS) for phase in found.phases},
    }


def _solver(found: SolverTiming) -> dict[str, Any]:
    return {
        "name": found.name,
        "seconds": round(found.seconds, DIGITS),
        "compile": found.compile.to_json(),
        "slowest_step": found.step,
        "slowest_step_seconds": round(found.step_seconds, DIGITS),
        "run": found.run and found.run.to_json(),
    }


def with_powers(scales: Sequence[Scale]) -> list[tuple[Scale, float | None]]:
    """Each size with the exponent from the one before: 1 where the time grows as the tasks do."""
    powers = [None, *(_power(a, b) for a, b in pairwise(scales))]
    return list(zip(scales, powers[: len(scales)], strict=True))


def _power(small: Scale, large: Scale) -> float | None:
    if min(small.whole.seconds, large.whole.seconds) <= 0 or large.tasks <= small.tasks:
        return None
    ratio = math.log(large.whole.seconds / small.whole.seconds)
    return ratio / math.log(large.tasks / small.tasks)


def spread_over(idents: Sequence[str], count: int) -> list[str]:
    """So many of them, evenly spread over their order, the first among them."""
    return [idents[k * len(idents) // count] for k in range(count)]


def sizes_to_measure(wanted: Iterable[int], everything: int) -> list[int]:
    """The sizes that there are enough tasks for, ascending, and all of them."""
    return sorted({size for size in wanted if size < everything} | {everything})
