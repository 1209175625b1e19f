"""What `doit profile` prints, whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.measuring.changes import Change, ProfilesCompared
from pipeline.measuring.python_costs import FunctionCost
from pipeline.measuring.timings import KernelsCompiled, OperationTiming
from pipeline.report.whole_profile_text import (
    MOST_SHOWN,
    print_comparison,
    print_functions,
    print_whole_profile,
    summary,
)
from tests.report.small_profile import FACTS, MEASURED, SOLVERS, around

PRINTED = """\
2 solvers of 40 tasks, 1,234 samples; compiled, on cpu, 2 threads; medians of 3 runs

phase              ms     least      most   share
generate     1,200.00  1,140.00  1,260.00   75.0%
  parse        900.00    855.00    945.00   56.2%
  collect      300.00    285.00    315.00   18.8%
run            320.00    304.00    336.00   20.0%
unexplained     80.00     76.00     84.00    5.0%
whole        1,600.00  1,520.00  1,680.00  100.0%

kernels in a run of the check: 4.00 ms on one thread of the CPU

operation    ms  least  most  share  calls   lanes
merge      3.00   2.85  3.15  75.0%      7  12,345
fill       1.00   0.95  1.05  25.0%  1,000      20

solver to compile     ms  least   most  share  slowest step
re-arc/0a1b2c3d    12.00  11.40  12.60  75.0%    passes 50%
own/11111111        4.00   3.80   4.20  25.0%     parse 75%

solver to run      ms  least  most  share
re-arc/0a1b2c3d  3.00   2.85  3.15  75.0%
own/11111111     1.00   0.95  1.05  25.0%

tasks        ms  spread  ms a task  ms a task more  exponent
10       500.00   50.00      50.00
20       500.00   50.00      25.00            0.00      0.00
40     1,600.00  160.00      40.00           55.00      1.68

tasks, ms  generate    run
10            375.0  125.0
20            375.0  125.0
40          1,200.0  400.0
"""
COMPARED = """\

compared with old.json of 2029-01-02 03:04:05 UTC, 1,003 timings
another machine: cores 2 (was 4)
the same solvers, compiled to other code
a fixed piece of work took 12% less time: twice as much counts as noise

slower         before, ms   now, ms  lost, ms  change
whole            1,000.00  1,600.00    600.00    +60%
pass parse         500.00  1,000.00    500.00   +100%
operation new        0.00    250.00    250.00     new

faster                before, ms  now, ms  gained, ms  change
compile own/11111111        8.00     4.00        4.00    -50%
run own/11111111            3.00     1.00        2.00    -67%
"""
CHANGES = (
    Change("whole", "whole", 1.0, 1.6, 0.1),
    Change("pass", "parse", 0.5, 1.0, 0.1),
    Change("operation", "new", 0.0, 0.25, 0.1),
    Change("run", "own/11111111", 0.003, 0.001, 0.0005),
    Change("compile", "own/11111111", 0.008, 0.004, 0.0005),
)
COMPARISON = ProfilesCompared(
    path="old.json",
    made="2029-01-02 03:04:05 UTC",
    drift=-0.125,
    differs=("another machine: cores 2 (was 4)", "the same solvers, compiled to other code"),
    compared=1_003,
    changes=CHANGES,
)


def test_the_profile_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_whole_profile(MEASURED)
    assert capsys.readouterr() == (PRINTED, "")


def test_what_is_not_usual_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    found = replace(
        MEASURED,
        facts=replace(FACTS, repeats=1, settings={**FACTS.settings, "threads": 1}),
        busy=0.324,
        compiled=KernelsCompiled(163, 62.04),
    )
    print_whole_profile(found)
    lines = PRINTED.splitlines()
    head = lines[0].replace("2 threads; medians of 3 runs", "1 thread; one run")
    busy = "the machine was busy: 32% of the time went to others, so all took longer"
    compiled = "163 kernels were compiled first, in 62.0 s"
    expected = [head, busy, *lines[1:9], compiled, *lines[9:]]
    assert capsys.readouterr().out.splitlines() == expected


def test_without_kernels_it_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    solvers = tuple(replace(row, run=None) for row in SOLVERS)
    why = "the reference backend has no kernels"
    print_whole_profile(replace(MEASURED, operations=(), solvers=solvers, no_operations=why))
    before, after = PRINTED.split("kernels in a run")
    compiling = after[after.index("solver to compile") : after.index("solver to run")]
    growth = after[after.index("tasks   ") :]
    expected = f"{before}no times by operation: {why}\n\n{compiling}{growth}"
    assert capsys.readouterr().out == expected


def test_long_tables_are_cut_and_the_rest_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    operations = tuple(
        OperationTiming(around(f"o{k:02}", 0.001), 1, 1) for k in range(MOST_SHOWN + 3)
    )
    print_whole_profile(replace(MEASURED, operations=operations))
    lines = capsys.readouterr().out.splitlines()
    cut = lines.index("... and 3 more: 3.00 ms")
    assert lines[cut - 1].startswith(f"o{MOST_SHOWN - 1} ")
    assert not any(line.startswith("... and") for line in lines[cut + 1 :])


def test_what_changed_is_printed_with_both_figures(capsys: pytest.CaptureFixture[str]) -> None:
    print_comparison(COMPARISON)
    assert capsys.readouterr().out == COMPARED


@pytest.mark.parametrize(
    ("compared", "said"),
    [
        (None, "no earlier profile to compare with\n"),
        (
            ProfilesCompared("old.json", "then", 0.019, (), 7, ()),
            "compared with old.json of then, 7 timings\nnothing changed by more than the noise\n",
        ),
        (
            ProfilesCompared("old.json", "then", 0.5, (), 7, None),
            "compared with old.json of then, 7 timings\n"
            "a fixed piece of work took 50% more time: twice as much counts as noise\n"
            "one of the two was measured once only: nobody can tell its changes from noise\n",
        ),
    ],
)
def test_where_there_is_no_change_it_says_so(
    compared: ProfilesCompared | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_comparison(compared)
    assert capsys.readouterr().out == f"\n{said}"


def test_many_changes_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    changes = tuple(Change("run", f"own/{k}", 1.0, 9.0 - k / 10, 0.1) for k in range(30))
    print_comparison(ProfilesCompared("old.json", "then", 0.0, (), 30, changes))
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "... and 10 more"
    assert [line.split()[1] for line in lines[4:-1]] == [f"own/{k}" for k in range(20)]


@pytest.mark.parametrize(
    ("compared", "said"),
    [
        (COMPARISON, "; 3 slower, 2 faster"),
        (replace(COMPARISON, changes=()), "; 0 slower, 0 faster"),
        (replace(COMPARISON, changes=None), ""),
        (None, ""),
    ],
)
def test_the_summary_is_one_line(compared: ProfilesCompared | None, said: str) -> None:
    assert summary(MEASURED, compared, "p.json", 2.345) == (
        f"profile: 1.60 s for 40 tasks, 40.00 ms a task{said}: p.json (2.3 s)"
    )


def test_functions_are_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    costs = [FunctionCost("a.py:3 f", 1_234, 0.5, 1.5), FunctionCost("len", 1, 0.25, 0.25)]
    costs += [FunctionCost("g", 1, 0.0, 0.0)] * MOST_SHOWN
    print_functions(costs, "x.prof")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:6] == [
        "",
        "Python's profile of generate and link, which it slows down: x.prof",
        "",
        "function  calls  own ms  share  with calls",
        "a.py:3 f  1,234  500.00  66.7%    1,500.00",
        "len           1  250.00  33.3%      250.00",
    ]
    assert len(lines) == 4 + MOST_SHOWN
