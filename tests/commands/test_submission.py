"""The command `submission`: what is written, printed and refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import matrix as matrices
from pipeline.commands import submission as submitting
from pipeline.commands.jobs import submission_needs
from pipeline.commands.submission import submit, validate
from pipeline.config.context import Context
from pipeline.incremental import keys
from pipeline.search.search_store import FoundProgram, Store, store_folder
from tests.battery.small import (
    FLIP,
    FLIPPED,
    ODD,
    SAME,
    TASKS,
    WIDE,
    compiled,
    link_kernels,
    write_battery,
)

SETS = {"one": TASKS, "two": {FLIP: TASKS[FLIP]}, "three": {"33333333": TASKS[SAME]}}
CONFIG = """\
corpora: {own: {path: .}}
device: cpu
memory_mib: 64
budget: {elements: 9}
known_failures: {}
"""
BODIES = {
    f"own/{FLIP}": "hmirror(I)",
    f"own/{SAME}": "vmirror(vmirror(vmirror(vmirror(I))))",
    f"own/{ODD}": "branch(equality(height(I), width(I)), rot90(I), canvas(ONE, UNITY))",
    "re-arc/aaaaaaaa": "I",
    "re-arc/bbbbbbbb": "branch(equality(height(I), width(I)), rot90(I), canvas(TWO, UNITY))",
    "re-arc/cccccccc": "branch(equality(height(I), width(I)), rot90(I), canvas(ONE, UNITY))",
    "re-arc/dddddddd": "branch(equality(width(I), height(I)), rot90(I), canvas(ONE, UNITY))",
}
"""cccccccc is a copy of own/22222222 and adds nothing to it; dddddddd agrees with it."""
PATH = Path("generated/submission.json")
WRITTEN = """\
{
"0a1b2c3d": [{"attempt_1":[[1,2],[3,4]],"attempt_2":[[0]]},\
{"attempt_1":[[1,2,2,1],[0,0,5,0]],"attempt_2":[[0]]}],
"11111111": [{"attempt_1":[[3,4],[1,2]],"attempt_2":[[0]]}],
"22222222": [{"attempt_1":[[1]],"attempt_2":[[2]]}]
}
"""
PRINTED = """\
data  tasks  attempted  solved  test inputs  attempted  twice  right  right first  score
one       3          3       2            4          4      1      3            3  75.0%
22222222 test[0]: wrong: own/22222222 and 1 more; re-arc/bbbbbbbb
submission: 3 of 4 test inputs of one right (75.0%): generated/submission.json (cpu, T s)
"""


def is_current(sets: tuple[str, ...]) -> bool:
    return True


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a linked battery, kernels and data sets of our own."""
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(CONFIG)
    compiled(write_battery(tmp_path / "generated" / "batt.py", BODIES))
    link_kernels(tmp_path)
    for module in (keys, submitting):
        monkeypatch.setattr(module, "SOURCES", SETS)
    for module in (matrices, submitting):
        monkeypatch.setattr(module, "load_tasks", lambda name, cache: SETS[name])
    return tmp_path


@pytest.fixture
def matrix(capsys: pytest.CaptureFixture[str]) -> None:
    """The matrix of the sets one and two."""
    assert matrices.matrix(Context.of(), "key", ("one", "two")) == 0
    capsys.readouterr()


def without_time(text: str) -> str:
    return re.sub(r"[\d.]+ s\)", "T s)", text)


@pytest.mark.usefixtures("matrix")
def test_what_fits_the_train_samples_is_submitted_and_scored(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert submit(Context.of(), "one", is_current) == 0
    printed = capsys.readouterr()
    assert (without_time(printed.out), printed.err) == (PRINTED, "")
    assert PATH.read_text() == WRITTEN
    assert validate(Context.of(), "one", str(PATH)) == 0
    said = capsys.readouterr().out
    assert said == without_time(PRINTED).replace(" (cpu, T s)", " valid").replace(
        "wrong: own/22222222 and 1 more; re-arc/bbbbbbbb", "wrong"
    )


@pytest.mark.usefixtures("matrix")
def test_a_task_that_nothing_fits_is_there_without_an_attempt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = Path("generated/results/matrix.json")
    known = json.loads(facts.read_bytes())
    for row in known["tasks"]:
        row["right_on_train"] = []
    facts.write_text(json.dumps(known))
    assert submit(Context.of(), "two", is_current) == 0
    dummies = {"attempt_1": [[0]], "attempt_2": [[0]]}
    assert json.loads(PATH.read_bytes()) == {FLIP: [dummies, dummies]}
    row = capsys.readouterr().out.splitlines()[1]
    assert " ".join(row.split()) == "two 1 0 0 2 0 0 0 0 0.0%"


def test_without_a_matrix_it_says_how_to_get_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert submit(Context.of(), "one", is_current) == 2
    assert capsys.readouterr() == (
        "",
        "there is no matrix: run `doit matrix --data one` first\n",
    )
    facts = Path("generated/results/matrix.json")
    facts.parent.mkdir()
    facts.write_text("{")
    assert submit(Context.of(), "one", is_current) == 2
    assert capsys.readouterr().err == (
        "generated/results/matrix.json is damaged: run `doit matrix --data one` first\n"
    )
    assert not PATH.exists()


@pytest.mark.usefixtures("matrix")
def test_a_matrix_of_other_sets_or_of_another_battery_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[tuple[str, ...]] = []
    assert submit(Context.of(), "three", is_current) == 2
    assert submit(Context.of(), "one", lambda sets: bool(asked.append(sets))) == 2
    assert asked == [("one", "two")]
    assert capsys.readouterr().err == (
        "the matrix is of one, two only: run `doit matrix --data one,two,three` first\n"
        "the matrix is not of the present battery, data and settings: "
        "run `doit matrix --data one,two` first\n"
    )
    assert not PATH.exists()


def test_a_data_set_and_a_device_that_there_is_none_of_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert submit(Context.of(), "one,two", is_current) == 2
    assert validate(Context.of(), "four", "x") == 2
    assert submit(Context.of(), "one", is_current, "abacus") == 2
    assert capsys.readouterr().err == (
        "no data set 'one,two'; there are one, two, three, and paths of JSON files with tasks\n"
        "no data set 'four'; there are one, two, three, and paths of JSON files with tasks\n"
        "no device 'abacus'; there are auto, cpu, cuda\n"
    )


def test_every_fault_of_a_file_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    entry: Any = {"attempt_1": [list(row) for row in WIDE], "attempt_2": [[0, 11]]}
    Path("mine.json").write_text(json.dumps({FLIP: [entry, {**entry, "attempt_2": [[0]]}, 1]}))
    assert validate(Context.of(), "two", "mine.json") == 1
    assert capsys.readouterr() == (
        "mine.json: 0a1b2c3d: 3 entries for 2 test inputs\n"
        "mine.json: 0a1b2c3d test[0] attempt_2, cell (0, 1): must be an integer from 0 to 9, "
        "not 11\n"
        "mine.json: 0a1b2c3d test[2]: must be an object with attempt_1 and attempt_2, "
        "not a number\n"
        "submission: mine.json is not valid: 3 faults\n",
        "",
    )


def test_a_file_for_another_data_set_is_recognised(capsys: pytest.CaptureFixture[str]) -> None:
    grid = [list(row) for row in FLIPPED]
    entry = {"attempt_1": grid, "attempt_2": grid}
    Path("mine.json").write_text(json.dumps({"33333333": [entry]}))
    assert validate(Context.of(), "two", "mine.json") == 1
    assert capsys.readouterr().out == (
        "mine.json: 0a1b2c3d: this task is missing\n"
        'mine.json: "33333333": no such task in the data set\n'
        "note: it has tasks of three: `--data three`?\n"
        "submission: mine.json is not valid: 2 faults\n"
    )
    assert validate(Context.of(), "three", "mine.json") == 0


def test_what_is_no_json_and_what_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.json").write_text('{"a": [}')
    assert validate(Context.of(), "one", "mine.json") == 1
    assert validate(Context.of(), "one", "gone.json") == 2
    Path("null.json").write_text("null")
    assert validate(Context.of(), "one", "null.json") == 1
    assert capsys.readouterr() == (
        "mine.json: not JSON: line 1, column 8: Expecting value\n"
        "submission: mine.json is not valid: 1 fault\n"
        "null.json: must be an object of tasks, not null\n"
        "submission: null.json is not valid: 1 fault\n",
        "gone.json: No such file or directory\n",
    )


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        (["submission"], ["kernels", "data"]),
        (["submission", "--data", "arc1-eval"], ["kernels", "data"]),
        (["submission", "--validate", "x.json"], ["data"]),
        (["submission", "--validate=x.json"], ["data"]),
    ],
)
def test_validating_needs_no_battery(
    words: list[str], needs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["doit", *words])
    assert submission_needs() == needs


def test_what_searches_found_speaks_too(capsys: pytest.CaptureFixture[str]) -> None:
    context = Context.of()
    assert matrices.matrix(context, "key", ("one",)) == 0
    store = Store(store_folder(context.config))
    state = store.begin("key", {}, 0.0)
    text = "def solve_candidate(I):\n    return canvas(THREE, UNITY)\n"
    for task in (ODD, "of another set"):
        store.put_found(FoundProgram(0, state.id, task, text, [], 3, "", "", {}, 0, 0.0))
    store.close()
    assert submit(context, "one", is_current) == 0
    capsys.readouterr()
    (entry,) = json.loads(PATH.read_text())[ODD]
    # Two programs agree on the first; the second is that of the smallest program.
    assert entry == {"attempt_1": [[1]], "attempt_2": [[3]]}
