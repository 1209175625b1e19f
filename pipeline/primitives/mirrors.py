"""Turning and mirroring grids; mirroring patches in place, that is, inside their bounding boxes.

A patch is a set of locations (i, j) or an object, a set of cells (colour, (i, j)).
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.cells import colours_fit
from pipeline.primitives.ragged import put_turned, turned_words
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.sorting import put_set
from pipeline.primitives.words import (
    BIAS,
    ELEMENTS,
    EMPTY,
    FIELD,
    INTEGER,
    MASK,
    SET,
    Memory,
    grid_words,
    height,
    is_cell,
    is_grid,
    is_ragged,
    length,
    origin,
    pair,
    put_grid,
    put_list,
    row_of,
    set_words,
    start,
    width,
)

Grid = tuple[tuple[int, ...], ...]
Piece = Grid | frozenset[Any]

_PIECES = ("Grid -> Grid", "Indices -> Indices", "Object -> Object")


@compiled
def copy_cells(
    m: Memory, source: int, down: int, across: int, target: int, rows: int, columns: int, step: int
) -> None:
    """Copy cells: row i and column j of them are `i * down + j * across` behind the source and
    come to be `i * step + j` behind the target, both places in `m.colours`.
    """
    colours = m.colours
    for i in range(rows if columns > 0 else 0):
        from_, to = source + i * down, target + i * step
        for j in range(columns):
            colours[to + j] = colours[from_ + j * across]


@compiled
def put_blank(m: Memory, out: int, rows: int, columns: int) -> tuple[int, int]:
    """As `put_grid`; a grid of height 0 has width 0."""
    return put_grid(m, out, rows, columns if rows > 0 else 0)


@compiled
def put_picked(
    m: Memory, out: int, grid: int, first: int, down: int, across: int, rows: int, columns: int
) -> tuple[int, int]:
    """The grid whose cell (i, j) is number `first + i * down + j * across` of another's cells.

    Gives its word and the place behind it.
    """
    word, after = put_blank(m, out, rows, columns)
    copy_cells(m, origin(grid) + first, down, across, origin(word), rows, columns, columns)
    return word, after


@compiled
def same_words(m: Memory, grid: int) -> int:
    """How many words a grid of as many cells takes."""
    return grid_words(height(m, grid), width(m, grid))


@compiled
def _turned_words(m: Memory, grid: int) -> int:
    return turned_words(m, grid) if is_ragged(m, grid) else same_words(m, grid)


@primitive(
    "Grid -> Grid",
    examples=("rot90(((1, 2), (3, 4))) == ((3, 1), (4, 2))", "rot90(()) == ()"),
    laws=(
        "rot90(grid) == vmirror(dmirror(grid))",
        "rot270(rot90(grid)) == grid or contained((), grid)",
    ),
    total=True,
    ragged=("grid",),
)
def rot90(grid: Grid) -> Grid:
    """Turn the grid a quarter clockwise.

    Shape:   (h, w) becomes (w, h); height 0 where w is 0; w is that of the shortest row
    """
    return tuple(zip(*grid[::-1], strict=False))


@native(rot90, words=_turned_words)
def _rot90(m: Memory, out: int, grid: int) -> tuple[int, int]:
    if is_ragged(m, grid):
        return put_turned(m, out, grid, True, False, False)
    rows, columns = height(m, grid), width(m, grid)
    return put_picked(m, out, grid, (rows - 1) * columns, 1, -columns, columns, rows)


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


@native(rot180, words=same_words)
def _rot180(m: Memory, out: int, grid: int) -> tuple[int, int]:
    rows, columns = height(m, grid), width(m, grid)
    return put_picked(m, out, grid, rows * columns - 1, -columns, -1, rows, columns)


@primitive(
    "Grid -> Grid",
    examples=("rot270(((1, 2), (3, 4))) == ((2, 4), (1, 3))", "rot270(()) == ()"),
    laws=(
        "rot270(grid) == hmirror(dmirror(grid))",
        "rot90(rot270(grid)) == grid or contained((), grid)",
    ),
    total=True,
    ragged=("grid",),
)
def rot270(grid: Grid) -> Grid:
    """Turn the grid a quarter anticlockwise.

    Shape:   (h, w) becomes (w, h); height 0 where w is 0; w is that of the shortest row
    """
    return tuple(zip(*grid, strict=False))[::-1]


@native(rot270, words=_turned_words)
def _rot270(m: Memory, out: int, grid: int) -> tuple[int, int]:
    if is_ragged(m, grid):
        return put_turned(m, out, grid, False, False, True)
    rows, columns = height(m, grid), width(m, grid)
    return put_picked(m, out, grid, columns - 1, -1, columns, columns, rows)


def _bounds(patch: frozenset[Any], has_colours: bool) -> tuple[int, int, int, int]:
    """The bounding box as (top, left, bottom, right), all inside."""
    rows, columns = zip(*([place for _, place in patch] if has_colours else patch), strict=True)
    return min(rows), min(columns), max(rows), max(columns)


def _has_colours(patch: frozenset[Any]) -> bool:
    """Whether the patch is an object; raises Failure if it is empty."""
    for _, last in patch:
        return isinstance(last, tuple)
    raise Failure("EMPTY")


@compiled
def column_bits(m: Memory, patch: int) -> int:
    """How far from the right the column stands in the words of a patch that is not empty."""
    return FIELD if is_cell(m.heap[start(patch)]) else 0


@compiled
def _extremes(m: Memory, patch: int, bits: int) -> tuple[int, int]:
    """The least and the greatest integer that stands so far from the right in a patch's words."""
    heap, first = m.heap, start(patch)
    least = (heap[first] >> bits) & MASK
    greatest = least
    for k in range(first + 1, first + length(m, patch)):
        value = (heap[k] >> bits) & MASK
        least = min(least, value)
        greatest = max(greatest, value)
    return least - BIAS, greatest - BIAS


@compiled
def box_of(m: Memory, patch: int) -> tuple[int, int, int, int]:
    """The bounding box of a patch that is not empty as (top, left, bottom, right), all inside."""
    first = start(patch)
    left, right = _extremes(m, patch, column_bits(m, patch))
    top, bottom = row_of(m.heap[first]), row_of(m.heap[first + length(m, patch) - 1])
    return top, left, bottom, right


@compiled
def is_within(m: Memory, patch: int, top: int, left: int, bottom: int, right: int) -> bool:
    """Whether no integer is over the limit once the patch, not an empty one, fills this box."""
    if pair(m, top, left) < 0 or pair(m, bottom, right) < 0:
        return False
    return column_bits(m, patch) == 0 or colours_fit(m, patch)


@compiled
def _piece_words(m: Memory, piece: int) -> int:
    if is_grid(m, piece):
        return same_words(m, piece)
    count = length(m, piece)
    if count == 0:
        return EMPTY
    if count > m.elements:
        return ELEMENTS
    return 1 + count


@compiled
def _transposed_words(m: Memory, piece: int) -> int:
    if is_ragged(m, piece):
        return turned_words(m, piece)
    need = _piece_words(m, piece)
    if need < 0 or is_grid(m, piece):
        return need
    return set_words(length(m, piece))


@compiled
def run_start(m: Memory, source: int, last: int, bits: int) -> int:
    """Where, from the source on, the run of words begins that ends before `last`.

    The words of a run are alike but for what stands in the last bits.
    """
    heap = m.heap
    key = heap[last - 1] >> bits
    first = last - 1
    while first > source and heap[first - 1] >> bits == key:
        first -= 1
    return first


@compiled
def _reverse(m: Memory, target: int, source: int, count: int, bits: int, total: int) -> None:
    """Copy ascending words; x, which stands before the last bits, becomes total - x.

    The copies ascend: words that differ in the last bits only stay in their order.
    """
    heap = m.heap
    last = source + count
    while last > source:
        first = run_start(m, source, last, bits)
        change = (total - 2 * (((heap[first] >> bits) & MASK) - BIAS)) << bits
        for k in range(first, last):
            heap[target] = heap[k] + change
            target += 1
        last = first


@compiled
def _put_places(m: Memory, places: int, patch: int, base: int, sign: int, rows: int) -> None:
    """Count what comes to lie in each row of a transposed patch, and write where each begins.

    The first begins as many words before `places` as the patch has.
    """
    heap, first, count, bits = m.heap, start(patch), length(m, patch), column_bits(m, patch)
    for k in range(places, places + rows):
        heap[k] = 0
    for k in range(first, first + count):
        heap[places + base + sign * ((heap[k] >> bits) & MASK)] += 1
    place = places - count
    for k in range(places, places + rows):
        number = heap[k]
        heap[k] = place
        place += number


@compiled
def _put_transposed(m: Memory, out: int, patch: int, sign: int) -> tuple[int, int]:
    """Mirror along the diagonal from the upper left corner, or with sign -1 from the lower left.

    Unless they are far apart, no words are compared: where each goes follows from how many come to
    lie in the rows before.
    """
    top, left, bottom, right = box_of(m, patch)
    if not is_within(m, patch, top, left, top + right - left, left + bottom - top):
        return INTEGER, out
    heap, source, count, bits = m.heap, start(patch), length(m, patch), column_bits(m, patch)
    base_i, base_j = (top - left, left - top) if sign > 0 else (top + right, left + bottom)
    base = base_i - top - sign * BIAS
    place, places, last = out + 1, out + 1 + count, source + count
    is_dense = right - left < count
    if is_dense:
        _put_places(m, places, patch, base, sign, right - left + 1)
    while last > source:
        # With sign -1 the rows in descending order, but each row's words in ascending order.
        first = source if sign > 0 else run_start(m, source, last, bits + FIELD)
        for k in range(first, last):
            word = heap[k]
            row = base + sign * ((word >> bits) & MASK)
            column = base_j + sign * ((word >> (bits + FIELD)) - BIAS)
            if is_dense:
                place = heap[places + row]
                heap[places + row] = place + 1
            location = ((row + top + BIAS) << FIELD) | (column + BIAS)
            heap[place] = (location << bits) | (word & ((1 << bits) - 1))
            place += 1
        last = first
    if is_dense:
        return put_list(m, out, SET, count)
    return put_set(m, out, count)


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


@native(hmirror, words=_piece_words)
def _hmirror(m: Memory, out: int, piece: int) -> tuple[int, int]:
    if is_grid(m, piece):
        rows, columns = height(m, piece), width(m, piece)
        return put_picked(m, out, piece, (rows - 1) * columns, -columns, 1, rows, columns)
    top, left, bottom, right = box_of(m, piece)
    if not is_within(m, piece, top, left, bottom, right):
        return INTEGER, out
    count, bits = length(m, piece), column_bits(m, piece) + FIELD
    _reverse(m, out + 1, start(piece), count, bits, top + bottom)
    return put_list(m, out, SET, count)


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


@native(vmirror, words=_piece_words)
def _vmirror(m: Memory, out: int, piece: int) -> tuple[int, int]:
    if is_grid(m, piece):
        rows, columns = height(m, piece), width(m, piece)
        return put_picked(m, out, piece, columns - 1, columns, -1, rows, columns)
    top, left, bottom, right = box_of(m, piece)
    if not is_within(m, piece, top, left, bottom, right):
        return INTEGER, out
    source, count, bits = start(piece), length(m, piece), column_bits(m, piece)
    last = source + count
    while last > source:
        first = run_start(m, source, last, bits + FIELD)
        _reverse(m, out + 1 + first - source, first, last - first, bits, left + right)
        last = first
    return put_list(m, out, SET, count)


@primitive(
    *_PIECES,
    examples=(
        "dmirror(((1, 2), (3, 4), (5, 6))) == ((1, 3, 5), (2, 4, 6))",
        "dmirror(frozenset({(1, 5), (1, 7)})) == frozenset({(1, 5), (3, 5)})",
        "dmirror(((), ())) == ()",
    ),
    laws=("dmirror(dmirror(piece)) == piece or contained((), piece)",),
    computes=True,
    ragged=("piece",),
)
def dmirror(piece: Piece) -> Piece:
    """Mirror along the diagonal from the upper left corner.

    Shape:   (h, w) becomes (w, h), height 0 where w is 0; a patch keeps its upper left corner
    Errors:  EMPTY if a patch is empty
    """
    if isinstance(piece, tuple):
        return tuple(zip(*piece, strict=False))
    has_colours = _has_colours(piece)
    top, left, _, _ = _bounds(piece, has_colours)
    down, across = top - left, left - top
    if has_colours:
        return frozenset([(colour, (j + down, i + across)) for colour, (i, j) in piece])
    return frozenset([(j + down, i + across) for i, j in piece])


@native(dmirror, words=_transposed_words)
def _dmirror(m: Memory, out: int, piece: int) -> tuple[int, int]:
    if is_ragged(m, piece):
        return put_turned(m, out, piece, False, False, False)
    if is_grid(m, piece):
        rows, columns = height(m, piece), width(m, piece)
        return put_picked(m, out, piece, 0, 1, columns, columns, rows)
    return _put_transposed(m, out, piece, 1)


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
    ragged=("piece",),
)
def cmirror(piece: Piece) -> Piece:
    """Mirror along the diagonal from the lower left corner.

    Shape:   (h, w) becomes (w, h), height 0 where w is 0; a patch keeps its upper left corner
    Errors:  EMPTY if a patch is empty
    """
    if isinstance(piece, tuple):
        return tuple(zip(*[row[::-1] for row in piece[::-1]], strict=False))
    has_colours = _has_colours(piece)
    top, left, bottom, right = _bounds(piece, has_colours)
    sum_i, sum_j = top + right, left + bottom
    if has_colours:
        return frozenset([(colour, (sum_i - j, sum_j - i)) for colour, (i, j) in piece])
    return frozenset([(sum_i - j, sum_j - i) for i, j in piece])


@native(cmirror, words=_transposed_words)
def _cmirror(m: Memory, out: int, piece: int) -> tuple[int, int]:
    if is_ragged(m, piece):
        return put_turned(m, out, piece, True, True, False)
    if is_grid(m, piece):
        rows, columns = height(m, piece), width(m, piece)
        return put_picked(m, out, piece, rows * columns - 1, -1, -columns, columns, rows)
    return _put_transposed(m, out, piece, -1)
