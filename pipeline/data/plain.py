"""What is wrong with a grid as plain values of JSON, in words with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

LARGEST: Final = 30
"""Most rows, and most columns, of a grid of ARC."""

COLOURS: Final = 10


def grid_faults(place: str, grid: Any) -> Iterator[str]:
    """Everything that keeps a value from being a grid of ARC, a line each."""
    if not isinstance(grid, list):
        yield f"{place}: must be a list of rows, not {kind_of(grid)}"
        return
    if not 1 <= len(grid) <= LARGEST:
        yield f"{place}: {counted(len(grid), 'row', 'rows')}, must be 1 to {LARGEST}"
    width = next((len(row) for row in grid if isinstance(row, list)), 0)
    if grid and isinstance(grid[0], list) and not 1 <= width <= LARGEST:
        yield f"{place}: {counted(width, 'column', 'columns')}, must be 1 to {LARGEST}"
    for i, row in enumerate(grid):
        if not isinstance(row, list):
            yield f"{place}, row {i}: must be a list of colours, not {kind_of(row)}"
            continue
        if len(row) != width:
            yield f"{place}, row {i}: {counted(len(row), 'cell', 'cells')}, the first has {width}"
        for j, cell in enumerate(row):
            if type(cell) is not int or not 0 <= cell < COLOURS:
                yield f"{place}, cell ({i}, {j}): must be an integer from 0 to 9, not {_cell(cell)}"


def kind_of(value: Any) -> str:
    """What a value is, with its article."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "null" if value is None else kinds.get(type(value), "a number")


def shown(value: Any) -> str:
    """The value as JSON, cut where it is long."""
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:36]}..."


def counted(number: int, one: str, many: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {one if number == 1 else many}"


def _cell(value: Any) -> str:
    return shown(value) if isinstance(value, str | int | float) else kind_of(value)
