"""Relations: how two patches lie to each other, or a patch to the border of a grid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.cells import bounds, column_numbers, row_numbers, toindices
from pipeline.primitives.patches import center
from pipeline.primitives.row import primitive

STEPS = 42  # the most steps that gravitate takes


@primitive(
    "Indices Indices -> Pair",
    "Indices Object -> Pair",
    "Object Indices -> Pair",
    "Object Object -> Pair",
    examples=(
        "position(frozenset({(0, 0)}), frozenset({(5, 2)})) == (1, 1)",
        "position(frozenset({(0, 0)}), frozenset({(0, 0)})) == (0, -1)",
    ),
    laws=(
        "center(a) == center(b) or position(a, b) == invert(position(b, a))",
        "position(a, b) == position(toindices(a), toindices(b))",
    ),
    computes=True,
)
def position(a: Any, b: Any) -> tuple[int, int]:
    """Give the direction from the middle of one patch to that of another, as signs.

    Shape:   Pair of -1, 0 or 1; (0, -1) where the middles are the same
    Errors:  EMPTY if a patch has no element
    """
    ai, aj = center(a)
    bi, bj = center(b)
    down, across = (1 if ai < bi else -1), (1 if aj < bj else -1)
    if ai == bi:
        return (0, across)
    if aj == bj:
        return (down, 0)
    return (down, across)


@primitive(
    "Indices Indices -> Boolean",
    "Indices Object -> Boolean",
    "Object Indices -> Boolean",
    "Object Object -> Boolean",
    examples=(
        "hmatching(frozenset({(1, 0), (2, 0)}), frozenset({(9, (2, 8))})) == True",
        "hmatching(frozenset({(1, 0)}), frozenset()) == False",
    ),
    laws=(
        "hmatching(a, b) == hmatching(b, a)",
        "hmatching(a, b) == hmatching(shift(a, (5, 1)), shift(b, (5, -1)))",
    ),
    total=True,
)
def hmatching(a: Any, b: Any) -> bool:
    """Tell whether two patches touch a row in common."""
    return not row_numbers(a).isdisjoint(row_numbers(b))


@primitive(
    "Indices Indices -> Boolean",
    "Indices Object -> Boolean",
    "Object Indices -> Boolean",
    "Object Object -> Boolean",
    examples=(
        "vmatching(frozenset({(0, 1), (0, 2)}), frozenset({(9, (8, 2))})) == True",
        "vmatching(frozenset(), frozenset()) == False",
    ),
    laws=(
        "vmatching(a, b) == vmatching(b, a)",
        "vmatching(a, b) == vmatching(shift(a, (1, 5)), shift(b, (-1, 5)))",
    ),
    total=True,
)
def vmatching(a: Any, b: Any) -> bool:
    """Tell whether two patches touch a column in common."""
    return not column_numbers(a).isdisjoint(column_numbers(b))


def _columns_by_row(locations: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    """The rows touched, each with its columns ascending."""
    rows: dict[int, list[int]] = {}
    for i, j in sorted(locations):
        rows.setdefault(i, []).append(j)
    return list(rows.items())


def _gap(a: list[int], b: list[int]) -> int:
    """The smallest difference between a number of one ascending list and one of the other."""
    if a[-1] < b[0]:
        return b[0] - a[-1]
    if b[-1] < a[0]:
        return a[0] - b[-1]
    best, k, last = abs(a[0] - b[0]), 0, len(b) - 1
    for x in a:
        while k < last and b[k] < x:
            k += 1
        best = min(best, abs(b[k] - x), abs(b[k - 1] - x) if k else best)
    return best


@primitive(
    "Indices Indices -> Integer",
    "Indices Object -> Integer",
    "Object Indices -> Integer",
    "Object Object -> Integer",
    examples=(
        "manhattan(frozenset({(0, 0), (9, 9)}), frozenset({(2, 3)})) == 5",
        "manhattan(frozenset({(3, (1, 1))}), frozenset({(1, 1)})) == 0",
    ),
    laws=(
        "manhattan(a, b) == manhattan(b, a)",
        "manhattan(a, shift(a, (1, 0))) <= 1",
        "(manhattan(a, b) == 0) == (size(intersection(toindices(a), toindices(b))) > 0)",
    ),
)
def manhattan(a: Any, b: Any) -> int:
    """Measure the distance of the closest two locations of two patches, rows plus columns.

    Errors:  EMPTY if a patch has no element
    """
    if not a or not b:
        raise Failure("EMPTY")
    a, b = frozenset(toindices(a)), frozenset(toindices(b))
    if not a.isdisjoint(b):
        return 0
    columns_of_a, columns_of_b = _columns_by_row(a), _columns_by_row(b)
    (i, columns), (k, others) = columns_of_a[0], columns_of_b[0]
    best = abs(i - k) + abs(columns[0] - others[0])
    for i, columns in columns_of_a:
        for k, others in columns_of_b:
            apart = abs(i - k)
            if apart < best:
                best = min(best, apart + _gap(columns, others))
            elif k > i:
                break
    return best


def _around(locations: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Every location one step from one of these; they themselves are in it where they touch."""
    locations = list(locations)
    around = {(i - 1, j) for i, j in locations}
    around.update([(i + 1, j) for i, j in locations])
    around.update([(i, j - 1) for i, j in locations])
    around.update([(i, j + 1) for i, j in locations])
    return around


@primitive(
    "Indices Indices -> Boolean",
    "Indices Object -> Boolean",
    "Object Indices -> Boolean",
    "Object Object -> Boolean",
    examples=(
        "adjacent(frozenset({(0, 0)}), frozenset({(2, (0, 1))})) == True",
        "adjacent(frozenset({(0, 0)}), frozenset({(1, 1)})) == False",
        "adjacent(frozenset({(0, 0), (0, 1)}), frozenset({(0, 1)})) == False",
    ),
    laws=("adjacent(a, b) == (manhattan(a, b) == 1)", "adjacent(a, b) == adjacent(b, a)"),
)
def adjacent(a: Any, b: Any) -> bool:
    """Tell whether two patches touch side by side and do not overlap.

    Errors:  EMPTY if a patch has no element
    """
    if not a or not b:
        raise Failure("EMPTY")
    a, b = frozenset(toindices(a)), frozenset(toindices(b))
    if len(a) > len(b):
        a, b = b, a
    return not b.isdisjoint(_around(a)) and b.isdisjoint(a)


@primitive(
    "Indices Grid -> Boolean",
    "Object Grid -> Boolean",
    examples=(
        "bordering(frozenset({(1, 1), (2, 1)}), ((0, 0, 0), (0, 0, 0), (0, 0, 0))) == True",
        "bordering(frozenset({(5, (1, 1))}), ((0, 0, 0), (0, 0, 0), (0, 0, 0))) == False",
        "bordering(frozenset({(0, 7)}), ()) == True",
    ),
    laws=("bordering(patch, grid) == bordering(corners(patch), grid)",),
)
def bordering(patch: Any, grid: Any) -> bool:
    """Tell whether the bounding box of a patch starts or ends where the grid does.

    Errors:  EMPTY if the patch has no element, or all depends on the width of a grid of height 0
    """
    top, left, bottom, right = bounds(patch)
    if top == 0 or left == 0 or bottom == len(grid) - 1:
        return True
    if not grid:
        raise Failure("EMPTY")
    return right == len(grid[0]) - 1


@primitive(
    "Indices Indices -> Pair",
    "Indices Object -> Pair",
    "Object Indices -> Pair",
    "Object Object -> Pair",
    examples=(
        "gravitate(frozenset({(0, 0)}), frozenset({(4, 0), (4, 1)})) == (3, 0)",
        "gravitate(frozenset({(0, 0)}), frozenset({(3, (0, 3))})) == (0, 2)",
        "gravitate(frozenset({(0, 0)}), frozenset({(0, 99)})) == (0, 42)",
    ),
    laws=(
        "not adjacent(source, destination) or gravitate(source, destination) == (0, 0)",
        "gravitate(shift(source, (4, -1)), shift(destination, (4, -1)))"
        " == gravitate(source, destination)",
    ),
    computes=True,
)
def gravitate(source: Any, destination: Any) -> tuple[int, int]:
    """Find the move that takes a patch straight towards another until they touch.

    Shape:   Pair; down or up if they have a column in common, else sideways; at most 42 steps
    Errors:  EMPTY if a patch has no element
    """
    source_i, source_j = center(source)
    goal_i, goal_j = center(destination)
    moving, goal = toindices(source), frozenset(toindices(destination))
    around = _around(goal)
    if vmatching(moving, goal):
        di, dj = (1 if source_i < goal_i else -1), 0
    else:
        di, dj = 0, (1 if source_j < goal_j else -1)
    for step in range(STEPS):
        if not around.isdisjoint(moving) and goal.isdisjoint(moving):
            return (step * di, step * dj)
        moving = [(i + di, j + dj) for i, j in moving]
    return (STEPS * di, STEPS * dj)
