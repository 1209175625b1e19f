"""The CUDA backend on emulated devices: the same answers as the CPU's engine, whatever the teams,
the memory and the devices, and whatever fails.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from pipeline.engine.cuda.cuda_engine import CudaEngine, _DeviceWorker
from pipeline.engine.cuda.texts import numbers
from pipeline.engine.engine import Block, blocks_for
from tests.columns import engine_of
from tests.device_cases import PLANTED, Case, Ran, run_case
from tests.emulator.device import EmulatedDevice
from tests.emulator.teams import RANDOM
from tests.mixed_battery import (
    EVERYONE,
    FAULTY,
    LARGE,
    LIMITS,
    SAMPLES,
    SOLVERS,
    WANTED,
    encoded,
    image,
)
from tests.small_devices import with_sizes

Blocks = list[tuple[int, int, list[int] | None]]
Ends = dict[tuple[int, int], tuple[int, Any]]

COUNT = len(SAMPLES)
MEMORY = Case([]).memory
WHOLE: Blocks = [(0, COUNT, None)]
PARTS: Blocks = [
    (block.first, block.last, None if block.solvers is None else list(block.solvers))
    for block in blocks_for(WANTED, COUNT)
]
SMALL = {"HEAP_WORDS": 256, "LEAST_HEAP_WORDS": 256}
"""Heaps with room for few lanes at a time."""
LITTLE = 53_000
"""Bytes that do not hold the largest lane."""
LARGEST = 3
"""The sample on which `grow` makes the largest grid."""
ALONE: list[Blocks] = [WHOLE, [(0, COUNT, [LARGE])], [(LARGEST, LARGEST + 1, [LARGE])]]


@cache
def expected(keep: str) -> Ends:
    """How every lane ends on the CPU's engine, and the grids that it keeps."""
    found: Ends = {}
    for outcome in engine_of(image(), LIMITS).run(encoded(), [Block(0, COUNT, None)], keep):
        for k, lane, solver, sample in outcome.lanes():
            grid = outcome.grids.get((k, lane))
            found[solver, sample] = int(outcome.verdicts[k, lane]), grid
    return found


@cache
def expected_scores() -> list[list[int]]:
    """What `Ran.scores` must hold, as the CPU's engine gives it, in order of the lanes."""
    blocks = [Block(0, COUNT, None)]
    return sorted(
        [solver, sample, *np.array([outcome.scores[k, lane]]).view(np.int64).tolist()]
        for outcome in engine_of(image(), LIMITS).run(encoded(), blocks, scores=True)
        if outcome.scores is not None
        for k, lane, solver, sample in outcome.lanes()
    )


def lanes_of(blocks: Blocks) -> set[tuple[int, int]]:
    """The solvers and samples of blocks."""
    return {
        (solver, sample)
        for first, last, solvers in blocks
        for sample in range(first, last)
        for solver in (EVERYONE if solvers is None else solvers)
    }


def check(case: Case, found: Ran) -> None:
    """All lanes came once, and ended as on the CPU."""
    assert found.error == {}
    wanted = lanes_of(case.blocks)
    assert found.ends() == {lane: e for lane, e in expected(case.keep).items() if lane in wanted}
    done = [launch for launch in found.launches if not launch.failed]
    counted = [launch for launch in done if launch.lanes]  # not those that look for a fault
    assert found.usage["launches"] == len(counted)
    assert found.usage["lanes"] == sum(launch.lanes for launch in counted)


def checked(*cases: Case) -> list[Ran]:
    """What comes of cases, each as it must be."""
    found = [run_case(case) for case in cases]
    for case, result in zip(cases, found, strict=True):
        check(case, result)
    return found


def test_the_lanes_end_in_many_ways() -> None:
    codes = {code for code, _ in expected("all").values()}
    assert {0, 1} < codes
    assert len({-code % 32 for code in codes if code < 0}) >= 4
    sizes = {lane: len(g) * len(g[0]) for lane, (_, g) in expected("all").items() if g}
    largest = max(sizes, key=lambda lane: sizes[lane])
    assert largest == (LARGE, LARGEST)
    assert sorted(sizes.values())[-2] * 3 <= sizes[largest]


# -- teams


@pytest.mark.parametrize("processors", [1, 3])
def test_teams_of_any_size_give_the_same(processors: int) -> None:
    cases = [
        Case(blocks, threads=threads, processors=processors)
        for threads, blocks in [(1, WHOLE), (2, PARTS), (5, WHOLE), (5, PARTS), (32, WHOLE)]
    ]
    for case, found in zip(cases, checked(*cases), strict=True):
        (launch,) = found.launches
        assert (launch.teams, launch.threads) == (processors, case.threads)
        assert found.usage["again"] == found.usage["on_cpu"] == 0


@pytest.mark.parametrize("keep", ["none", "wrong", "all"])
def test_the_same_grids_are_kept(keep: str) -> None:
    checked(*(Case(blocks, keep=keep, threads=3) for blocks in (WHOLE, PARTS)))
    kept = [grid for _, grid in expected(keep).values() if grid is not None]
    assert bool(kept) == (keep != "none")


def test_scores_are_those_of_the_cpu() -> None:
    sizes = [{}, SMALL, SMALL | {"GRID_WORDS": 3_400}]
    cases = [
        Case(WHOLE, "none", threads=3, scores=True),
        Case(WHOLE, threads=5, scores=True, order=RANDOM),
        *(Case(PARTS if k else WHOLE, sizes=s, scores=True) for k, s in enumerate(sizes)),
        Case(WHOLE, "none", sizes=SMALL, memory=LITTLE, spare=True, scores=True),
    ]
    for case, found in zip(cases, checked(*cases), strict=True):
        wanted = lanes_of(case.blocks)
        assert sorted(found.scores) == [
            row for row in expected_scores() if tuple(row[:2]) in wanted
        ]
    (found,) = checked(Case(WHOLE))
    assert found.scores == []
    assert len({tuple(row[5:]) for row in expected_scores()}) > 10


def test_no_block_is_no_launch() -> None:
    cases = Case([]), Case([], devices=2)
    for found in checked(*cases):
        assert found.launches == []


# -- little memory


@pytest.mark.parametrize("keep", ["none", "all"])
def test_blocks_without_room_are_halved_and_lanes_get_larger_heaps(keep: str) -> None:
    cases = [Case(WHOLE, keep=keep, threads=threads, sizes=SMALL) for threads in (1, 3)]
    for found in checked(*cases):
        first, *later = found.launches
        assert found.usage["again"] > 0
        assert found.outcomes > first.blocks
        assert [launch for launch in later if launch.blocks == launch.lanes]
        assert max(launch.heap_words for launch in later) >= 8 * SMALL["HEAP_WORDS"]
        assert min(launch.teams for launch in later) == 1


def test_memory_does_not_show() -> None:
    sizes = [SMALL | {"LEAST_HEAP_WORDS": words} for words in (200, 300, 500, 900, 2_000)]
    found = checked(*(Case(WHOLE, sizes=size) for size in sizes))
    assert len({result.usage["again"] for result in found}) > 2


def test_the_array_keeps_to_the_memory() -> None:
    memories = [LITTLE, 2 * LITTLE, 4 * LITTLE]
    cases = [Case(WHOLE, keep="none", sizes=SMALL, memory=m, spare=True) for m in memories]
    for case, found in zip(cases, checked(*cases), strict=True):
        assert all(8 * launch.teams * launch.heap_words < case.memory for launch in found.launches)


def test_a_lane_that_is_too_large_is_named() -> None:
    case = Case(WHOLE, keep="none", sizes=SMALL, memory=LITTLE)
    found = run_case(case)
    assert found.error == {
        "name": "TooLarge",
        "text": f"grow on sample {LARGEST} needs more memory than the GPU has for it: "
        "raise gpu_memory_mib in config.yaml",
        "solver": "grow",
        "sample": LARGEST,
    }
    assert found.ends().items() <= expected("none").items()
    assert (LARGE, LARGEST) not in found.ends()


def test_a_lane_that_is_too_large_is_run_by_the_spare_engine() -> None:
    cases = [Case(blocks, "none", sizes=SMALL, memory=LITTLE, spare=True) for blocks in ALONE]
    for found in checked(*cases):
        assert 1 <= found.usage["on_cpu"] <= 2
        assert found.usage["again"] > found.usage["on_cpu"]


def test_a_device_too_small_for_the_battery_is_an_error_that_says_so() -> None:
    found = run_case(Case(WHOLE, sizes=SMALL, memory=10_000))
    assert found.error["name"] == "CudaMemory"
    assert "do not hold the battery and one heap" in found.error["text"]
    assert found.error["text"].endswith("see gpu_memory_mib in config.yaml")


@pytest.mark.parametrize("memory", [250_000, 16 << 20])
@pytest.mark.parametrize("keep", ["wrong", "all"])
def test_little_room_for_grids_that_are_kept_splits_blocks_and_loses_none(
    keep: str, memory: int
) -> None:
    sizes = {"GRID_WORDS": 3_400}
    others: Blocks = [(0, COUNT, [solver for solver in EVERYONE if solver != LARGE])]
    cases = [Case(blocks, keep, sizes=sizes, memory=memory) for blocks in (WHOLE, others)]
    large, small = checked(*cases)
    assert len(large.launches) > 2
    assert len(small.launches) == 1
    assert max(launch.teams for launch in large.launches) == (1 if memory < 1 << 20 else 2)


def test_a_grid_larger_than_the_room_for_grids_is_kept_by_the_spare_engine() -> None:
    sizes = {"GRID_WORDS": 2_000}
    with_spare, without = Case(WHOLE, sizes=sizes, spare=True), Case(WHOLE, sizes=sizes)
    (found,) = checked(with_spare)
    assert found.usage["on_cpu"] == 1
    found = run_case(without)
    assert (found.error["solver"], found.error["sample"]) == ("grow", LARGEST)


# -- devices


@pytest.mark.parametrize("devices", [2, 3])
def test_results_do_not_depend_on_the_number_of_devices(devices: int) -> None:
    cases = [
        Case(blocks, devices=devices, sizes=sizes, order=RANDOM)
        for blocks in (WHOLE, PARTS)
        for sizes in ({}, SMALL)
    ]
    for case, found in zip(cases, checked(*cases), strict=True):
        assert len(found.launches) >= case.devices
        assert {launch.device for launch in found.launches} <= set(range(case.devices))


def test_many_lanes_are_several_launches() -> None:
    cases = [Case(PARTS, sizes={"LANES": lanes}) for lanes in (1, 5, 20)]
    for case, found in zip(cases, checked(*cases), strict=True):
        for launch in found.launches:
            assert launch.lanes <= case.sizes["LANES"] or launch.blocks == 1


def test_a_launch_has_no_more_lanes_than_are_thought_to_fit_its_time() -> None:
    for first in (1, 7):
        (found,) = checked(Case(PARTS, sizes={"FIRST_LANES": first}))
        assert len(found.launches) > 5
        for launch in found.launches:
            assert launch.lanes <= first or launch.blocks == 1


def test_launches_have_blocks_of_every_cost() -> None:
    engine = CudaEngine(image(), numbers(), [EmulatedDevice()], MEMORY, LIMITS)
    worker = _DeviceWorker(engine, engine.devices[0], encoded(), "none")
    waiting = [Block(k, k + 1, (0,)) for k in range(100)]
    with with_sizes({"FIRST_LANES": 25}):
        assert worker._fitting(waiting) == set(range(0, 100, 4))
        assert worker._fitting([Block(0, 4, (0,)), *waiting[:97]]) == set(range(0, 98, 5))
        assert worker._fitting([Block(0, 40, (0,))]) == {0}
        assert worker._fitting(waiting[:20]) == set(range(20))


def test_a_device_with_less_memory_than_it_says_gets_fewer_teams() -> None:
    cases = [Case(WHOLE, memory_is=memory) for memory in (MEMORY // 2, MEMORY // 8)]
    for case, found in zip(cases, checked(*cases), strict=True):
        assert found.told == []
        for launch in found.launches:
            assert 8 * launch.teams * launch.heap_words <= case.memory_is


def test_a_device_with_hardly_any_memory_is_an_error_that_says_so() -> None:
    found = run_case(Case(WHOLE, memory_is=1000))
    assert (found.error["name"], found.trials) == ("DeviceMemory", 0)
    assert found.error["text"] == "cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (planted)"


# -- faults


def test_a_failing_device_is_named_with_lane_and_operation() -> None:
    found = run_case(Case(WHOLE, faults=["objects"]))
    first, last, solvers = found.error["block"]
    assert last - first == 1
    assert solvers == (FAULTY,)
    assert found.error["name"] == "DeviceFault"
    assert found.error["operation"] == "objects"
    text = f"the GPU failed in objects of sample {first}, {SOLVERS[FAULTY]}: {PLANTED}"
    assert found.error["text"] == text
    assert found.told == [text]
    assert len(found.launches) == 1


def test_after_a_fault_the_run_goes_on_without_the_device() -> None:
    cases = [Case(blocks, faults=["objects"], spare=True) for blocks in (WHOLE, PARTS)]
    for found in checked(*cases):
        assert len(found.launches) == 1
        assert found.launches[0].failed
        assert found.usage["on_cpu"] == found.outcomes
        (text,) = found.told
        assert text.startswith("the GPU failed in objects of sample ")


def test_what_was_done_before_a_fault_stays() -> None:
    each: Blocks = [(0, COUNT, [solver]) for solver in (*EVERYONE[FAULTY + 1 :], FAULTY)]
    (found,) = checked(Case(each, faults=["objects"], spare=True, sizes={"FIRST_LANES": 1}))
    done = [launch for launch in found.launches if not launch.failed]
    assert found.usage["launches"] == len(done) > 0
    assert found.usage["on_cpu"] > 0
    assert [launch.failed for launch in found.launches] == [False] * len(done) + [True]


def test_another_device_goes_on() -> None:
    (found,) = checked(Case(PARTS, devices=2, failing=1, spare=True))
    assert sum(launch.failed for launch in found.launches) == 1
    assert len(found.told) == 1


def test_whichever_operation_fails_is_found() -> None:
    for name in ["inputs", "maximum", "loop_enter", "first_match", "select", "verdict"]:
        found = run_case(Case(WHOLE, faults=[name]))
        assert found.error["operation"] == name
        assert 0 < found.trials < 40


def test_a_failure_that_does_not_come_again_is_told() -> None:
    (found,) = checked(Case(WHOLE, failing=1, spare=True))
    text = f"the GPU failed, but not when the same was tried again: {PLANTED}"
    assert (found.told, found.trials) == ([text], 1)


def test_a_device_that_gives_no_answer_is_not_tried_again() -> None:
    (found,) = checked(Case(WHOLE, failing=1, hangs=True, spare=True))
    assert found.trials == 0
    (text,) = found.told
    assert text.startswith("the GPU gave no answer for ")
    assert text.endswith(PLANTED)
    assert run_case(Case(WHOLE, failing=1, hangs=True)).error["text"] == text
