"""From how many lanes on the GPU wins: what follows from measurements, and how these are taken."""

from __future__ import annotations

import json
import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.measuring.crossover import (
    ENOUGH,
    NEVER,
    Calibration,
    MeasuredLanes,
    crossover,
    growing,
    measure,
    random_stretches,
)

SECONDS = st.floats(1e-6, 1e3)
SIZES = st.lists(st.integers(1, 10**6), min_size=1, max_size=8, unique=True).map(sorted)


@st.composite
def measurements(draw: st.DrawFn) -> list[MeasuredLanes]:
    """Ascending sizes with any seconds."""
    return [MeasuredLanes(lanes, draw(SECONDS), draw(SECONDS)) for lanes in draw(SIZES)]


@given(measurements())
def test_it_is_between_the_last_size_lost_and_the_next(found: list[MeasuredLanes]) -> None:
    least = crossover(found)
    lost = [m.lanes for m in found if not m.gpu_wins]
    above = [m for m in found if m.lanes >= least]
    assert all(m.gpu_wins for m in above)
    if not found[-1].gpu_wins:
        assert least == NEVER
    elif not lost:
        assert least == found[0].lanes
    else:
        assert lost[-1] < least <= min(m.lanes for m in found if m.lanes > lost[-1])


@given(measurements(), st.integers(0, 7), st.floats(1.01, 100))
def test_a_faster_gpu_wins_no_later(found: list[MeasuredLanes], at: int, factor: float) -> None:
    faster = list(found)
    k = at % len(found)
    faster[k] = MeasuredLanes(found[k].lanes, found[k].cpu, found[k].gpu / factor)
    assert crossover(faster) <= crossover(found)


@given(measurements(), st.floats(0.01, 100))
def test_what_counts_is_the_ratio(found: list[MeasuredLanes], factor: float) -> None:
    scaled = [MeasuredLanes(m.lanes, m.cpu * factor, m.gpu * factor) for m in found]
    a, b = crossover(found), crossover(scaled)
    assert a == b or math.isclose(a, b, rel_tol=1e-6, abs_tol=1) or _is_tie(found)


def _is_tie(found: list[MeasuredLanes]) -> bool:
    return any(math.isclose(m.cpu, m.gpu) for m in found)


def test_a_gpu_with_a_fixed_cost_wins_where_the_cpu_takes_as_long() -> None:
    sizes = [64, 256, 1024, 4096]
    found = [MeasuredLanes(n, n * 1e-5, 5e-3 + n * 1e-7) for n in sizes]
    assert crossover(found) == pytest.approx(505, rel=0.05)


@pytest.mark.parametrize(
    ("ratios", "least"),
    [
        ([0.5], NEVER),
        ([2.0], 64),
        ([0.5, 2.0], 128),
        ([0.25, 2.0], 162),
        ([2.0, 0.5, 2.0], 512),
        ([2.0, 2.0, 0.5], NEVER),
        ([1.0, 2.0], 65),
    ],
)
def test_by_example(ratios: list[float], least: int) -> None:
    found = [MeasuredLanes(64 * 4**k, ratio, 1.0) for k, ratio in enumerate(ratios)]
    assert crossover(found) == least


def test_nothing_measured_is_no_win() -> None:
    assert crossover([]) == NEVER


@given(st.integers(1, 10**7))
def test_sizes_grow_to_the_last(most: int) -> None:
    sizes = list(growing(most))
    assert sizes[-1] == most
    assert sizes == sorted(set(sizes))
    assert all(b <= 4 * a for a, b in pairwise(sizes))
    assert sizes[0] <= 64


@given(st.randoms(use_true_random=False), st.integers(1, 50), st.integers(1, 50), st.data())
def test_stretches_are_different_lanes_as_many_as_asked_for(
    rng: random.Random, solvers: int, samples: int, data: st.DataObject
) -> None:
    lanes = data.draw(st.integers(1, solvers * samples))
    found = random_stretches(rng, solvers, samples, lanes)
    assert sum(part.count for part in found) == lanes
    assert len({part.solver for part in found}) == len(found) <= solvers
    assert all(0 <= part.first <= part.first + part.count <= samples for part in found)
    assert all(part.count >= 1 for part in found)
    sizes = {part.count for part in found}
    assert max(sizes) - min(sizes) <= 1


class Runs:
    """Runs on a clock of our own: what each size takes on either side."""

    def __init__(self, cpu: dict[int, float], gpu: dict[int, float]) -> None:
        self.now = 0.0
        self.ran: list[tuple[str, int]] = []
        self.cpu, self.gpu = cpu, gpu

    def on_cpu(self, size: int) -> None:
        """A run on the CPU."""
        self.ran.append(("cpu", size))
        self.now += self.cpu[size]

    def on_gpu(self, size: int) -> None:
        """A run on the GPU."""
        self.ran.append(("gpu", size))
        self.now += self.gpu[size]

    def measure(self, runs: int, seconds: float) -> Calibration:
        """Measure all sizes."""
        return measure(
            *(self.on_cpu, self.on_gpu, iter(self.cpu), runs, seconds), clock=lambda: self.now
        )


def test_sizes_are_run_in_turns_and_the_first_once_before() -> None:
    runs = Runs({1: 1.0, 4: 2.0}, {1: 2.0, 4: 1.0})
    found = runs.measure(2, 100)
    assert runs.ran == [(who, 1) for who in ("cpu", "gpu")] * 3 + [("cpu", 4), ("gpu", 4)] * 2
    assert found.sizes == (MeasuredLanes(1, 1.0, 2.0), MeasuredLanes(4, 2.0, 1.0))
    assert found.least_lanes == 2


def test_enough_wins_end_it() -> None:
    sizes = [4**k for k in range(8)]
    runs = Runs(dict.fromkeys(sizes, 1.0), {n: 2.0 if n < 16 else 0.5 for n in sizes})
    found = runs.measure(1, 1000)
    assert [m.lanes for m in found.sizes] == sizes[: 2 + ENOUGH]
    assert 4 < found.least_lanes <= 16


def test_its_time_ends_it() -> None:
    runs = Runs(dict.fromkeys([1, 4, 16], 4.0), dict.fromkeys([1, 4, 16], 5.0))
    found = runs.measure(3, 30)
    assert [m.lanes for m in found.sizes] == [1]
    assert runs.now <= 9 + 3 * 9
    assert found.least_lanes == NEVER


def test_the_file_has_all_that_was_measured() -> None:
    found = Calibration((MeasuredLanes(64, 1.0, 2.0), MeasuredLanes(256, 4.0, 2.0)), 3)
    assert json.loads(json.dumps(found.to_json())) == {
        "least_lanes": 128,
        "runs": 3,
        "sizes": [
            {"lanes": 64, "cpu_seconds": 1.0, "gpu_seconds": 2.0, "ratio": 0.5},
            {"lanes": 256, "cpu_seconds": 4.0, "gpu_seconds": 2.0, "ratio": 2.0},
        ],
    }
