"""Scores: what one would compute from the decoded grids, whatever the programs, blocks, threads and
memory.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.codegen.link import link
from pipeline.data.tasks import Grid
from pipeline.engine import auto
from pipeline.engine.cpu import CpuEngine
from pipeline.engine.engine import Block, Outcome, blocks_of, blocks_over
from pipeline.engine.image import Image
from pipeline.engine.samples import encode_samples
from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.kernels.heap import Heap
from pipeline.kernels.scoring import SCORE, SCORE_WORDS, put_score
from pipeline.oracle.murmur import grid_hash, murmur3_x86_128
from pipeline.primitives.words import Memory
from pipeline.trust.agreement import fuzzing
from pipeline.trust.programs.expressions import small_grid
from tests import mixed_battery
from tests.columns import engine_of
from tests.programs_text import graph_of

Score = tuple[int, int, int, tuple[int, int]]
Ends = dict[tuple[int, int], tuple[int, Score]]
"""The verdict and the score of each solver and sample."""

FAILED: Score = (0, 0, -1, (0, 0))
EMPTY: Grid = ()
NO_COLUMNS: Grid = ((), ())


def score_of(grid: Any, expected: Any) -> Score:
    """The score of an output, None for a failure, read off plain values."""
    if grid is None:
        return FAILED
    height, width = len(grid), len(grid[0]) if grid else 0
    same = -1
    if expected is not None and [len(row) for row in grid] == [len(row) for row in expected]:
        pairs = zip(sum(grid, ()), sum(expected, ()), strict=True)
        same = sum(int(a) == int(b) for a, b in pairs)
    return height, width, same, grid_hash(grid)


def plain(record: Any) -> Score:
    """A score's record as plain values."""
    height, width, same, (low, high) = record.tolist()
    return height, width, same, (low, high)


def run(made: CpuEngine, pairs: Sequence[tuple[Any, Any]], blocks: Iterable[Block]) -> Ends:
    """How all lanes end; each score must be what the kept grid says, and what comes without grids
    must be the same.
    """
    samples, blocks = encode_samples(pairs), list(blocks)
    found: Ends = {}
    for outcome in made.run(samples, blocks, keep="all", scores=True):
        for k, lane, solver, sample in outcome.lanes():
            score, code = scores_in(outcome)[k, lane], int(outcome.verdicts[k, lane])
            grid = outcome.grids.get((k, lane))
            assert (grid is None) == (code < 0)
            assert plain(score) == score_of(grid, pairs[sample][1])
            if code >= 0 and pairs[sample][1] is not None:
                assert (code == 1) == (score["same"] == score["height"] * score["width"])
            found[solver, sample] = code, plain(score)
    assert ends(made.run(samples, blocks, scores=True)) == found
    return found


def scores_in(outcome: Outcome) -> np.ndarray:
    """The scores of an outcome, which must have some."""
    assert outcome.scores is not None
    assert outcome.scores.dtype == SCORE
    assert outcome.scores.shape == outcome.verdicts.shape
    return outcome.scores


def ends(outcomes: Iterable[Outcome]) -> Ends:
    """The verdicts and scores of outcomes."""
    return {
        (solver, sample): (int(o.verdicts[k, lane]), plain(scores_in(o)[k, lane]))
        for o in outcomes
        for k, lane, solver, sample in o.lanes()
    }


def image_of(graphs: Sequence[str]) -> Image:
    """Graphs, linked."""
    return link([(f"t/{k:04}", text) for k, text in enumerate(graphs)]).image


def whole(pairs: Sequence[Any]) -> list[Block]:
    return [Block(0, len(pairs), None)]


# -- the hash


def test_the_hash_to_compare_with_is_murmur3() -> None:
    hashes = [murmur3_x86_128(bytes(range(n)), 256 - n) for n in range(256)]
    code = murmur3_x86_128(b"".join(hashes))[:4]
    assert int.from_bytes(code, "little") == 0xB3ECE62A  # as in the suite of the one who made it


colours = st.integers(0, 9) | st.integers(-(1 << 31), (1 << 31) - 1)


@st.composite
def grids(draw: st.DrawFn, largest: int = 6) -> Grid:
    """A grid of any colours."""
    height, width = draw(st.integers(0, largest)), draw(st.integers(0, largest))
    return draw(st.tuples(*[st.tuples(*[colours] * width)] * height))


@given(grids(), st.none() | grids())
def test_plain_python_scores_as_machine_code_does(grid: Grid, expected: Grid | None) -> None:
    heap = Heap(1 << 12, DEFAULT_LIMITS)
    out = heap.take(SCORE_WORDS)
    word, other = heap.encode_grid(grid), 0 if expected is None else heap.encode_grid(expected)
    # Lists, for their integers are Python's, which do not wrap.
    m = Memory(heap.words.tolist(), heap.colours.tolist(), 0, *[0] * 7, 1)
    for answer, place in ((expected, other), (grid, word)):
        put_score(m, out, word, place)
        (found,) = np.array(m.heap[out : out + SCORE_WORDS], np.int64).view(SCORE)
        assert plain(found) == score_of(grid, answer)


IDENTITY = image_of([graph_of("I")])


@given(st.lists(st.tuples(grids(9), st.none() | grids(3)), min_size=1, max_size=12))
def test_machine_code_hashes_any_grid(pairs: list[tuple[Grid, Any]]) -> None:
    run(engine_of(IDENTITY), [*pairs, *((grid, grid) for grid, _ in pairs)], whole(pairs * 2))


def test_every_size_up_to_forty_cells_and_some_beyond_thirty_rows_are_hashed() -> None:
    rng = random.Random(1)
    sizes = [(1, n) for n in range(40)] + [(31, 30), (30, 31), (1, 961), (64, 64), (5, 200)]
    pairs = []
    for height, width in sizes:
        grid = tuple(tuple(rng.randrange(10) for _ in range(width)) for _ in range(height))
        pairs.append((grid, grid))
    found = run(engine_of(IDENTITY), pairs, whole(pairs))
    assert {code for code, _ in found.values()} == {1}
    assert len({score[3] for _, score in found.values()}) == len(sizes)


# -- lanes of all kinds


def test_what_scores_tell_apart() -> None:
    bodies = {
        "I": (2, 2, 3, grid_hash(((1, 2), (3, 4)))),
        "canvas(ONE, TWO_BY_TWO)": (2, 2, 1, grid_hash(((1, 1), (1, 1)))),
        "canvas(T, TWO_BY_TWO)": (2, 2, 1, grid_hash(((1, 1), (1, 1)))),
        "canvas(ONE, UNITY)": (1, 1, -1, grid_hash(((1,),))),
        "canvas(ONE, ORIGIN)": (0, 0, -1, grid_hash(EMPTY)),
        "canvas(ONE, astuple(ZERO, FIVE))": (0, 0, -1, grid_hash(EMPTY)),
        "canvas(ONE, astuple(TWO, ZERO))": (2, 0, -1, grid_hash(NO_COLUMNS)),
        "canvas(divide(ONE, ZERO), UNITY)": FAILED,
    }
    made = engine_of(image_of([graph_of(body) for body in bodies]))
    grid, expected = ((1, 2), (3, 4)), ((1, 2), (3, 5))
    found = run(made, [(grid, expected)], whole([1]))
    assert [found[k, 0][1] for k in range(len(bodies))] == list(bodies.values())
    assert len({score[3] for score in bodies.values()}) == len(bodies) - 2
    for answer, codes in ((None, {0}), (EMPTY, {0, 1}), (NO_COLUMNS, {0, 1})):
        found = run(made, [(grid, answer)], whole([1]))
        assert {code for code, _ in found.values() if code >= 0} == codes


def test_nobody_gets_scores_who_does_not_ask() -> None:
    made = engine_of(IDENTITY)
    (outcome,) = made.run(encode_samples([(((1,),), None)]), [Block(0, 1, None)])
    assert outcome.scores is None


# -- random programs


def near(rng: random.Random, grid: Grid) -> Grid | None:
    """What might be expected where this is the output: it, almost it, something else, nothing."""
    kind = rng.randrange(6)
    if kind < 2 or not grid or not grid[0]:
        return grid
    if kind == 2:
        return None
    if kind == 3:
        return small_grid(rng)
    return tuple(tuple(c + (rng.random() < 0.3) for c in row) for row in grid)


@settings(max_examples=12)
@given(st.integers(0, 1 << 30), st.booleans(), st.sampled_from([1, 3]), st.sampled_from([1, 2, 64]))
def test_random_programs(seed: int, tiny: bool, threads: int, size: int) -> None:
    tasks = [fuzzing.draw(seed, k, fuzzing.FuzzSummary()) for k in range(20)]
    graphs = [task.built.graph_text for task in tasks if task.built.graph is not None]
    rng = random.Random(seed)
    limits = fuzzing.tiny_limits(rng) if tiny else DEFAULT_LIMITS
    made = engine_of(image_of(graphs), limits)
    made.threads = threads
    inputs = [small_grid(rng) for _ in range(8)]
    unscored = list(made.run(encode_samples((grid, None) for grid in inputs), whole(inputs), "all"))
    outputs: list[list[Grid]] = [[] for _ in inputs]
    for outcome in unscored:
        for (_, lane), grid in outcome.grids.items():
            outputs[outcome.block.first + lane].append(grid)
    pairs = [
        (grid, near(rng, rng.choice(made_of)) if made_of else None)
        for grid, made_of in zip(inputs, outputs, strict=True)
    ]
    found = run(made, pairs, blocks_of(len(pairs), size))
    for count in (threads, 40):
        assert run(made, pairs, blocks_over(made.everyone, len(pairs), count)) == found


# -- whatever the threads, the blocks, the memory and the choice of an engine

LIMITS: Limits = mixed_battery.LIMITS
PAIRS = [(sample.input, sample.output) for sample in mixed_battery.SAMPLES]


def mixed(threads: int = 1, words: int = 0) -> CpuEngine:
    """The mixed battery, ready to run."""
    made = engine_of(mixed_battery.image(), LIMITS)
    made.threads = threads
    made.words = words or made.words
    return made


def test_the_mixed_battery_has_lanes_of_all_kinds() -> None:
    found = [score for _, score in run(mixed(), PAIRS, whole(PAIRS)).values()]
    assert FAILED in found
    assert {-1, 0} < {same for _, _, same, _ in found}
    assert max(height for height, *_ in found) > 30


def test_little_memory_makes_parts() -> None:
    samples = encode_samples(PAIRS)
    counts = [
        len(list(mixed(1, words).run(samples, whole(PAIRS), scores=True)))
        for words in (0, 6_500, 12_000)
    ]
    assert counts[0] == 1 < counts[2] < counts[1]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 64])
@pytest.mark.parametrize("words", [0, 6_500, 12_000])
def test_threads_blocks_and_memory_do_not_show(threads: int, size: int, words: int) -> None:
    wanted = run(mixed(), PAIRS, whole(PAIRS))
    assert run(mixed(threads, words), PAIRS, blocks_of(len(PAIRS), size)) == wanted


@pytest.mark.parametrize("least_lanes", [0, 1 << 30])
def test_the_choice_of_an_engine_passes_them_on(least_lanes: int) -> None:
    made = auto.AutoEngine(mixed_battery.image(), LIMITS, mixed, mixed, least_lanes)
    found = ends(made.run(encode_samples(PAIRS), whole(PAIRS), scores=True))
    assert found == run(mixed(), PAIRS, whole(PAIRS))
