"""A submission to the ARC Prize: two attempts at each test input, from programs that fit a task.

The file is one JSON object: for each task a list with an entry for each test input, in their order,
and in each entry a grid `attempt_1` and a grid `attempt_2`, both there even where there is no
answer. A test input counts if either attempt is its right output; the score is the share of the
test inputs that count, so a task with two of them counts twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.data.doubled_keys import read_json
from pipeline.data.grid_check import is_grid
from pipeline.data.plain import counted, grid_faults, kind_of, shown
from pipeline.data.tasks import Grid, Task

ATTEMPTS: Final = ("attempt_1", "attempt_2")
NONE: Final[Grid] = ((0,),)
"""What is written where there is no attempt."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one program, of so many nodes, makes of a test input."""

    solver: str
    nodes: int
    grid: Grid


@dataclass(frozen=True, slots=True)
class Attempt:
    """An output and who speaks for it: all programs that agree on it, and the smallest of them."""

    grid: Grid
    solvers: int
    nodes: int
    smallest: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The attempts at each test input of a task, the best first, at most two of each."""

    task: str
    inputs: tuple[tuple[Attempt, ...], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a submission scores.

    tasks: how many there are; attempted: with an attempt; solved: with every test input right.
    inputs: test inputs; inputs_attempted, inputs_twice: with one attempt or more, with two; known:
    whose answer is known. Of these, right: with either attempt right; right_first: with the first
    one right. missed: the places of those with an attempt, none of them right, as `TASK test[K]`.
    """

    tasks: int
    attempted: int
    solved: int
    inputs: int
    inputs_attempted: int
    inputs_twice: int
    known: int
    right: int
    right_first: int
    missed: tuple[str, ...]

    @property
    def share(self) -> float:
        """The score: the share that is right of the test inputs whose answer is known."""
        return self.right / self.known if self.known else 0.0


# -- ranking


def rank(candidates: Iterable[Candidate]) -> tuple[Attempt, ...]:
    """The different outputs, best first.

    More programs agreeing on an output come before fewer, then the output of the smallest program;
    where that is the same too, the program whose name comes first. What is no grid of ARC is out.
    """
    groups: dict[Grid, list[Candidate]] = {}
    for candidate in candidates:
        if is_grid(candidate.grid):
            groups.setdefault(candidate.grid, []).append(candidate)
    attempts = []
    for grid, group in groups.items():
        best = min(group, key=lambda candidate: (candidate.nodes, candidate.solver))
        attempts.append(Attempt(grid, len(group), best.nodes, best.solver))
    return tuple(sorted(attempts, key=lambda a: (-a.solvers, a.nodes, a.smallest)))


def best_two(candidates: Iterable[Candidate]) -> tuple[Attempt, ...]:
    """The attempts at one test input: at most two, never the same output twice."""
    return rank(candidates)[: len(ATTEMPTS)]


# -- the file


def to_json(answers: Iterable[Answers]) -> dict[str, Any]:
    """The submission as plain values."""
    return {
        answer.task: [
            {
                name: _plain(attempts[k].grid if k < len(attempts) else NONE)
                for k, name in enumerate(ATTEMPTS)
            }
            for attempts in answer.inputs
        ]
        for answer in answers
    }


def to_text(answers: Iterable[Answers]) -> str:
    """The text of the file: a task a line."""
    rows = [
        f"{json.dumps(task)}: {json.dumps(entries, separators=(',', ':'))}"
        for task, entries in to_json(answers).items()
    ]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _plain(grid: Grid) -> list[list[int]]:
    return [list(row) for row in grid]


def read(text: str | bytes) -> tuple[Any, list[str]]:
    """The value in a file and what is wrong with it as JSON: a syntax error or keys given twice."""
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
        value, doubled = read_json(decoded)
    except UnicodeDecodeError as error:
        return None, [f"not UTF-8: byte {error.start}"]
    except json.JSONDecodeError as error:
        return None, [f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}"]
    except RecursionError:
        return None, ["not a submission: nested too deep"]
    lines = "is there twice, in lines {0.first} and {0.line}"
    return value, [f"{shown(found.key)} {lines.format(found)}" for found in doubled]


# -- validating


def faults(plain: Any, tasks: Mapping[str, Task]) -> Iterator[str]:
    """Everything that is wrong with a submission for these tasks, a line each: where, and what."""
    if not isinstance(plain, dict):
        yield f"must be an object of tasks, not {kind_of(plain)}"
        return
    for ident in tasks:
        if ident not in plain:
            yield f"{ident}: this task is missing"
    for ident, entries in plain.items():
        if ident not in tasks:
            yield f"{shown(ident)}: no such task in the data set"
        else:
            yield from _task_faults(ident, entries, len(tasks[ident].test))


def _task_faults(ident: str, entries: Any, wanted: int) -> Iterator[str]:
    if not isinstance(entries, list):
        yield f"{ident}: must be a list of entries, one a test input, not {kind_of(entries)}"
        return
    if len(entries) != wanted:
        yield f"{ident}: {counted(len(entries), 'entry', 'entries')} for {_inputs(wanted)}"
    for k, entry in enumerate(entries):
        place = f"{ident} test[{k}]"
        if not isinstance(entry, dict):
            yield f"{place}: must be an object with {' and '.join(ATTEMPTS)}, not {kind_of(entry)}"
            continue
        for name in ATTEMPTS:
            if name in entry:
                yield from grid_faults(f"{place} {name}", entry[name])
            else:
                yield f"{place}: {name} is missing"
        for name in entry:
            if name not in ATTEMPTS:
                yield f"{place}: unknown key {shown(name)}"


def _inputs(number: int) -> str:
    return counted(number, "test input", "test inputs")


# -- scoring


def score(plain: Mapping[str, Any], tasks: Mapping[str, Task]) -> Score:
    """What a valid submission scores.

    An attempt that is `NONE` counts as none, unless it is right: there are tasks with this output.
    """
    missed: list[str] = []
    attempted = solved = inputs_attempted = inputs_twice = known = right = right_first = 0
    for ident, task in tasks.items():
        counts = []
        for k, (entry, sample) in enumerate(zip(plain[ident], task.test, strict=True)):
            grids = [tuple(map(tuple, entry[name])) for name in ATTEMPTS]
            hit = task.answered and sample.output in grids
            tried = max(hit, len({grid for grid in grids if grid != NONE}))
            counts.append((tried, hit))
            inputs_attempted += tried > 0
            inputs_twice += tried > 1
            right += hit
            right_first += hit and sample.output == grids[0]
            if tried and task.answered and not hit:
                missed.append(f"{ident} test[{k}]")
        known += len(counts) if task.answered else 0
        attempted += any(tried for tried, _ in counts)
        solved += all(hit for _, hit in counts)
    return Score(
        len(tasks),
        attempted,
        solved,
        sum(len(task.test) for task in tasks.values()),
        inputs_attempted,
        inputs_twice,
        known,
        right,
        right_first,
        tuple(missed),
    )
