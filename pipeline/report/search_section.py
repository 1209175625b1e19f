"""What the report says of searches: how many tasks each solved over programs and over processor
time, and what was found: the programs, what they were made of, what they give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.data.grid_html import figure, samples_html
from pipeline.data.tasks import Task
from pipeline.search.search_store import FoundProgram, RunState

MOST_RUNS: Final = 4
"""Of which curves are drawn, the last ones."""
MOST_TASKS: Final = 200
MOST_PROGRAMS: Final = 3
WIDTH, HEIGHT = 360.0, 175.0
LEFT, TOP = 20.0, 15.0

Curve = Sequence[tuple[int, float, int]]
"""Programs, seconds and tasks solved, step by step."""


@dataclass(frozen=True, slots=True)
class SearchCurve:
    """A curve of a run: its title, its points in a picture of 400 by 220, how far it goes each
    way, and all of that as text.
    """

    title: str
    points: str
    most: str
    solved: int
    text: str


@dataclass(frozen=True, slots=True)
class FoundTask:
    """A task with programs: its first sample drawn, and each program with its heading, its text,
    what it was made of, and what it gives for the tests, drawn.
    """

    task: str
    sample: str
    programs: tuple[tuple[str, str, str, str], ...]
    left: int


@dataclass(frozen=True, slots=True)
class SearchSection:
    """The section. left: how many tasks more there are."""

    curves: tuple[SearchCurve, ...]
    tasks: tuple[FoundTask, ...]
    left: int


def search_section(
    runs: Sequence[tuple[RunState, Curve]],
    found: Sequence[FoundProgram],
    tasks: Mapping[str, Task],
    outputs: Mapping[tuple[str, str], Sequence[Any]],
) -> SearchSection | None:
    """The section; None where nothing was searched. outputs: by task and text of a program what it
    gives for the tests, None for nothing.
    """
    if not runs:
        return None
    curves = [c for state, curve in runs[-MOST_RUNS:] for c in _curves(state, curve)]
    by_task: dict[str, list[FoundProgram]] = {}
    for program in found:
        by_task.setdefault(program.task, []).append(program)
    shown = list(by_task)[:MOST_TASKS]
    rows = tuple(_task(by_task[ident], tasks.get(ident), outputs) for ident in shown)
    return SearchSection(tuple(curves), rows, len(by_task) - len(shown))


def _curves(state: RunState, curve: Curve) -> list[SearchCurve]:
    data = ", ".join(state.asked.get("data", ()))
    name = f"Search {state.id}, {data}, seed {state.asked.get('seed', 0)}"
    solved = [0, *[row[2] for row in curve]]
    programs = [0.0, *[float(row[0]) for row in curve]]
    seconds = [0.0, *[row[1] for row in curve]]
    return [
        _curve(f"{name}: tasks over programs", programs, solved, "programs"),
        _curve(f"{name}: tasks over processor time", seconds, solved, "s"),
    ]


def _curve(title: str, xs: Sequence[float], ys: Sequence[int], unit: str) -> SearchCurve:
    most, top = max(xs[-1], 1e-9), max(max(ys), 1)
    points = " ".join(
        f"{LEFT + WIDTH * x / most:.1f},{TOP + HEIGHT * (1 - y / top):.1f}"
        for x, y in zip(xs, ys, strict=True)
    )
    said = f"{xs[-1]:,.0f} {unit}"
    return SearchCurve(title, points, said, ys[-1], f"{title}: {ys[-1]} tasks after {said}")


def _task(
    programs: Sequence[FoundProgram],
    task: Task | None,
    outputs: Mapping[tuple[str, str], Sequence[Any]],
) -> FoundTask:
    ident = programs[0].task
    sample = ""
    if task is not None:
        first = task.train[0]
        sample = samples_html("", [("train[0]", first.input, first.output)])
    rows = []
    for program in programs[:MOST_PROGRAMS]:
        grids = outputs.get((ident, program.text), ())
        drawn = "".join([figure(grid, f"test[{k}]") for k, grid in enumerate(grids)])
        heading = f"program {program.id}, {program.edit or 'a solver as it was'}"
        rows.append((heading, program.text, program.parent, drawn))
    return FoundTask(ident, sample, tuple(rows), len(programs) - len(rows))
