"""What a battery in memory says of a lane the direct interpreter says too, however it is cut."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.battery.resident import Battery, evaluate
from pipeline.battery.score_rows import BROKEN
from pipeline.battery.scores import Scores
from pipeline.config.config import Config
from pipeline.frontend.parse import parse, parse_text
from pipeline.ir.status import Failure
from pipeline.oracle.interpret import outcome
from pipeline.oracle.murmur import grid_hash
from tests.in_memory import LIMITS, TINY, config_of, drawn, grid_pairs
from tests.project import PROJECT

PROGRAMS = 120
SAMPLES = 6

ARRAYS = ("codes", "exact", "shape_right", "cells", "value_hash")

PRINTED = """\
from pipeline.battery.resident import evaluate
from tests.in_memory import config_of, drawn, grid_pairs
scores = evaluate(drawn(40), grid_pairs(3), config=config_of())
print(scores.value_hash.tobytes().hex(), scores.status.tolist())
"""


def assert_same(a: Scores, b: Scores) -> None:
    """Two scores are the same in every lane."""
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def lane(scores: Scores, program: int, sample: int) -> tuple[Any, ...]:
    """All that is said of a lane; a share that is not there as None."""
    share = float(scores.cells[program, sample])
    return (
        str(scores.status[program, sample]),
        bool(scores.exact[program, sample]),
        bool(scores.shape_right[program, sample]),
        None if share != share else share,
        tuple(scores.value_hash[program, sample].tolist()),
    )


def expected(value: Any, wanted: Any) -> tuple[Any, ...]:
    """What is to be said of a lane that ends with this value."""
    if isinstance(value, Failure):
        return value.kind, False, False, None, (0, 0)
    said = grid_hash(value)
    if wanted is None:
        return "ok", False, False, None, said
    fits = [len(row) for row in value] == [len(row) for row in wanted]
    pairs = list(zip(sum(value, ()), sum(wanted, ()), strict=False))
    share = sum(a == b for a, b in pairs) / len(pairs) if fits else None
    return "ok" if value == wanted else "wrong", value == wanted, fits, share, said


@pytest.fixture(scope="module")
def scores() -> Scores:
    return evaluate(drawn(PROGRAMS), grid_pairs(SAMPLES), config=config_of())


def test_every_lane_ends_as_the_direct_interpreter_says(scores: Scores) -> None:
    kinds: Counter[str] = Counter()
    for k, text in enumerate(drawn(PROGRAMS)):
        program, found = parse_text(text, "p")
        if scores.codes[k, 0] == BROKEN:
            assert found or scores.diagnostics[k]
            kinds["broken"] += 1
            continue
        assert program is not None
        for s, (given, wanted) in enumerate(grid_pairs(SAMPLES)):
            value = outcome(program, given, LIMITS)
            assert lane(scores, k, s) == expected(value, wanted), text
            kinds[str(scores.status[k, s])] += 1
    assert kinds["error"] > 20
    assert kinds["over_budget"] > 10
    assert kinds["wrong"] > 100
    assert kinds["ok"] > 50


def test_outputs_that_are_expected_are_exact() -> None:
    given = grid_pairs(1)[0][0]
    made = {text: outcome(parse(text), given, LIMITS) for text in drawn(60)}
    made = {k: v for k, v in made.items() if isinstance(v, tuple) and v and v[0]}
    pairs = [(given, clipped(value)) for value in made.values()]
    found = evaluate(list(made), pairs, config=config_of())
    for k, value in enumerate(made.values()):
        if found.codes[k, 0] != BROKEN:
            for s, (_, wanted) in enumerate(pairs):
                assert lane(found, k, s) == expected(value, wanted)
    assert found.exact.sum() > 30


def clipped(grid: Any) -> Any:
    """The grid with colours of ARC only: what programs make may have others."""
    return tuple(tuple(min(max(cell, 0), 9) for cell in row) for row in grid)


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_nothing(scores: Scores, threads: int) -> None:
    found = evaluate(drawn(PROGRAMS), grid_pairs(SAMPLES), config=config_of(threads))
    assert_same(found, scores)


def test_cuts_and_order_change_nothing(scores: Scores) -> None:
    texts = drawn(PROGRAMS)
    with Battery(grid_pairs(SAMPLES), config=config_of()) as battery:
        parts = [battery.evaluate(texts[k : k + 7]) for k in range(0, PROGRAMS, 7)]
        backwards = battery.evaluate(texts[::-1])
    for name in ARRAYS:
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(scores, name))
        np.testing.assert_array_equal(getattr(backwards, name)[::-1], getattr(scores, name))


def test_lanes_that_are_wanted_are_as_if_all_were(scores: Scores) -> None:
    wanted = [[s for s in range(SAMPLES) if (k * 7 + s) % 3 == 0] for k in range(PROGRAMS)]
    found = evaluate(drawn(PROGRAMS), grid_pairs(SAMPLES), wanted=wanted, config=config_of(2))
    asked = np.array([[s in places for s in range(SAMPLES)] for places in wanted])
    np.testing.assert_array_equal(found.codes[asked], scores.codes[asked])
    np.testing.assert_array_equal(found.value_hash[asked], scores.value_hash[asked])
    assert set(found.status[~asked].tolist()) == {"not_run"}


def test_a_room_that_is_soon_full_changes_nothing(scores: Scores) -> None:
    with Battery(grid_pairs(SAMPLES), config=config_of(), room=TINY) as battery:
        assert_same(battery.evaluate(drawn(PROGRAMS)), scores)
        assert battery._programs > 5
        battery.add(drawn(PROGRAMS))
        assert_same(battery.evaluate(), scores)
        assert_same(battery.evaluate(), scores)


def test_another_process_says_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINTED], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    found = evaluate(drawn(40), grid_pairs(3), config=config_of(3))
    assert done.stdout.split(maxsplit=1) == [
        found.value_hash.tobytes().hex(),
        f"{found.status.tolist()}\n",
    ]


def test_libraries_are_used_in_memory(tmp_path: Path) -> None:
    (tmp_path / "grids.py").write_text("def turned(grid):\n    return rot90(grid)\n")
    config = Config(libraries=(str(tmp_path / "grids.py"),))
    text = "from grids import turned as t\n\ndef solve_a(I):\n    return t(turned(I))\n"
    scores = evaluate(text, [(((1, 2), (3, 4)), ((4, 3), (2, 1)))], config=config)
    assert scores.exact.tolist() == [[True]]
