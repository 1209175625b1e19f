"""The command `diagnose`: faults planted in copies of generated files are each named, in whole
texts.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.battery import opening
from pipeline.commands.diagnose import diagnosis
from pipeline.config.context import Context
from tests.battery.small import FLIP
from tests.diagnosed import (
    CODE,
    DIFF,
    PASSING,
    WITHOUT_ONE,
    fails,
    plant,
    plant_result,
    prepare,
    printed,
    text,
)


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what a build of two solvers makes, and a copy of that."""
    prepare(tmp_path, monkeypatch)


def test_what_is_right_passes_all_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnosis(Context.of()) == 0
    assert text(capsys) == printed()
    assert diagnosis(Context.of(), generated="copy") == 0
    assert text(capsys) == printed()


def test_without_a_sample_nothing_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(opening, "tasks_of", lambda config: {})
    assert diagnosis(Context.of()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert ": no data set in config.yaml has a task of the 2 solvers\nthere are " in said.err


def test_a_file_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    CODE.unlink()
    assert_no_load(capsys, f"the file is not there\n      {CODE}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "rt.rot90(d0, n0)",
            "rt.rot90(d0, n0",
            f"SyntaxError: '(' was never closed\n      {CODE}:8",
        ),
        (
            "\n\ndef solve",
            "import no_such_module\n\n\ndef solve",
            f"ModuleNotFoundError: No module named 'no_such_module'\n      {CODE}:2",
        ),
    ],
    ids=["syntax error", "import error"],
)
def test_a_file_that_does_not_load_is_named(
    capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    plant(CODE, old, new)
    assert_no_load(capsys, said)


def assert_no_load(capsys: pytest.CaptureFixture[str], said: str) -> None:
    """In the copy the first step fails with this, and all others pass for the other module."""
    assert diagnosis(Context.of(), generated="copy") == 1
    assert text(capsys) == printed(
        **WITHOUT_ONE,
        _1=f"""\
1 FAIL  each generated module loads: 1 of 2 modules, and the battery
    own/{FLIP}: {said}
  next: {DIFF}
""",
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "def solve(rt, solver=0):",
            "def solve(rt):",
            f"it has solve(rt), expected solve(rt, solver=0)\n      {CODE}:4",
        ),
        (
            "def solve(rt, solver=0):",
            "def resolve(rt, solver=0):",
            f"there is no function solve(rt, solver=0); it has resolve\n      {CODE}",
        ),
        (
            "\n\nif __name__",
            "\n\nsolve = [solve]\n\nif __name__",
            f"solve is no function but of type list\n      {CODE}",
        ),
    ],
)
def test_a_wrong_signature_is_named(
    capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    plant(CODE, old, new)
    assert diagnosis(Context.of(), generated="copy") == 1
    changed = WITHOUT_ONE | {"_1": PASSING[1], "_8": fails(2)}
    changed["_2"] = f"""\
2 FAIL  it has the function that is expected: 1 of 2 modules: solve(rt, solver=0); \
the battery: evaluate(rt) and all solvers
    own/{FLIP}: {said}
  next: {DIFF}
"""
    assert text(capsys) == printed(**changed)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "rt.rot90(",
            "rt.rotate90(",
            f"""\
    own/{FLIP}, 4 of 4 samples, first train[0]
      own/{FLIP}.py:2:9: error[exception]: AttributeError: no operation 'rotate90'
              x = rot90(I)
                  ^^^^^^^^
      {CODE}:8""",
        ),
        (
            "rt.verdict(solver,",
            "rt.verdict(0,",
            f"""\
    own/{FLIP}, 4 of 4 samples, first train[0]: it gives its verdict as solver 0, and was run as \
solver 1
      {CODE}""",
        ),
        (
            "    rt.verdict(solver,",
            "    (lambda *args, **named: None)(solver,",
            f"""\
    own/{FLIP}, 4 of 4 samples, first train[0]: it ends without a verdict on its lanes
      {CODE}""",
        ),
    ],
)
def test_what_stops_a_module_is_named(
    capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    plant(CODE, old, new)
    assert diagnosis(Context.of(), generated="copy") == 1
    changed = WITHOUT_ONE | {"_1": PASSING[1], "_2": PASSING[2], "_8": fails(3)}
    changed["_3"] = f"""\
3 FAIL  it runs on each sample: 3 of 7 samples of 2 solvers
{said}
  next: no solver can end so, only generated code: {DIFF}
"""
    assert text(capsys) == printed(**changed)


def test_an_exception_on_some_samples_is_named_with_these(
    capsys: pytest.CaptureFixture[str],
) -> None:
    divided = "    n0: Grid = rt.input(d0); [1 // (len(v[0]) - 4) for v in n0.values]"
    plant(CODE, "    n0: Grid = rt.input(d0)", divided)
    assert diagnosis(Context.of(), generated="copy") == 1
    assert text(capsys) == printed(
        _3=f"""\
3 FAIL  it runs on each sample: 5 of 7 samples of 2 solvers
    own/{FLIP}, 2 of 4 samples, first train[1]
      own/{FLIP}.py:2:5: error[exception]: ZeroDivisionError: integer division or modulo by zero
              x = rot90(I)
              ^
      {CODE}:7
  next: no solver can end so, only generated code: {DIFF}
""",
        _4=PASSING[4].replace("7 of 7", "5 of 5"),
        _6=PASSING[6].replace("7 of 7 lanes", "5 of 5 lanes"),
        _8=fails(3),
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("[[*row] for row in v]", "a list of 2 lists"),
        ("tuple([*row] for row in v)", "a tuple whose row 0 is a list of 2 integers"),
        ("__import__('numpy').array(v)", "a numpy array of int64, shape (2, 2)"),
        ("frozenset(v)", "a frozenset of 2 tuples"),
        ("3", "an integer, 3"),
        ("None", "None"),
        (
            "tuple(tuple(map(float, row)) for row in v)",
            "a tuple of tuples whose cell (0, 0) is a float, 3.0",
        ),
    ],
)
def test_a_list_and_whatever_else_is_no_tuple_is_named(
    capsys: pytest.CaptureFixture[str], change: str, said: str
) -> None:
    plant_result(change)
    assert diagnosis(Context.of(), generated="copy") == 1
    assert text(capsys) == printed(
        _4=f"""\
4 FAIL  its output is a grid: 3 of 7 outputs: tuples of equally long tuples of 0 to 9
    own/{FLIP}, 4 of 4 samples, first train[0]: {said}
      {CODE}
  next: no solver can give another type than tuples of integers: {DIFF}
""",
        _6=WITHOUT_ONE["_6"],
        _8=fails(4),
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("(v[0][:1], *v[1:])", "a tuple of rows of different lengths: 1, 2"),
        ("((10, *v[0][1:]), *v[1:])", "a grid whose cell (0, 0) is 10, which is no colour"),
        ("v * 16", "a grid of 32x2: a grid of ARC has 1 to 30 rows and columns"),
        ("()", "an empty tuple"),
    ],
)
def test_a_wrong_shape_or_colour_is_named(
    capsys: pytest.CaptureFixture[str], change: str, said: str
) -> None:
    plant_result(change)
    assert diagnosis(Context.of(), generated="copy") == 1
    assert text(capsys) == printed(
        _4=f"""\
4 FAIL  its output is a grid: 3 of 7 outputs: tuples of equally long tuples of 0 to 9
    own/{FLIP}, 4 of 4 samples, first train[0]: {said}
      {CODE}
  next: where step 6 passes, the solver itself gives this: change it
""",
        _6=f"""\
6 FAIL  generated code does as the direct interpreter: 3 of 7 lanes of the modules, \
7 of 7 of the battery (cpu)
    own/{FLIP}, 4 of 4 samples, first train[0]: gives {said}, the interpreter a grid
      {CODE}
  next: the interpreter says what the solver means, so the generated code is wrong: {DIFF}
""",
        _8=fails(4, 6),
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("v[:-1]", "a grid of 1x2, expected 2x2: off by one, a row is missing"),
        (
            "tuple((*row, 0) for row in v)",
            "a grid of 2x3, expected 2x2: off by one, a column too many",
        ),
        (
            "(v[-1], *v[:-1])",
            "4 of 4 cells differ, first at (0, 0): expected 3, got 1: off by one, the expected "
            "grid moved down",
        ),
    ],
)
def test_a_grid_that_is_off_by_one_is_named(
    capsys: pytest.CaptureFixture[str], change: str, said: str
) -> None:
    plant_result(change)
    assert diagnosis(Context.of(), generated="copy") == 1
    assert text(capsys) == printed(
        _6=f"""\
6 FAIL  generated code does as the direct interpreter: 3 of 7 lanes of the modules, \
7 of 7 of the battery (cpu)
    own/{FLIP}, 4 of 4 samples, first train[0]: {said}
      {CODE}
  next: the interpreter says what the solver means, so the generated code is wrong: {DIFF}
""",
        _8=fails(6),
    )
