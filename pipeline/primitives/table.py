"""The table: every row, joined from the families and found by name.

`ROWS` are the primitives that a solver can name, `INNER_ROWS` those that only the passes make;
`TABLE` and `INTERNAL` find them by name.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from pipeline.primitives import (
    cells,
    colours,
    containers,
    elements,
    functions,
    grids,
    keyed,
    mirrors,
    numbers,
    objects,
    paint,
    patches,
    regions,
    relations,
    scales,
)
from pipeline.primitives.row import Primitive, rows_of

FAMILIES: Final[tuple[ModuleType, ...]] = (
    numbers,
    elements,
    containers,
    functions,
    mirrors,
    scales,
    grids,
    cells,
    colours,
    patches,
    relations,
    regions,
    objects,
    paint,
)
ROWS: Final[tuple[Primitive, ...]] = tuple(row for family in FAMILIES for row in rows_of(family))
INNER_ROWS: Final[tuple[Primitive, ...]] = rows_of(keyed)


def _by_name(rows: tuple[Primitive, ...]) -> dict[str, Primitive]:
    table: dict[str, Primitive] = {}
    for row in rows:
        if row.name in table:
            raise ValueError(f"two rows are named {row.name}")
        table[row.name] = row
    return table


TABLE: Final[dict[str, Primitive]] = _by_name(ROWS)
INTERNAL: Final[dict[str, Primitive]] = _by_name(INNER_ROWS)
