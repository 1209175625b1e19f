"""What programs cost on devices: learnt from blocks, found again in other batteries, and of no
effect but on how lanes are cut.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.codegen.link import link
from pipeline.engine.cuda import measured
from pipeline.engine.cuda.cuda_engine import CudaEngine
from pipeline.engine.cuda.cutting import SHARED_LANES, costs_of
from pipeline.engine.cuda.measured import MeasuredCosts, ProgramCosts, digests_of
from pipeline.engine.cuda.texts import numbers
from pipeline.engine.engine import Block
from pipeline.engine.image import Image
from tests.columns import engine_of
from tests.emulator.device import EmulatedDevice
from tests.mixed_battery import BODIES, LIMITS, SAMPLES, encoded, image
from tests.programs_text import graph_of


def image_with(*bodies: str) -> Image:
    """The image of some programs."""
    return link((f"p{k:02}", graph_of(body, f"{k:08x}")) for k, body in enumerate(bodies)).image


def test_a_program_is_known_again_in_another_battery_under_another_name() -> None:
    bodies = list(BODIES.values())
    there, elsewhere = image_with(*bodies), image_with("rot180(I)", *reversed(bodies))
    found = digests_of(there)
    assert len(set(found)) == len(bodies)
    assert digests_of(elsewhere)[:0:-1] == found


@pytest.mark.parametrize(
    "other", ["rot90(rot90(I))", "canvas(TWO, shape(I))", "canvas(ONE, shape(rot180(I)))"]
)
def test_programs_that_differ_in_anything_are_others(other: str) -> None:
    bodies = ["rot90(I)", "canvas(ONE, shape(I))", "canvas(ONE, shape(rot90(I)))"]
    assert len(set(digests_of(image_with(*bodies, other)))) == 4


def test_what_is_not_known_costs_what_its_instructions_say_in_the_same_measure() -> None:
    costs = MeasuredCosts()
    otherwise = np.array([1.0, 2.0, 5.0])
    assert costs.of(["a", "b", "c"], otherwise) is otherwise
    costs.add(["a", "b"], np.array([3000.0, 0.0]), np.array([10.0, 0.0]))
    assert costs.of(["a", "b", "c"], otherwise).tolist() == [300.0, 600.0, 1500.0]


def test_what_is_learnt_is_kept_and_news_alone_are_written(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "costs.json"
    costs = MeasuredCosts(place)

    def add(nanoseconds: float, lanes: float) -> tuple[float, float]:
        costs.add(["a"], np.array([nanoseconds]), np.array([lanes]))
        rate, count = json.loads(place.read_bytes())["a"]
        assert MeasuredCosts(place).known == {"a": (rate, count)}
        return rate, count

    assert add(1000, 10) == (100, 10)
    assert add(505, 5) == (100, 10)
    assert add(1000, 5) == (pytest.approx(2000 / 15), 15)
    assert add(200_000, 2000) == (pytest.approx(202_000 / 2015), 2015)
    assert add(1e11, 1e8)[0] == pytest.approx(1000, rel=0.01)
    assert add(1e9, measured.REMEMBERED)[0] == pytest.approx(
        500 + 1e9 / 2 / measured.REMEMBERED, rel=0.01
    )


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"a": ["x", 1]}'])
def test_a_file_that_is_damaged_is_no_file(tmp_path: Path, text: str) -> None:
    place = tmp_path / "costs.json"
    place.write_text(text)
    costs = MeasuredCosts(place)
    assert costs.known == {}
    costs.add(["a"], np.ones(1), np.ones(1))
    assert json.loads(place.read_bytes()) == {"a": [1.0, 1.0]}


def test_the_programs_that_ran_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "MOST", 2)
    costs = MeasuredCosts()
    for digest in "abac":
        costs.add([digest], np.ones(1), np.ones(1))
    assert list(costs.known) == ["a", "c"]


def test_a_block_of_several_programs_is_shared_out_as_their_costs_say() -> None:
    made = image_with("rot90(I)", "canvas(ONE, shape(I))", "vmirror(I)")
    costs = ProgramCosts(made, MeasuredCosts())
    blocks = [Block(0, 6, (0,)), Block(0, 1, (0, 1)), Block(0, 9, (2,))]
    starts = 10 * np.arange(10)
    costs.note(blocks, [(0,), (0, 1), (2,)], starts, np.array([1000, 600, 0]))
    costs.learn()
    first, second, _ = costs.by_instructions
    share = 600 * first / (first + second)
    found = costs.known()
    assert found[0] == pytest.approx((1000 + share) / (10 * (6 + 1 + 2 * SHARED_LANES)))
    assert found[1] == pytest.approx((600 - share) / (10 * (1 + SHARED_LANES)))
    assert found[2] > 0
    costs.learn()
    assert costs.known().tolist() == found.tolist()


def test_without_a_place_to_learn_nothing_is_noted() -> None:
    costs = ProgramCosts(image())
    costs.note([Block(0, 1, (0,))], [(0,)], np.arange(2), np.array([5]))
    costs.learn()
    assert costs.known().tolist() == costs_of(image()).tolist()


def test_runs_learn_what_programs_cost_and_end_alike_whatever_is_known() -> None:
    known = MeasuredCosts()
    whole = [Block(0, len(SAMPLES), None)]

    def ends(engine: CudaEngine) -> dict[tuple[int, int], int]:
        return {
            (solver, sample): int(outcome.verdicts[k, lane])
            for outcome in engine.run(encoded(), whole)
            for k, lane, solver, sample in outcome.lanes()
        }

    expected = ends(engine_of(image(), LIMITS))  # type: ignore[arg-type]
    device = EmulatedDevice(1 << 26, 3)
    seen = []
    for _ in range(2):
        engine = CudaEngine(image(), numbers(), [device], 1 << 26, LIMITS, 33, measured=known)
        seen.append(engine.costs.known())
        assert ends(engine) == expected
    assert set(known.known) == set(digests_of(image()))
    assert seen[0].tolist() == costs_of(image()).tolist() != seen[1].tolist()
    assert seen[1].argmax() == image().solvers.index("grow")
