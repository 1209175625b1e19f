"""The HTML report: one file, with its style, script and data in it, that needs no network.

What is there without a script, the figures and the plots of the profile, is written here; the table
of solvers, their panels and the matrix are drawn by `page/page.js` from the data.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.report.page_data import Found, page_data
from pipeline.report.profile_plots import Plots, Point, plots

PAGE: Final = Path(__file__).with_name("page")
COLUMNS: Final = (
    ("task", "task", ""),
    ("corpus", "corpus", "wide"),
    ("status", "status", ""),
    ("share", "samples right", "number"),
    ("ms", "time, ms", "number"),
    ("nodes", "nodes", "number"),
)
"""Of the table of solvers: what the script sorts by, the heading, how it is set."""

STATUSES: Final = ("right", "wrong", "error", "over_budget", "broken", "no_task")


@dataclass(frozen=True, slots=True)
class Tally:
    """Solvers of a corpus, or of all, by their status; samples that are right, and all."""

    name: str
    solvers: int
    by_status: Mapping[str, int]
    right: int
    samples: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures at the top. `tallies`: of each corpus, and of all if there are several."""

    tasks: int
    solved: int
    total: Tally
    tallies: tuple[Tally, ...]


def summary(data: Mapping[str, Any]) -> Summary:
    """The figures, from the data of the page."""
    rows, samples = data["solvers"], {k: len(task) for k, task in data["tasks"].items()}
    corpora = sorted({row["corpus"] for row in rows})
    each = [_tally(c, [r for r in rows if r["corpus"] == c], samples) for c in corpora]
    total = _tally("all", rows, samples)
    solved = {row["task"] for row in rows if row["status"] == "right"}
    return Summary(len(samples), len(solved), total, (*each, total) if len(each) > 1 else (*each,))


def _tally(name: str, rows: Sequence[Mapping[str, Any]], samples: Mapping[str, int]) -> Tally:
    found = Counter(row["status"] for row in rows)
    right = sum(row["right"] for row in rows)
    every = sum(samples.get(row["task"], 0) for row in rows)
    return Tally(name, len(rows), {s: found[s] for s in STATUSES if found[s]}, right, every)


def render_html(found: Found) -> str:
    """The page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    data = page_data(found)
    figures = summary(data)
    return environment.get_template("index.html.j2").render(
        **_said(figures),
        **_plotted(plots(found.profile) if found.profile else None),
        style=(PAGE / "page.css").read_text("utf-8"),
        script=(PAGE / "page.js").read_text("utf-8"),
        data=script_json(data),
        facts=found.facts,
        columns=COLUMNS,
        matrix=found.matrix,
        search=found.search,
    )


def _said(found: Summary) -> dict[str, Any]:
    """What the page says of the figures."""
    total = found.total
    return {
        "title": f"{found.solved:,} of {found.tasks:,} tasks solved: battery report",
        "figures": (
            ("tasks solved", found.solved, found.tasks),
            ("samples right", total.right, total.samples),
            ("solvers right", total.by_status.get("right", 0), total.solvers),
        ),
        "tallies": found.tallies,
        "statuses": tuple(total.by_status),
        "corpora": [t.name for t in found.tallies if t is not total],
    }


def _plotted(found: Plots | None) -> dict[str, Any]:
    """The plots, with the places of points in a picture of 400 by 220."""

    def x_of(point: Point) -> float:
        return round(32 + 333 * point.x, 1)

    def y_of(point: Point) -> float:
        return round(190 - 165 * point.y, 1)

    points = [f"{p.tasks:,} tasks {p.text}" for p in found.scaling] if found else []
    text = f"Time by number of tasks: {', '.join(points)}"
    return {"plots": found, "curve_text": text, "x_of": x_of, "y_of": y_of}


def script_json(data: Any) -> str:
    """JSON that stands in a `script` element: nothing in it ends the element."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
