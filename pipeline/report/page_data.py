"""What the HTML report shows, as plain values: the data that its script draws from.

A page of 20,000 solvers opens at once, so what the table needs stands apart from what one panel
needs: the table's rows are short and plain; sources, code, outputs and grids are in `parts` of some
solvers or tasks each, deflated, which the script unpacks when somebody looks. 20,000 solvers are
11 MiB this way, 100 MiB as plain JSON.

A grid is its rows of digits with `/` between them, `012/345`. One with a colour that is no digit is
`:` and its values, `:0,12/3,4`.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.battery.attempts import Score
from pipeline.battery.closeup import CloseUp, LaneCloseUp
from pipeline.battery.results import BROKEN
from pipeline.data.tasks import Grid, Task
from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.report.listing import CodeLine, Listing
from pipeline.report.search_section import SearchSection

STATUSES: Final = ("right", "wrong", "error", "over_budget", "broken", "no_task")
LETTERS: Final = dict(zip(STATUSES, "rweobn", strict=True))
"""How a lane's status is said in a solver's row."""

PART: Final = 50
"""Solvers, or tasks, of a part: what is unpacked to show one."""


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What the report says of the battery as a whole.

    seconds: what running the solvers on the samples of their tasks took, and nothing else.
    untimed: why it is not known what each of them costs; empty where it is. made, commit, machine:
    when, of which state of the project and on what; empty where that is not known.
    """

    backend: str
    device: str
    data: tuple[str, ...]
    nodes: int
    groups: int
    seconds: float
    untimed: str = ""
    made: str = ""
    commit: str = ""
    machine: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission for the tasks of a data set, and what it scores."""

    data: str
    score: Score


@dataclass(frozen=True)
class Found:
    """All that a report is made of.

    problems: what is wrong with each broken solver, as text. milliseconds: what each solver costs,
    where that was measured. matrix: see `matrix_map`; matrix_tasks: the tasks of its columns, None
    for one that is no more. profile, stress, diagnosis: the JSON of these; search: what searches
    found. old: which of the results are older than the battery.
    """

    facts: ReportFacts
    solvers: Sequence[CloseUp]
    tasks: Mapping[str, Task]
    listings: Mapping[str, Listing]
    problems: Mapping[str, str] = field(default_factory=dict)
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    matrix: Mapping[str, Any] | None = None
    matrix_tasks: Sequence[Task | None] = ()
    profile: Mapping[str, Any] | None = None
    stress: Mapping[str, Any] | None = None
    diagnosis: Mapping[str, Any] | None = None
    submission: Submitted | None = None
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    search: SearchSection | None = None
    old: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PageData:
    """The data of the page: what it begins with, and the parts of solvers and tasks."""

    index: Mapping[str, Any]
    solvers: tuple[str, ...]
    tasks: tuple[str, ...]


def grid_text(grid: Grid) -> str:
    """A grid as the page keeps it."""
    if all(0 <= value <= 9 for row in grid for value in row):
        return "/".join("".join(map(str, row)) for row in grid)
    return ":" + "/".join(",".join(map(str, row)) for row in grid)


def page_data(found: Found) -> PageData:
    """The data of the page."""
    rows = {row.solver: row for row in found.solvers}
    names = sorted([*rows, *found.problems])
    corpora = {name: k for k, name in enumerate(sorted(set(map(corpus_of, names))))}
    stress = {row["solver"]: row for row in (found.stress or {}).get("solvers", ())}
    tasks = _Tasks()
    table = []
    for name in names:
        ident = task_of(name)
        place = tasks.place(found.tasks.get(ident) or Task(ident, (), ()))
        row = _row(found, name, rows.get(name))
        table.append([name, corpora[corpus_of(name)], place, *row, *_stressed(stress.get(name))])
    matrix = None if found.matrix is None else _matrix(found, found.matrix, tasks)
    index = {
        "part": PART,
        "corpora": list(corpora),
        "tasks": [[task.id, len(task.train), len(task.test)] for task in tasks.found],
        "solvers": table,
        "stress": (found.stress or {}).get("samples", 0),
        "matrix": matrix,
    }
    solvers = [_details(found, name, rows.get(name)) for name in names]
    return PageData(index, parts_of(solvers), parts_of([_grids(task) for task in tasks.found]))


def _matrix(found: Found, matrix: Mapping[str, Any], tasks: _Tasks) -> dict[str, Any]:
    """The matrix without its verdicts; behind each of its tasks the place of that, -1 for none."""
    there = found.matrix_tasks or [None] * len(matrix["tasks"])
    columns = [
        [*row, -1 if task is None else tasks.place(task)]
        for row, task in zip(matrix["tasks"], there, strict=True)
    ]
    return {**{key: matrix[key] for key in ("solvers", "columns")}, "tasks": columns}


def parts_of(rows: Sequence[Any]) -> tuple[str, ...]:
    """Rows as parts: JSON, deflated, in base 64."""
    parts = (rows[k : k + PART] for k in range(0, len(rows), PART))
    return tuple(base64.b64encode(zlib.compress(_json(part).encode())).decode() for part in parts)


def _json(plain: Any) -> str:
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)


class _Tasks:
    """The tasks that the page shows, each once."""

    def __init__(self) -> None:
        self.found: list[Task] = []
        self._places: dict[Task, int] = {}

    def place(self, task: Task) -> int:
        """Where a task is."""
        if task not in self._places:
            self._places[task] = len(self.found)
            self.found.append(task)
        return self._places[task]


# -- what the table shows


def _row(found: Found, name: str, row: CloseUp | None) -> list[Any]:
    """Its status, those of its lanes as letters, whether it may be wrong, time, nodes, and what is
    to be said of the first lane that is not right."""
    listing, ms = found.listings.get(name), found.milliseconds.get(name)
    status = BROKEN if row is None else row.status
    return [
        STATUSES.index(status),
        "".join(LETTERS[lane.status] for lane in row.lanes) if row else "",
        int(status != "right" and task_of(name) in found.known.get(corpus_of(name), ())),
        None if ms is None else round(ms, 4),
        listing.nodes if listing and listing.code else None,
        _first_line(found.problems[name]) if row is None else _said(row),
    ]


def _said(row: CloseUp) -> str:
    failure = next((lane.failure for lane in row.lanes if lane.failure), None)
    if failure is None:
        return ""
    return f"{failure.sample}: {failure.message.removeprefix(f'{failure.status}: ')}"


def _first_line(problem: str) -> str:
    """What a diagnostic says, without its place."""
    head = problem.partition("\n")[0]
    return head.partition(": ")[2] or head


def _stressed(row: Mapping[str, Any] | None) -> list[Any]:
    """On how many generated samples it is right, and what it makes of the first where it is not."""
    if row is None:
        return [None, ""]
    failure = row["first_failure"]
    if failure is None:
        return [row["right"], ""]
    said = failure["message"].removeprefix(f"{failure['status']}: ")
    return [row["right"], f"{failure['sample']}: {said}"]


# -- what a panel shows


def _details(found: Found, name: str, row: CloseUp | None) -> list[Any]:
    """The problem, the lanes, and then the path, the first line's number, source and code."""
    listing = found.listings.get(name)
    lanes = [_lane(lane) for lane in row.lanes] if row else []
    listed = [] if listing is None else [listing.path, listing.first, list(listing.source)]
    code = [] if listing is None else [[_code(line) for line in listing.code]]
    return [found.problems.get(name, "") if row is None else "", lanes, *listed, *code]


def _code(line: CodeLine) -> list[Any]:
    place = [line.line, line.column, line.width]
    return [line.number, line.text, *(place if line.width else place[:1])]


def _lane(lane: LaneCloseUp) -> list[Any]:
    """Nothing where it is right; else what was produced, what is to be said, and where."""
    failure = lane.failure
    if failure is None:
        return []
    produced = None if lane.produced is None else grid_text(lane.produced)
    place = [failure.line, failure.column, failure.width] if failure.path else None
    return [produced, failure.message.removeprefix(f"{failure.status}: "), place]


def _grids(task: Task) -> list[list[str]]:
    """Input and output of its samples, train first."""
    return [[grid_text(s.input), grid_text(s.output)] for s in (*task.train, *task.test)]
