"""A round of a focused search: one puzzle, its own population, so many programs.

A round depends on the population before it, the puzzle, the vocabulary and a seed, and on nothing
else, so a search that goes on from a stored population ends as one that was never interrupted.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from pipeline.frontend.parse import parse_text
from pipeline.search.candidate_rows import rows_of
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.edits import EDITS, apply
from pipeline.search.enumeration import Enumeration
from pipeline.search.families import Family, LineChange
from pipeline.search.offspring import Offspring
from pipeline.search.population import TRIED_ALL, Member, Population
from pipeline.search.puzzles import Gaining, Puzzle
from pipeline.search.stages import FAILED, Judge, Judged, Promising, judged_of
from pipeline.search.typed_lines import Shapes
from pipeline.search.vocabulary import Vocabulary

PARENTS: Final = 6
SAMPLED: Final = 0.15
"""The part of a round's programs that are two edits away from a member."""

A_CHILD: Final = 48
"""How many second edits are tried of what one first edit gives."""

MOST_KEPT: Final = 60
"""Of the programs of a round, how many get into the population at most."""

A_KIND: Final = 2_000
"""Of how many changes of a kind one is drawn."""

MOST_TURNS: Final = 40


@dataclass(frozen=True, slots=True)
class FocusRound:
    """What a round came to: programs that are right on all train samples, as members; how many
    programs were tried, and how many values they had that were not known.
    """

    found: tuple[Member, ...]
    programs: int
    values: int


def run_round(
    judge: Judge,
    population: Population,
    puzzle: Puzzle,
    vocabulary: Vocabulary,
    seed: str,
    programs: int,
) -> FocusRound:
    """Try programs of a population's neighbourhoods; the population takes in the best."""
    rng = random.Random(seed)
    parents = population.parents(rng, PARENTS)
    made = Offspring(vocabulary)
    share = int(programs * (1 - SAMPLED)) // max(1, len(parents))
    for parent in parents:
        count = made.add_neighbours(parent.draft, parent.text, parent.tried, share)
        parent.tried = parent.tried + count if count == share else TRIED_ALL
    members = population.best(len(population.members))
    _add_sampled(made, members, rng, programs)
    lines = judge.lines
    judged = judge.judge(made.rows, promising_in(population))
    return FocusRound(take(population, made, judged), len(made), judge.lines - lines)


def _add_sampled(
    made: Offspring, members: Sequence[Member], rng: random.Random, programs: int
) -> None:
    """Add programs two edits away from members, the better ones more often, until there are so
    many.
    """
    vocabulary = made.vocabulary
    kinds = list(EDITS)
    for _ in range(MOST_TURNS if members else 0):
        if len(made) >= programs:
            break
        member = members[min(int(rng.expovariate(4 / len(members))), len(members) - 1)]
        first, second = rng.choice(kinds), rng.choice(kinds)
        changes = SomeChanges(EDITS[first].families(member.draft, vocabulary), A_KIND)
        if not len(changes):
            continue
        child = apply(changes.change(rng.randrange(len(changes))), member.draft, vocabulary)
        child = None if child is None else settled(child, vocabulary.shapes)
        if child is None:
            continue
        inner = SomeChanges(EDITS[second].families(child, vocabulary), A_KIND)
        count = min(A_CHILD, len(inner), programs - len(made))
        drawn = sorted(rng.sample(range(len(inner)), count))
        for family, chosen in inner.chosen(np.array(drawn, np.int64)):
            made.add_changes(child, family, chosen, f"{first}, {second}", member.text)


class SomeChanges:
    """The first changes of families, so many at most."""

    def __init__(self, families: Iterable[Family], most: int) -> None:
        self._families: list[Family] = []
        self._ends: list[int] = []
        count = 0
        for family in families:
            if count >= most:
                break
            count = min(most, count + len(family))
            self._families.append(family)
            self._ends.append(count)
        self._count = count

    def __len__(self) -> int:
        return self._count

    def change(self, k: int) -> LineChange:
        """Change number k."""
        at = bisect_right(self._ends, k)
        return self._families[at].change(k - (self._ends[at - 1] if at else 0))

    def chosen(self, places: np.ndarray) -> Iterator[tuple[Family, np.ndarray]]:
        """Some changes, by their ascending numbers: those of each family that has some."""
        begin = 0
        for family, end in zip(self._families, self._ends, strict=True):
            own = places[(places >= begin) & (places < end)]
            if len(own):
                yield family, own - begin
            begin = end


def settled(draft: Draft, shapes: Shapes) -> Draft | None:
    """The draft as its text is read: the registers in order, equal lines one."""
    program, found = parse_text(text_of(draft), "candidate")
    return None if program is None or found else draft_of(program, shapes)


class ManyMade(Protocol):
    """Programs that were made: see `Offspring`."""

    vocabulary: Vocabulary

    def __len__(self) -> int: ...

    def draft(self, k: int) -> Draft | None:
        """Program k; None where it is none that anybody reads."""

    def edit(self, k: int) -> str:
        """How it was made."""

    def parent(self, k: int) -> str:
        """Of what it was made."""


def first_round(
    enumeration: Enumeration,
    population: Population,
    puzzle: Puzzle,
    vocabulary: Vocabulary,
    programs: int,
) -> FocusRound:
    """Try programs that are made bottom up; the population takes in the best."""
    found = enumeration.run(puzzle, vocabulary, programs)
    judged = judged_of(
        Gaining(puzzle.train).of(found.same), found.behaviour, promising_in(population)
    )
    return FocusRound(take(population, found, judged), found.programs, found.values)


def promising_in(population: Population) -> Promising:
    """Which candidates a population wants to know more of: those of new behaviours."""
    bar, seen = population.bar, population.seen

    def promising(gain: np.ndarray, behaviour: np.ndarray) -> np.ndarray:
        fresh = np.zeros(len(gain), bool)
        own: set[bytes] = set()
        for k in np.flatnonzero(gain >= bar).tolist():
            key = behaviour[k].tobytes()
            if key not in seen and key not in own:
                fresh[k] = True
                own.add(key)
        return fresh

    return promising


def take(population: Population, made: ManyMade, judged: Judged) -> tuple[Member, ...]:
    """Let the best new behaviours into a population; gives what is right on all train samples."""
    found = np.flatnonzero(judged.solved).tolist()
    solved = [_member(made, k, judged) for k in found]
    for k in _best_new(judged.whole, judged.behaviour, population.seen):
        member = _member(made, k, judged)
        if member is not None:
            population.add(member)
    for k in np.flatnonzero(judged.whole > FAILED).tolist():
        population.see(judged.behaviour[k].tobytes())
    return tuple([m for m in solved if m is not None])


def _best_new(whole: np.ndarray, behaviour: np.ndarray, seen: dict[bytes, None]) -> Iterator[int]:
    """The places of the best candidates of behaviours that are new, each once."""
    own: set[bytes] = set()
    for k in np.argsort(-whole, kind="stable").tolist():
        key = behaviour[k].tobytes()
        if whole[k] <= FAILED or len(own) == MOST_KEPT:
            return
        if key not in seen and key not in own:
            own.add(key)
            yield k


def _member(made: ManyMade, k: int, judged: Judged) -> Member | None:
    draft = made.draft(k)
    draft = None if draft is None else settled(draft, made.vocabulary.shapes)
    if draft is None:
        return None
    behaviour, gain = judged.behaviour[k].tobytes(), float(judged.whole[k])
    edit, parent, right = made.edit(k), made.parent(k), int(judged.right[k])
    return Member(draft, text_of(draft), edit, parent, 0, behaviour, gain, right)


def refreshed(
    judge: Judge, puzzle: Puzzle, members: Iterable[Member], seen: Iterable[bytes]
) -> Population:
    """A population of members that are known by their texts only: judged again."""
    listed = list(members)
    population = Population()
    if listed:
        rows = rows_of([m.draft.words() for m in listed])
        judged = judge.judge(rows, lambda gain, behaviour: gain > -2)
        for k, member in enumerate(listed):
            member.behaviour = judged.behaviour[k].tobytes()
            member.gain, member.right = float(judged.whole[k]), int(judged.right[k])
    population.seen = dict.fromkeys(seen)
    for member in listed:
        population.add(member)
    return population
