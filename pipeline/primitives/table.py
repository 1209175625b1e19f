"""The table: every row, joined from the families and found by name.

`ROWS` are the primitives that a solver can name, `INNER_ROWS` those that only the passes make,
`PYTHON_ROWS` those that operators and builtins of Python become. `TABLE`, `INTERNAL` and `PYTHON`
find them by name, `BY_NAME` each of them.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from pipeline.primitives import (
    algebra,
    cells,
    colours,
    conditions,
    contacts,
    containers,
    control,
    elements,
    frontiers,
    functions,
    grids,
    joins,
    keyed,
    kinds,
    lines,
    measures,
    meeting,
    mirrors,
    numbers,
    objects,
    paint,
    patches,
    products,
    python_compare,
    python_containers,
    python_numbers,
    python_ordering,
    python_truth,
    regions,
    relations,
    scales,
    selections,
)
from pipeline.primitives.row import Primitive, rows_of

FAMILIES: Final[tuple[ModuleType, ...]] = (
    numbers,
    elements,
    containers,
    algebra,
    products,
    functions,
    selections,
    mirrors,
    scales,
    grids,
    joins,
    frontiers,
    cells,
    colours,
    measures,
    patches,
    relations,
    contacts,
    lines,
    regions,
    objects,
    paint,
)
ROWS: Final[tuple[Primitive, ...]] = tuple(row for family in FAMILIES for row in rows_of(family))
PYTHON_FAMILIES: Final[tuple[ModuleType, ...]] = (
    python_numbers,
    python_truth,
    python_compare,
    python_containers,
    python_ordering,
)
PYTHON_ROWS: Final = tuple(row for family in PYTHON_FAMILIES for row in rows_of(family))
INNER_ROWS: Final[tuple[Primitive, ...]] = (
    *rows_of(keyed),
    *rows_of(conditions),
    *rows_of(control),
    *rows_of(meeting),
    *rows_of(kinds),
)


def _by_name(rows: tuple[Primitive, ...]) -> dict[str, Primitive]:
    table: dict[str, Primitive] = {}
    for row in rows:
        if row.name in table:
            raise ValueError(f"two rows are named {row.name}")
        table[row.name] = row
    return table


TABLE: Final[dict[str, Primitive]] = _by_name(ROWS)
INTERNAL: Final[dict[str, Primitive]] = _by_name(INNER_ROWS)
BY_NAME: Final[dict[str, Primitive]] = _by_name((*ROWS, *INNER_ROWS, *PYTHON_ROWS))
PYTHON: Final[dict[str, Primitive]] = {
    "greater" if row.name == "exceeds" else row.name: row for row in PYTHON_ROWS
}
"""`>` takes more than the primitive `greater`, so the row is named otherwise."""


def mover(row: Primitive) -> Primitive:
    """The row that moves functions in a row's place, where others do its work."""
    if not row.same_as:
        return row
    workers = [BY_NAME[name] for name in row.same_as if name]
    return next((worker for worker in workers if worker.on_functions), row)
