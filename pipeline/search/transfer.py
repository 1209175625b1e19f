"""Transfer: what is one edit away from a solver, on the first samples of all puzzles at once.

Every puzzle is a lane, so what programs share is shared by all of them; a program that is right in
a lane is then judged on the puzzle's other samples. A solver that is near a puzzle becomes a member
of its first population.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from pipeline.ir.status import Limits
from pipeline.search.drafts import Draft, text_of
from pipeline.search.edits import apply, neighbourhood
from pipeline.search.focus import settled
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

LEAST_GAIN: Final = -0.5
NEAR: Final = 12
"""How many programs a puzzle keeps that are near it."""


class Nearby(NamedTuple):
    """A program that is near a puzzle: its text, how it was made, of what, and its gain there."""

    text: str
    edit: str
    parent: str
    gain: float


@dataclass(slots=True)
class Nearest:
    """The programs that are nearest to a puzzle, the nearest first; one for each gain, as what is
    right in as many cells is mostly the same.
    """

    rows: list[Nearby] = field(default_factory=list)

    @property
    def bar(self) -> float:
        """What a program must gain to get in."""
        return self.rows[-1].gain if len(self.rows) >= NEAR else LEAST_GAIN

    def add(self, row: Nearby) -> bool:
        """Let a program in, if it is nearer than one of those that are there."""
        if row.gain <= self.bar or any(row.gain == other.gain for other in self.rows):
            return False
        self.rows = sorted([*self.rows, row], key=lambda r: (-r.gain, r.text))[:NEAR]
        return True


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
        offspring = [(solver, "")]
        programs = self._afforded(solver, programs)
        for change in islice(neighbourhood(solver, vocabulary), programs - 1):
            draft = apply(change, solver, vocabulary)
            if draft is not None:
                offspring.append((draft, change.kind))
        hits: dict[int, list[int]] = {}
        near: list[tuple[str, Nearby]] = []
        bars = np.array([nearest[puzzle.id] for puzzle in self.puzzles])
        values = self._bank.counts.run
        for begin in range(0, len(offspring), PART):
            part = offspring[begin : begin + PART]
            same, _ = same_cells(self._bank, [draft for draft, _ in part], hashed=False)
            gain = gains(same, self._firsts)
            for k, lane in np.argwhere(gain == 1).tolist():
                hits.setdefault(lane, []).append(begin + k)
            near += self._near(name, part, gain, bars)
        found = self._judged(name, offspring, hits)
        return TransferStep(found, tuple(near), len(offspring), self._bank.counts.run - values)

    def _afforded(self, solver: Draft, programs: int) -> int:
        """How many programs are tried of a solver that takes much memory, which is much time: fewer
        than of others.
        """
        self._bank.empty()
        same_cells(self._bank, [solver], hashed=False)
        taken = max(FAIR_WORDS, self._bank.taken)
        return max(1, programs * FAIR_WORDS // taken)

    def _near(
        self, name: str, part: Sequence[tuple[Draft, str]], gain: np.ndarray, bars: np.ndarray
    ) -> Iterator[tuple[str, Nearby]]:
        """The programs that are nearer to puzzles than what is known, each gain once."""
        for lane in np.flatnonzero((gain > bars).any(axis=0)).tolist():
            best, first = np.unique(-gain[:, lane], return_index=True)
            for share, k in list(zip((-best).tolist(), first.tolist(), strict=True))[:NEAR]:
                if share <= bars[lane]:
                    break
                draft, edit = part[k]
                yield self.puzzles[lane].id, Nearby(text_of(draft), edit, name, share)

    def _judged(
        self, name: str, offspring: Sequence[tuple[Draft, str]], hits: Mapping[int, Sequence[int]]
    ) -> dict[str, list[Member]]:
        """The hits that are right on all train samples of their puzzle."""
        found: dict[str, list[Member]] = {}
        for lane, places in sorted(hits.items()):
            puzzle = self.puzzles[lane]
            self.judge.begin(puzzle)
            judged = self.judge.judge(
                [offspring[k][0] for k in places], lambda gain, behaviour: gain > 1
            )
            for at in np.flatnonzero(judged.right == len(puzzle.train)).tolist():
                draft, edit = offspring[places[at]]
                whole = settled(draft, self.shapes)
                if whole is not None:
                    key = judged.behaviour[at].tobytes()
                    member = Member(
                        whole, text_of(whole), edit, name, 0, key, 1.0, len(puzzle.train)
                    )
                    found.setdefault(puzzle.id, []).append(member)
        return found
