"""Whether something is a grid of ARC: 1 to 30 equally long rows of 1 to 30 colours from 0 to 9.

The one place that says so. Who asks says which types tables and cells may have (JSON has lists,
programs make tuples), and words what is wrong for its own readers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

SIDE: Final = 30
"""Most rows, and most columns."""

COLOURS: Final = frozenset(range(10))

TABLE, HEIGHT, WIDTH, ROW, LENGTH, CELL = "table", "height", "width", "row", "length", "cell"


class GridFault(NamedTuple):
    """One thing that keeps a value from being a grid.

    kind: TABLE, it is none; HEIGHT, WIDTH, the number of rows or columns; ROW, row i is no table;
    LENGTH, row i has not as many cells as the first (both numbers); CELL, that is no colour.
    found: the number, or what is there instead.
    """

    kind: str
    found: Any
    i: int = 0
    j: int = 0


def faults_of(
    value: Any, tables: tuple[type, ...] = (tuple,), cells: tuple[type, ...] = (int,)
) -> Iterator[GridFault]:
    """Everything that keeps a value from being a grid, from its top left; subclasses don't count
    as the types that tables and cells may have."""
    if type(value) not in tables:
        yield GridFault(TABLE, value)
        return
    if not 1 <= len(value) <= SIDE:
        yield GridFault(HEIGHT, len(value))
    width = next((len(row) for row in value if type(row) in tables), 0)
    if value and type(value[0]) in tables and not 1 <= width <= SIDE:
        yield GridFault(WIDTH, width)
    for i, row in enumerate(value):
        if type(row) not in tables:
            yield GridFault(ROW, row, i)
            continue
        if len(row) != width:
            yield GridFault(LENGTH, (len(row), width), i)
        if set(map(type, row)).issubset(cells) and COLOURS.issuperset(row):
            continue
        for j, cell in enumerate(row):
            if type(cell) not in cells or cell not in COLOURS:
                yield GridFault(CELL, cell, i, j)


def has_grid_size(rows: Sequence[Sequence[int]]) -> bool:
    """Whether rows of colours are a grid: for thousands of them, of which nothing else is open."""
    width = len(rows[0]) if rows else 0
    sized = 1 <= len(rows) <= SIDE and 1 <= width <= SIDE
    return sized and set(map(len, rows)) == {width}


def is_grid(value: Any) -> bool:
    """Whether a value is a grid: tuples of integers."""
    return next(faults_of(value), None) is None
