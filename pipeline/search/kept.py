"""What a search keeps between visits: plain values, which any process and the store can hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

HASH: Final = 16
"""Bytes of a behaviour."""

LEAST_GAIN: Final = -0.5
LET_BE: Final = float("inf")
"""The gain that no program has: the bar of a puzzle that has enough programs."""
NEAR: Final = 12
"""How many programs a puzzle keeps that are near it."""


class Inhabitant(NamedTuple):
    """A member of a population, without its typed lines: see `population.Member`."""

    text: str
    edit: str
    parent: str
    tried: int
    behaviour: bytes
    gain: float
    right: int
    size: int

    @property
    def rank(self) -> tuple[float, ...]:
        """As of the member."""
        return self.right, self.gain, -self.size


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
