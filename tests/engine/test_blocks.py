"""Blocks: together exactly the lanes that are wanted, whatever their number and size."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine import engine as engines
from pipeline.engine.cpu import BATCH_LANES, _batches
from pipeline.engine.engine import (
    BLOCK_SOLVERS,
    BLOCKS_A_THREAD,
    LEAST_LANES,
    LEAST_SOLVERS,
    MOST_SAMPLES,
    Block,
    TooLarge,
    blocks_for,
    blocks_of,
    blocks_over,
    halves,
)
from tests import mixed_battery

COUNT = 20
wanted_lanes = st.lists(st.frozensets(st.integers(0, COUNT - 1)).map(sorted), max_size=5)
sizes = st.sampled_from([1, 2, 3, 64])


def lanes(blocks: list[Block], everyone: int = 0) -> Counter[tuple[int, int]]:
    """Every solver and sample of some blocks."""
    return Counter(
        (solver, sample)
        for block in blocks
        for sample in range(block.first, block.last)
        for solver in (range(everyone) if block.solvers is None else block.solvers)
    )


@given(wanted_lanes, sizes)
def test_blocks_for_what_is_wanted_cover_it_once_and_nothing_else(
    wanted: list[list[int]], size: int
) -> None:
    blocks = blocks_for(wanted, COUNT, size)
    assert lanes(blocks) == Counter((k, s) for k, samples in enumerate(wanted) for s in samples)
    for block in blocks:
        assert 0 < block.last - block.first <= size
        assert block.solvers is not None
        assert list(block.solvers) == sorted(set(block.solvers)) != []
    assert [b.first for b in blocks] == sorted(b.first for b in blocks)


@given(wanted_lanes)
def test_neighbouring_samples_for_the_same_solvers_are_one_block(wanted: list[list[int]]) -> None:
    blocks = blocks_for(wanted, COUNT)
    for a, b in pairwise(blocks):
        assert a.last < b.first or a.solvers != b.solvers


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 200])
@pytest.mark.parametrize("size", [1, 3, 64])
@pytest.mark.parametrize("solvers", [None, (0, 2)])
def test_blocks_of_so_many_samples_cover_them_once(
    count: int, size: int, solvers: tuple[int, ...] | None
) -> None:
    blocks = blocks_of(count, size, solvers)
    chosen = range(3) if solvers is None else solvers
    assert lanes(blocks, 3) == Counter((k, s) for k in chosen for s in range(count))
    assert len(blocks) == -(-count // size)
    assert {block.solvers for block in blocks} <= {solvers}


@given(st.integers(0, 2_000), st.integers(0, 300), st.sampled_from([1, 2, 3, 16, 200]))
def test_blocks_over_solvers_and_samples_cover_them_once(
    solvers: int, count: int, threads: int
) -> None:
    chosen = range(7, 7 + solvers)
    blocks = blocks_over(chosen, count, threads)
    covered: Counter[tuple[int, ...]] = Counter()
    for block in blocks:
        assert block.solvers is not None
        assert 0 < len(block.solvers) <= BLOCK_SOLVERS
        assert 0 < block.last - block.first <= MOST_SAMPLES
        covered[block.solvers] += block.last - block.first
    assert set(covered.values()) <= {count}
    assert [k for part in covered for k in part] == (list(chosen) if count else [])
    for part in covered:
        runs = [(b.first, b.last) for b in blocks if b.solvers == part]
        assert runs[0][0] == 0
        assert all(a[1] == b[0] for a, b in pairwise(runs))


def sizes_of(solvers: int, count: int, threads: int) -> list[tuple[int, int]]:
    """How many solvers and samples each block has."""
    blocks = blocks_over(range(solvers), count, threads)
    return [(len(block.solvers or ()), block.last - block.first) for block in blocks]


def test_many_solvers_on_few_samples_are_cut_by_solvers() -> None:
    assert sizes_of(500, 3, 1) == [(250, 3)] * 2
    assert sizes_of(500, 3, 2) == [(84, 3)] * 5 + [(80, 3)]
    assert {samples for _, samples in sizes_of(500, 3, 16)} == {3}
    assert sizes_of(100_000, 3, 16)[0] == (256, 3)


def test_few_solvers_on_many_samples_are_cut_by_samples() -> None:
    assert sizes_of(1, 640, 1) == [(1, 64)] * 10
    assert sizes_of(10, 640, 16) == [(10, 14)] * 45 + [(10, 10)]
    assert sizes_of(1, 1, 16) == [(1, 1)]
    assert sizes_of(5, 3, 16) == [(5, 3)]


@given(st.integers(1, 3_000), st.integers(1, 400), st.integers(2, 64))
def test_all_threads_have_blocks_that_are_worth_it(solvers: int, count: int, threads: int) -> None:
    sizes = sizes_of(solvers, count, threads)
    alone = sizes_of(solvers, count, 1)
    wanted = min(threads * BLOCKS_A_THREAD, solvers * count // LEAST_LANES)
    assert len(alone) <= len(sizes) <= max(2 * wanted, len(alone))
    assert len(sizes) >= wanted / 4
    assert max(k for k, _ in sizes) >= min(solvers, LEAST_SOLVERS)


def test_nothing_wanted_is_no_block() -> None:
    assert blocks_over([], 5) == blocks_over([1], 0) == []
    assert blocks_for([], 5) == blocks_for([[], []], 5) == blocks_for([], 0) == []


@given(wanted_lanes, sizes)
def test_batches_hold_all_blocks_in_order_and_few_lanes(wanted: list[list[int]], size: int) -> None:
    blocks = blocks_for(wanted, COUNT, size)
    batches = list(_batches(blocks, len(wanted)))
    assert [block for batch in batches for block in batch] == blocks
    assert all(batches)


def test_a_batch_ends_where_lanes_are_many_or_samples_go_back() -> None:
    one = Block(0, 64, (0, 1))
    two = Block(64, 128, (0, 1))
    whole = Block(128, 192, None)
    assert list(_batches([one, two], 5)) == [[one, two]]
    assert list(_batches([one, two, whole], 5)) == [[one, two], [whole]]
    assert list(_batches([two, one], 5)) == [[two], [one]]
    assert list(_batches([whole], BATCH_LANES)) == [[whole]]
    assert list(_batches([], 5)) == []


@given(wanted_lanes, st.integers(2, 20))
def test_batches_are_small_where_threads_would_have_nothing_to_do(
    wanted: list[list[int]], threads: int
) -> None:
    blocks = blocks_for(wanted, COUNT, 1)
    batches = list(_batches(blocks, len(wanted), threads))
    assert [block for batch in batches for block in batch] == blocks
    most = -(-sum(map(len, wanted)) // (threads * BLOCKS_A_THREAD))
    for batch in batches:
        assert len(batch) == 1 or sum(lanes(batch).values()) <= most


@given(st.lists(st.sampled_from(mixed_battery.EVERYONE), unique=True))
def test_a_block_needs_the_instructions_of_its_solvers(solvers: list[int]) -> None:
    image = mixed_battery.image()
    found = engines.Engine(image, mixed_battery.LIMITS).instructions_of(tuple(solvers))
    needed = {number for k in solvers for number in image.instructions_of(k).tolist()}
    assert found.tolist() == sorted(needed)


NAMES = ("a", "b", "c", "d", "e")


@pytest.mark.parametrize(
    "block", [Block(3, 9, None), Block(3, 9, (1, 4)), Block(3, 8, (0, 1, 2)), Block(7, 8, (2,))]
)
def test_halves_are_halved_by_samples_then_by_solvers_to_the_last_lane(block: Block) -> None:
    waiting, ends = [block], []
    while waiting:
        first = waiting.pop()
        if len(lanes([first], 5)) == 1:
            ends.append(first)
            continue
        parts = halves(first, NAMES)
        assert lanes(parts, 5) == lanes([first], 5)
        if first.last - first.first > 1:
            assert {half.solvers for half in parts} == {first.solvers}
        waiting += parts
    assert lanes(ends, 5) == lanes([block], 5)


def test_one_lane_has_no_halves() -> None:
    with pytest.raises(TooLarge) as caught:
        halves(Block(7, 8, (2,)), NAMES)
    assert (caught.value.solver, caught.value.sample) == ("c", 7)
    with pytest.raises(TooLarge, match=r"^only on sample 0 needs"):
        halves(Block(0, 1, None), ["only"])


def test_what_does_not_fit_is_said_with_what_to_do() -> None:
    assert str(TooLarge("own/a", "arc1/b train[0]")) == (
        "own/a on sample arc1/b train[0] needs more memory than is free on this machine: "
        "free some, or lower budget.total in config.yaml"
    )
    assert str(TooLarge("", 3)).startswith("a solver on sample 3 needs more memory")
