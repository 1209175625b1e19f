"""What the matrix prints, whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.battery.matrix_workload import Matrix, SetResult, TaskResult
from pipeline.ir.status import Limits
from pipeline.report.matrix_text import print_matrix

OWN, OTHER = "own/aaaaaaaa", "re-arc/bbbbbbbb"
TASKS = (
    TaskResult("arc1-train", "aaaaaaaa", 0, 3, 1, (OWN, OTHER), (OWN,)),
    TaskResult("arc1-train", "bbbbbbbb", 4, 2, 1, (), ()),
    TaskResult("arc1-eval", "cccccccc", 7, 2, 1, (OTHER,), ()),
)
MATRIX = Matrix(
    solvers=(OWN, OTHER),
    operations=("add",),
    sets=(
        SetResult("arc1-train", 2, 7, 9, 3, 1, 1),
        SetResult("arc1-eval", 1, 3, 2, 4, 0, 0),
    ),
    tasks=TASKS,
    samples=10,
    different=10,
    computed=20,
    limits=Limits(),
    seconds={"load": 0.5, "run": 2.0},
    backend="cpu",
    device={"device": "cpu"},
)

PRINTED = """\
data        tasks  right on train  by own  by others  on test too  lanes  right  wrong  error  \
over_budget
arc1-train      2               1       1          1            1     14      9      3      1  \
          1
arc1-eval       1               1       0          1            0      6      2      4      0  \
          0
all             3               2       1          2            1     20     11      7      1  \
          1
matrix: 2 solvers on 10 samples (cpu, 2.5 s, 10 lanes/s)
"""


def test_there_is_a_row_for_each_data_set_and_their_sum(capsys: Any) -> None:
    print_matrix(MATRIX)
    assert capsys.readouterr().out == PRINTED


def test_one_data_set_needs_no_sum(capsys: Any) -> None:
    print_matrix(replace(MATRIX, sets=MATRIX.sets[:1], tasks=TASKS[:2]))
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == ["data", "arc1-train", "matrix:"]


def test_the_summary_tells_of_duplicates_and_of_what_was_there(capsys: Any) -> None:
    print_matrix(replace(MATRIX, different=8, computed=6))
    assert capsys.readouterr().out.splitlines()[-1] == (
        "matrix: 2 solvers on 10 samples, 8 of them different, 6 lanes left to do "
        "(cpu, 2.5 s, 3 lanes/s)"
    )
