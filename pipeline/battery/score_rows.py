"""Scores of lanes as rows: one program on some samples, column by column.

Every table of scores, in memory or in a file, is made of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pipeline.engine.engine import RIGHT, Outcome
from pipeline.ir.status import BUDGET_REASONS, Failure
from pipeline.oracle.murmur import grid_hash
from pipeline.primitives.words import REASON_CODES

STATUSES: Final = ("ok", "wrong", "error", "over_budget", "broken", "not_run")
"""What a lane's code stands for.

ok: the output is the expected one, or none is expected and there is one. broken: the program does
not compile. not_run: nobody asked for this lane.
"""
OK, WRONG, ERROR, OVER_BUDGET, BROKEN, NOT_RUN = range(len(STATUSES))

LANE: Final = np.dtype(
    [("verdict", np.int16), ("same", np.int32), ("area", np.int32), ("hash", np.uint64, 2)]
)
"""What is kept of a lane whose score is wanted: the verdict (see `engine.engine`), how many cells
are as expected (see `kernels.scoring`) of how many, and the hash of the output."""

_BUDGET_CODES: Final = [REASON_CODES[reason] for reason in BUDGET_REASONS]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreRows:
    """A program on samples: arrays over the samples, as in `scores.Scores`.

    samples: their names. tasks: of which task each is; empty where nobody knows. microseconds:
    what a lane took on average, where that was measured.
    """

    program: str
    samples: Sequence[str]
    codes: np.ndarray
    exact: np.ndarray
    shape_right: np.ndarray
    cells: np.ndarray
    value_hash: np.ndarray
    tasks: Sequence[str] = ()
    microseconds: float | None = None

    @property
    def hashes(self) -> list[str]:
        """Each hash as 32 hexadecimal digits, in the order of its bytes."""
        text = np.ascontiguousarray(self.value_hash, "<u8").tobytes().hex()
        return [text[k : k + 32] for k in range(0, len(text), 32)]

    @property
    def shares(self) -> list[float | None]:
        """The shares of cells; None where there is none."""
        return [None if share != share else share for share in self.cells.tolist()]


def rows_of(
    program: str,
    samples: Sequence[str],
    tasks: Sequence[str],
    lanes: np.ndarray,
    microseconds: float | None = None,
) -> ScoreRows:
    """The rows of a program whose lanes, an array of `LANE`, all have an expected output."""
    verdicts = lanes["verdict"]
    return ScoreRows(
        program,
        samples,
        codes_of(verdicts),
        verdicts == RIGHT,
        lanes["same"] >= 0,
        shares_of(lanes["same"], lanes["area"]),
        lanes["hash"],
        tasks,
        microseconds,
    )


def broken_rows(program: str, samples: Sequence[str], tasks: Sequence[str]) -> ScoreRows:
    """The rows of a program that does not compile."""
    count = len(samples)
    no = np.zeros(count, bool)
    codes, cells = np.full(count, BROKEN, np.int8), np.full(count, np.nan)
    return ScoreRows(program, samples, codes, no, no, cells, np.zeros((count, 2), np.uint64), tasks)


def codes_of(verdicts: np.ndarray, answered: np.ndarray | bool = True) -> np.ndarray:
    """The code of each verdict; where no output is expected any is ok."""
    right = np.where((verdicts == RIGHT) | ~np.asarray(answered), OK, WRONG)
    over = np.isin(-verdicts.astype(np.int32) % 32, _BUDGET_CODES)
    found: np.ndarray = np.where(verdicts < 0, np.where(over, OVER_BUDGET, ERROR), right)
    return found.astype(np.int8)


def shares_of(same: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Which share of the cells is as expected; NaN where that can't be said."""
    found: np.ndarray = np.where(same >= 0, same / np.maximum(area, 1), np.nan)
    return found


def lanes_in(outcome: Outcome) -> np.ndarray:
    """The lanes of a block that was run with scores: `LANE` (solvers, samples)."""
    scores = outcome.scores
    assert scores is not None
    lanes = np.zeros(outcome.verdicts.shape, LANE)
    lanes["verdict"], lanes["same"] = outcome.verdicts, scores["same"]
    lanes["area"] = scores["height"] * scores["width"]
    lanes["hash"] = scores["hash"]
    return lanes


def lane_of(expected: Any, outcome: Any) -> tuple[int, int, int, tuple[int, int]]:
    """A lane of the reference runtime, its output or a Failure, as `LANE` has it."""
    if isinstance(outcome, Failure):
        return -REASON_CODES[outcome.reason], -1, 0, (0, 0)
    shapes = [(len(grid), len(grid[0]) if grid else 0) for grid in (expected, outcome)]
    same = -1
    if shapes[0] == shapes[1]:
        pairs = zip(expected, outcome, strict=True)
        same = sum(a == b for row, other in pairs for a, b in zip(row, other, strict=True))
    height, width = shapes[1]
    return int(outcome == expected), same, height * width, grid_hash(outcome)
