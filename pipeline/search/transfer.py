"""Transfer: what is one edit away from a solver, on the first samples of all puzzles at once.

Every puzzle is a lane, so what programs share is shared by all of them; a program that is right in
a lane is then judged on the puzzle's other samples. A solver that is near a puzzle becomes a member
of its first population.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.ir.status import Limits
from pipeline.search.candidate_rows import rows_of
from pipeline.search.drafts import Draft, text_of
from pipeline.search.focus import settled
from pipeline.search.kept import LET_BE, NEAR, Nearby
from pipeline.search.offspring import Offspring
from pipeline.search.population import Member
from pipeline.search.puzzles import Gaining, Puzzle
from pipeline.search.stages import LIMITS, Judge, encoded, same_cells
from pipeline.search.typed_lines import Shapes
from pipeline.search.value_bank import BankRoom, Loader, ValueBank
from pipeline.search.vocabulary import Vocabulary

ROOM: Final = BankRoom(words=1 << 25, values=1 << 13, template_words=1 << 22)
PART: Final = 256
"""Candidates that are scored together."""

FAIR_WORDS: Final = 1 << 20
"""What all values of a solver may take, for hundreds of puzzles, without having to pay for it."""


@dataclass(frozen=True, slots=True)
class TransferStep:
    """What the neighbourhood of one solver came to: programs that are right on all train samples,
    by puzzle; those that are near a puzzle, with its id; how many programs were tried, and how many
    values they had.
    """

    found: dict[str, list[Member]]
    near: tuple[tuple[str, Nearby], ...]
    programs: int
    values: int


class Transfer:
    """Runs neighbourhoods on all puzzles."""

    def __init__(
        self, puzzles: Mapping[str, Puzzle], shapes: Shapes, load: Loader, limits: Limits = LIMITS
    ) -> None:
        self.puzzles = tuple(puzzles.values())
        self.shapes = shapes
        self.judge = Judge(shapes, load, limits)
        firsts = [puzzle.train[0] for puzzle in self.puzzles]
        self._gaining = Gaining(firsts)
        self._bank = ValueBank(shapes.templates, shapes.constants, load, limits, ROOM)
        self._bank.use(encoded(firsts))

    @property
    def banks(self) -> list[ValueBank]:
        """All that programs are run on."""
        return [self._bank, *self.judge.banks]

    def step(
        self,
        name: str,
        solver: Draft,
        vocabulary: Vocabulary,
        programs: int,
        nearest: Mapping[str, float],
    ) -> TransferStep:
        """Try a solver and so many programs of its neighbourhood at most. nearest: what a program
        must gain to be near each puzzle: see `Nearest.bar`; `LET_BE` where no more are wanted.
        """
        made = Offspring(vocabulary)
        made.add(solver, "", name)
        programs = self._afforded(solver, programs)
        made.add_neighbours(solver, name, 0, programs - 1)
        hits: dict[int, list[int]] = {}
        near: dict[int, dict[float, int]] = {}
        bars = np.array([nearest[puzzle.id] for puzzle in self.puzzles])
        is_open = bars < LET_BE
        values = self._bank.counts.run
        for begin in range(0, len(made), PART):
            rows = made.rows.chosen(slice(begin, begin + PART))
            same, _ = same_cells(self._bank, rows, hashed=False)
            gain = self._gaining.of(same)
            for k, lane in np.argwhere((gain == 1) & is_open).tolist():
                hits.setdefault(lane, []).append(begin + k)
            _note_near(near, begin, gain, bars)
        found = self._judged(made, hits)
        told = tuple(self._near(made, near))
        return TransferStep(found, told, len(made), self._bank.counts.run - values)

    def _afforded(self, solver: Draft, programs: int) -> int:
        """How many programs are tried of a solver that takes much memory, which is much time: fewer
        than of others.
        """
        self._bank.empty()
        same_cells(self._bank, rows_of([solver.words()]), hashed=False)
        taken = max(FAIR_WORDS, self._bank.taken)
        return max(1, programs * FAIR_WORDS // taken)

    def _near(
        self, made: Offspring, near: Mapping[int, Mapping[float, int]]
    ) -> Iterator[tuple[str, Nearby]]:
        """The programs that are near puzzles, by puzzle, the nearest first."""
        texts: dict[int, str] = {}
        for lane in sorted(near):
            for share, k in sorted(near[lane].items(), reverse=True):
                if k not in texts:
                    texts[k] = text_of(made.draft(k))
                row = Nearby(texts[k], made.edit(k), made.parent(k), share)
                yield self.puzzles[lane].id, row

    def _judged(
        self, made: Offspring, hits: Mapping[int, Sequence[int]]
    ) -> dict[str, list[Member]]:
        """The hits that are right on all train samples of their puzzle."""
        found: dict[str, list[Member]] = {}
        for lane, places in sorted(hits.items()):
            puzzle = self.puzzles[lane]
            self.judge.begin(puzzle)
            rows = made.rows.chosen(np.array(places))
            judged = self.judge.judge(rows, lambda gain, behaviour: gain > 1)
            for at in np.flatnonzero(judged.right == len(puzzle.train)).tolist():
                k = places[at]
                whole = settled(made.draft(k), self.shapes)
                if whole is not None:
                    key = judged.behaviour[at].tobytes()
                    edit, parent, right = made.edit(k), made.parent(k), len(puzzle.train)
                    member = Member(whole, text_of(whole), edit, parent, 0, key, 1.0, right)
                    found.setdefault(puzzle.id, []).append(member)
        return found


def _note_near(
    near: dict[int, dict[float, int]], begin: int, gain: np.ndarray, bars: np.ndarray
) -> None:
    """Note which programs are nearer to puzzles than what is known: of each gain the first, by
    lane. bars: what a program must gain; raised where there are as many as a puzzle keeps.
    """
    is_near = gain > bars
    for lane in np.flatnonzero(is_near.any(axis=0)).tolist():
        own, places = near.setdefault(lane, {}), np.flatnonzero(is_near[:, lane])
        for k, share in zip(places.tolist(), gain[places, lane].tolist(), strict=True):
            own.setdefault(share, begin + k)
        if len(own) >= NEAR:
            best = sorted(own, reverse=True)[:NEAR]
            near[lane] = {share: own[share] for share in best}
            bars[lane] = best[-1]
