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
from pipeline.search.kept import NEAR, Nearby
from pipeline.search.offspring import Offspring
from pipeline.search.population import Member
from pipeline.search.puzzles import Puzzle, gains
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
        self._firsts = tuple([puzzle.train[0] for puzzle in self.puzzles])
        self._bank = ValueBank(shapes.templates, shapes.constants, load, limits, ROOM)
        self._bank.use(encoded(self._firsts))

    def step(
        self,
        name: str,
        solver: Draft,
        vocabulary: Vocabulary,
        programs: int,
        nearest: Mapping[str, float],
    ) -> TransferStep:
        """Try a solver and so many programs of its neighbourhood at most. nearest: what a program
        must gain to be near each puzzle: see `Nearest.bar`.
        """
        made = Offspring(vocabulary)
        made.add(solver, "", name)
        programs = self._afforded(solver, programs)
        made.add_neighbours(solver, name, 0, programs - 1)
        hits: dict[int, list[int]] = {}
        near: list[tuple[str, Nearby]] = []
        bars = np.array([nearest[puzzle.id] for puzzle in self.puzzles])
        values = self._bank.counts.run
        for begin in range(0, len(made), PART):
            rows = made.rows.chosen(slice(begin, begin + PART))
            same, _ = same_cells(self._bank, rows, hashed=False)
            gain = gains(same, self._firsts)
            for k, lane in np.argwhere(gain == 1).tolist():
                hits.setdefault(lane, []).append(begin + k)
            near += self._near(made, begin, gain, bars)
        found = self._judged(made, hits)
        return TransferStep(found, tuple(near), len(made), self._bank.counts.run - values)

    def _afforded(self, solver: Draft, programs: int) -> int:
        """How many programs are tried of a solver that takes much memory, which is much time: fewer
        than of others.
        """
        self._bank.empty()
        same_cells(self._bank, rows_of([solver.words()]), hashed=False)
        taken = max(FAIR_WORDS, self._bank.taken)
        return max(1, programs * FAIR_WORDS // taken)

    def _near(
        self, made: Offspring, begin: int, gain: np.ndarray, bars: np.ndarray
    ) -> Iterator[tuple[str, Nearby]]:
        """The programs that are nearer to puzzles than what is known, each gain once."""
        for lane in np.flatnonzero((gain > bars).any(axis=0)).tolist():
            best, first = np.unique(-gain[:, lane], return_index=True)
            for share, k in list(zip((-best).tolist(), first.tolist(), strict=True))[:NEAR]:
                if share <= bars[lane]:
                    break
                text, edit = text_of(made.draft(begin + k)), made.edit(begin + k)
                yield self.puzzles[lane].id, Nearby(text, edit, made.parent(begin + k), share)

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
