"""A heap in which compiled functions run as the plain Python that they are.

    memory = PlainMemory()
    word = memory.put((1, (2, 3)), CELL)
    assert compare(memory.m, word, word) == 0

Nothing here is compiled, so a test can look at what is written where.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.ir.types import UNIONS, Type
from pipeline.kernels.heap import HEADER, SCRATCH, TOP, Heap
from pipeline.primitives.words import Memory
from tests.values import random_value

UNTOUCHED = -987_654_321
"""What stands in words that nobody has written."""


class Places:
    """An array as compiled code sees it: plain integers, and no place before the first."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __getitem__(self, place: int) -> int:
        assert place >= 0, f"a word at {place} is read"
        value: int = self.array.item(place)
        return value

    def __setitem__(self, place: int, value: int) -> None:
        assert place >= 0, f"a word at {place} is written"
        self.array[place] = value


class PlainMemory:
    """A heap, and the memory that compiled functions get."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS, words: int = 1 << 15) -> None:
        self.heap = Heap(words, limits)
        self.heap.words[HEADER:] = UNTOUCHED
        sizes = (limits.elements, limits.cells, limits.integer, limits.total, limits.turns)
        arrays = Places(self.heap.words), Places(self.heap.colours)
        self.m = Memory(*arrays, SCRATCH, *sizes, state=0, rank=0, team=1)

    @property
    def top(self) -> int:
        """The first free word."""
        return int(self.heap.words[TOP])

    def put(self, value: Any, type_: Type) -> int:
        """The word of a plain value."""
        return self.heap.encode(value, type_)

    def put_words(self, words: list[int]) -> int:
        """Where these words now stand, one after another."""
        return self.heap.put_all(words)

    def words(self, place: int, count: int) -> list[int]:
        """The words at a place."""
        return [int(word) for word in self.heap.words[place : place + count]]

    def plain(self, words: list[int]) -> list[Any]:
        """The plain values of words."""
        return [self.heap.decode(word) for word in words]

    def copy(self) -> list[int]:
        """All words but the scratch."""
        return self.words(HEADER, len(self.heap.words) - HEADER)


def drawn(rng: random.Random, type_: Type, scale: int = 4) -> Any:
    """A random value, of a type that may be or hold one of two types."""
    if type_ in UNIONS:
        return drawn(rng, rng.choice(UNIONS[type_]), scale)
    if not any(union.text in type_.text for union in UNIONS):
        return random_value(rng, type_, scale)
    if type_.head == "Two":
        return tuple(drawn(rng, part, scale) for part in type_.args)
    parts = [drawn(rng, type_.args[0], scale) for _ in range(rng.randint(0, scale))]
    return tuple(parts) if type_.head == "Tuple" else frozenset(parts)
