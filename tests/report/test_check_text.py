"""What the check prints, whole."""

from __future__ import annotations

from typing import Any

from pipeline.battery.results import FirstFailure, Results, SolverResult, unexpected
from pipeline.report.check_text import print_check

WRONG = FirstFailure("train[0]", "wrong", "1 cell differs, first at (1, 1): expected 4, got 2")
ERROR = FirstFailure(
    "test[0]",
    "error",
    "error: first: EMPTY: needs at least one element",
    reason="EMPTY",
    operation="first",
    path="solvers/22222222.py",
    line=2,
    column=9,
    width=8,
)
ROWS = (
    SolverResult("own/11111111", "11111111", 3, 3, "right"),
    SolverResult("own/22222222", "22222222", 4, 3, "error", ERROR),
    SolverResult("own/33333333", "33333333", 2, 0, "broken"),
    SolverResult("own/99999999", "99999999", 0, 0, "no_task"),
    SolverResult("re-arc/44444444", "44444444", 1000, 999, "wrong", WRONG),
)
RESULTS = Results(
    workload="check",
    backend="reference",
    nodes=40,
    native_nodes=0,
    corpora=("own", "re-arc"),
    tasks=4,
    tasks_solved=1,
    samples=1009,
    correct=1005,
    wrong=1,
    error=1,
    over_budget=0,
    seconds={"load": 0.5, "run": 1.0, "compare": 0.0},
    solvers=ROWS,
)
SOURCE = ["def solve_22222222(I):", "    O = first(I)", "    return O"]

PRINTED = """\
own/22222222: 3 of 4 samples right; test[0]: error
solvers/22222222.py:2:9: error[empty]: first: EMPTY: needs at least one element
        O = first(I)
            ^^^^^^^^
re-arc/44444444: 999 of 1000 samples right (a known failure); train[0]: wrong: 1 cell differs, \
first at (1, 1): expected 4, got 2
not checked, as no data set has their task: own/99999999
corpus  solvers  right  wrong  error  over_budget  broken   samples right
own           4      1      0      1            0       1          6 of 9
re-arc        1      0      1      0            0       0  999 of 1,000
all           5      1      1      1            0       1  1,005 of 1,009
check: 1 of 4 tasks solved, 1,005 of 1,009 samples right (reference, 1.5 s)
"""


def test_the_report_names_every_solver_that_is_not_right(capsys: Any) -> None:
    print_check(RESULTS, {"re-arc": ("44444444",)}, {"solvers/22222222.py": SOURCE}.__getitem__)
    printed = capsys.readouterr().out
    aligned = [line.rstrip() for line in printed.splitlines()]
    wanted = [line.rstrip() for line in PRINTED.splitlines()]
    assert [" ".join(line.split()) for line in aligned] == [" ".join(w.split()) for w in wanted]
    widths = {len(line) for line in aligned[-5:-1]}
    assert len(widths) == 1


def test_a_known_failure_is_not_unexpected() -> None:
    names = [row.solver for row in unexpected(RESULTS, {"re-arc": ("44444444",)})]
    assert names == ["own/22222222", "own/33333333"]
    names = [row.solver for row in unexpected(RESULTS, {"own": ("22222222", "33333333")})]
    assert names == ["re-arc/44444444"]


CUT = (
    "".join(
        f"own/{k:08x}: 0 of 1 samples right; train[0]: wrong: 1 cell differs, first at (1, 1): "
        "expected 4, got 2\n"
        for k in range(19)
    )
    + """\
own/000007d0: 0 of 1 samples right; test[0]: error
solvers/22222222.py:2:9: error[empty]: first: EMPTY: needs at least one element
... and 2,030 more: all with --all-errors and in generated/results/check.json

kind          count   most  in
wrong         2,000  2,000  own
error[empty]     50     50  solvers/22222222.py

corpus  solvers  right  wrong  error  over_budget  broken  samples right
own       2,050      0  2,000     50            0       0     0 of 2,050
re-arc        0      0      0      0            0       0         0 of 0
all       2,050      0  2,000     50            0       0     0 of 2,050
check: 1 of 4 tasks solved, 1,005 of 1,009 samples right (reference, 1.5 s)
"""
)


def test_a_long_list_of_failures_is_cut_and_says_where_the_rest_is(capsys: Any) -> None:
    failures = [WRONG] * 2_000 + [ERROR] * 50
    rows = tuple(
        SolverResult(f"own/{k:08x}", f"{k:08x}", 1, 0, failure.status, failure)
        for k, failure in enumerate(failures)
    )
    many = Results(**{**{f: getattr(RESULTS, f) for f in RESULTS.__slots__}, "solvers": rows})
    print_check(many, {})
    assert capsys.readouterr().out == CUT
    print_check(many, {}, most=None)
    assert capsys.readouterr().out.count("own/") == 2_050


def test_right_candidates_are_named_where_a_task_has_several(capsys: Any) -> None:
    rows = tuple(SolverResult(f"own/a__{k:02}", "a", 2, 2, "right") for k in range(42))
    alone = SolverResult("own/b", "b", 1, 1, "right")
    many = Results(
        **{**{f: getattr(RESULTS, f) for f in RESULTS.__slots__}, "solvers": (*rows, alone)}
    )
    print_check(many, {})
    lines = capsys.readouterr().out.splitlines()
    named = [f"own/a__{k:02}: 2 of 2 samples right" for k in range(40)]
    assert lines[:-5] == [*named, "... and 2 more that are right"]
