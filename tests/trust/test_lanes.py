"""All answers agree on real data: the direct interpreter's, those of the battery's text on the
reference runtime, and those of its image on compiled kernels.

A lane of the matrix takes 6 ms to interpret, 7 ms on the reference, 0.2 ms compiled. So compiled
kernels, the youngest of the three, are compared with either on lanes of their own, and all three
only on the lanes of the check.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.battery.batteries import CompiledBattery, LinkedBattery
from pipeline.battery.check_workload import run_check
from pipeline.data.tasks import Sample, Task
from pipeline.frontend.candidates import task_of
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.trust.agreement.answers import agree
from pipeline.trust.agreement.lanes import Disagreement, compare_lanes, random_lanes
from tests.compiled import compiled_kernels

INTERPRETED_LANES = 20_000
REFERENCE_LANES = 5_000
PART = 1_000
WRONG_VERIFIERS = {
    *("228f6490", "29ec7d0e", "53b68214", "6cf79266"),
    *("7e0986d6", "a64e4611", "a8d7556c", "e5062a87"),
}


@pytest.fixture(scope="session")
def compiled(linked: Any) -> CompiledBattery:
    """The battery of all solvers on compiled kernels."""
    return CompiledBattery(linked.image, compiled_kernels(), memory_mib=256)


def _samples(tasks: dict[str, Task]) -> tuple[list[Sample], dict[str, list[int]]]:
    samples: list[Sample] = []
    places: dict[str, list[int]] = {}
    for ident, task in tasks.items():
        places[ident] = list(range(len(samples), len(samples) + len(task.samples)))
        samples += task.samples
    return samples, places


def _told(found: list[Disagreement]) -> list[str]:
    return [f"{d.solver} on sample {d.sample}: {d.expected!s:.60} / {d.got!s:.60}" for d in found]


def _differences(
    batteries: tuple[LinkedBattery, LinkedBattery], samples: list[Sample], wanted: list[list[int]]
) -> list[str]:
    """The lanes on which two batteries of the same solvers differ."""
    answers = [b.outcomes(samples, wanted, DEFAULT_LIMITS) for b in batteries]
    return [
        f"{name} on sample {lane}: {a!s:.60} / {b!s:.60}"
        for name, lanes, *ends in zip(batteries[0].solvers, wanted, *answers, strict=True)
        for lane, a, b in zip(lanes, *ends, strict=True)
        if not agree(a, b)
    ]


def _parts(lanes: int) -> list[Any]:
    """The numbers of the parts that so many lanes have; all but the first take long."""
    long = pytest.mark.long("one part of these lanes is in the default part")
    return [pytest.param(part, marks=long if part else ()) for part in range(lanes // PART)]


EVERY_LANE = pytest.mark.long("those of every eighth solver are in the default part")


@pytest.mark.parametrize("step", [8, pytest.param(1, marks=EVERY_LANE)])
def test_the_lanes_of_check_agree(
    linked: Any, compiled: CompiledBattery, tasks: dict[str, Task], step: int
) -> None:
    samples, places = _samples(tasks)
    names = enumerate(linked.battery.solvers)
    wanted = [places[task_of(name)] if k % step == 0 else [] for k, name in names]
    seen = compare_lanes(compiled, linked.programs, samples, wanted, DEFAULT_LIMITS)
    assert _told(seen.disagreements) == []
    assert seen.lanes == sum(map(len, wanted)) > 2_000 // step
    assert _differences((linked.battery, compiled), samples, wanted) == []


@pytest.mark.parametrize("part", _parts(INTERPRETED_LANES))
def test_interpreted_lanes_of_matrix_agree(
    linked: Any, compiled: CompiledBattery, tasks: dict[str, Task], part: int
) -> None:
    samples, _ = _samples(tasks)
    rng = random.Random(f"interpreted {part}")
    wanted = random_lanes(rng, len(compiled.solvers), len(samples), PART)
    seen = compare_lanes(compiled, linked.programs, samples, wanted, DEFAULT_LIMITS)
    assert _told(seen.disagreements) == []
    assert seen.lanes == PART
    assert seen.outcomes["ok"] > PART // 2


@pytest.mark.parametrize("part", _parts(REFERENCE_LANES))
def test_lanes_of_matrix_on_both_backends_agree(
    linked: Any, compiled: CompiledBattery, tasks: dict[str, Task], part: int
) -> None:
    samples, _ = _samples(tasks)
    rng = random.Random(f"reference {part}")
    wanted = random_lanes(rng, len(compiled.solvers), len(samples), PART)
    assert _differences((linked.battery, compiled), samples, wanted) == []


def test_only_the_known_verifiers_are_wrong(
    compiled: CompiledBattery, tasks: dict[str, Task]
) -> None:
    results = run_check(compiled, tasks, DEFAULT_LIMITS)
    bad = {row.solver for row in results.solvers if row.status != "right"}
    assert bad == {f"re-arc/{ident}" for ident in WRONG_VERIFIERS}
    assert {row.status for row in results.solvers if row.solver in bad} == {"wrong"}
    assert (results.tasks, results.tasks_solved) == (400, 400)
