"""Rows of a project's own: which files give them, and what is said of those that are wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline.battery.resident import Battery
from pipeline.config.config import Config
from pipeline.diagnostics import Invalid
from pipeline.engine.beside import score_of
from pipeline.frontend.parse import parse_text
from pipeline.ir.status import Failure
from pipeline.kernels.names import WHOLE
from pipeline.oracle.reference import ReferenceRuntime
from pipeline.primitives import VARIABLE
from pipeline.primitives.own import RESERVED
from pipeline.primitives.table import BY_NAME, TABLE, own_rows, use

HEAD = "from pipeline.ir.status import Failure\nfrom pipeline.primitives.row import *\n\n"
TWICE = '@primitive("Integer -> Integer")\ndef twice(number):\n    return 2 * number\n'

MISTAKES = {
    "def f(:\n": "x.py:4:7: error[syntax-error]: invalid syntax",
    "print(1 / 0)\n": "x.py:4:1: error[bad-row]: importing this file raises ZeroDivisionError: "
    "division by zero",
    "raise SystemExit(3)\n": "x.py:4:1: error[bad-row]: importing this file raises SystemExit: 3",
    "from other import y\n": "x.py:4:1: error[bad-row]: importing this file raises "
    "ModuleNotFoundError: No module named 'other'",
    TWICE.replace("twice", "height"): "x.py:4:1: error[bad-row]: height: there is a row of this "
    "name already",
    TWICE.replace("twice", "len"): "x.py:4:1: error[bad-row]: len: no row has this name",
    TWICE.replace("twice", "item"): "x.py:4:1: error[bad-row]: item: no row has this name",
    TWICE + TWICE.replace("def twice", "def more").replace("(number)", "(*number)"): (
        "x.py:7:1: error[bad-row]: more: 'Integer -> Integer' has not 0 parameters"
    ),
    TWICE.replace("->", "-"): "x.py:4:1: error[bad-row]: not a signature: 'Integer - Integer'",
    TWICE.replace("> Integer", "> Int"): "x.py:4:1: error[bad-row]: not a type: 'Int'",
    TWICE.replace('("Integer -> Integer")', ""): "x.py:4:1: error[bad-row]: a row has its "
    'signatures: @primitive("Grid -> Grid")',
    TWICE.replace("Integer ->", "(a -> b) ->"): "x.py:4:1: error[bad-row]: twice: a row that takes "
    "or gives a function needs expand=",
    TWICE.replace('")', '", examples=("twice(2) == 5",))'): "x.py:4:1: error[bad-row]: twice: its "
    "example `twice(2) == 5` is not true",
    TWICE.replace('")', '", examples=("twice((), 1)",))'): "x.py:4:1: error[row-failed]: the row "
    "twice raises TypeError: twice() takes 1 positional argument but 2 were given",
    TWICE.replace('")', '", optional=("n",))'): "x.py:4:1: error[bad-row]: twice: it has no "
    "parameter 'n'",
    TWICE
    + "@native(twice)\ndef _twice(m):\n    return 0\n": "x.py:4:1: error[bad-row]: twice: its "
    "row function _twice takes other arguments than (m, number)",
    "@native(len)\ndef _twice(m):\n    return 0\n": "x.py:4:1: error[bad-row]: @native takes the "
    "function below @primitive(...)",
}


@pytest.fixture(autouse=True)
def nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has a folder of its own to be in, and leaves the table as it was."""
    monkeypatch.chdir(tmp_path)
    yield
    use(())


def write(text: str, name: str = "x.py") -> None:
    Path(name).write_text(HEAD + text)


def test_rows_are_in_the_table_for_as_long_as_they_are_used() -> None:
    before = dict(TABLE), dict(BY_NAME)
    write(TWICE)
    use(["x.py"])
    assert TABLE["twice"].reference(4) == 8
    assert own_rows().files == {"twice": "x.py"}
    assert VARIABLE in os.environ
    assert pipeline.parse("def solve_a(I):\n    x = twice(2)\n    return canvas(x, UNITY)\n")
    _, found = parse_text("def solve_a(I):\n    return canvas(twic(2), UNITY)\n", "a")
    assert [d.notes for d in found] == [("did you mean 'twice'?",)]
    use(())
    assert before == (TABLE, BY_NAME)
    assert VARIABLE not in os.environ
    with pytest.raises(Invalid, match="'twice' is not defined here"):
        pipeline.parse("def solve_a(I):\n    x = twice(2)\n    return canvas(x, UNITY)\n")


def test_a_file_that_changed_is_read_again() -> None:
    write(TWICE)
    use(["x.py"])
    write(TWICE.replace("2 * number", "3 * number + 0"))
    use(["x.py"], look=False)
    assert TABLE["twice"].reference(4) == 8
    use(["x.py"])
    assert TABLE["twice"].reference(4) == 12


@pytest.mark.parametrize("text", MISTAKES)
def test_what_is_wrong_with_a_file(text: str) -> None:
    before = dict(TABLE)
    write(text)
    with pytest.raises(Invalid) as raised:
        use(["x.py"])
    assert MISTAKES[text] in str(raised.value)
    assert str(raised.value).endswith("\n1 error")
    assert before == TABLE


def test_what_gives_no_row() -> None:
    write("def twice(number):\n    return 2 * number\n")
    with pytest.raises(Invalid, match=r"^x.py:1:1: error\[no-rows\]: there is no row in it"):
        use(["x.py"])


def test_every_fault_is_told_at_once() -> None:
    write(TWICE)
    write(TWICE, "y.py")
    write("raise ValueError\n", "z.py")
    with pytest.raises(Invalid) as raised:
        use(["x.py", "y.py", "z.py"])
    assert "y.py:4:1: error[bad-row]: twice: there is a row of this name already" in str(
        raised.value
    )
    assert "z.py:4:1: error[bad-row]: importing this file raises ValueError\n" in str(raised.value)


def test_no_row_is_called_what_a_runtime_has() -> None:
    runtime = ReferenceRuntime([])
    used = {name for name in {*dir(runtime), *vars(runtime), *WHOLE} if name[0] != "_"}
    own = {name for name in used if name.startswith("arc_")}
    assert used - own <= RESERVED | BY_NAME.keys()


FAULTS = {
    "number / 0": "x.py:6:1: error[row-failed]: the row twice raises ZeroDivisionError: ",
    "[number]": "x.py:4:1: error[row-failed]: the row twice gives list, which is no value",
    "_raised()": "x.py:10:1: error[row-failed]: the row twice raises Failure('ODD'), which is no",
}


@pytest.mark.parametrize("result", FAULTS)
def test_what_a_reference_does_that_none_may(result: str) -> None:
    more = "\n\ndef _raised():\n    raise Failure('ODD')\n"
    write(TWICE.replace("2 * number", result) + more)
    use(["x.py"])
    with pytest.raises(Invalid) as raised:
        TABLE["twice"].reference(3)
    assert FAULTS[result] in str(raised.value)


GRID = ((1, 2), (3, 4))
FLIPPED = """\
@primitive("Grid -> Grid")
def flipped(grid):
    if len(grid) == 1:
        raise Failure("SHAPE")
    return tuple(row[::-1] for row in grid)
"""


def test_a_row_without_row_function_runs_on_the_reference_runtime() -> None:
    write(FLIPPED)
    programs = [
        "def solve_a(I):\n    return flipped(I)\n",
        "def solve_b(I):\n    return I\n",
        "def solve_c(I):\n    return vmirror(flipped(I))\n",
    ]
    samples = [(GRID, ((2, 1), (4, 3))), (((1, 2),), GRID), (GRID, GRID)]
    with Battery(samples, config=Config(primitives=("x.py",))) as battery:
        with pytest.warns(RuntimeWarning, match="on the reference runtime: flipped"):
            scores = battery.evaluate(programs)
        assert scores.exact.tolist() == [
            [True, False, False],
            [False, False, True],
            [False, False, True],
        ]
        assert scores.codes.tolist() == [[0, 2, 1], [1, 1, 0], [1, 2, 0]]
        assert scores.value_hash[2, 2].tolist() == scores.value_hash[1, 0].tolist()
        with pytest.warns(RuntimeWarning):
            part = battery.evaluate(programs, wanted=[[2], [], [0, 1]])
        assert part.codes.tolist() == [[5, 5, 1], [5, 5, 5], [1, 2, 5]]


def test_scores_of_what_is_interpreted() -> None:
    assert score_of(None, Failure("EMPTY")) == (0, 0, -1, (0, 0))
    assert score_of(GRID, GRID)[:3] == (2, 2, 4)
    assert score_of(GRID, ((1, 2, 3),))[:3] == (1, 3, -1)
    assert score_of(None, ((1,),))[:3] == (1, 1, -1)
