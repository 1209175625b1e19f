"""The profile of a run: calls, lanes, bytes by operation and by solver, on a clock of our own."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.engine import costs as profiling
from pipeline.engine.costs import Cost, Profile, profile
from pipeline.engine.cpu import CpuEngine
from pipeline.engine.engine import Block, TooLarge, blocks_for, blocks_of
from pipeline.engine.samples import encode_samples
from pipeline.ir.status import DEFAULT_LIMITS
from tests.columns import engine_of, image_by_hand

GRIDS = (((1, 2), (3, 4)), ((5, 5, 5),), ((0,), (6,)))
NOTHING_NS, CALL_NS = 40, 140


def evaluate(rt: Any) -> None:
    """Two solvers that share a node; the second has a loop of as many turns as there are rows."""
    both, first, second = rt.lanes(0, 1), rt.lanes(0), rt.lanes(1)
    grid = rt.input(both)
    turned = rt.rot90(both, grid)
    rt.verdict(0, first, rt.rot90(first, turned), after=())

    def turn(t: Any, state: Any) -> Any:
        return rt.hmirror(t, state), ()

    rt.verdict(1, second, rt.looped(second, rt.height(second, grid), turned, turn), after=())


def clock() -> Iterator[int]:
    """Nanoseconds: calls with nothing to do take NOTHING_NS, others CALL_NS."""
    now = 0
    for _ in range(profiling._TRIALS):
        yield from (now, now + NOTHING_NS)
        now += 1_000
    while True:
        yield from (now, now + CALL_NS)
        now += 1_000


def engine() -> CpuEngine:
    return engine_of(image_by_hand(evaluate, ("t/a", "t/b")), DEFAULT_LIMITS)


def measured(monkeypatch: pytest.MonkeyPatch, blocks: list[Block]) -> Profile:
    """The profile of these blocks."""
    fake = SimpleNamespace(perf_counter_ns=clock().__next__)
    monkeypatch.setattr(profiling, "time", fake)
    return profile(engine(), encode_samples((grid, None) for grid in GRIDS), blocks)


def words_of(cost: Cost) -> tuple[str, int, int]:
    return cost.name, cost.calls, cost.lanes


def test_operations_and_solvers_cost_what_they_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, [Block(0, 3, None)])
    calls = {
        "rot90": (2, 6),
        "loop_test": (2, 6),
        "verdict": (2, 6),
        **dict.fromkeys(("height", "inputs", "loop_enter"), (1, 3)),
        **dict.fromkeys(("hmirror", "loop_end"), (1, 2)),
    }
    assert {c.name: (c.calls, c.lanes) for c in found.operations} == calls
    total = sum(count for count, _ in calls.values())
    assert found.seconds == pytest.approx(total * (CALL_NS - NOTHING_NS) / 1e9)
    for cost in found.operations:
        assert cost.seconds == pytest.approx(cost.calls * (CALL_NS - NOTHING_NS) / 1e9)
    assert [c.name for c in found.operations[3:6]] == ["height", "hmirror", "inputs"]
    # What both need, the inputs and the first turn, is divided among them.
    assert [words_of(cost) for cost in found.solvers] == [("t/b", 8, 22), ("t/a", 3, 9)]
    shares = [cost.seconds for cost in found.solvers]
    assert shares == pytest.approx([8e-7, 3e-7])
    assert sum(shares) == pytest.approx(found.seconds)


def test_bytes_are_those_of_columns_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {c.name: c for c in measured(monkeypatch, [Block(0, 3, None)]).operations}
    columns, grids = 2 * 3, 2 * (3 + 3 + 2)
    assert found["rot90"].written_bytes == 8 * (columns + grids)
    assert found["verdict"].written_bytes == 8 * 2 * columns
    assert found["inputs"].written_bytes == 0


def test_blocks_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measured(monkeypatch, [Block(0, 3, None)])
    single = measured(monkeypatch, blocks_of(3, 1))
    lanes = [{c.name: c.lanes for c in p.operations} for p in (single, whole)]
    sizes = [{c.name: c.written_bytes for c in p.operations} for p in (single, whole)]
    for name in ("inputs", "height", "rot90", "hmirror", "verdict"):
        assert lanes[0][name] == lanes[1][name]
        assert sizes[0][name] == sizes[1][name]
    assert sum(c.calls for c in single.operations) > sum(c.calls for c in whole.operations)


def test_only_what_runs_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(monkeypatch, blocks_for([[0, 2], []], 3))
    assert {c.name for c in found.operations} == {"inputs", "rot90", "verdict"}
    assert [words_of(cost) for cost in found.solvers] == [("t/a", 8, 8)]
    assert found.solvers[0].seconds == pytest.approx(found.seconds)
    nothing = measured(monkeypatch, [])
    assert nothing == Profile(0.0, (), ())


def test_calls_that_take_less_than_nothing_take_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiling._Watch, "_nothing_ns", lambda self: 1e6)
    found = profile(engine(), encode_samples([(GRIDS[0], None)]), [Block(0, 1, None)])
    assert (found.seconds, {cost.seconds for cost in found.operations}) == (0.0, {0.0})


@pytest.fixture(params=[True, False])
def collecting(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether Python collects garbage by itself."""
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_no_garbage_is_collected_while_kernels_are_measured(
    monkeypatch: pytest.MonkeyPatch, collecting: bool
) -> None:
    seen: list[bool] = []
    original = profiling._Watch.run

    def noted(watch: Any, block: Block) -> None:
        seen.append(gc.isenabled())
        original(watch, block)

    monkeypatch.setattr(profiling._Watch, "run", noted)
    measured(monkeypatch, blocks_of(3, 1))
    assert (seen, gc.isenabled()) == ([False] * 3, collecting)


@pytest.mark.parametrize("more", [0, 50, 100])
def test_a_block_that_does_not_fit_is_run_with_all_that_is_free(more: int) -> None:
    made = engine()
    samples = encode_samples([(((1,) * 30,) * 30, None)])
    made.words = made.program_words + more
    made.free = lambda: 0
    with pytest.raises(TooLarge, match="memory"):
        profile(made, samples, [Block(0, 1, None)])
    made.free = lambda: 1 << 24
    found = profile(made, samples, [Block(0, 1, None)])
    assert sum(cost.calls for cost in found.operations) > 2


def test_a_block_that_never_fits_is_run_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    fits = profiling._Watch._fits
    tried: list[tuple[int, int]] = []

    def only_one_sample(watch: Any, block: Block) -> bool:
        tried.append((block.first, block.last))
        return block.last - block.first == 1 and fits(watch, block)

    whole = measured(monkeypatch, blocks_of(3, 1))
    monkeypatch.setattr(profiling._Watch, "_fits", only_one_sample)
    assert list(map(words_of, measured(monkeypatch, [Block(0, 3, None)]).solvers)) == list(
        map(words_of, whole.solvers)
    )
    assert (0, 3) in tried
    assert {(0, 1), (1, 2), (2, 3)} <= set(tried)
