"""Making grids and objects larger and smaller by a whole factor.

A grid has h rows of w cells. A negative factor makes nothing, as 0 does, except in `downscale`.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.mirrors import Grid
from pipeline.primitives.row import primitive


def cell_count(height: int, width: int) -> int:
    """The cells of a grid with these dimensions; a row without cells counts as one."""
    return max(height, 0) * max(width, 1)


def _width(grid: Grid) -> int:
    return len(grid[0]) if grid else 0


@primitive(
    "Grid Integer -> Grid",
    examples=(
        "hupscale(((1, 2), (3, 4)), 2) == ((1, 1, 2, 2), (3, 3, 4, 4))",
        "hupscale(((1, 2),), 0) == ((),)",
    ),
    laws=(
        "size(hupscale(grid, factor)) == size(grid)",
        "rot180(hupscale(grid, factor)) == hupscale(rot180(grid), factor)",
    ),
    capacity=lambda grid, factor: cell_count(len(grid), _width(grid) * factor),
    total=True,
)
def hupscale(grid: Grid, factor: int) -> Grid:
    """Repeat each column.

    Shape:   (h, w * factor)
    """
    times = range(factor)
    return tuple([tuple([v for v in row for _ in times]) for row in grid])


@primitive(
    "Grid Integer -> Grid",
    examples=(
        "vupscale(((1, 2), (3, 4)), 2) == ((1, 2), (1, 2), (3, 4), (3, 4))",
        "vupscale(((1, 2),), 0) == ()",
    ),
    laws=(
        "size(vupscale(grid, factor)) == multiply(size(grid), maximum((factor, 0)))",
        "rot180(vupscale(grid, factor)) == vupscale(rot180(grid), factor)",
    ),
    capacity=lambda grid, factor: cell_count(len(grid) * factor, _width(grid)),
    total=True,
)
def vupscale(grid: Grid, factor: int) -> Grid:
    """Repeat each row.

    Shape:   (h * factor, w)
    """
    times = range(factor)
    return tuple([row for row in grid for _ in times])


@primitive(
    "Grid Integer -> Grid",
    "Object Integer -> Object",
    examples=(
        "upscale(((1, 2),), 2) == ((1, 1, 2, 2), (1, 1, 2, 2))",
        "upscale(((1, 2),), -1) == ()",
        "upscale(frozenset({(3, (1, 1))}), 2) == frozenset({(3, (1, 1)), (3, (1, 2)),"
        " (3, (2, 1)), (3, (2, 2))})",
        "upscale(frozenset(), 2) == frozenset()",
    ),
    laws=(
        "upscale(element, 1) == element",
        "hmirror(upscale(element, factor)) == upscale(hmirror(element), factor)",
    ),
    capacity=lambda element, factor: (
        cell_count(len(element) * factor, _width(element) * factor)
        if isinstance(element, tuple)
        else len(element) * max(factor, 0) ** 2
    ),
    computes=True,
    total=True,
)
def upscale(element: Grid | frozenset[Any], factor: int) -> Grid | frozenset[Any]:
    """Turn each cell into a square of cells.

    Shape:   (h * factor, w * factor); an object keeps its upper left corner
    """
    if isinstance(element, tuple):
        return vupscale(hupscale(element, factor), factor)
    if not element:
        return element
    top = min([i for _, (i, _) in element])
    left = min([j for _, (_, j) in element])
    within = [(top + i, left + j) for i in range(factor) for j in range(factor)]
    return frozenset(
        [
            (colour, ((i - top) * factor + down, (j - left) * factor + across))
            for colour, (i, j) in element
            for down, across in within
        ]
    )


@primitive(
    "Grid Integer -> Grid",
    examples=(
        "downscale(((1, 2, 3), (4, 5, 6), (7, 8, 9)), 2) == ((1, 3), (7, 9))",
        "downscale(((1, 2, 3),), -2) == ((1, 3),)",
    ),
    laws=(
        "downscale(upscale(grid, factor), factor) == grid",
        "downscale(grid, factor) == downscale(grid, invert(factor))",
    ),
)
def downscale(grid: Grid, factor: int) -> Grid:
    """Keep every so many-th row and column, from the first on; the factor's sign does not matter.

    Shape:   (h, w) divided by the factor, rounded up
    Errors:  EMPTY if the grid has height 0, else ZERO if the factor is zero
    """
    if not grid:
        raise Failure("EMPTY")
    if factor == 0:
        raise Failure("ZERO")
    every = abs(factor)
    return tuple([row[::every] for row in grid[::every]])
