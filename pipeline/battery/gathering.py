"""The arrays of scores, as outcomes come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.battery.score_rows import BROKEN, NOT_RUN, OVER_BUDGET, codes_of, shares_of
from pipeline.battery.scores import Scores
from pipeline.data.given import GivenSample
from pipeline.diagnostics import Diagnostic
from pipeline.engine.engine import RIGHT, Outcome

Explain = Callable[[], tuple[Diagnostic, ...]]


class ProgramRows(NamedTuple):
    """How some programs end: arrays as in `Scores`, and which of them are broken."""

    broken: tuple[int, ...]
    codes: np.ndarray
    exact: np.ndarray
    shape_right: np.ndarray
    cells: np.ndarray
    value_hash: np.ndarray


def rows_in(scores: Scores) -> ProgramRows:
    """The rows of all programs of some scores."""
    return ProgramRows(
        tuple(scores.explain),
        *(scores.codes, scores.exact, scores.shape_right, scores.cells, scores.value_hash),
    )


class ScoreTable:
    """How the lanes of programs on samples end, as far as it is known."""

    def __init__(self, programs: int, samples: Sequence[GivenSample]) -> None:
        shape = programs, len(samples)
        self.names = tuple([sample.name for sample in samples])
        self.answered = np.array([sample.output is not None for sample in samples], bool)
        self.codes = np.full(shape, NOT_RUN, np.int8)
        self.exact = np.zeros(shape, bool)
        self.shape_right = np.zeros(shape, bool)
        self.cells = np.full(shape, np.nan)
        self.value_hash = np.zeros((*shape, 2), np.uint64)

    def put(self, outcome: Outcome, rows: np.ndarray) -> None:
        """Enter a block's lanes: rows are the places of its programs. Where no output is expected
        any is ok.
        """
        verdicts, scores = outcome.verdicts, outcome.scores
        assert scores is not None
        columns = np.arange(outcome.block.first, outcome.block.last)
        place = rows[:, None], columns
        self.codes[place] = codes_of(verdicts, self.answered[columns])
        self.exact[place] = verdicts == RIGHT
        self.shape_right[place] = scores["same"] >= 0
        self.cells[place] = shares_of(scores["same"], scores["height"] * scores["width"])
        self.value_hash[place] = scores["hash"]

    def put_rows(self, places: Sequence[int], rows: ProgramRows) -> None:
        """Enter all that is known of programs."""
        at = list(places)
        self.codes[at] = rows.codes
        self.exact[at] = rows.exact
        self.shape_right[at] = rows.shape_right
        self.cells[at] = rows.cells
        self.value_hash[at] = rows.value_hash

    def put_broken(self, program: int, samples: Sequence[int] | None) -> None:
        """Enter that a program does not compile, for these samples or for all."""
        self.codes[program, slice(None) if samples is None else samples] = BROKEN

    def put_over_budget(self, program: int, sample: int) -> None:
        """Enter a lane that no memory suffices for."""
        self.codes[program, sample] = OVER_BUDGET

    def left(self, program: int, wanted: Sequence[int] | None) -> list[int]:
        """Which lanes of a program have not ended yet, of those wanted or of all."""
        open_: list[int] = np.flatnonzero(self.codes[program] == NOT_RUN).tolist()
        return open_ if wanted is None else sorted(set(open_).intersection(wanted))

    def scores(self, names: tuple[str, ...], explain: Mapping[int, Explain]) -> Scores:
        """The scores of programs of these names."""
        return Scores(
            names,
            self.names,
            self.codes,
            self.exact,
            self.shape_right,
            self.cells,
            self.value_hash,
            self.answered,
            dict(explain),
        )
