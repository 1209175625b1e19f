"""The array of a launch: everything has a place of its own, every lane is run once and its verdict,
grid and score come back to it.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.data.tasks import Grid
from pipeline.engine import engine as engines
from pipeline.engine.cuda import cuda_engine, cutting, layout, texts
from pipeline.engine.cuda.cuda_engine import CudaEngine, CudaMemory, _DeviceWorker
from pipeline.engine.cuda.cutting import costs_of, cut_blocks
from pipeline.engine.cuda.driver import DeviceFacts
from pipeline.engine.cuda.layout import ALIGNMENT, Launch
from pipeline.engine.engine import Block
from pipeline.engine.samples import Samples, encode_samples
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import BASE, END, LIMITS, SCRATCH, SCRATCH_WORDS, Heap
from pipeline.kernels.scoring import SCORE_WORDS
from pipeline.primitives.words import REFERENCES
from tests import mixed_battery as battery

COUNT = 12
EVERYONE = battery.EVERYONE


class Region(NamedTuple):
    """Words that belong together: what they are, where they begin and where they end."""

    what: str
    first: int
    last: int


colours = st.integers(0, 9)
sides = st.integers(1, 4)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """A small grid."""
    height, width = draw(sides), draw(sides)
    rows = st.tuples(*[st.tuples(*[colours] * width)] * height)
    return draw(rows)


@st.composite
def block(draw: st.DrawFn) -> Block:
    """Any block of the samples."""
    first = draw(st.integers(0, COUNT - 1))
    last = draw(st.integers(first + 1, COUNT))
    chosen = st.sets(st.sampled_from(EVERYONE), min_size=1).map(sorted).map(tuple)
    return Block(first, last, draw(st.none() | chosen))


pairs = st.lists(st.tuples(grids(), st.none() | grids()), min_size=COUNT, max_size=COUNT)
blocks = st.lists(block(), min_size=1, max_size=6)
keeps = st.sampled_from(sorted(layout.KEEPS))
rooms = st.integers(0, 200)


@cache
def base() -> engines.Engine:
    """What the layout needs of an engine."""
    return engines.Engine(battery.image(), battery.LIMITS)


@cache
def loaded() -> layout.Loaded:
    """The battery in front of a launch."""
    return layout.load(battery.image(), texts.numbers(), battery.LIMITS)


def laid_out(
    samples: Samples, chosen: list[Block], keep: str = "all", room: int = 64, scores: bool = False
) -> Launch:
    """A launch without heaps."""
    return layout.lay_out(base(), loaded(), samples, chosen, keep, room, scores)


def records(launch: Launch) -> np.ndarray:
    """The records of the blocks."""
    at = int(launch.words[launch.work + fields.W_TABLE])
    count = int(launch.words[launch.work + fields.W_COUNT])
    return launch.words[at : at + count * fields.B_WORDS].reshape(-1, fields.B_WORDS)


def lanes_of(launch: Launch) -> list[int]:
    """How many lanes each block has, as its records say."""
    table = records(launch)
    sizes: list[int] = launch.words[table[:, fields.B_ROOT] + fields.D_SIZE].tolist()
    return [size * count for size, count in zip(sizes, table[:, fields.B_SOLVERS], strict=True)]


def read_only(launch: Launch) -> list[Region]:
    """What a device only reads."""
    words = launch.words
    found = [Region("program", 0, len(loaded().words))]
    for row in records(launch).tolist():
        root = row[fields.B_ROOT]
        size = int(words[root + fields.D_SIZE])
        scopes = int(words[root + fields.D_SCOPES])
        found += [
            Region("root", root, root + fields.D_WORDS),
            Region("scopes", scopes, scopes + size),
            _region("instructions", row[fields.B_INSTRUCTIONS], row[fields.B_COUNT]),
            _region("slots", row[fields.B_SLOTS], row[fields.B_SOLVERS]),
            _region("inputs", words[root + fields.D_SOURCE_A], size),
            _region("outputs", words[root + fields.D_SOURCE_B], size),
        ]
    return found


def _region(what: str, first: Any, size: Any) -> Region:
    return Region(what, int(first), int(first) + int(size))


def written(launch: Launch) -> list[Region]:
    """What a device writes, each for itself."""
    found = [_region("work", launch.work, fields.W_WORDS)]
    for k, (row, lanes) in enumerate(zip(records(launch), lanes_of(launch), strict=True)):
        at = int(launch.words[launch.work + fields.W_TABLE]) + k * fields.B_WORDS
        found += [
            _region(f"block {k}", at, fields.B_WORDS),
            _region(f"verdicts {k}", row[fields.B_OUT], lanes),
        ]
        if launch.keep != "none":
            found.append(_region(f"places {k}", row[fields.B_GRIDS], lanes))
        if row[fields.B_SCORES]:
            found.append(_region(f"scores {k}", row[fields.B_SCORES], lanes * SCORE_WORDS))
    record = launch.words[launch.work : launch.work + fields.W_WORDS]
    found.append(Region("grids", int(record[fields.W_GRIDS]), int(record[fields.W_GRIDS_END])))
    for k in range(launch.teams):
        found.append(_region(f"heap {k}", launch.heaps + k * launch.heap_words, launch.heap_words))
    return found


# -- what is where


@given(pairs, blocks, keeps, rooms, st.integers(1, 5), st.integers(1, 50), st.booleans())
def test_nothing_overlaps(
    drawn: Any, chosen: list[Block], keep: str, room: int, teams: int, size: int, scores: bool
) -> None:
    samples = encode_samples(drawn)
    launch = laid_out(samples, chosen, keep, room, scores).with_heaps(teams, 32 * size)
    assert {row[fields.B_SCORES] > 0 for row in records(launch).tolist()} == {scores}
    alone = [region for region in written(launch) if region.last > region.first]
    for a, b in pairwise(sorted(alone, key=lambda region: region.first)):
        assert a.last <= b.first, (a, b)
    shared = {region for region in read_only(launch) if region.last > region.first}
    for region in shared:
        assert region.last <= launch.work, region
        for other in shared:
            if region.what != other.what:
                assert region.last <= other.first or other.last <= region.first, (region, other)
    assert {region.last <= launch.work for region in alone} == {False}
    assert max(region.last for region in alone) == launch.size


@given(pairs, blocks, keeps, rooms, st.integers(1, 5), st.integers(1, 50))
def test_heaps_begin_aligned_and_behind_everything(
    drawn: Any, chosen: list[Block], keep: str, room: int, teams: int, size: int
) -> None:
    launch = laid_out(encode_samples(drawn), chosen, keep, room).with_heaps(teams, 32 * size)
    record = launch.words[launch.work : launch.work + fields.W_WORDS]
    assert launch.heaps == record[fields.W_HEAPS] >= record[fields.W_GRIDS_END]
    assert launch.heaps % ALIGNMENT == 0
    assert launch.heaps - record[fields.W_GRIDS_END] < ALIGNMENT
    assert record[fields.W_HEAP_WORDS] == launch.heap_words == 32 * size
    assert len(launch.words) == launch.grids == record[fields.W_GRIDS]
    assert record[fields.W_GRIDS_END] - record[fields.W_GRIDS] == (room if keep != "none" else 0)
    assert launch.size == launch.heaps + teams * launch.heap_words


@given(pairs, blocks, keeps)
def test_a_launch_begins_with_nothing_done(drawn: Any, chosen: list[Block], keep: str) -> None:
    launch = laid_out(encode_samples(drawn), chosen, keep)
    record = launch.words[launch.work : launch.work + fields.W_WORDS]
    assert record[fields.W_NEXT] == 0
    assert record[fields.W_COUNT] == len(chosen)
    assert record[fields.W_KEEP] == layout.KEEPS[keep]
    assert record[fields.W_SLOTS] == battery.image().slots
    state = record[fields.W_STATE : fields.W_STATE + SCRATCH].tolist()
    limits = battery.LIMITS
    assert state[LIMITS : LIMITS + 5] == [
        *(limits.elements, limits.cells, limits.integer, limits.total, limits.turns)
    ]
    assert set(records(launch)[:, fields.B_DONE]) == {0}
    assert (np.unique(loaded().words == launch.words[: len(loaded().words)])).tolist() == [True]


@given(pairs, blocks)
def test_every_block_finds_its_samples(drawn: Any, chosen: list[Block]) -> None:
    launch = laid_out(encode_samples(drawn), chosen)
    heap = Heap(1 << 14, battery.LIMITS)
    heap.words[: len(launch.words)] = launch.words
    for one, row in zip(chosen, records(launch), strict=True):
        root = launch.words[row[fields.B_ROOT] : row[fields.B_ROOT] + fields.D_WORDS]
        assert root[fields.D_SIZE] == one.last - one.first
        assert root[fields.D_STEP_A] == root[fields.D_STEP_B] == 1
        scopes = launch.words[root[fields.D_SCOPES] :][: root[fields.D_SIZE]].tolist()
        assert scopes == list(range(one.last - one.first))
        for lane, (grid, output) in enumerate(drawn[one.first : one.last]):
            word = launch.words[root[fields.D_SOURCE_A] + lane]
            assert heap.decode(word) == grid
            word = launch.words[root[fields.D_SOURCE_B] + lane]
            assert (heap.decode(word) if word < REFERENCES else word) == (output or 0)


@given(pairs, blocks)
def test_every_block_lists_what_its_solvers_need(drawn: Any, chosen: list[Block]) -> None:
    launch = laid_out(encode_samples(drawn), chosen)
    image, words = battery.image(), launch.words
    codes = texts.numbers()
    for one, row in zip(chosen, records(launch), strict=True):
        places = words[row[fields.B_INSTRUCTIONS] :][: row[fields.B_COUNT]]
        numbers = base().instructions_of(one.solvers)
        names = [image.kernels[k] for k in image.table[numbers, fields.CODE]]
        assert words[places + fields.CODE].tolist() == [codes[name] for name in names]
        for field in (fields.DEST, fields.DOMAIN, fields.OPERATION, fields.GROUP):
            assert words[places + field].tolist() == image.table[numbers, field].tolist()
        slots = words[row[fields.B_SLOTS] :][: row[fields.B_SOLVERS]].tolist()
        assert slots == base().verdict_slots(one.solvers).tolist()
        for place, number in zip(places, numbers, strict=True):
            extras = image.table[number, fields.EXTRAS]
            found = words[words[place + fields.EXTRAS] :][: 1 + image.extras[extras]]
            assert found.tolist() == image.extras[extras:][: 1 + image.extras[extras]].tolist()


# -- verdicts


def verdict_of(number: int, solver: int, sample: int) -> int:
    """Some verdict that no other lane has; of three lanes one is right, one wrong, one failed."""
    number = number << 16 | solver << 8 | sample
    return (1, 0, -32 - number)[number % 3]


def kept_grid(number: int, solver: int, sample: int) -> Grid:
    """Some grid that no other lane has."""
    return ((number, solver, sample), (1, 2, 3)) if sample % 2 else ((number, solver), (sample, 7))


def score_words(number: int, solver: int, sample: int) -> list[int]:
    """A score that no other lane has; what is above 63 bits is negative in a word."""
    return [number, solver, sample, number << 16 | solver << 8 | sample, -1 - solver]


def answered(launch: Launch, states: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The results and grids of a device that gave such verdicts and scores."""
    heap = Heap(1 << 15, battery.LIMITS)
    heap.words[: len(launch.words)] = launch.words
    heap.words[0] = launch.grids
    for number, (row, state) in enumerate(zip(records(launch), states, strict=True)):
        at = int(launch.words[launch.work + fields.W_TABLE]) + number * fields.B_WORDS
        heap.words[at + fields.B_DONE] = state
        if state != fields.FINISHED:
            continue
        one, lane = launch.blocks[number], 0
        for solver in launch.solvers[number]:
            for sample in range(one.first, one.last):
                code = verdict_of(number, solver, sample)
                heap.words[row[fields.B_OUT] + lane] = code
                if row[fields.B_SCORES]:
                    at = row[fields.B_SCORES] + lane * SCORE_WORDS
                    score = score_words(number, solver, sample)
                    heap.words[at : at + SCORE_WORDS] = score
                is_kept = code == 0 or (code == 1 and launch.keep == "all")
                if launch.keep != "none" and is_kept:
                    word = heap.encode_grid(kept_grid(number, solver, sample))
                    heap.words[row[fields.B_GRIDS] + lane] = REFERENCES - word
                lane += 1
    end = int(heap.words[0])
    return heap.words[launch.work : launch.grids].copy(), heap.words[launch.grids : end].copy()


STATES = st.sampled_from([0, fields.FINISHED, fields.FINISHED, fields.NO_GRIDS])


@given(pairs, blocks, keeps, st.lists(STATES, min_size=6, max_size=6), st.booleans())
def test_what_lanes_gave_comes_back_to_them(
    drawn: Any, chosen: list[Block], keep: str, states: list[int], scores: bool
) -> None:
    launch = laid_out(encode_samples(drawn), chosen, keep, scores=scores)
    found = layout.read(launch, *answered(launch, states[: len(chosen)]))
    done = [k for k in range(len(chosen)) if states[k] == fields.FINISHED]
    assert [outcome.block for outcome in found.outcomes] == [chosen[k] for k in done]
    assert found.no_room == [one for k, one in enumerate(chosen) if states[k] == 0]
    assert found.no_grids == [one for k, one in enumerate(chosen) if states[k] == fields.NO_GRIDS]
    for number, outcome in zip(done, found.outcomes, strict=True):
        grids_left = dict(outcome.grids)
        lanes = list(outcome.lanes())
        solvers = EVERYONE if chosen[number].solvers is None else chosen[number].solvers
        assert outcome.solvers == solvers
        assert len(lanes) == outcome.verdicts.size
        assert (outcome.scores is not None) == scores
        for k, lane, solver, sample in lanes:
            code = verdict_of(number, solver, sample)
            assert outcome.verdicts[k, lane] == code
            if outcome.scores is not None:
                words = np.array([outcome.scores[k, lane]]).view(np.int64).tolist()
                assert words == score_words(number, solver, sample)
            if (keep == "all" and code >= 0) or (keep == "wrong" and code == 0):
                assert grids_left.pop((k, lane)) == kept_grid(number, solver, sample)
        assert grids_left == {}


# -- blocks are cut


def lanes(chosen: list[Block]) -> Counter[tuple[int, int]]:
    """Every solver and sample of some blocks."""
    return Counter(
        (solver, sample)
        for one in chosen
        for sample in range(one.first, one.last)
        for solver in (EVERYONE if one.solvers is None else one.solvers)
    )


COSTS = costs_of(battery.image())


STARTS = np.arange(400)
"""Where samples begin that have a word each."""


def cut(chosen: list[Block], teams: int) -> list[Block]:
    """The blocks as teams get them."""
    return cut_blocks(chosen, teams, COSTS, EVERYONE, STARTS)


@given(blocks, st.integers(1, 300))
def test_cut_blocks_have_every_lane_once(chosen: list[Block], teams: int) -> None:
    found = cut(chosen, teams)
    assert lanes(found) == lanes(chosen)
    assert all(one.last > one.first and one.solvers for one in found)
    assert cut([], teams) == []


@given(
    blocks,
    st.integers(1, 300),
    st.lists(st.integers(1, 900), min_size=COUNT, max_size=COUNT),
    st.lists(st.floats(1e-6, 1e12), min_size=len(EVERYONE), max_size=len(EVERYONE)),
)
def test_no_lane_is_lost_whatever_samples_and_programs_cost(
    chosen: list[Block], teams: int, words: list[int], costs: list[float]
) -> None:
    starts = np.cumsum([0, *words])
    found = cut_blocks(chosen, teams, np.array(costs), EVERYONE, starts)
    assert lanes(found) == lanes(chosen)
    assert all(one.last - one.first <= cutting.SAMPLES for one in found)


def test_of_a_programs_samples_the_large_ones_come_first_in_small_blocks() -> None:
    words = [1] * 64 + [100] * 64
    starts = np.cumsum([0, *words])
    found = cut_blocks([Block(0, 128, (0,))], 1, np.ones(1), (0,), starts)
    large = [one for one in found if one.first >= 64]
    assert found[: len(large)] == large
    assert {one.last - one.first for one in large} == {8}
    assert found[len(large) :] == [Block(0, 64, (0,))]


def cost(one: Block) -> float:
    """What a block of some solvers costs."""
    assert one.solvers is not None
    return float(COSTS[list(one.solvers)].sum()) * (one.last - one.first + cutting.SHARED_LANES)


@pytest.mark.parametrize("teams", [1, 2, 5, 40, 1_000])
def test_blocks_have_many_samples_of_one_solver_and_cost_a_part_of_a_teams_share(
    teams: int,
) -> None:
    many = [Block(k, k + 4, None) for k in range(0, 300, 4)]
    found = cut(many, teams)
    costs = [cost(one) for one in found]
    assert costs == sorted(costs, reverse=True)
    assert max(one.last - one.first for one in found) <= cutting.SAMPLES
    most = sum(costs) / (cutting.PARTS * teams)
    for one in found:
        assert len(one.solvers or ()) == 1
        assert cost(one) <= most or one.last - one.first == 1
    if teams == 1:
        assert len(found) == 5 * len(EVERYONE)


def test_solvers_with_few_samples_share_a_block_where_teams_are_few() -> None:
    found = cut([Block(3, 7, None)], 1)
    assert max(len(one.solvers or ()) for one in found) > 1
    assert all(4 * len(one.solvers or ()) <= cutting.SAMPLES for one in found)
    assert all(len(one.solvers or ()) == 1 for one in cut([Block(3, 7, None)], 100))


def test_what_stands_in_a_domain_costs_more() -> None:
    image = battery.image()
    counts = [len(image.instructions_of(k)) for k in range(len(image.solvers))]
    assert all(found >= count for found, count in zip(COSTS, counts, strict=True))
    assert any(found > 3 * count for found, count in zip(COSTS, counts, strict=True))


# -- launches


class Stub:
    """A device that has memory and does nothing."""

    def __init__(self, memory: int, teams: int) -> None:
        self.facts = DeviceFacts(0, "none", (0, 0), teams, memory, "none")
        self.fault = None

    def free_bytes(self) -> int:
        """All of it."""
        return self.facts.total_bytes

    def teams_at_once(self, threads: int) -> int:
        """As many as were said."""
        return self.facts.processors


def engine(memory: int, teams: int = 3, devices: int = 1, threads: int = 4) -> CudaEngine:
    """An engine on devices that do nothing."""
    stubs: Any = [Stub(memory, teams)] * devices
    return CudaEngine(battery.image(), texts.numbers(), stubs, memory, battery.LIMITS, threads)


@given(blocks, st.integers(1, 4), st.integers(1, 200), st.booleans())
def test_parts_have_all_blocks_in_order_and_few_lanes(
    chosen: list[Block], devices: int, most: int, scores: bool
) -> None:
    made = engine(1 << 20, devices=devices)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuda_engine, "LANES", most)
        parts = made._parts(chosen, STARTS, made.devices, scores)
    whole = cut(chosen, 3 * devices)
    assert Counter(one for part in parts for one in part) == Counter(whole)
    total = sum(made.lanes(one) for one in whole)
    wanted = max(devices, -(-total * (1 + SCORE_WORDS if scores else 1) // most))
    assert len(parts) == min(wanted, len(whole))
    largest = max(made.lanes(one) for one in whole)
    for part in parts:
        costs = [cost(one) for one in part]
        assert costs == sorted(costs, reverse=True)
        assert 0 < sum(made.lanes(one) for one in part) <= -(-total // wanted) + largest


@given(
    blocks,
    keeps,
    st.integers(14, 28),
    st.integers(1, 40),
    st.sampled_from([1, 2, 32, 64]),
    st.sampled_from([1, 8, 64, 512]),
)
def test_a_launch_keeps_to_the_memory(
    chosen: list[Block], keep: str, bits: int, teams: int, threads: int, larger: int
) -> None:
    made = engine(1 << bits, teams, threads=threads)
    worker = _DeviceWorker(made, made.devices[0], battery.encoded(), keep)
    chosen = [one for one in chosen if one.last <= len(battery.SAMPLES)]
    assume(chosen)
    worker._ask()
    try:
        launch = worker._lay_out(chosen, larger)
    except CudaMemory:
        least = layout.heap_words_at_least(battery.image(), threads)
        assert 1 << bits < 8 * (least + cuda_engine.LEAST_HEAP_WORDS + (1 << 15))
        return
    assert 8 * launch.size <= 1 << bits
    assert 1 <= launch.teams <= min(teams, len(chosen))
    assert launch.heap_words <= max(cuda_engine.HEAP_WORDS * larger, 1 << 18)
    assert launch.heap_words % ALIGNMENT == 0
    if worker.has_all:
        assert launch.teams == 1
        assert 8 * launch.size > (1 << bits) - 8 * ALIGNMENT


def test_a_heap_has_room_for_state_scratch_and_slots() -> None:
    for threads in (1, 2, 64):
        words = layout.heap_words_at_least(battery.image(), threads)
        assert words == SCRATCH + threads * SCRATCH_WORDS + battery.image().slots
    assert max(BASE, END, LIMITS + 4) < SCRATCH
