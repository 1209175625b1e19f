"""Frontiers: the rows and the columns of one colour, left out or collected.

A grid has h rows of w cells; () is the grid of height 0, and w may be 0.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.mirrors import Grid, put_blank, same_words
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    BIAS,
    EMPTY,
    FIELD,
    SET,
    Memory,
    height,
    list_words,
    origin,
    put_list,
    width,
)


def _plain_rows(grid: Grid) -> list[int]:
    """The indices of the rows whose cells are of one colour."""
    return [i for i, row in enumerate(grid) if len(set(row)) == 1]


def _plain_columns(grid: Grid) -> list[int]:
    return [j for j, column in enumerate(zip(*grid, strict=True)) if len(set(column)) == 1]


@compiled
def _is_plain(m: Memory, first: int, count: int, step: int) -> bool:
    """Whether there are cells, so far apart from the first on, and all are of one colour."""
    colours = m.colours
    for k in range(1, count):
        if colours[first + k * step] != colours[first]:
            return False
    return count > 0


@primitive(
    "Grid -> Grid",
    examples=(
        "compress(((1, 0, 2), (0, 0, 0), (3, 0, 4))) == ((1, 2), (3, 4))",
        "compress(((5,),)) == ()",
        "compress(((1, 2), (1, 2))) == ((), ())",
    ),
    laws=(
        "compress(rot180(grid)) == rot180(compress(grid))",
        "compress(grid) == grid or greater(size(frontiers(grid)), 0)",
    ),
    total=True,
)
def compress(grid: Grid) -> Grid:
    """Leave out the rows and the columns of one colour.

    Shape:   (h, w), each less the lines left out
    """
    rows, columns = set(_plain_rows(grid)), set(_plain_columns(grid))
    kept = [row for i, row in enumerate(grid) if i not in rows]
    if not columns:
        return tuple(kept)
    return tuple([tuple([v for j, v in enumerate(row) if j not in columns]) for row in kept])


@compiled
def _compress_words(m: Memory, grid: int) -> int:
    """The grid's, and two columns a word behind."""
    return same_words(m, grid) + (width(m, grid) + 1) // 2


@native(compress, words=_compress_words)
def _compress(m: Memory, out: int, grid: int) -> tuple[int, int]:
    rows, columns, source = height(m, grid), width(m, grid), origin(grid)
    colours, target, list_ = m.colours, 2 * (out + 1), 2 * (out + same_words(m, grid))
    kept, count = 0, 0
    for j in range(columns):
        if not _is_plain(m, source + j, rows, columns):
            colours[list_ + count] = j
            count += 1
    for i in range(rows):
        first = source + i * columns
        if not _is_plain(m, first, columns, 1):
            for k in range(count):
                colours[target + kept * count + k] = colours[first + colours[list_ + k]]
            kept += 1
    if kept == rows and count == columns:
        return grid, out
    return put_blank(m, out, kept, count)


@primitive(
    "Grid -> Objects",
    examples=(
        "frontiers(((1, 1), (1, 0))) == frozenset({frozenset({(1, (0, 0)), (1, (0, 1))}),"
        " frozenset({(1, (0, 0)), (1, (1, 0))})})",
        "frontiers(((5,),)) == frozenset({frozenset({(5, (0, 0))})})",
        "frontiers(((), ())) == frozenset()",
    ),
    laws=(
        "size(frontiers(dmirror(grid))) == size(frontiers(grid))",
        "sizefilter(frontiers(grid), 0) == frozenset()",
    ),
    computes=True,
)
def frontiers(grid: Grid) -> frozenset[Any]:
    """Collect the rows and the columns of one colour as objects.

    Errors:  EMPTY if the grid has height 0
    """
    if not grid:
        raise Failure("EMPTY")
    across, down = range(len(grid[0])), range(len(grid))
    lines = [frozenset([(grid[i][0], (i, j)) for j in across]) for i in _plain_rows(grid)]
    lines += [frozenset([(grid[0][j], (i, j)) for i in down]) for j in _plain_columns(grid)]
    return frozenset(lines)


@compiled
def _frontiers_words(m: Memory, grid: int) -> int:
    rows, columns = height(m, grid), width(m, grid)
    if rows == 0:
        return EMPTY
    return 1 + rows * (1 + list_words(columns)) + columns * (1 + list_words(rows))


@native(frontiers, words=_frontiers_words)
def _frontiers(m: Memory, out: int, grid: int) -> tuple[int, int]:
    """Row 0 and the columns come before the other rows, as they begin in row 0."""
    heap, rows, columns, first = m.heap, height(m, grid), width(m, grid), origin(grid)
    count = 0
    for k in range(_line_count(rows, columns)):
        line = _line(k, rows, columns)
        if line >= 0:
            is_plain = _is_plain(m, first + line * columns, columns, 1)
        else:
            is_plain = _is_plain(m, first - 1 - line, rows, columns)
        if is_plain:
            count += 1
            heap[out + count] = line
    after = out + 1 + count
    for k in range(out + 1, out + 1 + count):
        heap[k], after = _put_line(m, after, grid, heap[k])
    word, _ = put_list(m, out, SET, count)
    return word, after


@compiled
def _line_count(rows: int, columns: int) -> int:
    """How many different lines there are: none without cells, and one of one cell."""
    if columns == 0:
        return 0
    return 1 if rows * columns == 1 else rows + columns


@compiled
def _line(k: int, rows: int, columns: int) -> int:
    """Row i as i, or column j as -1 - j, whichever is number k in canonical order.

    Row 0 and column 0 begin with the same cell: a lone cell comes before a row of more, else the
    row's second cell before the column's.
    """
    if rows == 1 and k < 2:
        return k - 1
    return -k if k <= columns else k - columns


@compiled
def _put_line(m: Memory, out: int, grid: int, line: int) -> tuple[int, int]:
    """The object of row i, or with -1 - j of column j. Gives its word and the place behind it."""
    columns = width(m, grid)
    i, j, count, step = line, 0, columns, 1 << FIELD
    if line < 0:
        i, j, count, step = 0, -1 - line, height(m, grid), 1 << (2 * FIELD)
    word = ((i + BIAS) << FIELD) | (j + BIAS)
    word = (word << FIELD) | (m.colours[origin(grid) + i * columns + j] + BIAS)
    for k in range(count):
        m.heap[out + 1 + k] = word + k * step
    return put_list(m, out, SET, count)
