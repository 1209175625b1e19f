"""Submissions: how attempts are ranked, what a validator finds, what counts as right."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.battery.attempts import (
    ATTEMPTS,
    NONE,
    Answers,
    Attempt,
    Candidate,
    best_two,
    faults,
    rank,
    read,
    score,
    to_json,
    to_text,
)
from pipeline.data.grid_check import is_grid
from pipeline.data.tasks import UNKNOWN, Grid, Sample, Task
from tests.battery.small import FLIP, FLIPPED, ODD, SAME, SQUARE, TASKS, WIDE

BIG: Grid = ((0,) * 31,)


def grids(most: int = 3) -> st.SearchStrategy[Grid]:
    """Grids of ARC with few colours, so that equal ones turn up."""
    row = st.integers(1, most).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 1), min_size=width, max_size=width).map(tuple),
            min_size=1,
            max_size=most,
        )
    )
    return row.map(tuple)


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from([f"own/{k:08x}" for k in range(30)]),
        st.integers(1, 5),
        grids(2),
    ),
    max_size=12,
    unique_by=lambda candidate: candidate.solver,
)
ATTEMPT = grids().map(lambda grid: Attempt(grid, 1, 1, "own/x"))


@st.composite
def submissions(draw: st.DrawFn) -> list[Answers]:
    """Answers to `TASKS`, the right ones among them."""
    found = []
    for ident, task in TASKS.items():
        inputs = []
        for sample in task.test:
            right = Attempt(sample.output, 1, 1, "own/right")
            inputs.append(tuple(draw(st.lists(ATTEMPT | st.just(right), max_size=2))))
        found.append(Answers(ident, tuple(inputs)))
    return found


# -- ranking


def test_agreement_comes_before_size_and_size_before_names() -> None:
    candidates = [
        Candidate("own/b", 1, SQUARE),
        Candidate("own/d", 9, FLIPPED),
        Candidate("own/c", 8, FLIPPED),
        Candidate("own/a", 1, WIDE),
    ]
    assert rank(candidates) == (
        Attempt(FLIPPED, 2, 8, "own/c"),
        Attempt(WIDE, 1, 1, "own/a"),
        Attempt(SQUARE, 1, 1, "own/b"),
    )
    assert best_two(candidates) == rank(candidates)[:2]


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_the_order_of_programs_decides_nothing(candidates: list[Candidate], random: Any) -> None:
    mixed = list(candidates)
    random.shuffle(mixed)
    assert rank(mixed) == rank(candidates)


@given(CANDIDATES)
def test_every_output_is_ranked_once_and_every_program_counted_once(
    candidates: list[Candidate],
) -> None:
    ranked = rank(candidates)
    assert {a.grid for a in ranked} == {c.grid for c in candidates}
    assert len({a.grid for a in ranked}) == len(ranked)
    assert sum(a.solvers for a in ranked) == len(candidates)
    order = [(-a.solvers, a.nodes) for a in ranked]
    assert order == sorted(order)
    for attempt in ranked:
        sizes = {c.solver: c.nodes for c in candidates if c.grid == attempt.grid}
        assert sizes[attempt.smallest] == attempt.nodes == min(sizes.values())


@given(CANDIDATES, grids(2))
def test_one_more_vote_never_lowers_an_output(candidates: list[Candidate], grid: Grid) -> None:
    def place(found: tuple[Attempt, ...]) -> int:
        return [a.grid for a in found].index(grid)

    candidates = [*candidates, Candidate("own/first", 3, grid)]
    more = [*candidates, Candidate("own/second", 3, grid)]
    assert place(rank(more)) <= place(rank(candidates))


@pytest.mark.parametrize(
    "grid", [(), ((),), BIG, tuple(((0,),) * 31), ((1, 2), (3,)), ((10,),), ((-1,),)]
)
def test_what_is_no_grid_of_arc_is_no_attempt(grid: Grid) -> None:
    assert not is_grid(grid)
    assert rank([Candidate("own/a", 1, grid), Candidate("own/b", 2, SQUARE)]) == (
        Attempt(SQUARE, 1, 2, "own/b"),
    )


def test_the_largest_and_the_smallest_grid_are_grids() -> None:
    assert is_grid(((9,) * 30,) * 30)
    assert is_grid(NONE)


# -- the file


@given(submissions())
def test_what_is_written_is_valid_and_reads_as_it_was(answers: list[Answers]) -> None:
    plain, found = read(to_text(answers))
    assert found == []
    assert plain == to_json(answers)
    assert list(faults(plain, TASKS)) == []
    assert is_as_documented(plain)


def is_as_documented(plain: Any) -> bool:
    """The format in words of its own: {task: [{"attempt_1": grid, "attempt_2": grid}, ...]}."""
    return all(
        set(entry) == {"attempt_1", "attempt_2"}
        and all(type(c) is int for grid in entry.values() for row in grid for c in row)
        for entries in plain.values()
        for entry in entries
    )


def test_what_is_not_known_is_neither_right_nor_wrong() -> None:
    asked = tuple(Sample(sample.input, UNKNOWN) for sample in TASKS[FLIP].test)
    tasks = {**TASKS, FLIP: replace(TASKS[FLIP], test=asked)}
    right = {i: [Attempt(s.output, 1, 1, "own/x") for s in t.test] for i, t in TASKS.items()}
    plain = to_json(Answers(i, tuple((a,) for a in found)) for i, found in right.items())
    found = score(plain, tasks)
    assert (found.inputs, found.known, found.right, found.right_first) == (4, 2, 2, 2)
    assert (found.attempted, found.inputs_attempted, found.solved) == (3, 4, 2)
    assert (found.share, found.missed) == (1.0, ())
    nothing = score({FLIP: plain[FLIP]}, {FLIP: tasks[FLIP]})
    assert (nothing.known, nothing.share, nothing.missed) == (0, 0.0, ())


def test_a_task_without_a_program_has_two_dummies() -> None:
    answers = [Answers(FLIP, ((), (Attempt(SQUARE, 1, 1, "own/x"),)))]
    assert to_text(answers) == (
        '{\n"0a1b2c3d": [{"attempt_1":[[0]],"attempt_2":[[0]]},'
        '{"attempt_1":[[1,2],[3,4]],"attempt_2":[[0]]}]\n}\n'
    )


# -- validating


def valid() -> dict[str, Any]:
    """A submission for `TASKS` without an attempt."""
    return to_json(Answers(i, ((),) * len(task.test)) for i, task in TASKS.items())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[", "not JSON: line 1, column 2: Expecting value"),
        ('{"a": 1,\n "a": 2}', '"a" is there twice, in lines 1 and 2'),
        (b"\xff", "not UTF-8: byte 0"),
        ("[" * 100_000, "not a submission: nested too deep"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str | bytes, found: str) -> None:
    assert read(text)[1] == [found]


def test_every_fault_is_told_with_task_and_place() -> None:
    plain = valid()
    plain["99999999"] = []
    del plain[SAME]
    plain[ODD] = [
        {"attempt_1": [[1, 2], [3], 4], "attempt_2": [[True, 10, -1, 1.0, "5", None]]},
        [],
    ]
    plain[FLIP] = [
        {"attempt_1": [], "attempt_3": 1},
        {"attempt_1": [[]], "attempt_2": [[0] * 31] * 31},
    ]
    assert list(faults(plain, TASKS)) == [
        "11111111: this task is missing",
        "0a1b2c3d test[0] attempt_1: 0 rows, must be 1 to 30",
        "0a1b2c3d test[0]: attempt_2 is missing",
        '0a1b2c3d test[0]: unknown key "attempt_3"',
        "0a1b2c3d test[1] attempt_1: 0 columns, must be 1 to 30",
        "0a1b2c3d test[1] attempt_2: 31 rows, must be 1 to 30",
        "0a1b2c3d test[1] attempt_2: 31 columns, must be 1 to 30",
        "22222222: 2 entries for 1 test input",
        "22222222 test[0] attempt_1, row 1: 1 cell, the first has 2",
        "22222222 test[0] attempt_1, row 2: must be a list of colours, not a number",
        "22222222 test[0] attempt_2, cell (0, 0): must be an integer from 0 to 9, not true",
        "22222222 test[0] attempt_2, cell (0, 1): must be an integer from 0 to 9, not 10",
        "22222222 test[0] attempt_2, cell (0, 2): must be an integer from 0 to 9, not -1",
        "22222222 test[0] attempt_2, cell (0, 3): must be an integer from 0 to 9, not 1.0",
        '22222222 test[0] attempt_2, cell (0, 4): must be an integer from 0 to 9, not "5"',
        "22222222 test[0] attempt_2, cell (0, 5): must be an integer from 0 to 9, not null",
        "22222222 test[1]: must be an object with attempt_1 and attempt_2, not a list",
        '"99999999": no such task in the data set',
    ]


@pytest.mark.parametrize(
    ("plain", "found"),
    [
        (None, "must be an object of tasks, not null"),
        ([], "must be an object of tasks, not a list"),
        ("x", "must be an object of tasks, not a text"),
    ],
)
def test_what_is_no_object_is_one_fault(plain: Any, found: str) -> None:
    assert list(faults(plain, TASKS)) == [found]


@given(st.data())
def test_any_single_damage_is_found_and_nothing_raises(data: st.DataObject) -> None:
    plain = copy.deepcopy(valid())
    ident = data.draw(st.sampled_from(list(plain)))
    entry = plain[ident][0]
    name = data.draw(st.sampled_from(ATTEMPTS))
    junk = data.draw(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.lists(st.none() | st.integers(10) | st.just([]), max_size=2)
        | st.dictionaries(st.text(), st.none(), max_size=1)
    )
    kind = data.draw(st.sampled_from(["task", "entries", "entry", "attempt", "row", "cell"]))
    if kind == "task":
        del plain[ident]
    elif kind == "entries":
        plain[ident] = junk
    elif kind == "entry":
        plain[ident][0] = junk
    elif kind == "attempt":
        entry[name] = junk
    elif kind == "row":
        entry[name] = [junk]
    else:
        entry[name] = [[junk if not is_colour(junk) else 10]]
    found = list(faults(plain, TASKS))
    assert found
    assert all(text.startswith(ident) for text in found)


def is_colour(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 9


# -- scoring


def test_either_attempt_counts_and_every_test_input_counts_alone() -> None:
    plain = valid()
    plain[FLIP][0]["attempt_2"] = [list(row) for row in SQUARE]
    plain[FLIP][1]["attempt_1"] = [[5]]
    plain[SAME][0]["attempt_1"] = [list(row) for row in FLIPPED]
    plain[SAME][0]["attempt_2"] = [[7]]
    found = score(plain, TASKS)
    assert (found.tasks, found.attempted, found.solved) == (3, 2, 1)
    assert (found.inputs, found.inputs_attempted, found.inputs_twice) == (4, 3, 1)
    assert (found.right, found.right_first, found.share) == (2, 1, 0.5)
    assert found.missed == ("0a1b2c3d test[1]",)


def test_a_dummy_that_is_right_counts() -> None:
    tasks = {"a": Task("a", (), (Sample(SQUARE, NONE),))}
    found = score({"a": [{"attempt_1": [[0]], "attempt_2": [[0]]}]}, tasks)
    assert (found.right, found.attempted, found.missed) == (1, 1, ())


def test_no_task_scores_nothing() -> None:
    assert score({}, {}).share == 0.0


@given(submissions())
def test_the_score_is_the_share_of_test_inputs_with_a_right_attempt(answers: list[Answers]) -> None:
    plain = json.loads(to_text(answers))
    right = [
        [list(row) for row in sample.output] in list(entry.values())
        for ident, task in TASKS.items()
        for entry, sample in zip(plain[ident], task.test, strict=True)
    ]
    found = score(plain, TASKS)
    assert found.share == sum(right) / len(right)
    assert found.right_first <= found.right <= found.inputs_attempted <= found.inputs
    assert found.inputs_twice <= found.inputs_attempted
    assert len(found.missed) == found.inputs_attempted - found.right
