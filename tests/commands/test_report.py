"""The commands `report` and `show`: what they read, print and write, and their exit statuses."""

from __future__ import annotations

import json
import os
import re
import zlib
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipeline.battery.batteries import CompiledBattery
from pipeline.battery.locating import Locator, locator_of
from pipeline.battery.results import FirstFailure
from pipeline.codegen.compile import compile_unit
from pipeline.commands import report as reporting
from pipeline.commands import show as showing
from pipeline.commands.report import report, report_session
from pipeline.commands.show import show
from pipeline.config import paths
from pipeline.config.config import load_config
from pipeline.config.context import Context
from pipeline.config.paths import (
    DIAGNOSIS,
    MATRIX,
    MATRIX_FACTS,
    PROFILE,
    REPORT,
    STRESS,
    SUBMISSION,
)
from pipeline.config.solvers import all_units
from pipeline.engine.engine import TooLarge
from pipeline.incremental.problems import dump_problems, problem_at
from pipeline.report.page_data import STATUSES
from pipeline.report.task_text import task_heading
from tests.battery.small import BODIES, CONFIG, FLIP, ODD, SAME, TASKS, lay_out
from tests.programs_text import text_of
from tests.report.small_report import DIAGNOSIS as DIAGNOSIS_JSON
from tests.report.small_report import MATRIX as MATRIX_JSON
from tests.report.small_report import STRESS as STRESS_JSON
from tests.report.small_report import VERDICTS

FLIPPED = f"""\
own/{FLIP}: 4 of 4 samples right

train[1]: right
input 2x4   expected 2x4   produced 2x4
1 2 2 1     0 0 5 0        0 0 5 0
0 0 5 0     1 2 2 1        1 2 2 1
"""
FAILING = f"""\
own/{ODD}: 1 of 2 samples right

test[0]: wrong: a grid of 1x1, expected 2x2
input 2x4   expected 2x2   produced 1x1
1 2 2 1     1 2*           1
0 0 5 0     3*4*
re-arc/{ODD}: 0 of 2 samples right

train[0]: error
re-arc/{ODD}.py:2:9: error[empty]: first: EMPTY: needs at least one element
        x = first(difference(asindices(I), asindices(I)))
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
input 2x2   expected 2x2
1 2         3 1
3 4         4 2

test[0]: error
re-arc/{ODD}.py:2:9: error[empty]: first: EMPTY: needs at least one element
        x = first(difference(asindices(I), asindices(I)))
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
input 2x4   expected 2x2
1 2 2 1     1 2
0 0 5 0     3 4
"""


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with solvers, what was generated of them, kernels and tasks of our own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    battery = lay_out(tmp_path, CONFIG)
    for name, unit in all_units(load_config()).items():
        made = compile_unit(unit)
        Path(paths.code_path(name)).parent.mkdir(parents=True, exist_ok=True)
        Path(paths.code_path(name)).write_text(made.code or "")
        Path(paths.map_path(name)).write_text(made.source_map)
    facts = {"nodes": battery.nodes, "groups": 7}
    Path("generated/batt.json").write_text(json.dumps(facts))
    for module in (reporting, showing):
        monkeypatch.setattr(module, "tasks_of", lambda config: TASKS)
    return tmp_path


def without_measures(text: str) -> str:
    return re.sub(r"\([\d.]+ (MiB|s)\)", r"(N \1)", text)


def written() -> dict[str, Any]:
    """What the page begins with."""
    match = re.search(r'id="data">(.*?)</script>', Path(REPORT).read_text("utf-8"), re.DOTALL)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1])
    return data


def solvers() -> dict[str, SimpleNamespace]:
    """The solvers of the page, with what is in its parts."""
    page = Path(REPORT).read_text("utf-8")
    parts = re.findall(r'id="solvers-\d+">(.*?)</script>', page)
    each = [row for part in parts for row in json.loads(zlib.decompress(b64decode(part)))]
    found = {}
    for row, details in zip(written()["solvers"], each, strict=True):
        problem, lanes, *listed = details
        source, code = listed[2:] or (None, None)
        status = STATUSES[row[3]]
        made = {"problem": problem, "lanes": lanes, "source": source, "code": code}
        found[row[0]] = SimpleNamespace(
            status=status, right=row[4].count("r"), ms=row[6], nodes=row[7], said=row[8], **made
        )
    return found


def test_a_report_has_every_solver_with_its_lanes(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(Context.of()) == 0
    assert without_measures(capsys.readouterr().out) == (
        "report: generated/report/index.html (N MiB): 5 solvers, 14 samples, "
        "no matrix (`doit matrix` makes it) (N s)\n"
    )
    rows = solvers()
    assert set(rows) == set(BODIES)
    assert {name: row.status for name, row in rows.items()} == {
        f"own/{FLIP}": "right",
        f"own/{SAME}": "right",
        f"own/{ODD}": "wrong",
        f"re-arc/{ODD}": "error",
        f"re-arc/{SAME}": "over_budget",
    }
    assert all(row.ms >= 0 and row.nodes > 0 and row.code for row in rows.values())
    [train, test] = rows[f"re-arc/{ODD}"].lanes
    assert train == test == [None, "first: EMPTY: needs at least one element", [2, 9, 45]]
    assert rows[f"own/{ODD}"].lanes[1][:1] == ["1"]


def test_the_matrix_and_the_profile_are_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path(MATRIX).parent.mkdir()
    np.save(MATRIX, VERDICTS)
    Path(MATRIX_FACTS).write_text(json.dumps(MATRIX_JSON))
    Path(PROFILE).write_text('{"phases": {"run": 0.5}}')
    assert report(Context.of(), matrix_is_current=True) == 0
    assert without_measures(capsys.readouterr().out) == (
        "report: generated/report/index.html (N MiB): 5 solvers, 14 samples, the matrix, "
        "the profile (N s)\n"
    )
    data = written()["matrix"]
    assert data["columns"] == 4
    assert data["tasks"][1] == ["set", "11111111", 2, 1, 0, -1]
    text = Path(REPORT).read_text("utf-8")
    assert "500 ms" in text
    assert "This matrix was made with other solvers" not in text
    assert report(Context.of(), matrix_is_current=False) == 0
    assert ", an outdated matrix, the profile (" in capsys.readouterr().out
    assert "This matrix was made with other solvers" in Path(REPORT).read_text("utf-8")


def test_the_reference_takes_no_times(capsys: pytest.CaptureFixture[str]) -> None:
    Path("config.yaml").write_text(CONFIG + "backend: reference\n")
    assert report(Context.of()) == 0
    said = "no time for each solver"
    assert f"{said} (plain Python measures none) (" in capsys.readouterr().out
    assert f"; {said}: plain Python measures none</li>" in Path(REPORT).read_text("utf-8")
    rows = solvers().values()
    assert {row.ms for row in rows} == {None}
    assert sum(row.right for row in rows) == 8


def test_what_is_too_large_to_be_timed_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def profile(*anything: object) -> None:
        raise TooLarge("own/x", 3, "there is")

    monkeypatch.setattr(CompiledBattery, "profile", profile)
    assert report(Context.of()) == 0
    why = "own/x on sample 3 needs more memory than there is"
    assert f"no time for each solver ({why}) (" in capsys.readouterr().out
    assert f"no time for each solver: {why}</li>" in Path(REPORT).read_text("utf-8")


def test_a_run_s_seconds_are_those_of_running(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(reporting.time, "perf_counter", lambda: next(clock))
    found: list[float] = []
    monkeypatch.setattr(reporting, "render_html", lambda f: found.append(f.facts.seconds) or "")
    assert report(Context.of()) == 0
    assert found == [100]


def test_a_solver_without_its_text_is_reported_without_it() -> None:
    Path(f"own/{FLIP}.py").unlink()
    Path(paths.map_path(f"own/{SAME}")).unlink()
    assert report(Context.of()) == 0
    rows = solvers()
    assert rows[f"own/{FLIP}"].source is None
    assert (rows[f"own/{SAME}"].code, rows[f"own/{SAME}"].nodes) == ([], None)


def test_broken_solvers_are_reported_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(f"own/{'9' * 8}.py").write_text(text_of("hconcat(I)", "9" * 8))
    problem = dump_problems([problem_at(f"own/{'9' * 8}.py", 2, "wrong-arity", "too few")])
    twice = dump_problems([problem_at("own/b.py", 1, "defined-twice", "again")])
    rows = {"x": SimpleNamespace(name=f"own/{'9' * 8}", problems=problem)}
    rows["y"] = SimpleNamespace(name=f"own/{FLIP}", problems=None)
    plan = SimpleNamespace(current=rows, doubled=["own/b"], doubles=[twice])
    context = replace(Context.of(), clock=lambda: 60.0)
    session: Any = SimpleNamespace(plan=plan, context=context, places=None)
    assert report_session(session) == 0
    assert ": 7 solvers, 14 samples, " in capsys.readouterr().out
    found = {name: row for name, row in solvers().items() if row.status == "broken"}
    assert set(found) == {f"own/{'9' * 8}", "own/b"}
    assert found[f"own/{'9' * 8}"].problem == (
        "own/99999999.py:2:1: error[wrong-arity]: too few\n"
        "        return hconcat(I)\n    ^\n\n1 error"
    )
    assert found[f"own/{'9' * 8}"].source == ["def solve_99999999(I):", "    return hconcat(I)"]
    keys: list[tuple[str, ...]] = []
    Path(MATRIX).parent.mkdir()
    np.save(MATRIX, VERDICTS)
    Path(MATRIX_FACTS).write_text(json.dumps({**MATRIX_JSON, "data": [{"data": "set"}]}))
    monkeypatch.setattr(reporting, "matrix_key", lambda session, names: keys.append(names) or "key")
    monkeypatch.setattr(reporting, "is_current", lambda session, name, key: key == "key")
    assert report_session(session) == 0
    assert keys == [("set",)]
    page = Path(REPORT).read_text("utf-8")
    assert "This matrix was made with other solvers" not in page
    assert "<li>1970-01-01 00:01 UTC</li>" in page
    assert " cores, Python 3." in page


def test_other_results_are_in_it_and_what_is_old_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path(MATRIX).parent.mkdir()
    Path(STRESS).write_text(json.dumps(STRESS_JSON))
    Path(DIAGNOSIS).write_text(json.dumps(DIAGNOSIS_JSON))
    os.utime(DIAGNOSIS, (1, 1))
    assert report(Context.of()) == 0
    assert "no matrix (`doit matrix` makes it), the stress, the diagnosis (" in (
        capsys.readouterr().out
    )
    page = Path(REPORT).read_text("utf-8")
    assert "run <code>doit diagnose</code>" in page
    assert "run <code>doit stress" not in page
    Path(STRESS).write_text('{"solvers": [')
    Path(DIAGNOSIS).write_text("[]")
    assert report(Context.of()) == 0
    page = Path(REPORT).read_text("utf-8")
    assert 'id="stress"' not in page
    assert 'id="diagnosis"' not in page


def test_a_submission_is_of_the_data_set_that_it_fits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reporting, "load_tasks", lambda name, cache: TASKS)
    one = {"attempt_1": [[0]], "attempt_2": [[0]]}
    plain = {ident: [one] * len(task.test) for ident, task in TASKS.items()}
    Path(SUBMISSION).write_text(json.dumps(plain))
    assert report(Context.of()) == 0
    assert "the submission" in capsys.readouterr().out
    page = Path(REPORT).read_text("utf-8")
    assert "<dt>test inputs attempted</dt><dd>0<small>" in page
    Path(SUBMISSION).write_text(json.dumps({**plain, "more": []}))
    assert report(Context.of()) == 0
    assert 'id="submission"' not in Path(REPORT).read_text("utf-8")


# -- show


def test_the_sample_that_is_asked_for_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for solver in (FLIP, f"own/{FLIP}"):
        for sample in ("1", "train[1]"):
            assert show(Context.of(), solver, sample) == 0
            assert capsys.readouterr() == (FLIPPED, "")


def test_samples_that_are_not_right_are_shown_else_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(Context.of(), ODD) == 0
    assert capsys.readouterr().out == FAILING
    assert show(Context.of(), f"own/{SAME}") == 0
    places = re.findall(r"(?m)^\S+\]: \w+", capsys.readouterr().out)
    assert places == ["train[0]: right", "train[1]: right", "test[0]: right"]


@pytest.mark.parametrize(
    ("solver", "sample", "said"),
    [
        ("", "", "which solver or task? `doit show ID`"),
        ("own/x", "", "no solver in the battery matches 'own/x'"),
        (f"own/{ODD}", "2", f"no sample '2' of own/{ODD}; there are train[0], test[0]"),
        (f"own/{ODD}", "-1", f"no sample '-1' of own/{ODD}; there are train[0], test[0]"),
        (f"own/{ODD}", "test[1]", f"no sample 'test[1]' of own/{ODD}; there are train[0], test[0]"),
    ],
)
def test_a_question_that_has_no_answer_is_named(
    solver: str, sample: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(Context.of(), solver, sample) == 2
    assert capsys.readouterr() == ("", f"{said}\n")


def test_a_solver_without_a_task_has_no_samples(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(showing, "tasks_of", lambda config: {})
    assert show(Context.of(), FLIP) == 2
    assert show(Context.of(), FLIP, "0") == 2
    assert capsys.readouterr() == (
        f"own/{FLIP}: no data set in config.yaml has its task\n",
        f"no data set in config.yaml has the task of own/{FLIP}\n",
    )


def test_what_is_wrong_with_a_broken_solver_is_told_beside_its_task(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = f"own/{FLIP}__b"
    found = [problem_at("own/b.py", line, "unknown-name", f"'f{line}' is not") for line in (4, 3)]
    assert show(Context.of(), name, broken={name: dump_problems(found)}) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [f"{name}: broken: own/b.py:3: 'f3' is not", task_heading(TASKS[FLIP])]
    assert said[3] == "train[0]"


def test_a_place_is_that_of_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    config = load_config()
    units = all_units(config)
    locate = Locator(units.get, config.budget)
    name, grid = f"re-arc/{ODD}", TASKS[ODD].train[0].input
    failure = FirstFailure("train[0]", "error", "x", reason="EMPTY")
    assert locate(name, grid, failure) == locator_of(config)(name, grid, failure)
    assert locate("own/none", grid, failure) == failure
    assert locate(f"own/{SAME}", grid, failure) == failure
    assert list(locate.parsed) == [name, f"own/{SAME}"]
