"""What is wrong with a grid as plain values of JSON, in words with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipeline.data.grid_check import CELL, HEIGHT, LENGTH, ROW, SIDE, TABLE, GridFault, faults_of


def grid_faults(place: str, grid: Any) -> Iterator[str]:
    """Everything that keeps a value from being a grid of ARC, a line each."""
    return (f"{place}{_words(fault)}" for fault in faults_of(grid, (list,)))


def _words(fault: GridFault) -> str:
    kind, found, i, j = fault
    if kind == TABLE:
        return f": must be a list of rows, not {kind_of(found)}"
    if kind == ROW:
        return f", row {i}: must be a list of colours, not {kind_of(found)}"
    if kind == LENGTH:
        return f", row {i}: {counted(found[0], 'cell', 'cells')}, the first has {found[1]}"
    if kind == CELL:
        return f", cell ({i}, {j}): must be an integer from 0 to 9, not {_cell(found)}"
    one = "row" if kind == HEIGHT else "column"
    return f": {counted(found, one, f'{one}s')}, must be 1 to {SIDE}"


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
