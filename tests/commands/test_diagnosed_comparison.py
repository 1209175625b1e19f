"""The command `diagnose`: comparisons, batteries and solvers that are wrong; what can be asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery import check_workload
from pipeline.battery.batteries import CompiledBattery
from pipeline.commands import diagnose
from pipeline.commands.asked import Chosen
from pipeline.commands.diagnose import diagnosis
from pipeline.config.context import Context
from pipeline.data.tasks import Sample
from tests.battery.small import FLIP, ODD, SAME
from tests.diagnosed import (
    BATTERY,
    CODE,
    CONFIG,
    DIFF,
    PASSING,
    UNTRUSTED,
    WITHOUT_ONE,
    build,
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


def test_an_output_that_equals_everything_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    same = "class Same(tuple):\n    def __eq__(self, other):\n        return True\n"
    plant(CODE, "\n\ndef solve", f"\n\n{same}\n\ndef solve")
    plant_result("Same(v)")
    assert diagnosis(Context.of(), generated="copy") == 1
    assert text(capsys) == printed(
        _4=f"""\
4 FAIL  its output is a grid: 3 of 7 outputs: tuples of equally long tuples of 0 to 9
    own/{FLIP}, 4 of 4 samples, first train[0]: a Same, a class made from tuple
      {CODE}
  next: no solver can give another type than tuples of integers: {DIFF}
""",
        _5=f"""\
5 FAIL  the comparison is right: 7 expected outputs accepted, 35 changed ones rejected \
(cpu and reference)
    own/{FLIP}, 4 of 4 samples, first train[0]: accepts the output of this solver where another \
is expected: one with another colour in one cell
      {CODE}
  next: what such a file gives decides itself what it equals: {DIFF}
""",
        _6=WITHOUT_ONE["_6"],
        _8=fails(4, 5),
    )


def test_a_comparison_that_accepts_everything_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def outcomes(battery: Any, samples: list[Sample], wanted: list[list[int]], limits: Any) -> Any:
        return [[samples[k].output for k in lanes] for lanes in wanted]

    monkeypatch.setattr(CompiledBattery, "outcomes", outcomes)
    assert diagnosis(Context.of()) == 1
    accepts = f"7 of 7 samples, first {FLIP} train[0]: accepts the expected output with"
    assert text(capsys) == printed(
        _5=f"""\
5 FAIL  the comparison is right: 7 expected outputs to be accepted, 35 changed ones to be \
rejected (cpu and reference)
    the check on cpu, {accepts} another colour in one cell
    the check on cpu, {accepts} another colour in the last cell
    the check on cpu, {accepts} its last row twice
    the check on cpu, {accepts} its last column twice
    the check on cpu, {accepts} all its cells in one row
  next: {UNTRUSTED}
""",
        _8=fails(5),
    )


def test_a_comparison_that_looks_only_at_shapes_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(sample: Sample, outcome: Any) -> str:
        sizes = [list(map(len, grid)) for grid in (sample.output, outcome)]
        return "right" if sizes[0] == sizes[1] else "wrong"

    monkeypatch.setattr(check_workload, "judge", judge)
    assert diagnosis(Context.of()) == 1
    accepts = f"7 of 7 samples, first {FLIP} train[0]: accepts the expected output with"
    assert text(capsys) == printed(
        _5=f"""\
5 FAIL  the comparison is right: 7 expected outputs to be accepted, 35 changed ones to be \
rejected (cpu and reference)
    the check on cpu, {accepts} another colour in one cell
    the check on cpu, {accepts} another colour in the last cell
    the check on reference, {accepts} another colour in one cell
    the check on reference, {accepts} another colour in the last cell
  next: {UNTRUSTED}
""",
        _8=fails(5),
    )


def test_a_comparison_that_rejects_everything_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_workload, "judge", lambda sample, outcome: "error")
    monkeypatch.setattr(check_workload, "describe", lambda place, sample, outcome: None)
    assert diagnosis(Context.of()) == 1
    rejects = f"7 of 7 samples, first {FLIP} train[0]: rejects the expected output"
    found = text(capsys)
    assert f"    the check on cpu, {rejects}\n    the check on reference, {rejects}\n" in found
    assert found.splitlines()[-1] == fails(5)


def test_faults_of_the_battery_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    plant(BATTERY, f'    "own/{SAME}",\n', "")
    assert diagnosis(Context.of(), generated="copy") == 1
    modules = PASSING[6].partition(", 7 of 7 of the battery")[0]
    assert text(capsys) == printed(
        _2=f"""\
2 FAIL  it has the function that is expected: 2 of 2 modules: solve(rt, solver=0)
    the battery: SOLVERS lacks own/{SAME}
      {BATTERY}
  next: {DIFF}
""",
        _6=modules,
        _8=fails(2),
    )
    BATTERY.write_text(Path("generated/batt.py").read_text().replace("rt.hmirror", "rt.vmirror"))
    assert diagnosis(Context.of(), generated="copy") == 1
    assert text(capsys) == printed(
        _6=f"""\
6 FAIL  generated code does as the direct interpreter: 7 of 7 lanes of the modules, \
3 of 7 of the battery (reference)
    own/{FLIP} in the battery, 4 of 4 samples, first train[0]: 4 of 4 cells differ, first at \
(0, 0): expected 3, got 2
  next: the interpreter says what the solver means, so the generated code is wrong: {DIFF}
""",
        _8=fails(6),
    )
    BATTERY.write_text(Path("generated/batt.py").read_text().replace("rt.hmirror", "rt.mirror"))
    assert diagnosis(Context.of(), generated="copy") == 1
    assert text(capsys) == printed(
        _3=f"""\
3 FAIL  it runs on each sample: 7 of 7 samples of 2 solvers
    the battery: AttributeError: no operation 'mirror'
      {BATTERY}
  next: no solver can end so, only generated code: {DIFF}
""",
        _6=modules,
        _8=fails(3),
    )


OWN_FAULTS = f"""\
1 pass  each generated module loads: 2 of 2 modules, and the battery
2 pass  it has the function that is expected: 2 of 2 modules: solve(rt, solver=0); \
the battery: evaluate(rt) and all solvers
3 FAIL  it runs on each sample: 4 of 5 samples of 2 solvers
    own/{ODD}, 1 of 2 samples, first test[0]
      own/{ODD}.py:3:9: error[empty]: first: EMPTY: needs at least one element
              y = apply(first, initset(x))
                  ^^^^^^^^^^^^^^^^^^^^^^^^
      generated/solvers/own/{ODD}.py:12
  next: where step 6 passes, the solver itself fails so: change it at that line
4 pass  its output is a grid: 4 of 4 outputs: tuples of equally long tuples of 0 to 9
5 pass  the comparison is right: 5 expected outputs accepted, 25 changed ones rejected \
(cpu and reference)
6 pass  generated code does as the direct interpreter: 5 of 5 lanes of the modules, \
5 of 5 of the battery (cpu)
7 info  solvers that depend on the order of a set: 1 of 2 end otherwise if sets are iterated \
backwards
    own/{SAME}, 2 of 3 samples, first train[0]: 1 cell differs, first at (0, 0): expected 1, got 4
      own/{SAME}.py:2:9: info[set-order]: here x is another
              x = mostcolor(I)
                  ^^^^^^^^^^^^
  next: where a tie should not decide, choose by one more property in the solver
wrong by their own source: own/{SAME} (0 of 3), own/{ODD} (1 of 2)
  next: `doit check_batt --solver CORPUS/ID` shows how
diagnose: step 3 fails (2 solvers, 5 samples, T s)
"""


def test_what_solvers_do_wrong_themselves_is_told_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    odd = "x = ofcolor(I, FOUR); y = apply(first, initset(x)); rot90(I)"
    build({SAME: "x = mostcolor(I); canvas(x, UNITY)", ODD: odd})
    assert diagnosis(Context.of()) == 1
    assert text(capsys) == OWN_FAULTS
    Path("config.yaml").write_text(CONFIG.replace("{}", f'{{own: ["{ODD}"]}}'))
    assert diagnosis(Context.of()) == 0
    found = text(capsys)
    assert f"    own/{ODD}, 1 of 2 samples, first test[0] (a known failure)\n" in found
    assert found.splitlines()[-1] == PASSING[8].replace("7", "5")


def test_a_part_of_the_solvers_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    for chosen in (Chosen(solver=f"own/{SAME}"), Chosen(task=SAME), Chosen(solver=SAME)):
        assert diagnosis(Context.of(), chosen) == 0
        assert (
            text(capsys).splitlines()[-1] == "diagnose: all steps pass (1 solver, 3 samples, T s)"
        )
    assert diagnosis(Context.of(), Chosen(corpus="own")) == 0
    assert text(capsys) == printed()


def test_a_question_without_an_answer_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnosis(Context.of(), Chosen(solver="x")) == 2
    assert capsys.readouterr().err == "no solver in the battery matches 'x'\n"
    assert diagnosis(Context.of(), generated="nowhere") == 2
    assert capsys.readouterr().err == "there is no folder nowhere\n"


def test_a_solver_that_does_not_compile_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnosis(Context.of(), broken=["own/99999999"]) == 1
    lines = text(capsys).splitlines()
    assert lines[:2] == [
        "1 FAIL  each generated module loads: 2 of 3 modules, and the battery",
        "    own/99999999: its source does not compile: see below",
    ]


def test_what_is_found_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    plant_result("[*v]")
    assert diagnosis(Context.of(), Chosen(corpus="own"), generated="copy") == 1
    written = json.loads(Path("generated/results/diagnose.json").read_bytes())
    assert (written["passed"], written["generated"], written["corpus"]) == (False, "copy", "own")
    assert [step["status"] for step in written["steps"]] == [
        *("pass", "pass", "pass", "fail", "pass", "pass", "info")
    ]
    assert written["steps"][3]["findings"] == [
        {
            "solver": f"own/{FLIP}",
            "text": "a list of 2 tuples",
            "place": {"path": CODE.as_posix(), "line": 0, "variable": "", "source": None},
            "samples": ["train[0]", "train[1]", "test[0]", "test[1]"],
            "of": 4,
            "code": "type",
            "is_known": False,
        }
    ]


def test_many_solvers_are_looked_at_in_processes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnose, "FEW", 0)
    monkeypatch.setattr(diagnose, "PART", 1)
    plant(CODE, "    d0 = rt.lanes", "    __import__('os')._exit(3)\n    d0 = rt.lanes")
    assert diagnosis(Context.of(), generated="copy") == 1
    changed = WITHOUT_ONE | {"_1": PASSING[1], "_2": PASSING[2], "_8": fails(3)}
    changed["_3"] = f"""\
3 FAIL  it runs on each sample: 3 of 7 samples of 2 solvers
    own/{FLIP}, 4 of 4 samples, first train[0]: it ends its process: status 3
      {CODE}
  next: no solver can end so, only generated code: {DIFF}
"""
    changed["_6"] = changed["_6"].replace("7 of 7 of", "3 of 3 of")
    changed["_7"] = PASSING[7].replace("0 of 2", "0 of 1")
    assert text(capsys) == printed(**changed)
