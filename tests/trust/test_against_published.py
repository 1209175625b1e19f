"""`bench.language`: programs run here and as Python, and how they end compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import endings, language
from bench.endings import Ours, compared
from bench.foreign import ERROR, GRID, NO_GRID, TIME, End, Foreign, run_foreign
from pipeline.ir.status import Failure
from pipeline.trust.agreement.answers import Crash
from tests.compiled import compiled_kernels

HEAD = "import missing_module\nfrom dsl import *\n\n\n"
PROGRAMS = {
    "differs": ("return canvas(ZERO, UNITY)", endings.SAME),
    "larger": ("return canvas(ZERO, multiply(TEN, (30, 30)))", endings.OVER),
    "raising": ("return I.nothing(I)", endings.REFUSED_BOTH),
    "right": ("return vmirror(I)", endings.RIGHT),
    "without": (
        "return hconcat(I, replace(I, first(first(I)), divide(ONE, ZERO)))",
        endings.NEITHER,
    ),
}
"""Programs for one task, and how they end."""


def foreign(text: str, *grids: object) -> Foreign:
    return Foreign("p.py", text, "solve", ((((1,),), ((2,),)),), grids)  # type: ignore[arg-type]


def test_python_s_side() -> None:
    ((kind, value),) = run_foreign(
        foreign("def solve(I):\n    return hmirror(I)\n", ((1,), (2,))), 5
    )
    assert (kind, value) == (GRID, ((2,), (1,)))
    lists = "def solve(I):\n    return [[v == 1 for v in r] for r in I]\n"
    assert run_foreign(foreign(lists, ((1, 2),)), 5) == [(GRID, ((1, 0),))]
    odd = "def solve(I):\n    return ((1, 2), (3,))\n"
    assert run_foreign(foreign(odd, ((1,),)), 5)[0].kind == NO_GRID
    order = "def solve(I):\n    return (tuple({5, 1, 9, 3}), tuple({v for v in (8, 1, 7, 0)}))\n"
    assert run_foreign(foreign(order, ()), 5) == [(GRID, ((1, 3, 5, 9), (0, 1, 7, 8)))]
    pairs = "def solve(S, I, x=0):\n    return S[0][1]\n"
    assert run_foreign(foreign(pairs, ()), 5) == [(GRID, ((2,),))]


def test_python_s_side_where_there_is_no_answer() -> None:
    fails = "def solve(I):\n    print(I)\n    return 1 // len(I)\n"
    (end,) = run_foreign(foreign(fails, ()), 5)
    assert end == (ERROR, "ZeroDivisionError: integer division or modulo by zero")
    ends = "import os\n\n\ndef solve(I):\n    os._exit(3)\n"
    assert run_foreign(foreign(ends, (), ()), 5) == [(ERROR, "process ended: 3")] * 2
    forever = "def solve(I):\n    while len(I) < 2:\n        pass\n    return I\n"
    kinds = [end.kind for end in run_foreign(foreign(forever, ((1,), (1,)), ((1,),)), 1)]
    assert kinds == [GRID, TIME]
    assert run_foreign(foreign("def solve(I:\n", ()), 5)[0].kind == ERROR


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file for each program."""
    compiled_kernels()
    for name, (body, _) in PROGRAMS.items():
        path = tmp_path / f"{name}.py"
        path.write_text(f"{HEAD}def solve_67a3c6ac__{name}(I):\n    {body}\n")
    return tmp_path


WORDS = ("--samples", "2", "--seconds-per-program", "1", "--jobs", "1")


def test_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert language.main([str(folder), *WORDS]) == 0
    lines = capsys.readouterr().out.splitlines()
    head, *rows = lines[-len(PROGRAMS) - 2 : -1]
    assert head.split() == ["how", "they", "end", "programs", "lanes"]
    assert {tuple(row.rsplit(maxsplit=2)) for row in rows} == {
        (ending, "1", "2") for _, ending in PROGRAMS.values()
    }
    assert lines[-1] == "0 of 5 programs end otherwise (0.00%)"


def test_what_ends_otherwise(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "def solve_67a3c6ac__attribute(I):\n    return vmirror(I) if I.__len__() else I\n"
    (folder / "right.py").write_text(text)
    (folder / "other.py").write_text("def solve_ffffffff(I):\n    return I\n")
    assert language.main([str(folder), *WORDS]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 programs are for no task of this data, and passed over"
    told = [line for line in lines if line.startswith(f"{folder}/right.py:1: ")]
    assert [line.split(": ")[1] for line in told] == [endings.REFUSED]
    assert lines[-1] == "1 of 5 programs end otherwise (20.00%)"


def test_where_there_is_nothing_to_compare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert language.main([str(tmp_path)]) == 2
    assert language.main([str(tmp_path / "missing.py")]) == 2
    assert language.main([str(tmp_path), "--data", "arc9"]) == 2
    empty, missing, data = capsys.readouterr().err.splitlines()
    assert empty == f"{tmp_path}: no program for a task of arc1-train"
    assert "missing.py" in missing
    assert "no data set" in data


A, B = ((1,),), ((2,),)
FAILED, OVER = Failure("EMPTY", "first"), Failure("TOTAL", "merge")
BROKEN = Crash("ValueError", "ValueError: x")


@pytest.mark.parametrize(
    ("compiled", "interpreted", "end", "ending"),
    [
        (A, A, End(GRID, A), endings.RIGHT),
        (B, B, End(GRID, B), endings.SAME),
        (A, A, End(GRID, B), endings.DIFFER),
        (A, B, End(GRID, A), endings.DISAGREE),
        (FAILED, FAILED, End(ERROR, "x"), endings.NEITHER),
        (FAILED, FAILED, End(NO_GRID, "int"), endings.NEITHER),
        (FAILED, FAILED, End(GRID, A), endings.ONLY_THERE),
        (A, A, End(ERROR, "x"), endings.ONLY_HERE),
        (OVER, OVER, End(GRID, A), endings.OVER),
        (A, A, End(TIME), endings.ENDLESS),
        (BROKEN, A, End(GRID, A), endings.CRASH),
    ],
)
def test_how_a_lane_ends(compiled: Any, interpreted: Any, end: End, ending: str) -> None:
    right = Ours([A], [A]), [End(GRID, A)]
    assert compared(*right, [A]).ending == endings.RIGHT
    found = compared(Ours([A, compiled], [A, interpreted]), [End(GRID, A), end], [A, A])
    assert found.lanes == (endings.RIGHT, ending)
    assert found.ending == ending
    assert ("sample 1: " in found.detail) == (ending != endings.RIGHT)


def test_how_a_program_that_is_refused_ends() -> None:
    refused = Ours([], [], ("bad-name", "no such thing"))
    answered = compared(refused, [End(ERROR, "x"), End(GRID, A)], [A, A])
    assert answered.lanes == (endings.REFUSED_BOTH, endings.REFUSED)
    assert answered.ending == endings.REFUSED
    assert answered.detail == "bad-name: no such thing; there grid on sample 1"
    assert compared(refused, [End(ERROR, "x")] * 2, [A, A]).ending == endings.REFUSED_BOTH
