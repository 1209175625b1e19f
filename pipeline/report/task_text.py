"""A task as text: what its samples ask for, without any solver's answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.data.tasks import UNKNOWN, Grid, Sample, Task
from pipeline.report.show_text import DrawnGrid, print_grids


def print_task(task: Task, names: Sequence[str] = ()) -> None:
    """Draw the samples of a task: those of these names, or all of them."""
    print(task_heading(task))
    for name, sample in named_samples(task):
        if names and name not in names:
            continue
        print(f"\n{name}")
        parts = [DrawnGrid("input", sample.input)]
        if sample.output != UNKNOWN:
            parts.append(DrawnGrid("output", sample.output))
        print_grids(parts)


def task_heading(task: Task) -> str:
    """One line on a task."""
    test = "" if task.answered else ", whose answers are not known"
    return f"{task.id}: {len(task.train)} train and {len(task.test)} test samples{test}"


def named_samples(task: Task) -> Iterator[tuple[str, Sample]]:
    """All samples of a task by their names, those too whose answer is not known."""
    for part, samples in (("train", task.train), ("test", task.test)):
        for k, sample in enumerate(samples):
            yield f"{part}[{k}]", sample


def size_text(grid: Grid) -> str:
    """Height and width."""
    return f"{len(grid)}x{len(grid[0]) if grid else 0}"


def cells_of(task: Task) -> int:
    """How many cells all grids of a task have together."""
    grids = [grid for _, sample in named_samples(task) for grid in (sample.input, sample.output)]
    return sum(len(grid) * len(grid[0]) for grid in grids if grid)
