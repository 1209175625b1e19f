"""Pictures for the README, as SVG: what a terminal shows, and how the HTML report begins.

Both follow the reader's light or dark page, ask for no font and no network, and are the same bytes
wherever they are made.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pipeline.battery.closeup import CloseUp
from pipeline.report.html import summary
from pipeline.report.page_data import LETTERS, STATUSES, Found, page_data
from pipeline.report.show_text import drawn, heading, lane_text, print_in_colours
from pipeline.system.terminal import painted

FOLDER: Final = Path(__file__).with_name("page")
COLUMNS: Final = 92
SHOWN_ROWS: Final = 8
ORDER: Final = ("broken", "error", "over_budget", "wrong", "no_task", "right")

_CODES = re.compile(r"\x1b\[([\d;]*)m")
_NAMED: Final = {"30": "#000000", "31": "#f2746b", "32": "#5fd38d", "37": "#ffffff"}


@dataclass(frozen=True, slots=True)
class TextRun:
    """Letters of one look, from a column on."""

    column: int
    text: str
    colour: str = ""
    ground: str = ""
    bold: bool = False
    dim: bool = False


def shown_in_colours(row: CloseUp, k: int, lines: Mapping[str, Sequence[str]]) -> str:
    """What `show` prints of one lane of a solver on a terminal, behind the command."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, color_system="truecolor", width=COLUMNS, legacy_windows=False
    )
    print(f"\x1b[2m$\x1b[0m \x1b[1mdoit show {row.task} --sample {k}\x1b[0m", file=out)
    said = f"{heading(row)}\n\n{lane_text(row.lanes[k], lambda path: lines.get(path, ()))}"
    print(painted(said), file=out)
    print_in_colours(console, [replace(grid, framed=True) for grid in drawn(row.lanes[k])])
    return out.getvalue()


def terminal_picture(text: str) -> str:
    """A text with the colours of a terminal, as SVG."""
    rows = [list(runs_of(line)) for line in text.split("\n")]
    return _rendered("terminal.svg.j2", rows=rows, columns=COLUMNS)


def runs_of(line: str) -> Iterator[TextRun]:
    """The runs of a line: what is just blank, on no ground, is left out."""
    look, column, end = TextRun(0, ""), 0, 0
    for match in [*_CODES.finditer(line), None]:
        text = line[end : match.start() if match else None]
        if text and (text.strip() or look.ground):
            yield replace(look, column=column, text=text)
        column += len(text)
        if match is not None:
            look, end = _changed(look, match[1]), match.end()


def _changed(look: TextRun, codes: str) -> TextRun:
    parts = iter(codes.split(";"))
    for code in parts:
        if code in ("", "0"):
            look = TextRun(0, "")
        elif code == "1":
            look = replace(look, bold=True)
        elif code == "2":
            look = replace(look, dim=True)
        elif code in ("38", "48"):
            next(parts)
            colour = "#" + "".join(f"{int(next(parts)):02x}" for _ in range(3))
            look = replace(look, colour=colour) if code == "38" else replace(look, ground=colour)
        elif code in _NAMED:
            look = replace(look, colour=_NAMED[code])
        else:
            raise ValueError(f"no look is known for {code!r} in {codes!r}")
    return look


def report_picture(found: Found) -> str:
    """How the page of a report begins, as SVG."""
    figures = summary(found)
    index = page_data(found).index
    tasks = index["tasks"]
    rows = [_row(row, tasks) for row in index["solvers"]]
    rows.sort(key=lambda row: (ORDER.index(row["status"]), row["name"]))
    statuses = [("all", "", figures.total.solvers)]
    statuses += [(s.replace("_", " "), s, n) for s, n in figures.total.by_status.items()]
    return _rendered(
        "report.svg.j2",
        title=f"{figures.solved:,} of {figures.tasks:,} tasks solved",
        total=figures.total,
        chips=statuses,
        rows=rows[:SHOWN_ROWS],
    )


def _row(row: Sequence[Any], tasks: Sequence[Sequence[Any]]) -> dict[str, Any]:
    letters = {letter: status for status, letter in LETTERS.items()}
    _, train, test = tasks[row[2]]
    return {
        "name": row[0].rpartition("/")[2],
        "status": STATUSES[row[3]],
        "lanes": [letters[letter] for letter in row[4]],
        "right": row[4].count("r"),
        "samples": len(row[4]) or train + test,
        "nodes": row[7],
        "said": row[8],
    }


def _rendered(name: str, **what: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(name).render(**what) + "\n"
