"""The train pairs of tasks: encoded once, put beside samples, and what engines make of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.battery.batteries import battery_of
from pipeline.cluster.job import packed, unpacked
from pipeline.data.tasks import Sample, Task, TrainPairs
from pipeline.engine.beside import BesideEngine, InterpretedSolvers
from pipeline.engine.engine import Engine, blocks_of
from pipeline.engine.samples import Samples
from pipeline.engine.shown import encode_shown, put_shown, samples_for, uses_shown
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.kernels.heap import Heap
from tests.columns import engine_of
from tests.mixed_battery import BODIES, LIMITS, SAMPLES, image, linked
from tests.programs.train_pairs import TASKS

SHOWN = [*BODIES].index("shown")
MIXED = (
    *TASKS[0].samples,
    Sample(((1,),), ((2,),)),
    *TASKS[3].samples,
    *TASKS[1].samples,
    *TASKS[0].test,
    *TASKS[2].train,
)
"""Of tasks with three, one, two and no train pairs, one of them twice, and of none."""


def shown_of(samples: Samples, count: int) -> list[TrainPairs | None]:
    """What each sample has in a heap."""
    assert samples.shown is not None
    heap = Heap(6_000, DEFAULT_LIMITS)
    heap.take(17)
    place = put_shown(heap.put_all, samples.shown)
    column = heap.words[place : place + count].tolist()
    return [None if word == 0 else heap.decode(word) for word in column]


def encoded() -> Samples:
    """The samples with what they are shown with."""
    return samples_for(image(), MIXED)


def test_each_sample_has_the_pairs_of_its_task() -> None:
    wanted = [sample.shown for sample in MIXED]
    samples = encoded()
    assert shown_of(samples, len(MIXED)) == wanted
    assert samples.shown is not None
    assert [samples.shown.pairs_of(k) for k in range(len(MIXED))] == wanted


def test_a_task_s_pairs_are_there_once() -> None:
    again = Task("again", TASKS[0].train, TASKS[1].test)
    shown = encode_shown([s.shown for s in (*MIXED, *again.samples)])
    assert len(shown.offsets) - 1 == len(TASKS)
    assert len(shown.pairs) == sum(len(task.train) for task in TASKS)


@pytest.mark.parametrize("first", range(len(MIXED)))
def test_a_part_has_what_its_samples_need(first: int) -> None:
    for last in range(first + 1, len(MIXED) + 1):
        part = unpacked(packed(encoded().part(first, last)))
        assert shown_of(part, last - first) == [s.shown for s in MIXED[first:last]]


def test_one_sample_needs_its_own_task_s_alone() -> None:
    place = MIXED.index(TASKS[1].train[0])
    shown = encoded().part(place, place + 1).shown
    assert shown is not None
    assert len(shown.pairs) == 1


def test_there_are_none_where_no_solver_uses_them() -> None:
    names = tuple(name if name != "train_pairs" else "inputs" for name in image().kernels)
    other = replace(image(), kernels=names)
    assert uses_shown(image())
    assert not uses_shown(other)
    assert samples_for(other, MIXED).shown is None


def ends(engine: Engine, samples: Samples, size: int) -> list[tuple[int, int, int]]:
    """The verdict of each lane, in order."""
    return sorted(
        (solver, sample, int(outcome.verdicts[k, lane]))
        for outcome in engine.run(samples, blocks_of(len(samples), size))
        for k, lane, solver, sample in outcome.lanes()
    )


@pytest.mark.parametrize("size", [1, 2, 64])
def test_neither_blocks_nor_what_runs_beside_show(size: int) -> None:
    engine = engine_of(image(), LIMITS)
    samples = samples_for(image(), (*MIXED, *SAMPLES))
    expected = ends(engine, samples, 7)
    assert {code for solver, _, code in expected if solver == SHOWN} >= {0}
    assert ends(engine, samples, size) == expected
    evaluate = battery_of(linked().code).evaluate
    beside = BesideEngine(engine, InterpretedSolvers({SHOWN: SHOWN}, lambda: evaluate))
    assert ends(beside, samples, size) == expected
