"""Scores: what is kept of a lane's output besides the verdict, made where the output lies.

A score is a row of `SCORE_WORDS` words: the output's height and width, how many of its cells are
those of the expected output, and a hash of it. The hash is MurmurHash3 (x86, 128 bits, seed 0) of
the 32-bit integers height, width and the cells, row by row, lowest byte first: two outputs are
equal exactly where their hashes are, on every machine and backend, short of a chance of 2^-128.

Machine integers have 64 bits here and wrap; those of Python do not. So each 32-bit number is kept
in its range, and of a product that wraps the low 32 bits are still right.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.primitives.row import compiled
from pipeline.primitives.words import Memory, height, is_grid, is_reference, origin, width

S_HEIGHT: Final = 0
"""0 where the lane failed, as the width and the hash are."""
S_WIDTH: Final = 1
S_SAME: Final = 2
"""How many cells are as expected; -1 where none is expected, its shape is another, or the lane
failed."""
S_LOW: Final = 3
"""The first 8 bytes of the hash, and the last."""
S_HIGH: Final = 4
SCORE_WORDS: Final = 5

SCORE: Final = np.dtype(
    [("height", np.int64), ("width", np.int64), ("same", np.int64), ("hash", np.uint64, 2)]
)
"""A score's words, as an element of an array."""

M32: Final = 0xFFFFFFFF
SIGN: Final = 0x80000000
C1: Final = 0x239B961B
C2: Final = 0xAB0E9789
C3: Final = 0x38B34AE5
C4: Final = 0xA1E38B93


@compiled
def put_score(m: Memory, out: int, word: int, expected: int) -> None:
    """Write the score of an output; a word that is no grid has failed, or is not expected."""
    heap = m.heap
    heap[out + S_HEIGHT] = 0
    heap[out + S_WIDTH] = 0
    heap[out + S_SAME] = -1
    heap[out + S_LOW] = 0
    heap[out + S_HIGH] = 0
    if is_grid(m, word):
        low, high = hash_of(m, word)
        heap[out + S_HEIGHT] = height(m, word)
        heap[out + S_WIDTH] = width(m, word)
        heap[out + S_SAME] = same_cells(m, word, expected)
        heap[out + S_LOW] = low
        heap[out + S_HIGH] = high


@compiled
def same_cells(m: Memory, grid: int, other: int) -> int:
    """How many cells of a grid are those of another; -1 where that is none, or of another shape."""
    if not is_reference(other):
        return -1
    rows, columns = height(m, grid), width(m, grid)
    if height(m, other) != rows or width(m, other) != columns:
        return -1
    a, b = origin(grid), origin(other)
    same = 0
    for k in range(rows * columns):
        if m.colours[a + k] == m.colours[b + k]:
            same += 1
    return same


@compiled
def hash_of(m: Memory, grid: int) -> tuple[int, int]:
    """The two words of a grid's hash, its bytes from the lowest on."""
    colours = m.colours
    a, b = height(m, grid), width(m, grid)
    count = 2 + a * b
    place = origin(grid)
    end = place + a * b
    h1, h2, h3, h4 = 0, 0, 0, 0
    while place + 1 < end:
        c, d = colours[place] & M32, colours[place + 1] & M32
        h1, h2, h3, h4 = mixed(h1, h2, h3, h4, a, b, c, d)
        a, b = 0, 0
        if place + 2 < end:
            a = colours[place + 2] & M32
        if place + 3 < end:
            b = colours[place + 3] & M32
        place += 4
    c = 0
    if place < end:
        c = colours[place] & M32
    # What is not there is 0, which changes nothing.
    h1, h2, h3, h4 = _scrambled(h1, h2, h3, h4, a, b, c, 0)
    return ended(h1, h2, h3, h4, 4 * count)


@compiled
def mixed(
    h1: int, h2: int, h3: int, h4: int, a: int, b: int, c: int, d: int
) -> tuple[int, int, int, int]:
    """The state after a block of 16 bytes."""
    h1 ^= _scramble(a, C1, 15, C2)
    h1 = (((_turned(h1, 19) + h2) & M32) * 5 + 0x561CCD1B) & M32
    h2 ^= _scramble(b, C2, 16, C3)
    h2 = (((_turned(h2, 17) + h3) & M32) * 5 + 0x0BCAA747) & M32
    h3 ^= _scramble(c, C3, 17, C4)
    h3 = (((_turned(h3, 15) + h4) & M32) * 5 + 0x96CD1C35) & M32
    h4 ^= _scramble(d, C4, 18, C1)
    h4 = (((_turned(h4, 13) + h1) & M32) * 5 + 0x32AC3B17) & M32
    return h1, h2, h3, h4


@compiled
def _scrambled(
    h1: int, h2: int, h3: int, h4: int, a: int, b: int, c: int, d: int
) -> tuple[int, int, int, int]:
    """The state after the bytes behind the last whole block."""
    h1 ^= _scramble(a, C1, 15, C2)
    h2 ^= _scramble(b, C2, 16, C3)
    h3 ^= _scramble(c, C3, 17, C4)
    h4 ^= _scramble(d, C4, 18, C1)
    return h1, h2, h3, h4


@compiled
def ended(h1: int, h2: int, h3: int, h4: int, length: int) -> tuple[int, int]:
    """The hash of so many bytes."""
    h1, h2, h3, h4 = _summed(h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length)
    h1, h2, h3, h4 = _summed(_spread(h1), _spread(h2), _spread(h3), _spread(h4))
    return _joined(h1, h2), _joined(h3, h4)


@compiled
def _summed(h1: int, h2: int, h3: int, h4: int) -> tuple[int, int, int, int]:
    total = (h1 + h2 + h3 + h4) & M32
    return total, (h2 + total) & M32, (h3 + total) & M32, (h4 + total) & M32


@compiled
def _spread(h: int) -> int:
    """Let every bit of 32 change every other."""
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & M32
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & M32
    return h ^ (h >> 16)


@compiled
def _scramble(k: int, before: int, bits: int, after: int) -> int:
    return (_turned((k * before) & M32, bits) * after) & M32


@compiled
def _turned(k: int, bits: int) -> int:
    """The 32 bits of a number, turned left."""
    return ((k << bits) | (k >> (32 - bits))) & M32


@compiled
def _joined(low: int, high: int) -> int:
    """One signed word of two 32-bit numbers."""
    return (((high ^ SIGN) - SIGN) << 32) | low
