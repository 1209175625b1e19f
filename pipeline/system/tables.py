"""Tables: drawn by rich on a terminal, aligned plain text elsewhere, so that logs and scripts can
read them.

On a terminal that is too narrow the words of a head stand below each other, or the whole table is
turned, a line a column, or it is plain text with long lines: nothing is ever cut.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.system.terminal import console_of

if TYPE_CHECKING:
    from rich.table import Table

Row = Sequence[str]
NO_STYLES: Mapping[str, str] = {}


def print_table(header: Row, rows: Sequence[Row], styles: Mapping[str, str] = NO_STYLES) -> None:
    """Print a table; its first column is aligned to the left, the others to the right. styles: of
    what is not 0 in a column, by its head.
    """
    console = console_of(sys.stdout)
    if console is not None:
        for head, body in _shapes(header, rows):
            if _width(head, body) <= console.width:
                console.print(_drawn(head, body, styles))
                return
    _print_plain(header, rows)


def _print_plain(header: Row, rows: Sequence[Row]) -> None:
    for line in table_lines(header, rows, "<" + ">" * (len(header) - 1)):
        print(line)


def table_lines(header: Row, rows: Sequence[Row], sides: str) -> Iterator[str]:
    """A table as plain text; sides: `<` for each column aligned to the left, else `>`."""
    columns = list(zip(sides, _widths(header, rows), strict=True))
    for row in [header, *rows]:
        cells = (f"{c:{side}{width}}" for c, (side, width) in zip(row, columns, strict=True))
        yield "  ".join(cells).rstrip()


def _shapes(header: Row, rows: Sequence[Row]) -> Iterator[tuple[Row, Sequence[Row]]]:
    """The table as it is, with the words of its head below each other, and turned."""
    yield header, rows
    yield [head.replace(" ", "\n") for head in header], rows
    head, *turned = zip(header, *rows, strict=True)
    yield head, turned


def _widths(header: Row, rows: Sequence[Row]) -> list[int]:
    """How wide each column is."""
    return [
        max(len(line) for row in (header, *rows) for line in row[k].split("\n"))
        for k in range(len(header))
    ]


def _width(header: Row, rows: Sequence[Row]) -> int:
    """How wide rich draws it, with three between columns."""
    return sum(_widths(header, rows)) + 3 * (len(header) - 1)


def _drawn(header: Row, rows: Sequence[Row], styles: Mapping[str, str]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for k, head in enumerate(header):
        drawn.add_column(Text(head), justify="right" if k else "left")
    kinds = [styles.get(head.replace("\n", " "), "") for head in header]
    for row in rows:
        own = [styles.get(row[0], kind) for kind in kinds]
        cells = zip(row, own, strict=True)
        drawn.add_row(*(Text(cell, "" if cell == "0" else style) for cell, style in cells))
    return drawn
