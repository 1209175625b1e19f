"""Ragged grids: rows that are not all equally long, as a step to a grid of which they are.

Where a grid is expected the heap may hold a tuple of tuples of integers in its place, whose rows
are of at least two lengths. Few rows take one (their parameter `ragged`); to all others it is an
error.
"""

from __future__ import annotations

from pipeline.primitives.row import compiled
from pipeline.primitives.words import (
    GRID,
    TUPLE,
    Memory,
    grid_words,
    height,
    is_grid,
    kind_of,
    length,
    origin,
    put_grid,
    put_list,
    start,
    width,
)


@compiled
def row_count(m: Memory, grid: int) -> int:
    """The rows of a grid, ragged or not."""
    return height(m, grid) if kind_of(m, grid) == GRID else length(m, grid)


@compiled
def row_length(m: Memory, grid: int, i: int) -> int:
    """The cells of row i of a grid, ragged or not."""
    return width(m, grid) if is_grid(m, grid) else length(m, m.heap[start(grid) + i])


@compiled
def cell_at(m: Memory, grid: int, i: int, j: int) -> int:
    """A cell of a grid, ragged or not."""
    if is_grid(m, grid):
        return m.colours[origin(grid) + i * width(m, grid) + j]
    return m.heap[start(m.heap[start(grid) + i]) + j]


@compiled
def copied_words(m: Memory, grid: int) -> int:
    """How many words the rows of a grid take as tuples, less one."""
    words = 0
    for i in range(row_count(m, grid)):
        words += 2 + row_length(m, grid, i)
    return words


@compiled
def put_row(m: Memory, out: int, grid: int, i: int, first: int, count: int) -> tuple[int, int]:
    """So many cells of a row, as a tuple; gives its word and the place behind it."""
    for j in range(count):
        m.heap[out + 1 + j] = cell_at(m, grid, i, first + j)
    return put_list(m, out, TUPLE, count)


@compiled
def put_stack(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    """The rows of two grids, as tuples, one below the other."""
    upper, lower = row_count(m, a), row_count(m, b)
    end = out + 1 + upper + lower
    for i in range(upper):
        m.heap[out + 1 + i], end = put_row(m, end, a, i, 0, row_length(m, a, i))
    for i in range(lower):
        m.heap[out + 1 + upper + i], end = put_row(m, end, b, i, 0, row_length(m, b, i))
    word, _ = put_list(m, out, TUPLE, upper + lower)
    return word, end


@compiled
def span(first: int, count: int, size: int) -> tuple[int, int]:
    """Where the Python slice from first to first + count begins in so many, and its length."""
    last = first + count
    begin = min(max(first + size if first < 0 else first, 0), size)
    return begin, max(min(max(last + size if last < 0 else last, 0), size) - begin, 0)


@compiled
def put_part(
    m: Memory, out: int, grid: int, i: int, j: int, rows: int, columns: int
) -> tuple[int, int]:
    """The part of a ragged grid that Python slices give, from (i, j) on: a grid where its rows are
    equally long.
    """
    top, rows = span(i, rows, length(m, grid))
    shortest, longest = 1 << 30, 0
    for k in range(top, top + rows):
        _, count = span(j, columns, row_length(m, grid, k))
        shortest, longest = min(shortest, count), max(longest, count)
    if rows > 0 and shortest != longest:
        end = out + 1 + rows
        for k in range(rows):
            first, count = span(j, columns, row_length(m, grid, top + k))
            m.heap[out + 1 + k], end = put_row(m, end, grid, top + k, first, count)
        word, _ = put_list(m, out, TUPLE, rows)
        return word, end
    place = 2 * (out + 1)
    for k in range(top, top + rows):
        first, count = span(j, columns, row_length(m, grid, k))
        for p in range(count):
            m.colours[place + p] = cell_at(m, grid, k, first + p)
        place += count
    return put_grid(m, out, rows, longest)


@compiled
def _shortest(m: Memory, grid: int) -> int:
    least = 0
    for i in range(row_count(m, grid)):
        count = row_length(m, grid, i)
        least = count if i == 0 else min(least, count)
    return least


@compiled
def turned_words(m: Memory, grid: int) -> int:
    """How many words a ragged grid takes whose columns become rows."""
    return grid_words(_shortest(m, grid), row_count(m, grid))


@compiled
def put_turned(
    m: Memory, out: int, grid: int, is_upward: bool, is_leftward: bool, is_back: bool
) -> tuple[int, int]:
    """The columns of a ragged grid as rows, as many as its shortest row has cells.

    Columns are read upward, rows leftward where that is said, and what comes of it is put back to
    front.
    """
    rows, columns = row_count(m, grid), _shortest(m, grid)
    word, after = put_grid(m, out, columns, rows if columns > 0 else 0)
    for i in range(rows):
        k = rows - 1 - i if is_upward else i
        last = row_length(m, grid, k) - 1
        for j in range(columns):
            to = columns - 1 - j if is_back else j
            from_ = last - j if is_leftward else j
            m.colours[origin(word) + to * rows + i] = cell_at(m, grid, k, from_)
    return word, after
