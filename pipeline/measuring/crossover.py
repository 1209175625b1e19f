"""From how many lanes on the GPU beats the CPU: runs of growing size on both, and what they say.

What is run is up to the caller. Nothing here knows a device, so that it can be tested without one.
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

NEVER: Final = 1 << 62
"""Stands for the crossover where the GPU does not win: more lanes than any work has."""

SMALLEST: Final = 64
GROWTH: Final = 4
ENOUGH: Final = 3
"""Sizes in a row at which the GPU has won: larger ones need not be measured."""

SHORT: Final = 4
"""Samples of a stretch where there are more solvers than are needed: a task has as many."""

SHORTEST: Final = 1e-9
"""Seconds that a run takes at least: what a clock can't tell from none."""

Run = Callable[[int], None]
"""Runs so many lanes."""


@dataclass(frozen=True, slots=True)
class MeasuredLanes:
    """The seconds that so many lanes take on the CPU and on the GPU, transfers included."""

    lanes: int
    cpu: float
    gpu: float

    @property
    def ratio(self) -> float:
        """How many times faster the GPU is."""
        return max(self.cpu, SHORTEST) / max(self.gpu, SHORTEST)

    @property
    def gpu_wins(self) -> bool:
        """Whether the GPU is faster."""
        return self.ratio > 1


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured, in order of size, and how often each size was run."""

    sizes: tuple[MeasuredLanes, ...]
    runs: int

    @property
    def least_lanes(self) -> int:
        """From how many lanes on the GPU wins; NEVER if it does not."""
        return crossover(self.sizes)

    def to_json(self) -> dict[str, Any]:
        """As plain values, `least_lanes` among them."""
        rows = [
            {"lanes": m.lanes, "cpu_seconds": m.cpu, "gpu_seconds": m.gpu, "ratio": m.ratio}
            for m in self.sizes
        ]
        return {"least_lanes": self.least_lanes, "runs": self.runs, "sizes": rows}


def crossover(sizes: Sequence[MeasuredLanes]) -> int:
    """From how many lanes on the GPU wins at all sizes measured, which come in ascending order.

    Between the last size at which the CPU wins and the next one it is where the ratio's logarithm,
    a straight line over that of the lanes, is 0.
    """
    won = 0
    while won < len(sizes) and sizes[-1 - won].gpu_wins:
        won += 1
    if not won:
        return NEVER
    first = sizes[len(sizes) - won]
    if won == len(sizes):
        return first.lanes
    last = sizes[len(sizes) - won - 1]
    lost, gained = -math.log(last.ratio), math.log(first.ratio)
    share = lost / (lost + gained)
    lanes = math.exp((1 - share) * math.log(last.lanes) + share * math.log(first.lanes))
    return min(first.lanes, max(last.lanes + 1, math.ceil(lanes)))


def growing(most: int, smallest: int = SMALLEST) -> Iterator[int]:
    """The sizes to measure: ever larger ones, at last `most`."""
    size = smallest
    while size < most:
        yield size
        size *= GROWTH
    yield most


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring samples that a solver is run on: so many from `first` on."""

    solver: int
    first: int
    count: int


def random_stretches(rng: random.Random, solvers: int, samples: int, lanes: int) -> list[Stretch]:
    """So many lanes of a matrix: of random solvers each a random stretch.

    Stretches are short while there are solvers left, as in a check, and then grow, as where each
    solver is run on generated samples. Single lanes, drawn at random, would cost the host more than
    either engine, as hardly two samples have the same solvers.
    """
    chosen = min(solvers, -(-lanes // min(SHORT, samples)))
    found: list[Stretch] = []
    for k, solver in enumerate(rng.sample(range(solvers), chosen)):
        count = lanes * (k + 1) // chosen - lanes * k // chosen
        found.append(Stretch(solver, rng.randrange(samples - count + 1), count))
    return found


def measure(
    on_cpu: Run,
    on_gpu: Run,
    sizes: Iterator[int],
    runs: int,
    seconds: float,
    tell: Callable[[MeasuredLanes], None] = lambda measured: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Calibration:
    """Run each size so often on both, in turns, and take the medians. The first size is run once
    before, so that all is warm.

    It ends when the GPU has won ENOUGH sizes in a row, or begins nothing more after so many
    seconds. At least one size is measured. `tell` hears of each.
    """
    begin = clock()
    found: list[MeasuredLanes] = []
    for size in sizes:
        if not found:
            on_cpu(size)
            on_gpu(size)
        elif clock() - begin > seconds:
            break
        turns: list[tuple[float, float]] = []
        for _ in range(runs):
            if turns and clock() - begin > seconds:
                break
            turns.append((_taken(on_cpu, size, clock), _taken(on_gpu, size, clock)))
        cpu, gpu = (statistics.median(side) for side in zip(*turns, strict=True))
        found.append(MeasuredLanes(size, cpu, gpu))
        tell(found[-1])
        if len(found) >= ENOUGH and all(m.gpu_wins for m in found[-ENOUGH:]):
            break
    return Calibration(tuple(found), runs)


def _taken(run: Run, size: int, clock: Callable[[], float]) -> float:
    begin = clock()
    run(size)
    return clock() - begin
