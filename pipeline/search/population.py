"""A population: the programs of one puzzle that parents are chosen from, one for each behaviour.

Two programs with the same output on the first sample are of one behaviour, and the smaller one
stands for both, so a population is as many different outputs. Parents are drawn by tournament: by
train samples right, by what outputs gain over copying the input, by size; less, the more of a
parent's neighbourhood was tried.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from pipeline.search.drafts import Draft

MOST_MEMBERS: Final = 160
MOST_SEEN: Final = 8_192
TOURNAMENT: Final = 4
TRIED_ALL: Final = -1
TIRED: Final = 0.03
"""How much gain a parent loses for each thousand changes that were tried."""


@dataclass(slots=True)
class Member:
    """A program and what became of it. tried: how many changes of its neighbourhood were tried, or
    `TRIED_ALL`. edit, parent: how it was made, and the text that it was made of.
    """

    draft: Draft
    text: str
    edit: str = ""
    parent: str = ""
    tried: int = 0
    behaviour: bytes = b""
    gain: float = -1.0
    right: int = 0

    @property
    def rank(self) -> tuple[float, ...]:
        """More is better."""
        return self.right, self.gain, -self.draft.size


@dataclass(slots=True)
class Population:
    """The members, by behaviour, and the behaviours that were ever seen, the oldest first."""

    members: dict[bytes, Member] = field(default_factory=dict)
    seen: dict[bytes, None] = field(default_factory=dict)

    def add(self, member: Member) -> None:
        """Let a program in; of a behaviour that is there the smaller one stays."""
        self.see(member.behaviour)
        known = self.members.get(member.behaviour)
        if known is None or (member.rank, known.text) > (known.rank, member.text):
            self.members[member.behaviour] = member
        if len(self.members) > MOST_MEMBERS:
            worst = min(self.members.values(), key=lambda m: (*m.rank, m.text))
            del self.members[worst.behaviour]

    def see(self, behaviour: bytes) -> None:
        """Note a behaviour; the oldest is forgotten where there are too many."""
        self.seen[behaviour] = None
        if len(self.seen) > MOST_SEEN:
            del self.seen[next(iter(self.seen))]

    @property
    def bar(self) -> float:
        """The gain from which on a new behaviour is worth a look at all samples."""
        if len(self.members) < MOST_MEMBERS // 2:
            return -0.95
        middle = sorted([member.gain for member in self.members.values()])
        return min(middle[len(middle) // 2], 0.99)

    def parents(self, rng: random.Random, count: int) -> list[Member]:
        """Members whose neighbourhood is not tried all, drawn by tournament, each once."""
        left = [m for m in self.members.values() if m.tried != TRIED_ALL]
        chosen: list[Member] = []
        while left and len(chosen) < count:
            some = rng.sample(range(len(left)), min(TOURNAMENT, len(left)))
            best = max(some, key=lambda k: (_appeal(left[k]), left[k].text))
            chosen.append(left.pop(best))
        return chosen

    def best(self, count: int) -> list[Member]:
        """The best members."""
        return sorted(self.members.values(), key=lambda m: (*m.rank, m.text))[::-1][:count]


def _appeal(member: Member) -> tuple[float, ...]:
    return member.right + member.gain - TIRED * member.tried / 1_000, -member.draft.size
