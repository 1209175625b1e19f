"""Whether a battery and the direct interpreter agree on real data: the same grid, or failures of
the same reason, on every lane that is looked at.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pipeline.battery.batteries import LinkedBattery
from pipeline.data.tasks import Sample
from pipeline.frontend.program import Program
from pipeline.ir.status import Limits
from pipeline.oracle.interpret import outcome
from pipeline.system.apart import Died, apart
from pipeline.trust.agreement.answers import agree, crash, label


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A lane, how its sample is called, and both answers."""

    solver: str
    sample: str
    expected: Any
    got: Any


@dataclass(slots=True)
class Agreement:
    """What a comparison saw; outcomes counts lanes by how they end."""

    outcomes: Counter[str] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)

    @property
    def lanes(self) -> int:
        """How many lanes were compared."""
        return sum(self.outcomes.values())

    def add(self, other: Agreement) -> None:
        """Take over what another comparison saw."""
        self.outcomes += other.outcomes
        self.disagreements += other.disagreements


def random_lanes(rng: random.Random, solvers: int, samples: int, count: int) -> list[list[int]]:
    """So many different lanes of all: for each solver the numbers of samples, ascending."""
    wanted: list[list[int]] = [[] for _ in range(solvers)]
    for lane in sorted(rng.sample(range(solvers * samples), count)):
        wanted[lane // samples].append(lane % samples)
    return wanted


def compare_lanes(
    battery: LinkedBattery,
    programs: Mapping[str, Program],
    samples: Sequence[Sample],
    wanted: list[list[int]],
    limits: Limits,
    careful: bool = False,
    name_of: Callable[[int], str] = str,
) -> Agreement:
    """Interpret the lanes wanted, and compare.

    careful: with each solver run apart. name_of: how a sample is called, from its place.
    """
    seen = Agreement()
    answers = (_one_by_one if careful else _at_once)(battery, samples, wanted, limits)
    for name, lanes, found in zip(battery.solvers, wanted, answers, strict=True):
        for lane, got in zip(lanes, found, strict=True):
            sample = samples[lane]
            expected = outcome(programs[name], sample.input, limits, sample.shown)
            seen.outcomes[label(expected)] += 1
            if not agree(expected, got):
                seen.disagreements.append(Disagreement(name, name_of(lane), expected, got))
    return seen


def _at_once(
    battery: LinkedBattery, samples: Sequence[Sample], wanted: list[list[int]], limits: Limits
) -> list[list[Any]]:
    return battery.outcomes(samples, wanted, limits)


def _one_by_one(
    battery: LinkedBattery, samples: Sequence[Sample], wanted: list[list[int]], limits: Limits
) -> list[list[Any]]:
    found: list[list[Any]] = []
    for k, lanes in enumerate(wanted):
        only = [lanes if k == solver else [] for solver in range(len(wanted))]
        try:
            found.append(apart(partial(battery.outcomes, samples, only, limits))[k])
        except Died as error:
            found.append([crash(error)] * len(lanes))
    return found
