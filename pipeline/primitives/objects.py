"""Objects: from a grid to its objects and cells, and back to a part of the grid."""

from __future__ import annotations

from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.cells import bounds, column_range, locations_of, row_range
from pipeline.primitives.colours import mostcolor
from pipeline.primitives.components import ANYWHERE, NO_COLOUR, cut, cut_words, put_cells
from pipeline.primitives.regions import asindices
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.tally import commonest
from pipeline.primitives.words import (
    BIAS,
    EMPTY,
    FIELD,
    MISSING,
    SET,
    Memory,
    colour_of,
    column_of,
    grid_words,
    height,
    integer,
    length,
    list_words,
    location_of,
    origin,
    put_grid,
    put_list,
    row_of,
    width,
    with_colour,
)
from pipeline.primitives.words import start as start_of

_NOWHERE: Final = object()
"""Stands where there is no cell: None is a missing colour."""


def _component(flat: list[Any], start: int, steps: tuple[int, ...]) -> list[int]:
    """The places of the start's colour that are joined to it; they are taken out of `flat`."""
    colour, flat[start] = flat[start], _NOWHERE
    found = [start]
    for place in found:  # grows while it is walked
        for step in steps:
            if flat[place + step] == colour:
                flat[place + step] = _NOWHERE
                found.append(place + step)
    return found


def _padded(grid: Any) -> tuple[list[Any], int]:
    """The cells in one list with _NOWHERE where a step leaves the grid, and the width of that."""
    w = len(grid[0]) + 1
    flat: list[Any] = [_NOWHERE] * w
    for row in grid:
        flat += row
        flat.append(_NOWHERE)
    return flat + [_NOWHERE] * w, w


@primitive(
    "Grid Boolean Boolean Boolean -> Objects",
    examples=(
        "objects(((1, 0, 2), (0, 0, 0)), True, False, True)"
        " == frozenset({frozenset({(1, (0, 0))}), frozenset({(2, (0, 2))})})",
        "objects(((1, 0), (0, 2), (0, 0)), False, True, True)"
        " == frozenset({frozenset({(1, (0, 0)), (2, (1, 1))})})",
        "objects(((1, 0), (0, 1)), True, True, False) == partition(((1, 0), (0, 1)))",
        "objects(((0, 0),), True, True, True) == frozenset()",
    ),
    laws=(
        "merge(objects(grid, univalued, diagonal, False)) == asobject(grid)",
        "difference(merge(objects(grid, univalued, diagonal, without_bg)), asobject(grid))"
        " == frozenset()",
        "size(objects(grid, univalued, True, without_bg))"
        " <= size(objects(grid, univalued, False, without_bg))",
    ),
    holed=("grid",),
)
def objects(grid: Any, univalued: bool, diagonal: bool, without_bg: bool) -> frozenset[Any]:
    """Cut a grid into its connected objects.

    Shape:   Objects: of one colour each if univalued, joined at corners too if diagonal,
             none of the commonest colour if without_bg
    Errors:  EMPTY if the grid has height 0, or no cell where the commonest colour is needed
    """
    if not grid:
        raise Failure("EMPTY")
    background = mostcolor(grid) if without_bg else _NOWHERE
    colours, w = _padded(grid)
    if univalued:
        flat = [_NOWHERE if c == background else c for c in colours] if without_bg else colours[:]
    else:
        flat = [_NOWHERE if c is _NOWHERE or c == background else 1 for c in colours]
    steps = (-w, -1, 1, w, -w - 1, 1 - w, w - 1, w + 1) if diagonal else (-w, -1, 1, w)
    found = []
    for start in range(w, len(flat) - w):
        if flat[start] is not _NOWHERE:
            places = _component(flat, start, steps)
            found.append(frozenset([(colours[p], (p // w - 1, p % w)) for p in places]))
    return frozenset(found)


@compiled
def _objects_words(m: Memory, grid: int, univalued: int, diagonal: int, without_bg: int) -> int:
    return cut_words(m, grid)


@native(objects, words=_objects_words)
def _objects(
    m: Memory, out: int, grid: int, univalued: int, diagonal: int, without_bg: int
) -> tuple[int, int]:
    if height(m, grid) == 0:
        return EMPTY, out
    background = commonest(m, grid) if without_bg > 0 else NO_COLOUR
    if background == EMPTY:
        return EMPTY, out
    return cut(m, out, grid, int(univalued > 0), int(diagonal > 0), background)


def _cells_by_colour(grid: Any) -> dict[int, list[Any]]:
    cells: dict[int, list[Any]] = {value: [] for row in grid for value in row}
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            cells[value].append((value, (i, j)))
    return cells


@primitive(
    "Grid -> Objects",
    examples=(
        "partition(((1, 0, 1),))"
        " == frozenset({frozenset({(1, (0, 0)), (1, (0, 2))}), frozenset({(0, (0, 1))})})",
        "partition(()) == frozenset()",
    ),
    laws=(
        "merge(partition(grid)) == asobject(grid)",
        "size(partition(grid)) == numcolors(grid)",
    ),
    total=True,
)
def partition(grid: Any) -> frozenset[Any]:
    """Make one object of all cells of each colour."""
    return frozenset(map(frozenset, _cells_by_colour(grid).values()))


@native(partition, words=cut_words)
def _partition(m: Memory, out: int, grid: int) -> tuple[int, int]:
    return cut(m, out, grid, 1, ANYWHERE, NO_COLOUR)


@primitive(
    "Grid -> Objects",
    examples=(
        "fgpartition(((1, 0, 1),)) == frozenset({frozenset({(0, (0, 1))})})",
        "fgpartition(((4, 4),)) == frozenset()",
    ),
    laws=(
        "difference(fgpartition(grid), partition(grid)) == frozenset()",
        "size(fgpartition(grid)) == numcolors(grid) - 1",
    ),
)
def fgpartition(grid: Any) -> frozenset[Any]:
    """Make one object of all cells of each colour except the commonest.

    Errors:  EMPTY if the grid has no cell
    """
    background = mostcolor(grid)
    return frozenset([frozenset(c) for v, c in _cells_by_colour(grid).items() if v != background])


@native(fgpartition, words=cut_words)
def _fgpartition(m: Memory, out: int, grid: int) -> tuple[int, int]:
    background = commonest(m, grid)
    if background == EMPTY:
        return EMPTY, out
    return cut(m, out, grid, 1, ANYWHERE, background)


@compiled
def place_in(h: int, w: int, i: int, j: int) -> int:
    """Where (i, j) is in a grid of h rows and w columns, i * w + j; -1 off the grid."""
    if i >= 0 and i < h and j >= 0 and j < w:
        return i * w + j
    return -1


@primitive(
    "Indices Grid -> Object",
    "Object Grid -> Object",
    examples=(
        "toobject(frozenset({(0, 1), (0, 2)}), ((7, 8),)) == frozenset({(8, (0, 1))})",
        "toobject(frozenset({(3, (0, 0))}), ((7, 8),)) == frozenset({(7, (0, 0))})",
        "toobject(frozenset(), ((7, 8),)) == frozenset()",
    ),
    laws=(
        "paint(grid, toobject(patch, grid)) == grid",
        "toindices(toobject(patch, grid)) == intersection(toindices(patch), asindices(grid))",
    ),
)
def toobject(patch: Any, grid: Any) -> frozenset[Any]:
    """Give the locations of a patch the grid's colours; those off the grid are left out.

    Errors:  EMPTY if the grid has height 0
    """
    if not grid:
        raise Failure("EMPTY")
    h, w = len(grid), len(grid[0])
    return frozenset(
        [(grid[i][j], (i, j)) for i, j in locations_of(patch) if 0 <= i < h and 0 <= j < w]
    )


@compiled
def _toobject_words(m: Memory, patch: int, grid: int) -> int:
    return list_words(min(length(m, patch), height(m, grid) * width(m, grid)))


@native(toobject, words=_toobject_words)
def _toobject(m: Memory, out: int, patch: int, grid: int) -> tuple[int, int]:
    heap, h, w = m.heap, height(m, grid), width(m, grid)
    if h == 0:
        return EMPTY, out
    count, last = 0, -1
    for k in range(start_of(patch), start_of(patch) + length(m, patch)):
        place = place_in(h, w, row_of(heap[k]), column_of(heap[k]))
        if place > last:  # an object may have two cells at a location
            count, last = count + 1, place
            heap[out + count] = with_colour(location_of(heap[k]), m.colours[origin(grid) + place])
    return put_list(m, out, SET, count)


@primitive(
    "Grid -> Object",
    examples=(
        "asobject(((7, 8),)) == frozenset({(7, (0, 0)), (8, (0, 1))})",
        "asobject(()) == frozenset()",
    ),
    laws=(
        "paint(canvas(-1, shape(grid)), asobject(grid)) == grid",
        "asobject(grid) == toobject(asindices(grid), grid)",
    ),
    total=True,
)
def asobject(grid: Any) -> frozenset[Any]:
    """Make one object of all cells of a grid."""
    return frozenset([(v, (i, j)) for i, row in enumerate(grid) for j, v in enumerate(row)])


@compiled
def _asobject_words(m: Memory, grid: int) -> int:
    return list_words(height(m, grid) * width(m, grid))


@native(asobject, words=_asobject_words)
def _asobject(m: Memory, out: int, grid: int) -> tuple[int, int]:
    h, w = height(m, grid), width(m, grid)
    for i in range(h):
        put_cells(m, out + 1 + i * w, grid, i, i * w, (i + 1) * w)
    return put_list(m, out, SET, h * w)


def _bits(truths: Any) -> int:
    """The integer that has a 1 at the position of each truth."""
    return int("0" + "".join(["1" if truth else "0" for truth in reversed(truths)]), 2)


@primitive(
    "Grid Object -> Indices",
    examples=(
        "occurrences(((1, 2, 1, 2),), frozenset({(1, (5, 5)), (2, (5, 6))}))"
        " == frozenset({(0, 0), (0, 2)})",
        "occurrences(((1, 2), (3, 4)), frozenset({(1, (0, 0)), (9, (0, 0))})) == frozenset()",
        "occurrences(((1, 2), (3, 4)), frozenset()) == asindices(((1, 2), (3, 4)))",
    ),
    laws=(
        "occurrences(grid, obj) == occurrences(grid, shift(obj, (2, -3)))",
        "difference(occurrences(grid, obj), asindices(grid)) == frozenset()",
        "not obj or obj != toobject(obj, grid) or contained(ulcorner(obj), occurrences(grid, obj))",
    ),
)
def occurrences(grid: Any, obj: Any) -> frozenset[Any]:
    """Find where the upper left corner of an object can be put for all its cells to match the grid.

    Errors:  EMPTY if the grid has height 0
    """
    if not grid:
        raise Failure("EMPTY")
    if not obj:
        return asindices(grid)
    h, w = len(grid), len(grid[0])
    top, left, bottom, right = bounds(obj)
    tries_down, tries_across = h - (bottom - top), w - (right - left)
    if tries_down <= 0 or tries_across <= 0:
        return frozenset()
    # Sets of places are the bits of integers: one shift tests a cell at every place at once.
    flat = [value for row in grid for value in row]
    fits = sum([(1 << tries_across) - 1 << i * w for i in range(tries_down)])
    has_colour: dict[int, int] = {}
    for value, (i, j) in obj:
        if value not in has_colour:
            has_colour[value] = _bits([v == value for v in flat])
        fits &= has_colour[value] >> (i - top) * w + j - left
        if not fits:
            return frozenset()
    return frozenset([divmod(p, w) for p, bit in enumerate(reversed(bin(fits)[2:])) if bit == "1"])


@compiled
def _occurrences_words(m: Memory, grid: int, obj: int) -> int:
    """The places to try, and behind them the cells."""
    top, bottom = row_range(m, obj)
    tries_down = max(0, height(m, grid) - max(0, bottom - top))
    return list_words(tries_down * width(m, grid)) + length(m, obj)


@native(occurrences, words=_occurrences_words)
def _occurrences(m: Memory, out: int, grid: int, obj: int) -> tuple[int, int]:
    heap, h, w, count = m.heap, height(m, grid), width(m, grid), length(m, obj)
    if h == 0:
        return EMPTY, out
    (top, bottom), (left, right) = row_range(m, obj), column_range(m, obj)
    tries_down, tries_across = h - max(0, bottom - top), w - max(0, right - left)
    if tries_down <= 0 or tries_across <= 0:
        return put_list(m, out, SET, 0)
    cells = out + 1 + tries_down * w
    _put_steps(m, cells, obj, left, w)
    found, seldom = 0, 0
    for i in range(tries_down):
        for j in range(tries_across):
            at = origin(grid) + i * w + j
            if count > 0:
                # What did not fit at the last place seldom fits at the next.
                if _first_misfit(m, cells + seldom, 1, at) == 0:
                    continue
                misfit = _first_misfit(m, cells, count, at)
                if misfit < count:
                    seldom = misfit
                    continue
            found += 1
            heap[out + found] = ((i + BIAS) << FIELD) | (j + BIAS)
    return put_list(m, out, SET, found)


@compiled
def _put_steps(m: Memory, place: int, obj: int, left: int, w: int) -> None:
    """Write for each cell how far from the upper left corner it is in a grid, and its colour."""
    heap, at = m.heap, start_of(obj)
    top = row_of(heap[at])
    for k in range(length(m, obj)):
        word = heap[at + k]
        step = (row_of(word) - top) * w + column_of(word) - left
        heap[place + k] = with_colour(step, colour_of(word))


@compiled
def _first_misfit(m: Memory, place: int, count: int, at: int) -> int:
    """The first of the cells that differs from the grid, put at a place there, or the count."""
    heap, colours = m.heap, m.colours
    k = 0
    while k < count and colours[at + (heap[place + k] >> FIELD)] == colour_of(heap[place + k]):
        k += 1
    return k


@primitive(
    "Grid Pair -> Integer",
    examples=(
        "index(((7, 8), (5, 6)), (1, 0)) == 5",
        "index(((7, 8), (5, 6)), (-1, 0)) is None",
    ),
    laws=(
        "(index(grid, loc) is None) != contained(loc, asindices(grid))",
        "index(grid, loc) is None or contained((index(grid, loc), loc), asobject(grid))",
    ),
)
def index(grid: Any, loc: tuple[int, int]) -> int | None:
    """Read the colour at a location.

    Shape:   Integer; missing off the grid
    Errors:  EMPTY if the grid has height 0
    """
    if not grid:
        raise Failure("EMPTY")
    i, j = loc
    return grid[i][j] if 0 <= i < len(grid) and 0 <= j < len(grid[0]) else None


@native(index)
def _index(m: Memory, grid: int, loc: int) -> int:
    if height(m, grid) == 0:
        return EMPTY
    place = place_in(height(m, grid), width(m, grid), row_of(loc), column_of(loc))
    if place < 0:
        return MISSING
    return integer(m, m.colours[origin(grid) + place])


@primitive(
    "Indices Grid -> Grid",
    "Object Grid -> Grid",
    examples=(
        "subgrid(frozenset({(0, 1), (1, 2)}), ((1, 2, 3), (4, 5, 6))) == ((2, 3), (5, 6))",
        "subgrid(frozenset({(8, (0, 0)), (8, (5, 0))}), ((1, 2, 3), (4, 5, 6))) == ((1,), (4,))",
        "subgrid(frozenset({(-1, 0), (0, 0)}), ((1, 2, 3), (4, 5, 6))) == ()",
    ),
    laws=(
        "subgrid(patch, grid) == crop(grid, ulcorner(patch), shape(patch))",
        "subgrid(asindices(grid), grid) == grid",
    ),
    keeps_tuples=("Indices", "Object"),
)
def subgrid(patch: Any, grid: Any) -> tuple[Any, ...]:
    """Cut the bounding box of a patch out of a grid; a negative row or column counts from the end.

    Shape:   Grid; smaller than the box where that leaves the grid
    Errors:  EMPTY if the patch has no element
    """
    top, left, bottom, right = bounds(patch)
    return tuple([row[left : right + 1] for row in grid[top : bottom + 1]])


@compiled
def _from_end(place: int, count: int) -> int:
    """Where in so many rows or columns a slice begins or ends."""
    return min(place, count) if place >= 0 else max(place + count, 0)


@compiled
def _subgrid_words(m: Memory, patch: int, grid: int) -> int:
    return grid_words(height(m, grid), width(m, grid))


@native(subgrid, words=_subgrid_words)
def _subgrid(m: Memory, out: int, patch: int, grid: int) -> tuple[int, int]:
    if length(m, patch) == 0:
        return EMPTY, out
    colours, h, w = m.colours, height(m, grid), width(m, grid)
    (top, bottom), (left, right) = row_range(m, patch), column_range(m, patch)
    top, left = _from_end(top, h), _from_end(left, w)
    rows = max(0, _from_end(bottom + 1, h) - top)
    columns = max(0, _from_end(right + 1, w) - left)
    at = 2 * (out + 1)
    for i in range(rows):
        place = origin(grid) + (top + i) * w + left
        for j in range(columns):
            colours[at + j] = colours[place + j]
        at += columns
    return put_grid(m, out, rows, columns if rows > 0 else 0)
