"""Tables: drawn by rich on a terminal, aligned plain text elsewhere, so that logs and scripts can
read them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

Row = Sequence[str]


def print_table(header: Row, rows: Sequence[Row]) -> None:
    """Print a table; its first column is aligned to the left, the others to the right."""
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        from rich.console import Console
        from rich.table import Table

        drawn = Table(*header)
        for column in drawn.columns[1:]:
            column.justify = "right"
        for row in rows:
            drawn.add_row(*row)
        Console().print(drawn)
        return
    widths = [max(len(row[k]) for row in [header, *rows]) for k in range(len(header))]
    for row in [header, *rows]:
        cells = [
            row[0].ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells).rstrip())
