"""The heap of a compiled backend: its fixed places, and plain values in and out.

    0 .. HEADER         the state of a run: see the names below
    then                scratch of `compare`, constants, the program (see `engine.lower`), its slots
    then                columns, domains and values, as they are made; a block starts here anew

A *slot* is a node of the program: what it holds is where in the heap the node's column, or its
domain's record, begins. A *column* is a word for each lane of its domain.
"""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np

from pipeline.ir.status import Failure, Limits
from pipeline.ir.types import CELL, GRID, PAIR, ROWS, Type
from pipeline.primitives.canonical import ordered
from pipeline.primitives.words import (
    BIAS,
    FAILED,
    HOLED,
    MISSING,
    NIL,
    REASON_CODES,
    REFERENCES,
    SET,
    TUPLE,
    UNUSED,
    Memory,
    first_of_two,
    has_failed,
    packed,
    packs,
    second_of_two,
)
from pipeline.primitives.words import GRID as GRID_KIND

TOP: Final = 0
"""The first free word."""
END: Final = 1
"""The first word behind the heap."""
FULL: Final = 2
"""1 once a loop has found no room; the block is to be run again in parts."""
SLOTS: Final = 3
"""Where the slots begin."""
LIMITS: Final = 4
"""elements, cells, integer, total, turns."""
CONSTANTS: Final = 9
"""Where the constants begin."""
JUMP: Final = 10
"""How far a loop's kernel wants the driver to jump, in instructions; 0: on to the next."""
BASE: Final = 11
"""Where what a block makes begins: `TOP` is there again when the next one starts."""
DONE: Final = 12
"""How many blocks are done."""
SUM: Final = 13
"""What a group has made so far, by all threads of a team."""
NEXT: Final = 14
"""The number of the block that a team is at."""
SCRATCH: Final = 16
"""Room for a stack as deep as values nest: a type's text bounds it, see `passes.infer`."""
SCRATCH_WORDS: Final = 640
HEADER: Final = SCRATCH + SCRATCH_WORDS

_REASONS: Final = {code: reason for reason, code in REASON_CODES.items()} | {
    FAILED - UNUSED: "UNUSED"
}


class Heap:
    """One array of words, as a thread uses it."""

    def __init__(self, words: int, limits: Limits) -> None:
        self.words = np.empty(words, np.int64)
        self.words[:HEADER] = 0
        self.words[TOP] = HEADER
        self.words[END] = words
        self.words[LIMITS : LIMITS + 5] = limit_words(limits)
        self.colours = self.words.view(np.int32)

    def take(self, count: int) -> int:
        """The place of so many words that nobody has."""
        place = int(self.words[TOP])
        if place + count > len(self.words):
            raise MemoryError("the heap is full")
        self.words[TOP] = place + count
        return place

    def put_all(self, words: list[int] | np.ndarray) -> int:
        """Write words; gives the place of the first."""
        place = self.take(len(words))
        self.words[place : place + len(words)] = words
        return place

    # -- plain values

    def encode(self, value: Any, type_: Type) -> int:
        """The word of a plain value of this type; what it needs of the heap is written."""
        if value is None:
            return MISSING
        if value == () and type_.head == "Two":
            return NIL
        if isinstance(value, Failure):
            return FAILED - REASON_CODES[value.reason]
        if isinstance(value, int):
            return int(value)
        if type_ is GRID and len({len(row) for row in value}) > 1:
            return self.encode(value, ROWS)
        if type_ is GRID:
            return self.encode_grid(value)
        if isinstance(value, frozenset) or type_.head == "Tuple":
            kind = TUPLE if isinstance(value, tuple) else SET
            parts = [self.encode(part, _part_type(type_, part)) for part in ordered(value)]
            place = self.put_all([len(parts) << 2 | kind, *parts])
            return REFERENCES - place
        return self._encode_two(value, type_)

    def _encode_two(self, value: tuple[Any, Any], type_: Type) -> int:
        types = type_.args if type_.head == "Two" else PAIR.args
        a, b = (self.encode(part, t) for part, t in zip(value, types, strict=True))
        if packs(a, b):
            return int(packed(a, b))
        return REFERENCES - self.put_all([2 << 2 | TUPLE, a, b])

    def encode_grid(self, grid: Any) -> int:
        """The word of a grid."""
        height = len(grid)
        width = len(grid[0]) if height else 0
        place = self.take(1 + (height * width + 1) // 2)
        self.words[place] = height << 32 | width << 2 | GRID_KIND
        if height * width:
            at = 2 * (place + 1)
            cells = [MISSING if cell is None else cell for row in grid for cell in row]
            self.colours[at : at + height * width] = np.array(cells, np.int32)
            if MISSING in cells:
                self.words[place] |= HOLED
        return REFERENCES - place

    def decode(self, word: int) -> Any:
        """The plain value of a word; a failure comes as one, without its operation."""
        word = int(word)
        if has_failed(word):
            return Failure(_REASONS[(FAILED - word) & 31])
        if word > REFERENCES:
            return self._decode_leaf(word)
        place = REFERENCES - word
        header = int(self.words[place])
        if header & GRID_KIND:
            return grid_at(self.words, place)
        parts = [self.decode(w) for w in self.words[place + 1 : place + 1 + (header >> 2)]]
        return frozenset(parts) if header & 3 == SET else tuple(parts)

    def _decode_leaf(self, word: int) -> Any:
        if word == MISSING:
            return None
        if word == NIL:
            return ()
        if -BIAS < word < BIAS:
            return word
        nowhere = cast("Memory", None)  # a pair or a cell, which needs none
        return self.decode(first_of_two(nowhere, word)), self.decode(second_of_two(nowhere, word))


def limit_words(limits: Limits) -> tuple[int, ...]:
    """The limits as they stand from `LIMITS` on."""
    return limits.elements, limits.cells, limits.integer, limits.total, limits.turns


def grid_at(words: np.ndarray, place: int) -> Any:
    """The grid that stands at a place in words, as plain values."""
    header = int(words[place])
    height, width = header >> 32, (header & 0xFFFFFFFF) >> 2
    at = 2 * (place + 1)
    cells = words.view(np.int32)[at : at + height * width].reshape(height, width)
    if header & 3 == HOLED:
        return tuple(tuple(None if c == MISSING else c for c in row) for row in cells.tolist())
    return tuple(tuple(row) for row in cells.tolist())


def _part_type(type_: Type, part: Any) -> Type:
    """The type of a container's elements; a set given as one of two types says which by itself."""
    if type_.head in ("Tuple", "Set"):
        return type_.args[0]
    return CELL if isinstance(part, tuple) and isinstance(part[1], tuple) else PAIR
