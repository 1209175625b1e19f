"""The 160 primitives of ARC-DSL: one row each, and nothing about a primitive anywhere else.

`row` says what a row is; the families (`numbers`, `containers`, `functions`, `grids`, `patches`,
`objects`, ...) hold the rows, `table` joins them, and `own` reads those of a project's own.
"""

from typing import Final

VARIABLE: Final = "ARC_PRIMITIVES"
"""The environment variable that tells processes which rows of a project's own the one that started
them uses: see `table.use`."""
