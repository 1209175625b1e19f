"""Regions: sets of locations made from a location, a line, a bounding box or a grid."""

from __future__ import annotations

from typing import Any

from pipeline.primitives.cells import bounds, toindices
from pipeline.primitives.row import primitive

FAR = 42  # how many steps a ray goes
SIDE = 30  # how long a frontier is


@primitive(
    "Pair -> Indices",
    examples=(
        "dneighbors((1, 1)) == frozenset({(0, 1), (2, 1), (1, 0), (1, 2)})",
        "dneighbors((0, 0)) == frozenset({(-1, 0), (1, 0), (0, -1), (0, 1)})",
    ),
    laws=("adjacent(dneighbors(loc), frozenset({loc}))", "size(dneighbors(loc)) == 4"),
    computes=True,
    total=True,
)
def dneighbors(loc: tuple[int, int]) -> frozenset[Any]:
    """Collect the 4 locations above, below, left and right of one."""
    i, j = loc
    return frozenset(((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)))


@primitive(
    "Pair -> Indices",
    examples=(
        "ineighbors((1, 1)) == frozenset({(0, 0), (0, 2), (2, 0), (2, 2)})",
        "ineighbors((0, 0)) == frozenset({(-1, -1), (-1, 1), (1, -1), (1, 1)})",
    ),
    laws=("ineighbors(loc) == corners(neighbors(loc))",),
    computes=True,
    total=True,
)
def ineighbors(loc: tuple[int, int]) -> frozenset[Any]:
    """Collect the 4 locations that touch one at a corner."""
    i, j = loc
    return frozenset(((i - 1, j - 1), (i - 1, j + 1), (i + 1, j - 1), (i + 1, j + 1)))


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
)
def neighbors(loc: tuple[int, int]) -> frozenset[Any]:
    """Collect the 8 locations around one."""
    return dneighbors(loc) | ineighbors(loc)


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
)
def shoot(start: tuple[int, int], direction: tuple[int, int]) -> frozenset[Any]:
    """Draw the line from a location to 42 times a direction away from it.

    Shape:   Indices; empty if the direction is neither straight nor diagonal
    """
    return connect(start, (start[0] + FAR * direction[0], start[1] + FAR * direction[1]))


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
)
def vfrontier(location: tuple[int, int]) -> frozenset[Any]:
    """Draw the column through a location, rows 0 to 29."""
    j = location[1]
    return frozenset([(i, j) for i in range(SIDE)])


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
)
def hfrontier(location: tuple[int, int]) -> frozenset[Any]:
    """Draw the row through a location, columns 0 to 29."""
    i = location[0]
    return frozenset([(i, j) for j in range(SIDE)])


def _box_area(patch: Any) -> int:
    if not patch:
        return 0
    top, left, bottom, right = bounds(patch)
    return (bottom - top + 1) * (right - left + 1)


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "backdrop(frozenset({(0, 1), (1, 0)})) == frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})",
        "backdrop(frozenset({(5, (2, 2))})) == frozenset({(2, 2)})",
        "backdrop(frozenset()) == frozenset()",
    ),
    laws=(
        "size(backdrop(patch)) == multiply(height(patch), width(patch))",
        "difference(toindices(patch), backdrop(patch)) == frozenset()",
    ),
    capacity=_box_area,
    total=True,
)
def backdrop(patch: Any) -> frozenset[Any]:
    """Collect every location of the bounding box of a patch."""
    if not patch:
        return frozenset()
    top, left, bottom, right = bounds(patch)
    columns = range(left, right + 1)
    return frozenset([(i, j) for i in range(top, bottom + 1) for j in columns])


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "delta(frozenset({(0, 1), (1, 0)})) == frozenset({(0, 0), (1, 1)})",
        "delta(frozenset({(5, (2, 2)), (6, (2, 2))})) == frozenset()",
        "delta(frozenset()) == frozenset()",
    ),
    laws=(
        "combine(delta(patch), toindices(patch)) == backdrop(patch)",
        "intersection(delta(patch), toindices(patch)) == frozenset()",
    ),
    capacity=lambda patch: _box_area(patch) - len(toindices(patch)),
    total=True,
)
def delta(patch: Any) -> frozenset[Any]:
    """Collect the locations of the bounding box of a patch that it does not hold."""
    return backdrop(patch).difference(toindices(patch))


def _outline(top: int, left: int, bottom: int, right: int) -> frozenset[Any]:
    """The border of the rectangle between two rows and two columns."""
    across, down = range(left, right + 1), range(top + 1, bottom)
    sides = [(i, j) for i in (top, bottom) for j in across]
    sides += [(i, j) for i in down for j in (left, right)]
    return frozenset(sides)


def _outline_size(top: int, left: int, bottom: int, right: int) -> int:
    rows, columns = bottom - top + 1, right - left + 1
    return rows * columns - max(rows - 2, 0) * max(columns - 2, 0)


def _inner(patch: Any) -> tuple[int, int, int, int]:
    """The rectangle one inside the bounding box; sides that have crossed are exchanged."""
    top, left, bottom, right = bounds(patch)
    (top, bottom), (left, right) = sorted((top + 1, bottom - 1)), sorted((left + 1, right - 1))
    return top, left, bottom, right


def _outer(patch: Any) -> tuple[int, int, int, int]:
    """The rectangle one outside the bounding box."""
    top, left, bottom, right = bounds(patch)
    return top - 1, left - 1, bottom + 1, right + 1


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "inbox(frozenset({(0, 0), (2, 2)})) == frozenset({(1, 1)})",
        "inbox(frozenset({(0, 0), (0, 2)})) == frozenset({(-1, 1), (0, 1), (1, 1)})",
        "inbox(frozenset({(5, (1, 1))})) == neighbors((1, 1))",
    ),
    laws=("inbox(outbox(patch)) == box(patch)", "inbox(patch) == inbox(corners(patch))"),
    capacity=lambda patch: _outline_size(*_inner(patch)),
    computes=True,
)
def inbox(patch: Any) -> frozenset[Any]:
    """Draw the rectangle one inside the bounding box of a patch.

    Shape:   Indices; a side that is 1 or 2 long turns inside out: 3 or 2 long
    Errors:  EMPTY if the patch has no element
    """
    return _outline(*_inner(patch))


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "outbox(frozenset({(5, (1, 1))})) == neighbors((1, 1))",
        "outbox(frozenset({(0, 0), (0, 1)})) == box(frozenset({(-1, -1), (1, 2)}))",
    ),
    laws=(
        "shape(outbox(patch)) == add(shape(patch), 2)",
        "adjacent(outbox(patch), patch)",
    ),
    capacity=lambda patch: _outline_size(*_outer(patch)),
    computes=True,
)
def outbox(patch: Any) -> frozenset[Any]:
    """Draw the rectangle one outside the bounding box of a patch.

    Errors:  EMPTY if the patch has no element
    """
    return _outline(*_outer(patch))


@primitive(
    "Indices -> Indices",
    "Object -> Indices",
    examples=(
        "box(frozenset({(0, 0), (2, 2)})) == neighbors((1, 1))",
        "box(frozenset({(5, (1, 1)), (5, (1, 3))})) == frozenset({(1, 1), (1, 2), (1, 3)})",
        "box(frozenset()) == frozenset()",
    ),
    laws=(
        "box(box(patch)) == box(patch)",
        "difference(corners(patch), box(patch)) == frozenset()",
    ),
    capacity=lambda patch: _outline_size(*bounds(patch)) if patch else 0,
    total=True,
)
def box(patch: Any) -> frozenset[Any]:
    """Draw the border of the bounding box of a patch."""
    return _outline(*bounds(patch)) if patch else frozenset()


@primitive(
    "Grid -> Indices",
    examples=(
        "asindices(((7, 8), (8, 9))) == frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})",
        "asindices(()) == frozenset()",
    ),
    laws=(
        "asindices(grid) == toindices(asobject(grid))",
        "box(asindices(grid)) == box(asobject(grid))",
    ),
    total=True,
)
def asindices(grid: Any) -> frozenset[Any]:
    """Collect the locations of a grid."""
    if not grid:
        return frozenset()
    columns = range(len(grid[0]))
    return frozenset([(i, j) for i in range(len(grid)) for j in columns])


@primitive(
    "Grid Integer -> Indices",
    examples=(
        "ofcolor(((7, 8), (8, 9)), 8) == frozenset({(0, 1), (1, 0)})",
        "ofcolor((), 0) == frozenset()",
    ),
    laws=(
        "size(ofcolor(grid, value)) == colorcount(grid, value)",
        "ofcolor(grid, value) == occurrences(grid, frozenset({(value, (0, 0))}))",
    ),
    total=True,
)
def ofcolor(grid: Any, value: int) -> frozenset[Any]:
    """Collect the locations of one colour in a grid."""
    return frozenset(
        [(i, j) for i, r in enumerate(grid) if value in r for j, v in enumerate(r) if v == value]
    )
