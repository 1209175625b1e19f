"""Whether the comparison of the check is right: it must accept each expected output, and reject it
once something is changed.

What is run is `run_check` and `judge` themselves, on batteries of solvers that return their input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.battery import check_workload
from pipeline.battery.batteries import LinkedBattery
from pipeline.battery.results import RIGHT, Results, SolverResult
from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import Linked, link
from pipeline.data.tasks import Grid, Sample, Task
from pipeline.frontend.candidates import task_of
from pipeline.frontend.units import Unit
from pipeline.ir.status import Limits

CORPUS: Final = "returns-its-input"


@dataclass(frozen=True, slots=True)
class WrongVerdict:
    """What a comparison did wrongly, in words, and on which samples of which tasks."""

    text: str
    lanes: tuple[tuple[str, int], ...]


def _one_cell(grid: Grid, k: int) -> Grid:
    place = k % (len(grid) * len(grid[0]))
    i, j = divmod(place, len(grid[0]))
    row = (*grid[i][:j], (grid[i][j] + 1 + k % 9) % 10, *grid[i][j + 1 :])
    return (*grid[:i], row, *grid[i + 1 :])


def _last_cell(grid: Grid, k: int) -> Grid:
    return _one_cell(grid, len(grid) * len(grid[0]) - 1)


def _row_more(grid: Grid, k: int) -> Grid:
    return (*grid, grid[-1])


def _column_more(grid: Grid, k: int) -> Grid:
    return tuple([(*row, row[-1]) for row in grid])


def _in_one_row(grid: Grid, k: int) -> Grid:
    return (tuple([cell for row in grid for cell in row]),)


CHANGES: Final[dict[str, Callable[[Grid, int], Grid]]] = {
    "with another colour in one cell": _one_cell,
    "with another colour in the last cell": _last_cell,
    "with its last row twice": _row_more,
    "with its last column twice": _column_more,
    "with all its cells in one row": _in_one_row,
}
"""How a grid is changed, by the grid and a number that makes changes of samples differ."""


def changed(grid: Grid) -> Iterator[tuple[str, Grid]]:
    """Each change of a grid, with its words; those that leave it as it is are left out."""
    number = sum(sum(row) * (i + 1) for i, row in enumerate(grid))
    for words, change in CHANGES.items():
        other = change(grid, number)
        if other != grid:
            yield words, other


def returning_input(idents: Sequence[str]) -> Linked:
    """A battery with a solver for each task that returns its input."""
    graphs = []
    for ident in idents:
        name = f"{CORPUS}/{ident}"
        unit = Unit(name, f"{name}.py", 1, f"def solve_{ident}(I):\n    return I\n")
        graphs.append((name, compile_unit(unit).graph))
    return link(graphs)


def wrong_verdicts(
    battery: LinkedBattery, tasks: dict[str, Task], limits: Limits
) -> Iterator[WrongVerdict]:
    """Where the check on such a battery does not say what it must."""
    for words in ("", *CHANGES):
        asked = _asked(tasks, words)
        results = _checked(battery, asked, limits)
        if results is None or any(row.correct != _due(row, words) for row in results.solvers):
            yield from _located(battery, asked, limits, words)


Asked = dict[str, list[tuple[int, Sample]]]
"""For each task the samples to judge, by their places in it: the input is what a solver gave."""


def _asked(tasks: dict[str, Task], words: str) -> Asked:
    """The expected outputs, or those that a change really changes."""
    found: Asked = {ident: [] for ident in tasks}
    for ident, task in tasks.items():
        for k, sample in enumerate(task.samples):
            given = dict(changed(sample.output)).get(words) if words else sample.output
            if given is not None:
                found[ident].append((k, Sample(given, sample.output)))
    return found


def _due(row: SolverResult, words: str) -> int:
    """How many samples must be right: of changed ones none."""
    return 0 if words else row.samples


def _checked(battery: LinkedBattery, asked: Asked, limits: Limits) -> Results | None:
    """What the check says; None if it raises."""
    tasks = {
        ident: Task(ident, tuple(sample for _, sample in samples), ())
        for ident, samples in asked.items()
    }
    try:
        return check_workload.run_check(battery, tasks, limits, lambda name: task_of(name) in tasks)
    except Exception:
        return None


def _located(
    battery: LinkedBattery, asked: Asked, limits: Limits, words: str
) -> Iterator[WrongVerdict]:
    """Each sample checked alone: which get the wrong verdict."""
    found: dict[str, list[tuple[str, int]]] = {}
    for ident, samples in asked.items():
        for k, sample in samples:
            results = _checked(battery, {ident: [(k, sample)]}, limits)
            right = results is not None and all(
                r.correct == _due(r, words) for r in results.solvers
            )
            if not right:
                verb = "raises an exception on" if results is None else VERBS[bool(words)]
                text = f"{verb} the expected output {words}".rstrip()
                found.setdefault(text, []).append((ident, k))
    for text, lanes in found.items():
        yield WrongVerdict(text, tuple(lanes))


VERBS: Final = ("rejects", "accepts")


def misjudged(sample: Sample, produced: Any, is_grid: bool) -> str:
    """What `judge` says wrongly of what a solver produced; empty if it says what it must."""
    plain = tuple([tuple(map(int, row)) for row in produced]) if is_grid else sample.output
    if is_grid and _judged(Sample(sample.input, plain), produced) != RIGHT:
        return "rejects the output of this solver where it is the expected one"
    for words, other in changed(plain):
        if _judged(Sample(sample.input, other), produced) == RIGHT:
            return f"accepts the output of this solver where another is expected: one {words}"
    return ""


def _judged(sample: Sample, produced: Any) -> str:
    """What `judge` says; what it can't be asked, as an array, is not accepted."""
    try:
        return check_workload.judge(sample, produced)
    except Exception as error:
        return type(error).__name__
