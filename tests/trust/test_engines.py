"""Whether two engines agree: lanes that differ are found, and what may differ is only counted."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.battery.check_workload import lanes_of
from pipeline.engine.engine import Block, Engine, Outcome
from pipeline.engine.samples import Samples, encode_samples
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.primitives.words import REASON_CODES
from pipeline.trust.agreement.engines import compare_engines, parts_of
from tests.battery.small import BODIES, TASKS, compiled, write_battery

Change = Callable[[Outcome], None]


class Changed(Engine):
    """An engine whose outcomes are changed."""

    def __init__(self, engine: Engine, change: Change) -> None:
        super().__init__(engine.image, engine.limits)
        self.engine = engine
        self.change = change

    def run(
        self, samples: Samples, blocks: Iterable[Block], keep: str = "none"
    ) -> Generator[Outcome, None, None]:
        for outcome in self.engine.run(samples, blocks, keep):
            if outcome.verdicts.size:
                self.change(outcome)
            yield outcome


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """That of the small battery."""
    path = write_battery(tmp_path_factory.mktemp("battery") / "batt.py")
    return compiled(path).engine(DEFAULT_LIMITS)


def compare(engine: Engine, change: Change, keep: str = "all") -> Any:
    """The engine with a changed one, on the lanes of a check."""
    samples, wanted = lanes_of(sorted(BODIES), TASKS, range(len(BODIES)))
    encoded = encode_samples((s.input, s.output) for s in samples)
    return compare_engines(engine, Changed(engine, change), encoded, wanted, keep)


def test_the_same_engine_agrees(engine: Engine) -> None:
    found = compare(engine, lambda outcome: None)
    assert (found.lanes, found.operations, found.differences) == (14, 0, [])
    assert found.grids > 0


@pytest.mark.parametrize("keep", ["all", "none"])
def test_verdicts_that_differ_are_found(engine: Engine, keep: str) -> None:
    def change(outcome: Outcome) -> None:
        outcome.verdicts = np.where(outcome.verdicts == 1, 0, outcome.verdicts)

    found = compare(engine, change, keep)
    assert {lane.cpu.partition(":")[0] for lane in found.differences} == {"right"}
    assert {lane.gpu.partition(":")[0] for lane in found.differences} == {"wrong"}


def test_grids_that_differ_are_found(engine: Engine) -> None:
    def change(outcome: Outcome) -> None:
        outcome.grids = dict.fromkeys(outcome.grids, ((9,),))

    found = compare(engine, change)
    assert len(found.differences) == found.grids
    assert all(lane.gpu.endswith(": ((9,),)") for lane in found.differences)


def test_a_grid_that_is_missing_is_found(engine: Engine) -> None:
    found = compare(engine, lambda outcome: outcome.grids.clear())
    assert len(found.differences) == found.grids > 0


def test_a_verdict_that_is_missing_is_found(engine: Engine) -> None:
    def change(outcome: Outcome) -> None:
        outcome.solvers, outcome.verdicts = (), outcome.verdicts[:0]
        outcome.grids.clear()

    found = compare(engine, change)
    assert len(found.differences) == 14
    assert {lane.gpu for lane in found.differences} == {"no verdict"}


def test_another_operation_is_only_counted_and_another_reason_is_not(engine: Engine) -> None:
    def other_operation(outcome: Outcome) -> None:
        outcome.verdicts = np.where(outcome.verdicts < 0, outcome.verdicts - 32, outcome.verdicts)

    def other_reason(outcome: Outcome) -> None:
        failed = -(1 << 5 | REASON_CODES["TURNS"])
        outcome.verdicts = np.where(outcome.verdicts < 0, failed, outcome.verdicts)

    counted = compare(engine, other_operation)
    assert counted.operations > 0
    assert counted.differences == []
    found = compare(engine, other_reason)
    assert len(found.differences) == counted.operations
    assert all("TURNS" in lane.gpu for lane in found.differences)


@pytest.mark.parametrize("code", [7, -31, -(1 << 20)])
def test_a_verdict_that_there_is_not_is_told(engine: Engine, code: int) -> None:
    def change(outcome: Outcome) -> None:
        outcome.verdicts = np.full_like(outcome.verdicts, code)
        outcome.grids.clear()

    lane, *_ = compare(engine, change).differences
    assert lane.gpu.endswith(f"that there is not: {code}")


@given(
    st.lists(st.sets(st.integers(0, 19)).map(sorted), min_size=1, max_size=6),
    st.integers(1, 50),
)
def test_parts_have_each_lane_once(wanted: list[list[int]], most: int) -> None:
    parts = list(parts_of(wanted, 20, most))
    assert [sorted(chain.from_iterable(lanes)) for lanes in zip(*parts, strict=True)] == (
        wanted if parts else []
    )
    assert bool(parts) == any(wanted)
    assert all(any(part) for part in parts)
