"""Data sets of the user's own: what is read, and every fault with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.data.arc import load_tasks
from pipeline.data.files import files_of, is_path
from pipeline.data.tasks import UNKNOWN, DataError, Sample, Task
from tests.project import CACHE

SQUARE, TURNED = [[1, 2], [3, 4]], [[3, 1], [4, 2]]
PAIR = {"input": SQUARE, "output": TURNED}
ASKED = {"input": TURNED}
TASK = {"train": [PAIR], "test": [ASKED, ASKED]}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, plain: Any) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(plain if isinstance(plain, str) else json.dumps(plain))


def grid(rows: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(map(tuple, rows))


def test_a_path_is_told_from_a_name() -> None:
    assert all(map(is_path, ("mine.json", "./mine", "/kaggle/input/tasks.json")))
    assert not any(map(is_path, ("arc1-train", "mine", "")))


def test_a_task_that_stands_twice_is_named_with_both_lines() -> None:
    task = json.dumps(TASK)
    write("mine.json", f'{{"a": {task},\n"b\\"{{": {task},\n\n"a": {task}, "b\\u0022{{": 1}}')
    with pytest.raises(DataError) as caught:
        load_tasks("mine.json", CACHE)
    assert str(caught.value).splitlines() == [
        'mine.json:4: "a" stands twice, first in line 1',
        'mine.json:4: "b\\"{" stands twice, first in line 2',
    ]
    write("tasks/a.json", '{"train": [],\r\n"test" : [], "train"\n\n:\n[]\n, "train": {"a": 1}}')
    with pytest.raises(DataError) as caught:
        load_tasks("./tasks", CACHE)
    assert str(caught.value).splitlines() == [
        'tasks/a.json:2: "train" stands twice, first in line 1',
        'tasks/a.json:6: "train" stands twice, first in line 1',
    ]


def test_the_same_key_in_other_objects_is_no_double() -> None:
    write("mine.json", {"a": TASK, "train": TASK, "test": {**TASK, "more": {"train": "train: {"}}})
    assert list(load_tasks("mine.json", CACHE)) == ["a", "test", "train"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    Path("mine.json").write_bytes(json.dumps({"a": TASK}).encode(encoding))
    assert list(load_tasks("mine.json", CACHE)) == ["a"]


def test_what_more_there_is_is_passed_over() -> None:
    pair = {**PAIR, "id": 7, "comment": "x"}
    write("mine.json", {"a": {"train": [pair], "test": [PAIR], "name": "n", "meta": {"by": [1]}}})
    assert load_tasks("mine.json", CACHE)["a"].samples == (
        *(Sample(grid(SQUARE), grid(TURNED)),) * 2,
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("10", "10"),
        ("-1", "-1"),
        ('"1"', '"1"'),
        ("1.0", "1.0"),
        ("true", "true"),
        ("null", "null"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("1e400", "Infinity"),
        ("[1]", "a list"),
    ],
)
def test_a_cell_is_a_digit_and_nothing_that_is_like_one(value: str, said: str) -> None:
    pair = f'{{"input": [[{value}]], "output": [[1]]}}'
    write("mine.json", f'{{"a": {{"train": [{pair}], "test": [{pair}]}}}}')
    with pytest.raises(DataError) as caught:
        load_tasks("mine.json", CACHE)
    where = "mine.json: a train[0] input, cell (0, 0): must be an integer from 0 to 9, not "
    assert str(caught.value).splitlines()[0] == where + said


def test_a_task_whose_answers_are_not_known_has_its_train_samples() -> None:
    write("mine.json", {"b": TASK, "a": {"train": [PAIR, PAIR], "test": [PAIR]}})
    found = load_tasks("mine.json", CACHE)
    assert list(found) == ["a", "b"]
    known, asked = Sample(grid(SQUARE), grid(TURNED)), Sample(grid(TURNED), UNKNOWN)
    assert found["b"] == Task("b", (known,), (asked, asked))
    assert (found["b"].answered, found["b"].samples) == (False, (known,))
    assert (found["a"].answered, found["a"].samples) == (True, (known,) * 3)


def test_the_answers_to_challenges_are_in_the_file_of_solutions() -> None:
    write("arc_challenges.json", {"a": TASK})
    assert files_of("arc_challenges.json") == [Path("arc_challenges.json")]
    write("arc_solutions.json", {"a": [SQUARE, TURNED], "other": [SQUARE]})
    assert files_of("arc_challenges.json")[1:] == [Path("arc_solutions.json")]
    task = load_tasks("arc_challenges.json", CACHE)["a"]
    assert task.answered
    assert [sample.output for sample in task.test] == [grid(SQUARE), grid(TURNED)]


def test_a_folder_has_a_task_in_each_file() -> None:
    for ident in ("b", "a"):
        write(f"mine/{ident}.json", {"train": [PAIR], "test": [PAIR]})
    write("mine/notes.txt", "nothing")
    assert list(load_tasks("./mine", CACHE)) == ["a", "b"]
    write("mine/c.json", {"train": [PAIR]})
    with pytest.raises(DataError) as caught:
        load_tasks("./mine", CACHE)
    assert str(caught.value) == "mine/c.json test: must be a list of samples, not nothing"


FAULTS = {
    "no JSON": ("[1,\n 2", "mine.json:2:3: not JSON: Expecting ',' delimiter"),
    "no object": ([TASK], "mine.json: must be an object of tasks by their ids, not a list"),
    "no task": ({}, "mine.json: there is no task in it"),
    "a task that is none": (
        {"a": [PAIR]},
        "mine.json: a: a task must be an object with train and test, not a list",
    ),
    "samples that are none": (
        {"a": {"train": [], "test": {}}},
        "mine.json: a train: must be a list of samples, not an empty list\n"
        "mine.json: a test: must be a list of samples, not an object",
    ),
    "a sample that is none": (
        {"a": {"train": [SQUARE], "test": [{"output": SQUARE}]}},
        "mine.json: a train[0]: a sample must be an object with input and output, not a list\n"
        "mine.json: a test[0]: input is missing",
    ),
    "grids that are none": (
        {"a": {"train": [{"input": [[1, 2], [3]], "output": [[10]]}, ASKED], "test": [ASKED]}},
        "mine.json: a train[0] input, row 1: 1 cell, the first has 2\n"
        "mine.json: a train[0] output, cell (0, 0): must be an integer from 0 to 9, not 10\n"
        "mine.json: a train[1]: output is missing",
    ),
    "some answers": (
        {"a": {"train": [PAIR], "test": [PAIR, ASKED]}},
        "mine.json: a test: 1 of 2 samples have an output: all must, or none",
    ),
    "too many": (
        {"a": {"train": [PAIR], "test": [{"input": [[x] for x in "abcdefghijkl"]}]}},
        "\n".join(
            f"mine.json: a test[0] input, cell ({i}, 0): must be an integer from 0 to 9, "
            f'not "{"abcdefghijkl"[i]}"'
            for i in range(10)
        )
        + "\n... and 2 more",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_said_with_its_place(name: str) -> None:
    plain, said = FAULTS[name]
    write("mine.json", plain)
    with pytest.raises(DataError) as caught:
        load_tasks("mine.json", CACHE)
    assert str(caught.value) == said


def test_wrong_solutions_are_said() -> None:
    write("challenges.json", {"a": TASK, "b": TASK, "c": {**TASK, "test": [ASKED]}})
    write("solutions.json", {"a": [SQUARE], "b": 3, "c": [[[1], []]]})
    with pytest.raises(DataError) as caught:
        load_tasks("./challenges.json", CACHE)
    assert str(caught.value) == (
        "challenges.json: a: must have 2 answers in the file of solutions, not 1\n"
        "challenges.json: b: must have 2 answers in the file of solutions, not a number\n"
        "challenges.json: c test[0], its answer, row 1: 0 cells, the first has 1"
    )


def test_a_path_with_nothing_there_is_said() -> None:
    for name in ("mine.json", "./mine"):
        with pytest.raises(DataError) as caught:
            load_tasks(name, CACHE)
        assert str(caught.value) == (
            f"there are no tasks at {name}: no such file, or no ID.json in the folder"
        )
