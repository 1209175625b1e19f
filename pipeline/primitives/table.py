"""The table: every row, joined from the families and found by name.

`ROWS` are the primitives that a solver can name, `INNER_ROWS` those that only the passes make,
`PYTHON_ROWS` those that operators and builtins of Python become. `TABLE`, `INTERNAL` and `PYTHON`
find them by name, `BY_NAME` each of them.

The rows of a project's own (see `own`) are in `TABLE` and `BY_NAME` from `use` on, in this process
and in those that it starts, which find in an environment variable what is used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Final

from pipeline.primitives import (
    VARIABLE,
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
from pipeline.primitives.own import OwnRows, read_rows
from pipeline.primitives.row import Primitive, rows_of
from pipeline.system.forks import lock_before_forks
from pipeline.system.stamp import python_files

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


# -- rows of a project's own

_USING: Final = lock_before_forks()
_on_change: list[Callable[[], None]] = []
_used = [OwnRows()]


def own_rows() -> OwnRows:
    """The rows of a project's own that are in the table."""
    return _used[0]


def on_change(forget: Callable[[], None]) -> Callable[[], None]:
    """Have a function called, now and whenever the table has other rows: it forgets what is known
    by the names of rows.
    """
    _on_change.append(forget)
    forget()
    return forget


def use(paths: Sequence[str], look: bool = True) -> None:
    """Have the rows of these folders and files in the table, and no others of a project's own.

    look: whether to read files again that have changed. Raises Invalid, and changes nothing, if
    anything is wrong with one.
    """
    wanted = tuple(os.path.abspath(path) for path in paths)
    with _USING:
        if wanted == own_rows().paths and not (look and wanted and _has_changed()):
            return
        known = {name: row for name, row in BY_NAME.items() if name not in own_rows().digests}
        found = read_rows(wanted, known)
        for row in own_rows().rows:
            del TABLE[row.name], BY_NAME[row.name]
        _used[0] = found
        TABLE.update({row.name: row for row in found.rows})
        BY_NAME.update({row.name: row for row in found.rows})
        os.environ[VARIABLE] = json.dumps(wanted)
        if not wanted:
            del os.environ[VARIABLE]
        for forget in _on_change:
            forget()


def _has_changed() -> bool:
    return python_files(own_rows().paths) != own_rows().stamps


if os.environ.get(VARIABLE):
    use(json.loads(os.environ[VARIABLE]))
