"""What the HTML report shows, as plain values: the data that its script draws from.

A grid is its rows of digits with `/` between them, `012/345`: 1,718 samples take 0.6 MB this way.
One with a colour that is no digit is `:` and its values, `:0,12/3,4`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.battery.closeup import CloseUp, LaneCloseUp
from pipeline.battery.results import BROKEN
from pipeline.data.tasks import Grid, Task
from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.report.listing import CodeLine, Listing
from pipeline.report.search_section import SearchSection


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What the report says of the battery as a whole.

    seconds: what running the solvers on the samples of their tasks took, and nothing else.
    untimed: why it is not known what each of them costs; empty where it is.
    """

    backend: str
    device: str
    data: tuple[str, ...]
    nodes: int
    groups: int
    seconds: float
    untimed: str = ""


@dataclass(frozen=True)
class Found:
    """All that a report is made of.

    problems: what is wrong with each broken solver, as text. milliseconds: what each solver costs,
    where that was measured. matrix: see `matrix_map`; profile: the JSON of a profile; search:
    what searches found.
    """

    facts: ReportFacts
    solvers: Sequence[CloseUp]
    tasks: Mapping[str, Task]
    listings: Mapping[str, Listing]
    problems: Mapping[str, str] = field(default_factory=dict)
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    matrix: Mapping[str, Any] | None = None
    profile: Mapping[str, Any] | None = None
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    search: SearchSection | None = None


def grid_text(grid: Grid) -> str:
    """A grid as the page keeps it."""
    if all(0 <= value <= 9 for row in grid for value in row):
        return "/".join("".join(map(str, row)) for row in grid)
    return ":" + "/".join(",".join(map(str, row)) for row in grid)


def page_data(found: Found) -> dict[str, Any]:
    """The data of the page, in terms of JSON."""
    rows = [_solver(found, row) for row in found.solvers]
    rows += [_broken(found, name) for name in found.problems]
    rows.sort(key=lambda row: row["name"])
    wanted = {row["task"] for row in rows}
    tasks = {ident: _task(task) for ident, task in found.tasks.items() if ident in wanted}
    return {"solvers": rows, "tasks": tasks, "matrix": found.matrix}


def _solver(found: Found, row: CloseUp) -> dict[str, Any]:
    return {
        **_named(found, row.solver, row.status),
        "right": row.correct,
        "lanes": [_lane(lane) for lane in row.lanes],
    }


def _broken(found: Found, name: str) -> dict[str, Any]:
    problem = {"problem": found.problems[name]}
    return {**_named(found, name, BROKEN), "right": 0, "lanes": [], **problem}


def _named(found: Found, name: str, status: str) -> dict[str, Any]:
    corpus, task = corpus_of(name), task_of(name)
    listing = found.listings.get(name)
    ms = found.milliseconds.get(name)
    return {
        "name": name,
        "task": task,
        "corpus": corpus,
        "status": status,
        "known": status != "right" and task in found.known.get(corpus, ()),
        "ms": None if ms is None else round(ms, 4),
        "nodes": listing.nodes if listing and listing.code else None,
        **(_listing(listing) if listing else {}),
    }


def _listing(found: Listing) -> dict[str, Any]:
    return {
        "path": found.path,
        "first": found.first,
        "source": list(found.source),
        "code": [_code(line) for line in found.code],
    }


def _code(line: CodeLine) -> list[Any]:
    place = [line.line, line.column, line.width]
    return [line.number, line.text, *(place if line.width else place[:1])]


def _lane(lane: LaneCloseUp) -> list[Any]:
    """Just its status where it is right; else what was produced, what is to be said, and where."""
    failure = lane.failure
    if failure is None:
        return [lane.status]
    produced = None if lane.produced is None else grid_text(lane.produced)
    place = [failure.line, failure.column, failure.width] if failure.path else None
    return [lane.status, produced, failure.message, place]


def _task(task: Task) -> list[list[str]]:
    """Its samples, train first: whether it is train or test, input, output."""
    return [*_samples("train", task.train), *_samples("test", task.test)]


def _samples(part: str, samples: Iterable[Any]) -> list[list[str]]:
    return [
        [f"{part}[{k}]", grid_text(sample.input), grid_text(sample.output)]
        for k, sample in enumerate(samples)
    ]
