"""Turning and mirroring grids; mirroring patches in place, that is, inside their bounding boxes.

A patch is a set of locations (i, j) or an object, a set of cells (colour, (i, j)).
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.row import primitive

Grid = tuple[tuple[int, ...], ...]
Piece = Grid | frozenset[Any]

_PIECES = ("Grid -> Grid", "Indices -> Indices", "Object -> Object")


@primitive(
    "Grid -> Grid",
    examples=("rot90(((1, 2), (3, 4))) == ((3, 1), (4, 2))", "rot90(()) == ()"),
    laws=(
        "rot90(grid) == vmirror(dmirror(grid))",
        "rot270(rot90(grid)) == grid or contained((), grid)",
    ),
    total=True,
)
def rot90(grid: Grid) -> Grid:
    """Turn the grid a quarter clockwise.

    Shape:   (h, w) becomes (w, h); height 0 where w is 0
    """
    return tuple(zip(*grid[::-1], strict=True))


@primitive(
    "Grid -> Grid",
    examples=("rot180(((1, 2), (3, 4))) == ((4, 3), (2, 1))", "rot180(()) == ()"),
    laws=("rot180(grid) == hmirror(vmirror(grid))", "rot180(rot180(grid)) == grid"),
    total=True,
)
def rot180(grid: Grid) -> Grid:
    """Turn the grid half round.

    Shape:   stays
    """
    return tuple([row[::-1] for row in grid[::-1]])


@primitive(
    "Grid -> Grid",
    examples=("rot270(((1, 2), (3, 4))) == ((2, 4), (1, 3))", "rot270(()) == ()"),
    laws=(
        "rot270(grid) == hmirror(dmirror(grid))",
        "rot90(rot270(grid)) == grid or contained((), grid)",
    ),
    total=True,
)
def rot270(grid: Grid) -> Grid:
    """Turn the grid a quarter anticlockwise.

    Shape:   (h, w) becomes (w, h); height 0 where w is 0
    """
    return tuple(zip(*grid, strict=True))[::-1]


def _bounds(patch: frozenset[Any], has_colours: bool) -> tuple[int, int, int, int]:
    """The bounding box as (top, left, bottom, right), all inside."""
    rows, columns = zip(*([place for _, place in patch] if has_colours else patch), strict=True)
    return min(rows), min(columns), max(rows), max(columns)


def _has_colours(patch: frozenset[Any]) -> bool:
    """Whether the patch is an object; raises Failure if it is empty."""
    for _, last in patch:
        return isinstance(last, tuple)
    raise Failure("EMPTY")


@primitive(
    *_PIECES,
    examples=(
        "hmirror(((1, 2), (3, 4))) == ((3, 4), (1, 2))",
        "hmirror(frozenset({(2, 0), (4, 1)})) == frozenset({(4, 0), (2, 1)})",
        "hmirror(frozenset({(5, (1, 1))})) == frozenset({(5, (1, 1))})",
    ),
    laws=("hmirror(hmirror(piece)) == piece", "size(hmirror(piece)) == size(piece)"),
    computes=True,
)
def hmirror(piece: Piece) -> Piece:
    """Mirror upside down.

    Shape:   a grid's shape, a patch's bounding box stay
    Errors:  EMPTY if a patch is empty
    """
    if isinstance(piece, tuple):
        return piece[::-1]
    has_colours = _has_colours(piece)
    top, _, bottom, _ = _bounds(piece, has_colours)
    sum_i = top + bottom
    if has_colours:
        return frozenset([(colour, (sum_i - i, j)) for colour, (i, j) in piece])
    return frozenset([(sum_i - i, j) for i, j in piece])


@primitive(
    *_PIECES,
    examples=(
        "vmirror(((1, 2), (3, 4))) == ((2, 1), (4, 3))",
        "vmirror(frozenset({(0, 2), (1, 4)})) == frozenset({(0, 4), (1, 2)})",
        "vmirror(((), ())) == ((), ())",
    ),
    laws=("vmirror(vmirror(piece)) == piece", "size(vmirror(piece)) == size(piece)"),
    computes=True,
)
def vmirror(piece: Piece) -> Piece:
    """Mirror left to right.

    Shape:   a grid's shape, a patch's bounding box stay
    Errors:  EMPTY if a patch is empty
    """
    if isinstance(piece, tuple):
        return tuple([row[::-1] for row in piece])
    has_colours = _has_colours(piece)
    _, left, _, right = _bounds(piece, has_colours)
    sum_j = left + right
    if has_colours:
        return frozenset([(colour, (i, sum_j - j)) for colour, (i, j) in piece])
    return frozenset([(i, sum_j - j) for i, j in piece])


@primitive(
    *_PIECES,
    examples=(
        "dmirror(((1, 2), (3, 4), (5, 6))) == ((1, 3, 5), (2, 4, 6))",
        "dmirror(frozenset({(1, 5), (1, 7)})) == frozenset({(1, 5), (3, 5)})",
        "dmirror(((), ())) == ()",
    ),
    laws=("dmirror(dmirror(piece)) == piece or contained((), piece)",),
    computes=True,
)
def dmirror(piece: Piece) -> Piece:
    """Mirror along the diagonal from the upper left corner.

    Shape:   (h, w) becomes (w, h), height 0 where w is 0; a patch keeps its upper left corner
    Errors:  EMPTY if a patch is empty
    """
    if isinstance(piece, tuple):
        return tuple(zip(*piece, strict=True))
    has_colours = _has_colours(piece)
    top, left, _, _ = _bounds(piece, has_colours)
    down, across = top - left, left - top
    if has_colours:
        return frozenset([(colour, (j + down, i + across)) for colour, (i, j) in piece])
    return frozenset([(j + down, i + across) for i, j in piece])


@primitive(
    *_PIECES,
    examples=(
        "cmirror(((1, 2), (3, 4), (5, 6))) == ((6, 4, 2), (5, 3, 1))",
        "cmirror(frozenset({(1, 5), (1, 7)})) == frozenset({(1, 5), (3, 5)})",
        "cmirror(()) == ()",
    ),
    laws=(
        "cmirror(piece) == vmirror(dmirror(vmirror(piece)))",
        "cmirror(cmirror(piece)) == piece or contained((), piece)",
    ),
    computes=True,
)
def cmirror(piece: Piece) -> Piece:
    """Mirror along the diagonal from the lower left corner.

    Shape:   (h, w) becomes (w, h), height 0 where w is 0; a patch keeps its upper left corner
    Errors:  EMPTY if a patch is empty
    """
    if isinstance(piece, tuple):
        return tuple(zip(*[row[::-1] for row in piece[::-1]], strict=True))
    has_colours = _has_colours(piece)
    top, left, bottom, right = _bounds(piece, has_colours)
    sum_i, sum_j = top + right, left + bottom
    if has_colours:
        return frozenset([(colour, (sum_i - j, sum_j - i)) for colour, (i, j) in piece])
    return frozenset([(sum_i - j, sum_j - i) for i, j in piece])
