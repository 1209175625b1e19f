"""The CPU backend: the same verdicts whatever the threads, the blocks and the memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from pipeline.battery.batteries import ReferenceBattery, battery_of
from pipeline.codegen.link import link
from pipeline.data.tasks import Sample
from pipeline.engine import cpu
from pipeline.engine.cpu import CpuEngine, CpuWorker
from pipeline.engine.engine import Block, Outcome, TooLarge, blocks_for, blocks_of
from pipeline.engine.image import Image
from pipeline.engine.samples import encode_samples
from pipeline.ir.status import Failure, Limits
from pipeline.kernels.heap import Heap
from tests.columns import engine_of, said
from tests.compiled import compiled_kernels
from tests.programs_text import graph_of

BODIES = {
    "t/a": "hmirror(I)",
    "t/b": "branch(square(I), rot90(I), vmirror(I))",
    "t/c": "x = divide(SIX, subtract(width(I), TWO)); canvas(x, shape(I))",
    "t/d": "paint(I, apply(rbind(astuple, ORIGIN), palette(I)))",
    "t/e": "n = width(I); f = power(rbind(upscale, TWO), n); f(I)",
    "t/f": "x = interval(ZERO, height(I), ONE); canvas(first(x), UNITY)",
}
LIMITS = Limits(elements=8, cells=600, total=900, turns=4)
GRIDS = (
    ((1, 2), (3, 4)),
    ((5, 5, 5),),
    ((0,), (6,), (7,)),
    ((1, 2, 3), (4, 5, 6), (7, 8, 9)),
    ((3, 3, 1, 0), (0, 1, 0, 1)),
    ((4,),),
    ((2, 2), (2, 0), (0, 1), (1, 1), (0, 0), (1, 0), (3, 3), (4, 5), (6, 7)),
)
SAMPLES = tuple(
    Sample(grid, (grid[::-1], grid, ((9,),))[k % 3]) for k, grid in enumerate(GRIDS * 3)
)
EVERYONE = tuple(range(len(BODIES)))
WANTED = [[k for k in range(len(SAMPLES)) if (k + n) % (n + 1) < 2] for n in EVERYONE]

Ends = dict[tuple[int, int], Any]
"""How lanes end, by solver and sample: a grid or the text of a failure."""


@cache
def battery() -> tuple[ReferenceBattery, Image]:
    """The solvers, linked: for the reference runtime and compiled."""
    linked = link((name, graph_of(body)) for name, body in BODIES.items())
    return battery_of(linked.code), linked.image


@cache
def expected() -> Ends:
    """How every lane ends on the reference runtime."""
    whole = [range(len(SAMPLES))] * len(BODIES)
    outcomes = battery()[0].outcomes(SAMPLES, whole, LIMITS)
    return {(k, s): said(end) for k, ends in enumerate(outcomes) for s, end in enumerate(ends)}


def engine(threads: int = 1, words: int = 0, free: int = 0) -> CpuEngine:
    """The battery, ready to run, in heaps of so many words, where so many bytes are free."""
    made = engine_of(battery()[1], LIMITS)
    made.threads = threads
    made.words = words or made.words
    made.free = lambda: free
    return made


def samples() -> Any:
    return encode_samples([(sample.input, sample.output) for sample in SAMPLES])


def run(made: CpuEngine, blocks: list[Block], keep: str = "none") -> list[Outcome]:
    """All outcomes; every lane must come once, and end as on the reference runtime."""
    found = list(made.run(samples(), blocks, keep))
    lanes: list[tuple[int, int]] = []
    for outcome in found:
        codes = outcome.verdicts.tolist()
        kept = dict(outcome.grids)
        for k, lane, solver, sample in outcome.lanes():
            lanes.append((solver, sample))
            end = expected()[solver, sample]
            right = end == SAMPLES[sample].output
            code = codes[k][lane]
            assert (said(made.failure(code)) if code < 0 else code) == (
                end if isinstance(end, str) else int(right)
            )
            wanted = {"none": False, "wrong": not right, "all": True}[keep]
            if wanted and code >= 0:
                assert kept.pop((k, lane)) == end
        assert not kept
    chosen = {b: EVERYONE if b.solvers is None else b.solvers for b in blocks}
    asked = [(k, s) for b in blocks for s in range(b.first, b.last) for k in chosen[b]]
    assert sorted(lanes) == sorted(asked)
    return found


def test_the_lanes_end_in_many_ways() -> None:
    texts = {end for end in expected().values() if isinstance(end, str)}
    assert texts == {"error ZERO", "over_budget CELLS", "over_budget ELEMENTS"}
    grids = [k for k, end in expected().items() if not isinstance(end, str)]
    assert {SAMPLES[s].output == expected()[k, s] for k, s in grids} == {True, False}


@pytest.mark.parametrize("keep", ["none", "wrong", "all"])
@pytest.mark.parametrize("size", [1, 3, 64])
@pytest.mark.parametrize("threads", [1, 3])
def test_threads_and_blocks_do_not_show(threads: int, size: int, keep: str) -> None:
    run(engine(threads), blocks_of(len(SAMPLES), size), keep)


@pytest.mark.parametrize("keep", ["none", "wrong", "all"])
@pytest.mark.parametrize("threads", [1, 3])
def test_only_what_is_wanted_is_run(threads: int, keep: str) -> None:
    blocks = blocks_for(WANTED, len(SAMPLES))
    assert len(blocks) > 5
    run(engine(threads), blocks, keep)


def test_no_block_gives_nothing() -> None:
    assert run(engine(), []) == []
    assert run(engine(3), []) == []


def test_an_engine_runs_again_and_again_in_the_same_heaps() -> None:
    made = engine(2)
    for size in (1, 64, 2):
        run(made, blocks_of(len(SAMPLES), size, (0, 3)))
        assert len({id(loaded.heap) for loaded in made._heaps}) == len(made._heaps) <= 2


def test_samples_without_an_expected_grid_are_never_right() -> None:
    made = engine()
    encoded = encode_samples((sample.input, None) for sample in SAMPLES)
    (outcome,) = made.run(encoded, [Block(0, len(SAMPLES), (0,))], keep="all")
    assert outcome.verdicts.tolist() == [[0] * len(SAMPLES)]
    assert [outcome.grids[0, s] for s in range(len(SAMPLES))] == [s.input[::-1] for s in SAMPLES]


# -- little memory


def base() -> int:
    """How many words the program takes by itself."""
    worker = CpuWorker(engine(), samples(), "none")
    return worker.loaded.base


def least_words(blocks: list[Block]) -> int:
    """The smallest heap in which these blocks run."""
    low, high = base(), base() + (1 << 16)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            list(engine(words=middle).run(samples(), blocks))
            high = middle
        except TooLarge:
            low = middle
    return high


WHOLE = [Block(0, len(SAMPLES), None)]


@pytest.mark.parametrize("keep", ["none", "wrong", "all"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 64])
def test_memory_does_not_show(size: int, threads: int, keep: str) -> None:
    blocks = blocks_of(len(SAMPLES), size)
    least = least_words(blocks)
    for more in (0, 1, 7, 100, 1_000, 5_000, 20_000):
        run(engine(threads, least + more), blocks, keep)


def test_blocks_are_halved_by_samples_then_by_solvers() -> None:
    found = run(engine(words=least_words(WHOLE)), WHOLE)
    assert len(found) > len(SAMPLES)
    assert {outcome.block.last - outcome.block.first for outcome in found} >= {1}
    assert {len(outcome.solvers) for outcome in found} >= {1}
    found = run(engine(words=least_words(WHOLE) + 3_000), WHOLE)
    assert 1 < len(found) < len(SAMPLES)
    assert {outcome.solvers for outcome in found} == {EVERYONE}
    assert len(run(engine(), WHOLE)) == 1


@pytest.mark.parametrize("threads", [1, 2])
def test_a_lane_that_does_not_fit_is_named(threads: int) -> None:
    blocks = blocks_of(len(SAMPLES), 2)
    made = engine(threads, least_words(blocks) - 1)
    text = r"^t/e on sample \d+ needs more memory than is free on this machine: "
    with pytest.raises(TooLarge, match=text) as caught:
        list(made.run(samples(), blocks))
    assert GRIDS[int(caught.value.sample) % len(GRIDS)] == GRIDS[3]


@pytest.mark.parametrize("keep", ["none", "wrong", "all"])
@pytest.mark.parametrize("threads", [1, 16])
def test_a_lane_that_does_not_fit_gets_more_alone(
    threads: int, keep: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = blocks_of(len(SAMPLES), 2)
    made = engine(threads, least_words(blocks) - 1, free=1 << 26)
    larger: list[bool] = []
    original = made.take_all

    def noted(more_than: int) -> Any:
        larger.append(made.alone.locked())
        return original(more_than)

    monkeypatch.setattr(made, "take_all", noted)
    run(made, blocks, keep)
    assert larger
    assert all(larger)
    assert not made.alone.locked()
    assert {len(loaded.heap.words) for loaded in made._heaps} == {made.words}


def test_even_the_smallest_share_is_enough_while_there_is_memory() -> None:
    run(engine(16, base(), free=1 << 26), blocks_of(len(SAMPLES), 64), "wrong")


def test_all_that_is_free_may_not_be_enough() -> None:
    blocks = blocks_of(len(SAMPLES), 2)
    least = least_words(blocks)
    run(engine(2, base(), free=-(-least * 8 // 7) * 8 + 8), blocks)
    made = engine(2, base(), free=(least - 1) * 8)
    with pytest.raises(TooLarge):
        list(made.run(samples(), blocks))
    assert not made.alone.locked()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_a_battery_that_does_not_fit_is_an_error_that_says_so(part: float, threads: int) -> None:
    made = engine(threads, 700 + int((base() - 701) * part))
    with pytest.raises(OSError, match="does not fit the memory that there is") as caught:
        list(made.run(samples(), blocks_of(len(SAMPLES), 2)))
    assert caught.value.strerror == (
        "the battery does not fit the memory that there is: lower threads in config.yaml"
    )


def test_a_heap_is_as_large_as_the_system_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def scarce(words: int, limits: Limits) -> cpu.Heap:
        asked.append(words)
        if words > 30_000:
            raise MemoryError
        return Heap(words, limits)

    monkeypatch.setattr(cpu, "Heap", scarce)
    run(engine(words=100_000), blocks_of(len(SAMPLES), 2))
    assert asked == [100_000, 50_000, 25_000]


@pytest.mark.parametrize(
    ("memory_mib", "threads", "mib"), [(0, 1, 512), (0, 5, 400), (0, 16, 256), (640, 16, 40)]
)
def test_a_thread_has_its_share(memory_mib: int, threads: int, mib: int) -> None:
    kernels, image = compiled_kernels(), battery()[1]
    made = CpuEngine(image, kernels, LIMITS, memory_mib, threads, free=lambda: 4000 << 20)
    assert made.words == mib << 17


def test_a_share_has_room_behind_the_program() -> None:
    made = CpuEngine(battery()[1], compiled_kernels(), LIMITS, memory_mib=1, threads=1024)
    assert made.program_words == base()
    assert made.words == base() + cpu.LEAST_WORDS


# -- threads


@pytest.fixture
def no_thread_stays() -> Iterator[None]:
    """All threads that a test starts must have ended when it ends."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.mark.usefixtures("no_thread_stays")
def test_an_error_in_a_thread_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: CpuWorker, blocks: Any) -> Any:
        if blocks[0].first == 4:
            raise KeyError("in a thread")
        return real(self, blocks)

    real = CpuWorker.run
    monkeypatch.setattr(CpuWorker, "run", fail)
    monkeypatch.setattr(cpu, "BATCH_LANES", 1)
    before = set(threading.enumerate())
    with pytest.raises(KeyError, match="in a thread"):
        list(engine(3).run(samples(), blocks_of(len(SAMPLES), 1)))
    assert set(threading.enumerate()) <= before


@pytest.mark.usefixtures("no_thread_stays")
@pytest.mark.parametrize("count", [0, 1, 5])
def test_threads_end_when_nobody_wants_more(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(cpu, "BATCH_LANES", 1)
    before = set(threading.enumerate())
    outcomes = engine(3).run(samples(), blocks_of(len(SAMPLES), 1))
    for _ in range(count):
        next(outcomes)
    outcomes.close()
    assert set(threading.enumerate()) <= before


def test_a_failure_says_its_operation() -> None:
    made = engine()
    (outcome,) = made.run(samples(), [Block(0, 1, (2,))])
    failure = made.failure(outcome.verdicts[0, 0])
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.operation) == ("ZERO", "divide")
