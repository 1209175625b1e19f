"""What the stress run prints, whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.battery.results import FirstFailure
from pipeline.battery.stress_workload import SolverStress, Stress
from pipeline.report.stress_text import print_stress

WRONG = FirstFailure("generated[17]", "wrong", "1 cell differs, first at (1, 1): expected 4, got 2")
ERROR = FirstFailure(
    "generated[0]",
    "error",
    "error: first: EMPTY: needs at least one element",
    reason="EMPTY",
    operation="first",
    path="solvers/22222222.py",
    line=2,
    column=9,
    width=8,
)
STRESS = Stress(
    backend="cpu",
    samples=1000,
    seed=7,
    seconds={"load": 0.5, "draw": 1.0, "run": 2.0},
    solvers=(
        SolverStress("own/11111111", "11111111", 1000, 1000, 0, 0, 0),
        SolverStress("own/22222222", "22222222", 1000, 10, 0, 990, 0, 0, ERROR),
        SolverStress("re-arc/33333333", "33333333", 1000, 999, 1, 0, 0, 17, WRONG),
    ),
)
SOURCE = ["def solve_22222222(I):", "    O = first(I)", "    return O"]

PRINTED = """\
own/22222222: 10 of 1000 samples right; generated[0]: error
solvers/22222222.py:2:9: error[empty]: first: EMPTY: needs at least one element
        O = first(I)
            ^^^^^^^^
re-arc/33333333: 999 of 1000 samples right; generated[17]: wrong: 1 cell differs, first at (1, 1): \
expected 4, got 2
corpus  solvers  right  wrong  error  over_budget   samples right
own           2      1      0      1            0  1,010 of 2,000
re-arc        1      0      1      0            0    999 of 1,000
all           3      1      1      1            0  2,009 of 3,000
stress: 1 of 3 solvers right on all of 1,000 generated samples (seed 7), 2,009 of 3,000 samples \
right (cpu, 3.5 s, 1,500 lanes/s)
"""


def test_the_worst_solvers_are_named_first(capsys: Any) -> None:
    print_stress(STRESS, {"solvers/22222222.py": SOURCE}.__getitem__)
    assert capsys.readouterr().out == PRINTED


def test_what_was_not_run_is_named(capsys: Any) -> None:
    without = tuple(f"own/{k:08x}" for k in range(12))
    print_stress(replace(STRESS, without=without, undrawn={"44444444": "no end"}))
    lines = capsys.readouterr().out.splitlines()[-7:-5]
    named = ", ".join(without[:10])
    assert lines == [
        f"not run, as no generator has their task: {named} and 2 more",
        "not run, as no samples of 44444444 could be drawn: no end",
    ]


def test_a_long_list_is_cut_and_says_where_the_rest_is(capsys: Any) -> None:
    bad = STRESS.solvers[2]
    print_stress(replace(STRESS, solvers=(bad,) * 25))
    assert "... and 5 more: see generated/results/stress.json" in capsys.readouterr().out
