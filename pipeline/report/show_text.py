"""A solver's samples as text: input, expected and produced grids, side by side where they fit.

On a terminal a cell is two columns of its colour, and `><` stands in one that differs; elsewhere it
is a digit, with `*` behind it if it differs.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.battery.closeup import CloseUp, LaneCloseUp, differing
from pipeline.battery.results import NO_TASK, RIGHT, FirstFailure
from pipeline.data.grid_html import OTHER, PALETTE
from pipeline.data.tasks import Grid
from pipeline.diagnostics import Diagnostic, Span, render
from pipeline.system.terminal import console_of, say

if TYPE_CHECKING:
    from rich.console import Console

DARK_TEXT: Final = frozenset({3, 4, 5, 7, 8})
"""The colours on which marks are black."""

SIXTEEN: Final = (
    *("black", "blue", "bright_red", "green", "bright_yellow"),
    *("white", "magenta", "yellow", "bright_cyan", "red"),
)
"""The palette on a terminal of 16 colours: the nearest of these to ours would be two alike."""

FRAME: Final = tuple("─│┌┐└┘")
PLAIN_FRAME: Final = tuple("-|++++")
"""What a border is made of: across, down, the corners; where the terminal has no letters for it."""

GAP: Final = 3
WIDTH: Final = 100
"""Columns where there is no terminal that says how many it has."""

Lines = Callable[[str], Sequence[str]]
Marks = frozenset[tuple[int, int]]
NO_MARKS: Marks = frozenset()


@dataclass(frozen=True, slots=True)
class DrawnGrid:
    """A grid under its name; `cell` is how many columns a cell takes; a framed one has a border:
    black cells are seen on a black terminal, white ones on a white one."""

    name: str
    grid: Grid
    marks: Marks = NO_MARKS
    cell: int = 2
    framed: bool = False

    @property
    def caption(self) -> str:
        """Its name and size."""
        return f"{self.name} {len(self.grid)}x{len(self.grid[0]) if self.grid else 0}"

    @property
    def width(self) -> int:
        """How many columns it takes."""
        cells = len(self.grid[0]) * self.cell if self.grid else 0
        return max(cells + 2 * self.framed, len(self.caption))


def drawn(lane: LaneCloseUp) -> list[DrawnGrid]:
    """The grids of a sample. What differs is marked in both, the expected and the produced one."""
    expected, produced = lane.sample.output, lane.produced
    marks = NO_MARKS if produced is None else differing(expected, produced)
    parts = [("input", lane.sample.input, NO_MARKS), ("expected", expected, marks)]
    if produced is not None:
        parts.append(("produced", produced, marks))
    return [DrawnGrid(name, grid, here) for name, grid, here in parts]


def print_close_up(
    row: CloseUp, lanes: Sequence[LaneCloseUp], lines: Lines = lambda path: ()
) -> None:
    """Print some of a solver's samples."""
    say(heading(row))
    for lane in lanes:
        say(f"\n{lane_text(lane, lines)}")
        print_grids(drawn(lane))


def print_grids(grids: Sequence[DrawnGrid]) -> None:
    """Print grids, side by side where they fit."""
    console = console_of(sys.stdout)
    framed = console is not None
    width = console.width if console else shutil.get_terminal_size((WIDTH, 24)).columns
    sized = [replace(g, cell=_cell_width(grids, console), framed=framed) for g in grids]
    for group in arranged(sized, width):
        if console is None:
            print("\n".join(plain(group)))
        else:
            print_in_colours(console, group)


def _cell_width(grids: Sequence[DrawnGrid], console: Console | None) -> int:
    """How many columns a cell takes: two of its colour, or its digits and a mark."""
    cells = (len(str(value)) for drawn in grids for row in drawn.grid for value in row)
    return 2 if console is not None else max(cells, default=1) + 1


def heading(row: CloseUp) -> str:
    """One line on a solver."""
    if row.status == NO_TASK:
        return f"{row.solver}: no data set in config.yaml has its task"
    return f"{row.solver}: {row.correct} of {len(row.lanes)} samples right"


def lane_text(lane: LaneCloseUp, lines: Lines) -> str:
    """What is to be said of a sample: of an error, the source line with a caret."""
    failure = lane.failure
    if failure is None:
        return f"{lane.place}: {RIGHT}"
    if not failure.path:
        return f"{lane.place}: {failure.status}: {failure.message.removeprefix(_kind(failure))}"
    span = Span(failure.path, failure.line, failure.column, failure.width)
    message = failure.message.removeprefix(_kind(failure))
    diagnostic = Diagnostic(span, failure.reason.lower(), message, severity=failure.status)
    return f"{lane.place}: {failure.status}\n{render(diagnostic, lines(failure.path))}"


def _kind(failure: FirstFailure) -> str:
    return f"{failure.status}: "


def arranged(grids: Sequence[DrawnGrid], width: int) -> list[Sequence[DrawnGrid]]:
    """All grids in a row if they fit, else one below the other."""
    needed = sum(grid.width for grid in grids) + GAP * (len(grids) - 1)
    return [grids] if needed <= width else [[grid] for grid in grids]


def plain(grids: Sequence[DrawnGrid]) -> list[str]:
    """Grids side by side as digits and marks."""
    gap = " " * GAP
    rows = [gap.join(grid.caption.ljust(grid.width) for grid in grids).rstrip()]
    for i in range(max(len(grid.grid) for grid in grids)):
        parts = ["".join(_plain_cells(grid, i)).ljust(grid.width) for grid in grids]
        rows.append(gap.join(parts).rstrip())
    return rows


def _plain_cells(grid: DrawnGrid, i: int) -> list[str]:
    row = grid.grid[i] if i < len(grid.grid) else ()
    marks = ["*" if (i, j) in grid.marks else " " for j in range(len(row))]
    return [f"{v}{m}".ljust(grid.cell) for v, m in zip(row, marks, strict=True)]


def print_in_colours(console: Console, grids: Sequence[DrawnGrid]) -> None:
    """Print framed grids side by side."""
    from rich.text import Text

    gap = " " * GAP
    console.print(gap.join(g.caption.ljust(g.width) for g in grids), highlight=False, style="dim")
    frame = FRAME if console.encoding.startswith("utf") else PLAIN_FRAME
    palette = SIXTEEN if console.color_system == "standard" else PALETTE
    for i in range(-1, max(len(grid.grid) for grid in grids) + 1):
        line = Text(no_wrap=True, end="")
        for grid in grids:
            parts = _framed_row(grid, i, frame, palette)
            for text, style in parts:
                line.append(text, style)
            line.append(" " * (grid.width - sum(len(text) for text, _ in parts) + GAP))
        console.print(line, crop=False, soft_wrap=True)


def _framed_row(
    grid: DrawnGrid, i: int, frame: tuple[str, ...], palette: tuple[str, ...]
) -> list[tuple[str, str]]:
    """A row within its border, the border above (-1) or below it; nothing further down."""
    across, down, *corners = frame
    if i > len(grid.grid) or not grid.grid:
        return []
    if i in (-1, len(grid.grid)):
        left, right = corners[:2] if i < 0 else corners[2:]
        return [(f"{left}{across * (2 * len(grid.grid[0]))}{right}", "dim")]
    return [(down, "dim"), *_coloured_cells(grid, i, palette), (down, "dim")]


def _coloured_cells(grid: DrawnGrid, i: int, palette: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for j, value in enumerate(grid.grid[i]):
        colour = palette[value] if 0 <= value < len(palette) else OTHER
        text = "black" if value in DARK_TEXT else "white"
        mark = "><" if (i, j) in grid.marks else "  "
        found.append((mark, f"bold {text} on {colour}"))
    return found
