"""Loads of blocks: every lane in one of them, with the samples that it needs."""

from __future__ import annotations

import numpy as np

from pipeline.cluster.block_loads import BlockLoad, BlockSupply
from pipeline.cluster.job import packed, unpacked
from pipeline.engine.engine import Block, Outcome, blocks_for, blocks_of
from pipeline.engine.samples import encode_samples

GRIDS = [((k, k + 1),) * (k % 3 + 1) for k in range(8)]
SAMPLES = encode_samples((grid, grid if k % 2 else None) for k, grid in enumerate(GRIDS))
EVERYONE = 5


def loads_of(blocks: list[Block], lanes: int, everyone: int = EVERYONE) -> list[BlockLoad]:
    """All loads of so many lanes."""
    supply = BlockSupply(SAMPLES, blocks, everyone, False)
    return list(iter(lambda: supply.next(lanes), None))


def lanes_in(load: BlockLoad) -> list[tuple[int, int]]:
    """The (solver, sample) of a load."""
    return [
        (solver, load.first + sample)
        for block in load.blocks
        for solver in (range(load.everyone) if block.solvers is None else block.solvers)
        for sample in range(block.first, block.last)
    ]


def test_every_lane_is_in_one_load_with_its_sample() -> None:
    wanted = [[0, 1, 2], [3], [], [0, 7], [7]]
    for blocks in (blocks_of(len(GRIDS), 2), blocks_for(wanted, len(GRIDS))):
        for lanes in (1, 12, 1000):
            loads = [unpacked(packed(load)) for load in loads_of(blocks, lanes)]
            found = [lane for load in loads for lane in lanes_in(load)]
            assert len(found) == len(set(found)) == sum(load.lanes for load in loads)
            for load in loads:
                part = SAMPLES.part(load.first, load.first + len(load.samples))
                for name in ("words", "inputs", "outputs", "starts"):
                    np.testing.assert_array_equal(getattr(load.samples, name), getattr(part, name))
    assert set(found) == {(k, sample) for k, places in enumerate(wanted) for sample in places}


def test_the_samples_of_a_load_are_those_of_its_place() -> None:
    (part,) = [load for load in loads_of(blocks_of(len(GRIDS), 1), 1) if load.first == 5]
    begin, end = SAMPLES.starts[5:7]
    np.testing.assert_array_equal(part.samples.words, SAMPLES.words[begin:end])
    assert part.samples.inputs.tolist() == [0]
    assert part.samples.outputs.tolist() == [SAMPLES.outputs[5] - begin]
    assert SAMPLES.part(4, 5).outputs.tolist() == [-1]


def test_a_load_is_parted_until_it_is_one_lane() -> None:
    (load,) = loads_of(blocks_of(len(GRIDS), 3), 1000)
    waiting, single = [load], []
    while waiting:
        each = waiting.pop()
        parts = each.parts()
        assert sum(part.lanes for part in parts) in (0, each.lanes)
        waiting += parts
        single += [] if parts else lanes_in(each)
    assert sorted(single) == sorted(lanes_in(load))


def test_a_block_of_many_solvers_becomes_several_loads() -> None:
    loads = loads_of([Block(0, 4, None)], 20_000, everyone=30_000)
    assert max(load.lanes for load in loads) <= 40_000
    assert sum(load.lanes for load in loads) == 120_000


def test_outcomes_are_numbered_as_all_samples_are() -> None:
    load = loads_of(blocks_of(len(GRIDS), 2), 1)[2]
    outcome = Outcome(load.blocks[0], (0,), np.zeros((1, 2), np.int32))
    assert load.placed(outcome).block == Block(4, 6, None)
