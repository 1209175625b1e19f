"""The CUDA engine on simulated devices: the same answers as the CPU's engine and the interpreter's,
whatever the teams, the memory and the devices, and whatever fails.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from pipeline.engine.engine import Block, blocks_for
from pipeline.kernels.names import STRUCTURAL, instruction_names
from tests.columns import engine_of
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
from tests.planted_kernels import PLANTED, SOUND
from tests.simulated import Case, Ran, ran, run

Blocks = list[tuple[int, int, list[int] | None]]
Ends = dict[tuple[int, int], tuple[int, Any]]

COUNT = len(SAMPLES)
WHOLE: Blocks = [(0, COUNT, None)]
PARTS: Blocks = [
    (block.first, block.last, None if block.solvers is None else list(block.solvers))
    for block in blocks_for(WANTED, COUNT)
]
SMALL = {"HEAP_WORDS": 256, "LEAST_HEAP_WORDS": 256}
"""Heaps with room for few lanes at a time."""
LITTLE = 43_000
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
    found = ran(*cases)
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


ONE_PROCESSOR = pytest.mark.long("three processors are in the default part")


@pytest.mark.parametrize("processors", [pytest.param(1, marks=ONE_PROCESSOR), 3])
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
        Case(WHOLE, threads=5, scores=True, watch=True),
        *(Case(PARTS if k else WHOLE, sizes=s, scores=True) for k, s in enumerate(sizes)),
        Case(WHOLE, "none", sizes=SMALL, memory=LITTLE, spare=True, scores=True),
    ]
    for case, found in zip(cases, checked(*cases), strict=True):
        assert found.found == []
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


def test_it_does_not_matter_whose_claim_is_granted_first() -> None:
    cases = [
        Case(WHOLE, threads=4, pauses=seed, sizes=sizes) for seed in (1, 2) for sizes in ({}, SMALL)
    ]
    orders = {found.order for found in checked(*cases)}
    assert len(orders) == len(cases)


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
    (found,) = ran(case)
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
    (found,) = ran(Case(WHOLE, sizes=SMALL, memory=10_000))
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
    (found,) = ran(without)
    assert (found.error["solver"], found.error["sample"]) == ("grow", LARGEST)


# -- devices


THREE_DEVICES = pytest.mark.long("two devices are in the default part")


@pytest.mark.parametrize("devices", [2, pytest.param(3, marks=THREE_DEVICES)])
def test_results_do_not_depend_on_the_number_of_devices(devices: int) -> None:
    cases = [
        Case(blocks, devices=devices, sizes=sizes, pauses=devices)
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


# -- faults


def failing_blocks(found: Ran) -> list[int]:
    """How many lanes each block had that failed by itself."""
    alone = [launch for launch in found.launches if launch.failed and launch.blocks == 1]
    return [launch.lanes for launch in alone if launch.lanes]


def test_a_failing_device_is_named_with_block_and_operation() -> None:
    (found,) = ran(Case(WHOLE, faults=["objects"]))
    first, last, solvers = found.error["block"]
    assert found.error["name"] == "DeviceFault"
    assert found.error["operation"] == "objects"
    assert solvers == [FAULTY]
    assert found.error["text"] == (
        f"the GPU failed in objects of samples {first} to {last - 1}, {SOLVERS[FAULTY]}: "
        "cuEventSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS (planted)"
    )
    assert found.ends().items() <= expected("all").items()
    assert found.ends()


def test_what_fails_on_a_device_is_run_by_the_spare_engine_and_the_rest_is_not() -> None:
    cases = [
        Case(blocks, faults=["objects"], spare=True, devices=devices)
        for blocks in (WHOLE, PARTS)
        for devices in (1, 2)
    ]
    for found in checked(*cases):
        assert found.usage["on_cpu"] == len(failing_blocks(found)) > 0
        assert found.usage["lanes"] == len(found.lanes) - sum(failing_blocks(found)) > 0
        assert found.resets == sum(launch.failed for launch in found.launches)


def test_whichever_operation_fails_is_found() -> None:
    names = ["inputs", "maximum", "loop_enter", "first_match", "select", "verdict"]
    found = ran(*(Case(WHOLE, faults=[name]) for name in names))
    assert [result.error["operation"] for result in found] == names


def test_a_failure_that_does_not_come_again_does_not_show() -> None:
    cases = [Case(WHOLE, failing=times) for times in (1, 3)]
    for case, found in zip(cases, checked(*cases), strict=True):
        assert found.resets == case.failing
        assert found.usage["on_cpu"] == 0


def test_a_device_that_always_fails_leaves_all_to_the_spare_engine() -> None:
    (found,) = checked(Case(WHOLE, failing=1_000, spare=True))
    assert found.usage["on_cpu"] == len(failing_blocks(found)) == found.outcomes
    assert found.usage["launches"] == 0


# -- threads of a team


OTHER_TEAMS = pytest.mark.long("two cases are in the default part")


@pytest.mark.parametrize(
    "cases",
    [
        [
            Case(WHOLE, threads=2, sizes=SMALL, watch=True),
            Case(WHOLE, threads=3, sizes={"GRID_WORDS": 3_400}, watch=True),
        ],
        pytest.param(
            [
                Case(WHOLE, threads=3, sizes=SMALL | {"LEAST_HEAP_WORDS": 130}, watch=True),
                Case(WHOLE, threads=16, watch=True),
            ],
            marks=OTHER_TEAMS,
        ),
    ],
    ids=["few threads", "others"],
)
def test_no_word_is_used_by_two_threads_at_once(cases: list[Case]) -> None:
    assert [found.found for found in checked(*cases)] == [[]] * len(cases)


def test_the_watch_sees_what_is_wrong_and_nothing_else() -> None:
    found = run("planted")
    assert set(found) == set(PLANTED)
    assert {name for name, faults in found.items() if not faults} == set(SOUND)
    assert {len(faults) for faults in found.values()} == {0, 1}


# -- all primitives, random programs


ONE_THREAD = pytest.mark.long("three threads are in the default part")


@pytest.mark.parametrize("threads", [pytest.param(1, marks=ONE_THREAD), 3])
def test_every_row_gives_what_its_reference_gives(threads: int) -> None:
    found = run("rows", "1", "5", str(threads))
    assert found["different"] == found["found"] == []
    rows = {name for name in instruction_names() if name not in STRUCTURAL}
    assert set(found["kernels"]) == rows
    assert found["compared"] > 10 * len(rows)


def test_the_battery_calls_every_structural_kernel() -> None:
    (found,) = checked(Case(WHOLE))
    assert set(STRUCTURAL) <= set(found.kernels)


PROGRAMS = 25
RUNS = [(2, 2, 1), (1, 3, 2), (6, 2, 3), (3, 5, 2), (4, 1, 3), (5, 3, 1), (7, 8, 2), (8, 4, 1)]
"""For each part the seed, the threads of a team, and the teams."""
OTHERS = pytest.mark.long("one part is in the default part")


@pytest.mark.parametrize(
    ("seed", "threads", "teams"),
    [RUNS[0], *(pytest.param(*run, marks=OTHERS) for run in RUNS[1:])],
)
def test_random_programs_agree_with_their_interpretation(
    seed: int, threads: int, teams: int
) -> None:
    watch = "watch" if seed in (1, 2) else ""
    words = (seed, PROGRAMS, 0, threads, teams, watch)
    found = run("fuzz", *map(str, words))
    assert found["mismatches"] == found["found"] == []
    assert found["programs"] == PROGRAMS
    assert found["compared"] > 2 * PROGRAMS
    assert {what.split()[0] for what in found["lanes"]} == {"default", "tiny"}
