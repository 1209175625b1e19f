"""Candidates in stages: one small train sample first, the others for those that are promising.

    judge.begin(puzzle)
    judged = judge.judge(rows, promising)    # a row for each candidate

What a stage knows of a task is a `Puzzle`: train samples. Test inputs are no stage of a search; who
has a program that is right on all train samples runs it on them (see `attempts`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.data.tasks import Sample
from pipeline.engine.samples import Samples, encode_samples
from pipeline.ir.status import Limits
from pipeline.search.candidate_rows import CandidateRows
from pipeline.search.puzzles import Gaining, Puzzle
from pipeline.search.typed_lines import Shapes
from pipeline.search.value_bank import BankRoom, Loader, ValueBank

LIMITS: Final = Limits(elements=1_000, total=5_000)
"""Small budgets: what a search keeps is checked with those of `config.yaml` as well."""

FIRST_ROOM: Final = BankRoom(words=1 << 24, values=1 << 16)
OTHERS_ROOM: Final = BankRoom(words=1 << 24, values=1 << 15)

FAILED: Final = -1.0
"""The gain of a candidate that has no output of the right shape."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What became of candidates, in their order. first: the gain on the first sample; behaviour:
    the hash of the output there, two words. whole: the mean gain on all train samples where it was
    promising, else `FAILED`; right: how many train samples are right, of those it was run on, and
    solved: whether those are all of them.
    """

    first: np.ndarray
    behaviour: np.ndarray
    whole: np.ndarray
    right: np.ndarray
    solved: np.ndarray


Promising = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Of gains on the first sample and behaviours, which candidates are to be run on the others."""


def same_cells(
    bank: ValueBank, rows: CandidateRows, hashed: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """How many cells of each candidate's output are right in each lane, -1 where there is none of
    the right shape; and hashes of the outputs, zeros where they are not asked for.
    """
    count, lanes = len(rows), bank.lanes
    same = np.full((count, lanes), -1, np.int64)
    hashes = np.zeros((count, lanes, 2), np.uint64)
    for part in bank.run(rows):
        places = np.flatnonzero(part.values >= 0)
        unique, back = np.unique(part.values[places], return_inverse=True)
        scores = bank.scores(unique, hashed)[back]
        alive = part.lanes_alive(lanes)[places]
        same[part.first + places] = np.where(alive, scores["same"], -1)
        hashes[part.first + places] = np.where(alive[:, :, None], scores["hash"], 0)
    return same, hashes


class Judge:
    """Judges candidates for one puzzle after another; one thread's."""

    def __init__(self, shapes: Shapes, load: Loader, limits: Limits = LIMITS) -> None:
        self.banks = [
            ValueBank(shapes.templates, shapes.constants, load, limits, room)
            for room in (FIRST_ROOM, OTHERS_ROOM)
        ]

    @property
    def lines(self) -> int:
        """How many lines were run for this puzzle."""
        return sum([bank.counts.run for bank in self.banks])

    @property
    def seconds(self) -> float:
        """Of processor time that were spent in kernels."""
        return sum([bank.seconds for bank in self.banks])

    def begin(self, puzzle: Puzzle) -> None:
        """Judge candidates for this puzzle from here on."""
        self.puzzle = puzzle
        first, *others = puzzle.train
        self._gaining = Gaining([first]), Gaining(others)
        self.banks[0].use(encoded([first]))
        if others:
            self.banks[1].use(encoded(others))

    def judge(self, rows: CandidateRows, promising: Promising) -> Judged:
        """Judge candidates; those that are right on the first sample are promising too."""
        first, others = self.banks
        gaining, gaining_others = self._gaining
        same, hashes = same_cells(first, rows)
        gain = gaining.of(same)

        def on_others(chosen: np.ndarray) -> np.ndarray:
            if len(self.puzzle.train) == 1:
                return gain[chosen]
            rest, _ = same_cells(others, rows.chosen(chosen), hashed=False)
            return np.concatenate([gain[chosen], gaining_others.of(rest)], axis=1)

        return _judged(gain[:, 0], hashes[:, 0], promising, on_others)


def judged_of(each: np.ndarray, behaviour: np.ndarray, promising: Promising) -> Judged:
    """What becomes of candidates of which all gains are known, a column for each sample."""
    return _judged(each[:, 0], behaviour, promising, lambda chosen: each[chosen])


def _judged(
    gain: np.ndarray,
    behaviour: np.ndarray,
    promising: Promising,
    gains_of: Callable[[np.ndarray], np.ndarray],
) -> Judged:
    """gains_of: the gains of some candidates on all samples."""
    chosen = np.flatnonzero((gain == 1) | promising(gain, behaviour))
    whole = np.full(len(gain), FAILED)
    right = np.where(gain == 1, 1, 0)
    solved = np.zeros(len(gain), bool)
    if len(chosen):
        each = gains_of(chosen)
        whole[chosen] = each.mean(axis=1)
        right[chosen] = (each == 1).sum(axis=1)
        solved[chosen] = (each == 1).all(axis=1)
    return Judged(gain, behaviour, whole, right, solved)


def encoded(samples: Sequence[Sample]) -> Samples:
    """Samples as banks take them."""
    return encode_samples([(sample.input, sample.output) for sample in samples])
