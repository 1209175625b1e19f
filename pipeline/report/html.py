"""The HTML report: one file, with its style, script and data in it, that needs no network.

What is there without a script, the figures, other results than the check's and the plots of the
profile, is written here; the table of solvers, their panels and the matrix are drawn by the scripts
of `page/` from the data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pipeline.battery.results import BROKEN, RIGHT
from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.report.page_data import Found, page_data
from pipeline.report.page_sections import (
    Tally,
    diagnosis_section,
    stress_section,
    submission_section,
    tally_of,
)
from pipeline.report.profile_plots import Plots, Point, plots

PAGE: Final = Path(__file__).with_name("page")
SCRIPTS: Final = ("basics", "grids", "listing", "table", "panel", "matrix", "begin")
"""The parts of the script, in order."""

COLUMNS: Final = (
    ("task", "task", ""),
    ("corpus", "corpus", ""),
    ("status", "status", ""),
    ("share", "samples right", "number"),
    ("stress", "stress", "number"),
    ("ms", "time, ms", "number"),
    ("nodes", "nodes", "number"),
)
"""Of the table of solvers: what the script sorts by, the heading, how it is set."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures at the top. `tallies`: of all if there are several corpora, and of each."""

    tasks: int
    solved: int
    total: Tally
    tallies: tuple[Tally, ...]


def summary(found: Found) -> Summary:
    """The figures."""
    rows: list[tuple[str, str, int, int]] = [
        (row.solver, row.status, row.correct, len(row.lanes)) for row in found.solvers
    ]
    for name in found.problems:
        task = found.tasks.get(task_of(name))
        rows.append((name, BROKEN, 0, 0 if task is None else len(task.samples)))
    by_corpus: dict[str, list[tuple[str, int, int]]] = {}
    for name, status, right, samples in rows:
        by_corpus.setdefault(corpus_of(name), []).append((status, right, samples))
    each = [tally_of(name, of) for name, of in sorted(by_corpus.items())]
    total = tally_of("all", [row for of in by_corpus.values() for row in of])
    tasks = {task_of(name) for name, *_ in rows} & found.tasks.keys()
    solved = {task_of(name) for name, status, *_ in rows if status == RIGHT}
    return Summary(len(tasks), len(solved), total, (total, *each) if len(each) > 1 else (*each,))


def render_html(found: Found) -> str:
    """The page: the same of the same, whenever and wherever it is made."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    stress = stress_section(found.stress)
    data = page_data(found if stress else replace(found, stress=None))
    return environment.get_template("index.html.j2").render(
        **_said(summary(found)),
        **_plotted(plots(found.profile) if found.profile else None),
        style=(PAGE / "page.css").read_text("utf-8"),
        script="".join((PAGE / f"{name}.js").read_text("utf-8") for name in SCRIPTS),
        data=script_json(data.index),
        solver_parts=data.solvers,
        task_parts=data.tasks,
        facts=found.facts,
        columns=[column for column in COLUMNS if column[0] != "stress" or stress],
        matrix=found.matrix,
        search=found.search,
        stress=stress,
        diagnosis=diagnosis_section(found.diagnosis),
        submission=submission_section(found.submission),
        old=found.old,
    )


def _said(found: Summary) -> dict[str, Any]:
    """What the page says of the figures."""
    total = found.total
    return {
        "title": f"{found.solved:,} of {found.tasks:,} tasks solved",
        "figures": (
            ("tasks solved", found.solved, found.tasks),
            ("samples right", total.right, total.samples),
            ("solvers right", total.by_status.get(RIGHT, 0), total.solvers),
        ),
        "total": total,
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
