"""Lines: the locations around a location, and the lines and frontiers through it."""

from __future__ import annotations

from typing import Any, Final

from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    ELEMENTS,
    FIELD,
    INTEGER,
    SET,
    Memory,
    column_of,
    list_words,
    pair,
    put_list,
    row_of,
)

FAR = 42  # how many steps a ray goes
SIDE = 30  # how long a frontier is

_BESIDE: Final = 0b010_101_010
_ASLANT: Final = 0b101_000_101


@compiled
def room(m: Memory, count: int) -> int:
    """How many words a set written in order takes, or ELEMENTS where it has too many elements."""
    return ELEMENTS if count > m.elements else list_words(count)


@compiled
def _put_around(m: Memory, out: int, loc: int, places: int) -> tuple[int, int]:
    """Those of the 3 x 3 locations around one whose bits, row by row, are set."""
    heap = m.heap
    i, j = row_of(loc), column_of(loc)
    if pair(m, i - 1, j - 1) < 0 or pair(m, i + 1, j + 1) < 0:
        return INTEGER, out
    at = out + 1
    for k in range(9):
        if (places >> k) & 1:
            heap[at] = loc + ((k // 3 - 1) << FIELD) + k % 3 - 1
            at += 1
    return put_list(m, out, SET, at - out - 1)


@compiled
def _four_words(m: Memory, loc: int) -> int:
    return room(m, 4)


@primitive(
    "Pair -> Indices",
    examples=(
        "dneighbors((1, 1)) == frozenset({(0, 1), (2, 1), (1, 0), (1, 2)})",
        "dneighbors((0, 0)) == frozenset({(-1, 0), (1, 0), (0, -1), (0, 1)})",
    ),
    laws=("adjacent(dneighbors(loc), frozenset({loc}))", "size(dneighbors(loc)) == 4"),
    computes=True,
    total=True,
    leads=("loc",),
)
def dneighbors(loc: tuple[int, int]) -> frozenset[Any]:
    """Collect the 4 locations above, below, left and right of one."""
    i, j = loc
    return frozenset(((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)))


@native(dneighbors, words=_four_words)
def _dneighbors(m: Memory, out: int, loc: int) -> tuple[int, int]:
    return _put_around(m, out, loc, _BESIDE)


@primitive(
    "Pair -> Indices",
    examples=(
        "ineighbors((1, 1)) == frozenset({(0, 0), (0, 2), (2, 0), (2, 2)})",
        "ineighbors((0, 0)) == frozenset({(-1, -1), (-1, 1), (1, -1), (1, 1)})",
    ),
    laws=("ineighbors(loc) == corners(neighbors(loc))",),
    computes=True,
    total=True,
    leads=("loc",),
)
def ineighbors(loc: tuple[int, int]) -> frozenset[Any]:
    """Collect the 4 locations that touch one at a corner."""
    i, j = loc
    return frozenset(((i - 1, j - 1), (i - 1, j + 1), (i + 1, j - 1), (i + 1, j + 1)))


@native(ineighbors, words=_four_words)
def _ineighbors(m: Memory, out: int, loc: int) -> tuple[int, int]:
    return _put_around(m, out, loc, _ASLANT)


@primitive(
    "Pair -> Indices",
    examples=(
        "size(neighbors((5, 5))) == 8",
        "contained((-1, -1), neighbors((0, 0))) == True",
    ),
    laws=(
        "neighbors(loc) == combine(dneighbors(loc), ineighbors(loc))",
        "neighbors(loc) == outbox(frozenset({loc}))",
    ),
    computes=True,
    total=True,
    leads=("loc",),
)
def neighbors(loc: tuple[int, int]) -> frozenset[Any]:
    """Collect the 8 locations around one."""
    return dneighbors(loc) | ineighbors(loc)


@compiled
def _neighbors_words(m: Memory, loc: int) -> int:
    return room(m, 8)


@native(neighbors, words=_neighbors_words)
def _neighbors(m: Memory, out: int, loc: int) -> tuple[int, int]:
    return _put_around(m, out, loc, _BESIDE | _ASLANT)


@compiled
def _steps(di: int, dj: int) -> int:
    """How many steps a line of this extent takes, or -1 if it is not straight or diagonal."""
    return max(abs(di), abs(dj)) if di == 0 or dj == 0 or abs(di) == abs(dj) else -1


@primitive(
    "Pair Pair -> Indices",
    examples=(
        "connect((1, 1), (1, 3)) == frozenset({(1, 1), (1, 2), (1, 3)})",
        "connect((2, 0), (0, 2)) == frozenset({(2, 0), (1, 1), (0, 2)})",
        "connect((0, 0), (1, 2)) == frozenset()",
    ),
    laws=(
        "connect(a, b) == connect(b, a)",
        "connect(a, b) == frozenset() or contained(a, connect(a, b))",
        "vline(connect(a, b)) == (a[1] == b[1])",
    ),
    capacity=lambda a, b: _steps(b[0] - a[0], b[1] - a[1]) + 1,
    computes=True,
    total=True,
)
def connect(a: tuple[int, int], b: tuple[int, int]) -> frozenset[Any]:
    """Draw the straight or diagonal line between two locations, both included.

    Shape:   Indices; empty if the line has any other slope
    """
    (i, j), (k, m) = a, b
    si, sj = (k > i) - (k < i), (m > j) - (m < j)
    return frozenset([(i + si * n, j + sj * n) for n in range(_steps(k - i, m - j) + 1)])


@compiled
def _put_line(m: Memory, out: int, i: int, j: int, k: int, n: int) -> tuple[int, int]:
    """Write the line from (i, j) to (k, n), whichever comes first of them."""
    heap = m.heap
    count = _steps(k - i, n - j) + 1
    word, last = pair(m, i, j), pair(m, k, n)
    if count > 0 and (word < 0 or last < 0):
        return INTEGER, out
    step = (((k > i) - (k < i)) << FIELD) + (n > j) - (n < j)
    if step < 0:
        word, step = last, -step
    for at in range(out + 1, out + 1 + count):
        heap[at] = word
        word += step
    return put_list(m, out, SET, count)


@compiled
def _connect_words(m: Memory, a: int, b: int) -> int:
    return room(m, _steps(row_of(b) - row_of(a), column_of(b) - column_of(a)) + 1)


@native(connect, words=_connect_words)
def _connect(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    return _put_line(m, out, row_of(a), column_of(a), row_of(b), column_of(b))


@primitive(
    "Pair Pair -> Indices",
    examples=(
        "shoot((3, 3), (0, 1)) == connect((3, 3), (3, 45))",
        "shoot((3, 3), (0, 0)) == frozenset({(3, 3)})",
        "shoot((3, 3), (1, 2)) == frozenset()",
    ),
    laws=(
        "shoot(start, direction) == shift(shoot((0, 0), direction), start)",
        "shoot(start, direction) == frozenset() or contained(start, shoot(start, direction))",
    ),
    capacity=lambda start, direction: _steps(FAR * direction[0], FAR * direction[1]) + 1,
    computes=True,
    total=True,
    leads=("direction",),
)
def shoot(start: tuple[int, int], direction: tuple[int, int]) -> frozenset[Any]:
    """Draw the line from a location to 42 times a direction away from it.

    Shape:   Indices; empty if the direction is neither straight nor diagonal
    """
    return connect(start, (start[0] + FAR * direction[0], start[1] + FAR * direction[1]))


@compiled
def _shoot_words(m: Memory, start: int, direction: int) -> int:
    return room(m, _steps(FAR * row_of(direction), FAR * column_of(direction)) + 1)


@native(shoot, words=_shoot_words)
def _shoot(m: Memory, out: int, start: int, direction: int) -> tuple[int, int]:
    i, j = row_of(start), column_of(start)
    return _put_line(m, out, i, j, i + FAR * row_of(direction), j + FAR * column_of(direction))


@primitive(
    "Pair -> Indices",
    examples=(
        "vfrontier((3, 5)) == connect((0, 5), (29, 5))",
        "contained((30, 5), vfrontier((30, 5))) == False",
    ),
    laws=(
        "vfrontier(location) == shift(vfrontier((0, 0)), (0, location[1]))",
        "size(vfrontier(location)) == 30",
    ),
    computes=True,
    total=True,
    leads=("location",),
)
def vfrontier(location: tuple[int, int]) -> frozenset[Any]:
    """Draw the column through a location, rows 0 to 29."""
    j = location[1]
    return frozenset([(i, j) for i in range(SIDE)])


@compiled
def _frontier_words(m: Memory, location: int) -> int:
    return room(m, SIDE)


@native(vfrontier, words=_frontier_words)
def _vfrontier(m: Memory, out: int, location: int) -> tuple[int, int]:
    j = column_of(location)
    return _put_line(m, out, 0, j, SIDE - 1, j)


@primitive(
    "Pair -> Indices",
    examples=(
        "hfrontier((3, 5)) == connect((3, 0), (3, 29))",
        "contained((3, 30), hfrontier((3, 30))) == False",
    ),
    laws=(
        "hfrontier(location) == shift(hfrontier((0, 0)), (location[0], 0))",
        "size(hfrontier(location)) == 30",
    ),
    computes=True,
    total=True,
    leads=("location",),
)
def hfrontier(location: tuple[int, int]) -> frozenset[Any]:
    """Draw the row through a location, columns 0 to 29."""
    i = location[0]
    return frozenset([(i, j) for j in range(SIDE)])


@native(hfrontier, words=_frontier_words)
def _hfrontier(m: Memory, out: int, location: int) -> tuple[int, int]:
    i = row_of(location)
    return _put_line(m, out, i, 0, i, SIDE - 1)
