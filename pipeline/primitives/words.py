"""Words: how a compiled row function sees values, and the functions that read and make them.

Every value is one 64-bit word, and a word says by itself what it is:

    integers, truth values   -(2^20 - 1) .. 2^20 - 1
    pairs (i, j)             2^21 .. 2^42:  (i + 2^20) << 21 | (j + 2^20)
    cells (c, (i, j))        2^42 .. 2^63:  the pair << 21 | (c + 2^20), 0 for a missing colour
    MISSING                  -2^21: None, what `index` gives outside its grid
    (None, j), (i, None)     -2^22 + j + 2^20, -2^30 + i + 2^20; (None, None): -2^20
    NIL                      2^20: `()` where a pair or another two-tuple is expected
    failures                 -2^22 and below, to -2^30 + 2^21: `EMPTY` and its like
    references               -2^30 and below: where in the heap the value starts

The *heap* is one array of words. A container is a header and its elements' words; a two-tuple that
is neither pair nor cell is one with two elements. A grid is a header and its cells, two to a word:
`m.colours` is the heap seen as 32-bit integers. Nothing in the heap changes once it is made, so a
value is copied by copying its word. A grid in which a cell is missing has a header of its own.

The order of words is canonical order for integers, pairs and cells, and integers come before pairs
before cells: sets of them are ascending words, and a value of one of two types needs no tag. What
is missing, or is a pair or `()` in whose place something is, comes before them: the first element
of a set of pairs or cells tells whether all of them are. One
row function serves all types of elements, which is why there are words, and not a store for each
type: the 169 operations of the published verifiers and our solvers stand there with 1,067
combinations of types (counted), and each kernel takes 0.3 s to compile.

A compiled function (see `row.compiled`) gets a `Memory` as its first argument, and takes and gives
words. It allocates nothing: what it makes goes to the heap at `out` and the words after it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pipeline.primitives.row import compiled

FIELD: Final = 21
BIAS: Final = 1 << 20
MASK: Final = (1 << 21) - 1
FIRST_PAIR: Final = 1 << 21
FIRST_CELL: Final = 1 << 42
MISSING: Final = -(1 << 21)
NO_PAIR: Final = -(1 << 20)
NIL: Final = 1 << 20
FAILED: Final = -(1 << 22)
REFERENCES: Final = -(1 << 30)
NO_COLUMN: Final = REFERENCES
FAILURES_END: Final = NO_COLUMN + (1 << 21)

TUPLE: Final = 0
SET: Final = 1
GRID: Final = 2
HOLED: Final = 3
"""In the header of a grid in which a cell is missing: `kind_of` says GRID of it too."""

EMPTY: Final = FAILED - 1
NONE: Final = FAILED - 2
SHAPE: Final = FAILED - 3
ZERO: Final = FAILED - 4
NO_MATCH: Final = FAILED - 5
RANGE: Final = FAILED - 6
ELEMENTS: Final = FAILED - 7
CELLS: Final = FAILED - 8
INTEGER: Final = FAILED - 9
TOTAL: Final = FAILED - 10
TURNS: Final = FAILED - 11
UNBOUND: Final = FAILED - 12
ORDER: Final = FAILED - 13
TYPE: Final = FAILED - 14
UNUSED: Final = FAILED - 15
"""What ends a statement of which nobody uses the value; no lane ends with it."""

REASON_CODES: Final = {
    "EMPTY": 1,
    "NONE": 2,
    "SHAPE": 3,
    "ZERO": 4,
    "NO_MATCH": 5,
    "RANGE": 6,
    "ELEMENTS": 7,
    "CELLS": 8,
    "INTEGER": 9,
    "TOTAL": 10,
    "TURNS": 11,
    "UNBOUND": 12,
    "ORDER": 13,
    "TYPE": 14,
}
"""The failure of a reason is `FAILED` less its code; loops subtract 32 times the operation."""


class Memory(NamedTuple):
    """What a compiled function works on.

    heap: int64, all words; colours: the same memory as int32. scratch: where 640 words lie that
    `sorting.compare` may use. The limits: most elements of a container, cells of a grid, largest
    integer, most elements in total, most turns. state: where the state of the run begins; rank,
    team: which of how many threads this is (see `kernels.team`).
    """

    heap: Any
    colours: Any
    scratch: int
    elements: int
    cells: int
    integer: int
    total: int
    turns: int
    state: int
    rank: int
    team: int


# -- failures


@compiled
def has_failed(word: int) -> bool:
    """Whether a word is a failure."""
    return word > FAILURES_END and word <= FAILED


# -- integers, pairs and cells


@compiled
def integer(m: Memory, value: int) -> int:
    """An integer's word, or INTEGER where it is over the limit."""
    if -m.integer <= value and value <= m.integer:
        return value
    return INTEGER


@compiled
def pair(m: Memory, i: int, j: int) -> int:
    """The word of (i, j), or INTEGER."""
    if -m.integer <= i and i <= m.integer and -m.integer <= j and j <= m.integer:
        return ((i + BIAS) << FIELD) | (j + BIAS)
    return INTEGER


@compiled
def cell(m: Memory, colour: int, i: int, j: int) -> int:
    """The word of (colour, (i, j)), or INTEGER."""
    location = pair(m, i, j)
    if location < 0 or colour < -m.integer or colour > m.integer:
        return INTEGER
    return (location << FIELD) | (colour + BIAS)


@compiled
def is_integer(word: int) -> bool:
    """Whether it is an integer or a truth value."""
    return word > -BIAS and word < BIAS


@compiled
def is_pair(word: int) -> bool:
    """Whether it is a pair of integers."""
    return word >= FIRST_PAIR and word < FIRST_CELL


@compiled
def is_cell(word: int) -> bool:
    """Whether it is a cell."""
    return word >= FIRST_CELL


@compiled
def location_of(word: int) -> int:
    """The pair of a cell; a pair is its own."""
    if word >= FIRST_CELL:
        return word >> FIELD
    return word


@compiled
def row_of(word: int) -> int:
    """The i of a pair or a cell."""
    return (location_of(word) >> FIELD) - BIAS


@compiled
def column_of(word: int) -> int:
    """The j of a pair or a cell."""
    return (location_of(word) & MASK) - BIAS


@compiled
def colour_of(word: int) -> int:
    """The colour of a cell, or MISSING."""
    return (word & MASK) - BIAS if (word & MASK) != 0 else MISSING


@compiled
def with_colour(location: int, colour: int) -> int:
    """The cell of this colour, which is within the limits or MISSING, at a pair."""
    return (location << FIELD) | (colour + BIAS if colour != MISSING else 0)


@compiled
def is_missing(word: int) -> bool:
    """Whether it is None, or a pair with a None in it; not `()`, nor a cell without a colour."""
    return word > REFERENCES and word <= NO_PAIR


# -- what lies in the heap


@compiled
def is_reference(word: int) -> bool:
    """Whether the value lies in the heap: a container, a grid, another two-tuple."""
    return word <= REFERENCES


@compiled
def kind_of(m: Memory, word: int) -> int:
    """TUPLE, SET or GRID, of a reference."""
    return min(m.heap[REFERENCES - word] & 3, GRID)


@compiled
def is_grid(m: Memory, word: int) -> bool:
    """Whether the value is a grid."""
    return word <= REFERENCES and (m.heap[REFERENCES - word] & GRID) != 0


@compiled
def is_holed(m: Memory, word: int) -> bool:
    """Whether the value is a grid in which a cell is missing."""
    return word <= REFERENCES and (m.heap[REFERENCES - word] & 3) == HOLED


@compiled
def length(m: Memory, word: int) -> int:
    """How many elements a container has."""
    return m.heap[REFERENCES - word] >> 2


@compiled
def start(word: int) -> int:
    """Where the elements of a container begin: the first is `m.heap[start(word)]`."""
    return REFERENCES - word + 1


@compiled
def height(m: Memory, grid: int) -> int:
    """The rows of a grid."""
    return m.heap[REFERENCES - grid] >> 32


@compiled
def width(m: Memory, grid: int) -> int:
    """The columns of a grid."""
    return (m.heap[REFERENCES - grid] & 0xFFFFFFFF) >> 2


@compiled
def origin(grid: int) -> int:
    """Where the cells of a grid begin: (i, j) is `m.colours[origin(grid) + i * width + j]`."""
    return 2 * (REFERENCES - grid + 1)


@compiled
def area(m: Memory, grid: int) -> int:
    """What a grid counts: its cells; a row without cells counts as one."""
    return height(m, grid) * max(1, width(m, grid))


@compiled
def is_patch(m: Memory, word: int) -> bool:
    """Whether it is a container of pairs or cells, with nothing else in it; a tuple of integers is
    let pass where its length is asked for. Of a set the first element tells.
    """
    if not is_reference(word):
        return False
    first = start(word)
    end = first + length(m, word)
    if kind_of(m, word) == SET:
        return first == end or m.heap[first] >= FIRST_PAIR
    for k in range(first, end):
        if m.heap[k] < FIRST_PAIR:
            return is_integer(m.heap[first])
    return True


@compiled
def is_ragged(m: Memory, word: int) -> bool:
    """Whether it is a tuple of tuples, as stands where a ragged grid is."""
    if not is_reference(word) or kind_of(m, word) != TUPLE or length(m, word) == 0:
        return False
    return not is_integer(m.heap[start(word)]) and m.heap[start(word)] != MISSING


@compiled
def rows_area(m: Memory, word: int) -> int:
    """What a grid counts that may be ragged."""
    if is_grid(m, word):
        return area(m, word)
    count = 0
    for k in range(start(word), start(word) + length(m, word)):
        count += max(1, length(m, m.heap[k]))
    return count


# -- making


@compiled
def list_words(count: int) -> int:
    """How many words a container takes whose elements are written once and in order."""
    return 1 + count


@compiled
def set_words(count: int) -> int:
    """How many words `sorting.put_set` takes for so many elements, repeated ones counted."""
    return 1 + 2 * count


@compiled
def grid_words(height: int, width: int) -> int:
    """How many words a grid takes."""
    return 1 + (height * width + 1) // 2


@compiled
def put_list(m: Memory, out: int, kind: int, count: int) -> tuple[int, int]:
    """Head a container, TUPLE or SET, whose elements stand from `out + 1` on.

    Gives its word and the place behind it.
    """
    m.heap[out] = (count << 2) | kind
    return REFERENCES - out, out + 1 + count


@compiled
def put_grid(m: Memory, out: int, height: int, width: int) -> tuple[int, int]:
    """Head a grid whose cells stand, or will, from `m.colours[2 * (out + 1)]` on.

    Gives its word and the place behind it.
    """
    m.heap[out] = (height << 32) | (width << 2) | GRID
    return REFERENCES - out, out + grid_words(height, width)


@compiled
def put_holed(m: Memory, grid: int) -> None:
    """Say of a grid that was just made whether a cell is missing in it."""
    first = origin(grid)
    for k in range(first, first + height(m, grid) * width(m, grid)):
        if m.colours[k] == MISSING:
            m.heap[REFERENCES - grid] |= HOLED
            return


@compiled
def packs(a: int, b: int) -> bool:
    """Whether two values make a pair or a cell, which take no words of the heap."""
    return (is_integer(a) or a == MISSING) and (is_integer(b) or is_pair(b) or b == MISSING)


@compiled
def packed(a: int, b: int) -> int:
    """The word of two values that make a pair or a cell."""
    if is_pair(b):
        return with_colour(b, a)
    if a == MISSING:
        return NO_PAIR if b == MISSING else FAILED + b + BIAS
    return NO_COLUMN + a + BIAS if b == MISSING else ((a + BIAS) << FIELD) | (b + BIAS)


@compiled
def put_two(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    """The two-tuple (a, b): a pair's or cell's word where it is one, else in the heap (3 words).

    Gives its word and the place behind it.
    """
    if packs(a, b):
        return packed(a, b), out
    m.heap[out] = (2 << 2) | TUPLE
    m.heap[out + 1] = a
    m.heap[out + 2] = b
    return REFERENCES - out, out + 3


@compiled
def first_of_two(m: Memory, word: int) -> int:
    """The first part of a two-tuple."""
    if word >= FIRST_CELL:
        return colour_of(word)
    if word >= FIRST_PAIR:
        return (word >> FIELD) - BIAS
    if word <= REFERENCES:
        return m.heap[REFERENCES - word + 1]
    return word - NO_COLUMN - BIAS if word < FAILED else MISSING


@compiled
def second_of_two(m: Memory, word: int) -> int:
    """The second part of a two-tuple."""
    if word >= FIRST_CELL:
        return word >> FIELD
    if word >= FIRST_PAIR:
        return (word & MASK) - BIAS
    if word <= REFERENCES:
        return m.heap[REFERENCES - word + 2]
    return word - FAILED - BIAS if word > FAILED and word < MISSING else MISSING
