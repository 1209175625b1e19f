"""A round of a focused search: one puzzle, its own population, so many programs.

A round depends on the population before it, the puzzle, the vocabulary and a seed, and on nothing
else, so a search that goes on from a stored population ends as one that was never interrupted.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from pipeline.frontend.parse import parse_text
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.edits import EDITS, apply, neighbourhood
from pipeline.search.population import TRIED_ALL, Member, Population
from pipeline.search.puzzles import Puzzle
from pipeline.search.stages import FAILED, Judge
from pipeline.search.typed_lines import Shapes
from pipeline.search.vocabulary import Vocabulary

PARENTS: Final = 6
SAMPLED: Final = 0.15
"""The part of a round's programs that are two edits away from a member."""

A_CHILD: Final = 48
"""How many second edits are tried of what one first edit gives."""

MOST_KEPT: Final = 60
"""Of the programs of a round, how many get into the population at most."""

MOST_TURNS: Final = 40


@dataclass(frozen=True, slots=True)
class Offspring:
    """A program that was made, and how."""

    draft: Draft
    edit: str
    parent: str


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
    made: list[Offspring] = []
    share = int(programs * (1 - SAMPLED)) // max(1, len(parents))
    for parent in parents:
        made += _next_changes(parent, vocabulary, share)
    members = population.best(len(population.members))
    made += _sampled(members, vocabulary, rng, programs - len(made))
    return take(judge, population, puzzle, made, vocabulary.shapes)


def _next_changes(member: Member, vocabulary: Vocabulary, count: int) -> list[Offspring]:
    """The next programs of a member's neighbourhood."""
    changes = list(
        islice(neighbourhood(member.draft, vocabulary), member.tried, member.tried + count)
    )
    member.tried = member.tried + count if len(changes) == count else TRIED_ALL
    made = []
    for change in changes:
        draft = apply(change, member.draft, vocabulary)
        if draft is not None:
            made.append(Offspring(draft, change.kind, member.text))
    return made


def _sampled(
    members: Sequence[Member], vocabulary: Vocabulary, rng: random.Random, count: int
) -> list[Offspring]:
    """Programs two edits away from members, the better ones more often."""
    made: list[Offspring] = []
    kinds = list(EDITS)
    for _ in range(MOST_TURNS if members else 0):
        if len(made) >= count:
            break
        member = members[min(int(rng.expovariate(4 / len(members))), len(members) - 1)]
        first, second = rng.choice(kinds), rng.choice(kinds)
        changes = list(islice(EDITS[first].changes(member.draft, vocabulary), 2_000))
        if not changes:
            continue
        child = apply(rng.choice(changes), member.draft, vocabulary)
        if child is None:
            continue
        child = settled(child, vocabulary.shapes)
        if child is None:
            continue
        inner = list(islice(EDITS[second].changes(child, vocabulary), 2_000))
        for change in rng.sample(inner, min(A_CHILD, len(inner))):
            draft = apply(change, child, vocabulary)
            if draft is not None:
                made.append(Offspring(draft, f"{first}, {second}", member.text))
    return made[:count]


def settled(draft: Draft, shapes: Shapes) -> Draft | None:
    """The draft as its text is read: the registers in order, equal lines one."""
    program, found = parse_text(text_of(draft), "candidate")
    return None if program is None or found else draft_of(program, shapes)


def take(
    judge: Judge,
    population: Population,
    puzzle: Puzzle,
    made: Sequence[Offspring],
    shapes: Shapes,
) -> FocusRound:
    """Judge programs; the population takes in the best new behaviours."""
    bar = population.bar
    seen = population.seen

    def promising(gain: np.ndarray, behaviour: np.ndarray) -> np.ndarray:
        fresh = np.zeros(len(gain), bool)
        own: set[bytes] = set()
        for k in np.flatnonzero(gain >= bar).tolist():
            key = behaviour[k].tobytes()
            if key not in seen and key not in own:
                fresh[k] = True
                own.add(key)
        return fresh

    lines = judge.lines
    judged = judge.judge([c.draft for c in made], promising)
    found = np.flatnonzero(judged.right == len(puzzle.train)).tolist()
    solved = [_member(made[k], judged.behaviour[k], 1.0, len(puzzle.train), shapes) for k in found]
    for k in _best_new(judged.whole, judged.behaviour, seen):
        member = _member(
            made[k], judged.behaviour[k], float(judged.whole[k]), int(judged.right[k]), shapes
        )
        if member is not None:
            population.add(member)
    for k in np.flatnonzero(judged.whole > FAILED).tolist():
        population.see(judged.behaviour[k].tobytes())
    solved_all = tuple([m for m in solved if m is not None])
    return FocusRound(solved_all, len(made), judge.lines - lines)


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


def _member(
    made: Offspring, behaviour: np.ndarray, gain: float, right: int, shapes: Shapes
) -> Member | None:
    draft = settled(made.draft, shapes)
    if draft is None:
        return None
    key = behaviour.tobytes()
    return Member(draft, text_of(draft), made.edit, made.parent, 0, key, gain, right)


def refreshed(
    judge: Judge, puzzle: Puzzle, members: Iterable[Member], seen: Iterable[bytes]
) -> Population:
    """A population of members that are known by their texts only: judged again."""
    listed = list(members)
    population = Population()
    if listed:
        judged = judge.judge([m.draft for m in listed], lambda gain, behaviour: gain > -2)
        for k, member in enumerate(listed):
            member.behaviour = judged.behaviour[k].tobytes()
            member.gain, member.right = float(judged.whole[k]), int(judged.right[k])
    population.seen = dict.fromkeys(seen)
    for member in listed:
        population.add(member)
    return population
