"""What the HTML report is made of: data, listings, the packed matrix, plots."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.battery.attempts import Score
from pipeline.codegen.compile import compile_unit
from pipeline.data.tasks import Grid, Sample, Task
from pipeline.frontend.units import split_units
from pipeline.report.html import render_html, script_json, summary
from pipeline.report.listing import CodeLine, listing, source_of
from pipeline.report.matrix_map import KINDS, kinds_of, packed
from pipeline.report.page_data import PART, Submitted, grid_text, page_data, parts_of
from pipeline.report.page_sections import (
    StepFinding,
    Stressed,
    Tally,
    diagnosis_section,
    stress_section,
    submission_section,
)
from pipeline.report.profile_plots import plots, seconds_text
from tests.programs_text import unit_of
from tests.report.small_report import (
    BROKEN,
    DIAGNOSIS,
    ERROR,
    PROBLEM,
    PROFILE,
    RIGHT,
    SQUARE,
    STRESS,
    TASKS,
    WRONG,
    found,
)


def unpacked(text: str, count: int) -> list[int]:
    """As the page's script reads it."""
    four = zlib.decompress(base64.b64decode(text))
    return [four[k >> 2] >> 2 * (k & 3) & 3 for k in range(count)]


def parts(found: tuple[str, ...]) -> list[Any]:
    """What is in parts, as the page's script reads it."""
    return [row for part in found for row in json.loads(zlib.decompress(base64.b64decode(part)))]


def test_the_data_of_a_report_is_all_there_is_to_draw() -> None:
    data = page_data(found())
    assert data.index["corpora"] == ["own", "re-arc"]
    assert data.index["tasks"] == [[RIGHT, 1, 1], [WRONG, 1, 1], [BROKEN, 1, 0], [ERROR, 1, 0]]
    differs = "train[0]: 1 cell differs, first at (1, 1): expected 2, got 12"
    empty = "train[0]: first: EMPTY: needs at least one element"
    arity = "error[wrong-arity]: hconcat takes 2 arguments, got 1"
    assert data.index["solvers"] == [
        [f"own/{RIGHT}", 0, 0, 0, "rr", 0, 0.25, 2, "", None, ""],
        [f"own/{WRONG}", 0, 1, 1, "ww", 0, 1.5, 2, differs, None, ""],
        [f"own/{BROKEN}", 0, 2, 4, "", 0, None, None, arity, None, ""],
        [f"re-arc/{ERROR}", 1, 3, 2, "e", 1, 0.125, 7, empty, None, ""],
    ]
    right, wrong, broken, error = parts(data.solvers)
    assert right == [
        *("", [[], []], f"own/{RIGHT}.py", 1),
        [
            "# Upside down. </script>",
            "def solve_0a1b2c3d(I):",
            "    O = hmirror(I)",
            "    return O",
        ],
        [
            [4, "def solve(rt, solver=0):", 2],
            [6, "    d0 = rt.lanes(solver)", 2],
            [7, "    n0: Grid = rt.input(d0)  # I", 2],
            [8, "    n1: Grid = rt.hmirror(d0, n0)  # O", 3, 9, 10],
            [9, "    rt.verdict(solver, d0, n1, after=(n1,))", 4],
        ],
    ]
    assert wrong[1] == [
        [":3,4/1,12", "1 cell differs, first at (1, 1): expected 2, got 12", None],
        ["12/34", "a grid of 2x2, expected 1x3", None],
    ]
    assert error[1] == [[None, "first: EMPTY: needs at least one element", [2, 9, 45]]]
    assert (broken[:2], broken[5]) == ([PROBLEM, []], [])
    assert parts(data.tasks) == [
        [["12/34", "34/12"], ["34/12", "12/34"]],
        [["12/34", "34/12"], ["050", "050"]],
        [["12/34", "12/34"]],
        [["050", "050"]],
    ]


def test_what_is_not_known_is_left_out() -> None:
    data = page_data(found(listings={}, milliseconds={}, matrix=None, problems={}))
    assert [row[6:8] for row in data.index["solvers"]] == [[None, None]] * 3
    assert [len(row) for row in parts(data.solvers)] == [2, 2, 2]
    assert data.index["matrix"] is None


def test_a_task_of_the_matrix_stands_once_and_one_that_is_no_more_nowhere() -> None:
    other = Task(RIGHT, (Sample(SQUARE, SQUARE),), (Sample(SQUARE, SQUARE),))
    data = page_data(found(matrix_tasks=[other, TASKS[WRONG], None]))
    assert [row[-1] for row in data.index["matrix"]["tasks"]] == [4, 1, -1]
    assert data.index["tasks"][4] == [RIGHT, 1, 1]
    assert len(parts(data.tasks)) == 5
    assert "kinds" not in data.index["matrix"]


def test_what_a_page_begins_with_is_short_however_much_there_is_of_a_solver() -> None:
    long = replace(found().listings[f"own/{WRONG}"], source=("x = hmirror(I)",) * 500)
    data = page_data(found(listings={f"own/{WRONG}": long}))
    assert max(len(json.dumps(row)) for row in data.index["solvers"]) < 150
    assert parts(data.solvers)[1][4] == ["x = hmirror(I)"] * 500


def test_many_solvers_are_in_many_parts() -> None:
    assert [len(parts((part,))) for part in parts_of([[k] for k in range(2 * PART + 1)])] == [
        *(PART, PART, 1)
    ]


def test_the_page_of_the_same_is_the_same() -> None:
    about = {"made": "2026-01-01 00:00 UTC", "commit": "commit 1a2b3c with changes", "machine": "x"}
    page = render_html(found(facts=replace(found().facts, **about)))
    assert page == render_html(found(facts=replace(found().facts, **about)))
    assert all(f"<li>{text}</li>" in page for text in about.values())


def test_the_figures_are_those_of_the_solvers() -> None:
    figures = summary(found())
    assert (figures.tasks, figures.solved) == (4, 1)
    assert figures.total == Tally("all", 4, {"right": 1, "wrong": 1, "error": 1, "broken": 1}, 2, 6)
    own = Tally("own", 3, {"right": 1, "wrong": 1, "broken": 1}, 2, 5)
    assert figures.tallies == (figures.total, own, Tally("re-arc", 1, {"error": 1}, 0, 1))
    assert list(figures.total.by_status) == ["right", "wrong", "error", "broken"]


def test_of_one_corpus_there_is_no_sum() -> None:
    rows = [row for row in found().solvers if row.solver.startswith("own/")]
    figures = summary(found(solvers=rows, problems={}))
    assert [tally.name for tally in figures.tallies] == ["own"]


# -- other results


def test_stress_says_the_sum_and_the_worst() -> None:
    made = stress_section(STRESS)
    assert made is not None
    assert (made.total, made.not_right) == (Tally("all", 2, {"right": 1, "error": 1}, 4, 6), 1)
    said = Stressed(f"own/{WRONG}", 1, 3, "error", "generated[1]", "first: EMPTY")
    assert (made.worst, made.without, made.undrawn) == ((said,), ("own/x",), {"y": "no time"})
    rows = page_data(found(stress=STRESS)).index["solvers"]
    assert [row[9:] for row in rows[:3]] == [
        [3, ""],
        [1, "generated[1]: first: EMPTY"],
        [None, ""],
    ]


def test_a_diagnosis_says_where() -> None:
    made = diagnosis_section(DIAGNOSIS)
    assert made is not None
    assert (made.of, made.folder, made.wrong) == ("corpus own", "generated", {"own/x": (0, 2)})
    finding = StepFinding(
        "own/x", "error: first", "2 of 4 samples, first train[0]", "own/x.py:3", True
    )
    assert made.steps[0].findings == (finding,)


def test_a_submission_without_answers_says_what_is_attempted() -> None:
    score = Score(2, 1, 0, 3, 1, 0, 0, 0, 0, ())
    made = submission_section(Submitted("set", score))
    assert made is not None
    assert made.figures[0] == ("test inputs attempted", 1, 3)
    known = submission_section(Submitted("set", replace(score, known=3, right=1)))
    assert known is not None
    assert known.figures[:2] == (("test inputs right", 1, 3), ("right at first", 0, 3))


@pytest.mark.parametrize("odd", [None, 3, [], {}, {"solvers": [{}]}, {"steps": 3}])
def test_of_results_in_another_form_there_is_no_section(odd: Any) -> None:
    assert stress_section(odd) is None
    assert diagnosis_section(odd) is None


@given(st.lists(st.lists(st.integers(-3, 300), min_size=2, max_size=2).map(tuple)).map(tuple))
def test_different_grids_have_different_texts(grid: Grid) -> None:
    text = grid_text(grid)
    if text.startswith(":"):
        rows = [row.split(",") for row in text[1:].split("/")]
    else:
        rows = [list(row) for row in text.split("/")] if text else []
    assert tuple(tuple(map(int, row)) for row in rows) == grid


@given(st.text())
def test_nothing_in_the_data_ends_its_script(text: str) -> None:
    written = script_json({"a": [text, "</script><!--", "\u2028"]})
    assert json.loads(written) == {"a": [text, "</script><!--", "\u2028"]}
    assert "<" not in written
    assert "\u2028" not in written


# -- listings


def test_each_line_of_a_loop_has_its_place() -> None:
    unit = unit_of("g = power(rot90, height(I)); O = g(I); O")
    compiled = compile_unit(unit)
    assert compiled.code is not None
    made = listing(unit, unit.text.split("\n"), compiled.code, compiled.source_map)
    assert made.source == tuple(unit.text.split("\n")[:-1])
    lines = compiled.code.split("\n")
    assert [lines[line.number - 1] for line in made.code] == [line.text for line in made.code]
    placed = {line.text.split("(")[0].split("=")[-1].strip(): line.line for line in made.code}
    assert placed["rt.height"] == 2
    assert placed["rt.rot90"] == 3
    assert placed["rt.verdict"] == 4
    assert [line.line for line in made.code] == sorted(line.line for line in made.code)
    assert made.nodes == sum(
        name.startswith("n") for name in json.loads(compiled.source_map)["nodes"]
    )


def test_a_solver_has_the_comment_above_it_and_not_the_next_ones() -> None:
    text = "# File.\n\n# One.\n# More.\ndef solve_a(I):\n    return I\n"
    text += "\n\n# Two.\ndef solve_b(I):\n    return I\n"
    one, two = split_units("own", "x.py", text.encode())[0]
    lines = text.split("\n")
    assert source_of(one, lines) == (3, ("# One.", "# More.", "def solve_a(I):", "    return I"))
    assert source_of(two, lines) == (9, ("# Two.", "def solve_b(I):", "    return I"))
    assert source_of(two, []) == (10, ("def solve_b(I):", "    return I"))


def test_a_broken_solver_has_a_source_and_no_code() -> None:
    unit = unit_of("hconcat(I)")
    made = listing(unit, [], "", "")
    assert (made.code, made.nodes, len(made.source)) == ((), 0, 2)
    assert CodeLine(1, "x") == CodeLine(1, "x", 0, 0, 0)


# -- the matrix


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_a_packed_matrix_is_unpacked_to_the_same(kinds: list[int]) -> None:
    assert unpacked(packed(np.array([kinds], np.uint8)), len(kinds)) == kinds


def test_verdicts_are_of_four_kinds() -> None:
    verdicts = np.array([[1, 0], [-(32 * 5 + 3), -(32 * 1023 + 7)]], np.int16)
    named = [KINDS[k] for k in kinds_of(verdicts, [7, 8]).ravel()]
    assert named == ["right", "wrong", "error", "over_budget"]


# -- the profile


def test_bars_begin_with_the_longest_but_phases_keep_their_order() -> None:
    phases, operations = plots(PROFILE).bars
    assert [(b.name, round(b.percent), b.text) for b in phases.bars] == [
        ("generate", 100, "3.2 s"),
        ("run", 4, "125 ms"),
    ]
    assert [(b.name, b.percent, b.text) for b in operations.bars] == [
        ("objects", 100, "50 ms"),
        ("fill", 25, "12.5 ms"),
    ]


def test_points_stand_in_order_of_size() -> None:
    assert [(p.tasks, p.text, p.x, p.y) for p in plots(PROFILE).scaling] == [
        (10, "500 ms", 0.025, 0.125),
        (400, "4.0 s", 1.0, 1.0),
    ]


def test_points_that_lie_close_are_not_all_labelled() -> None:
    sizes = (10, 25, 50, 100, 200, 400)
    rows = [{"tasks": size, "seconds": size / 100} for size in sizes]
    labelled = [point.tasks for point in plots({"scaling": rows}).scaling if point.labelled]
    assert labelled == [50, 100, 200, 400]


def test_of_many_costs_the_greatest_are_drawn() -> None:
    rows = [{"name": f"n{k}", "seconds": k} for k in range(30)]
    [bars] = plots({"solvers": rows}).bars
    assert (len(bars.bars), bars.left, bars.bars[0].name) == (20, 10, "n29")


def test_a_profile_of_another_form_draws_nothing() -> None:
    for odd in (
        {},
        {"phases": 3, "operations": "x", "solvers": [1, {}], "scaling": [{"tasks": 1}]},
    ):
        assert plots(odd) == plots({})
    assert plots({"phases": {"run": 0.0}}).bars[0].bars[0].percent == 0


def test_times_have_a_unit_that_fits() -> None:
    said = [seconds_text(s) for s in (12.34, 0.9, 0.012, 0.0001, 0.00003)]
    assert said == ["12.3 s", "900 ms", "12 ms", "0.1 ms", "30 us"]
