"""What the HTML report is made of: data, listings, the packed matrix, plots."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.codegen.compile import compile_unit
from pipeline.data.tasks import Grid
from pipeline.frontend.units import split_units
from pipeline.report.html import Tally, script_json, summary
from pipeline.report.listing import CodeLine, listing, source_of
from pipeline.report.matrix_map import KINDS, kinds_of, packed
from pipeline.report.page_data import grid_text, page_data
from pipeline.report.profile_plots import plots, seconds_text
from tests.programs_text import unit_of
from tests.report.small_report import BROKEN, ERROR, PROBLEM, PROFILE, RIGHT, WRONG, found


def unpacked(text: str, count: int) -> list[int]:
    """As the page's script reads it."""
    four = zlib.decompress(base64.b64decode(text))
    return [four[k >> 2] >> 2 * (k & 3) & 3 for k in range(count)]


def test_the_data_of_a_report_is_all_there_is_to_draw() -> None:
    data = page_data(found())
    right, wrong, broken, error = data["solvers"]
    assert right == {
        "name": f"own/{RIGHT}",
        "task": RIGHT,
        "corpus": "own",
        "status": "right",
        "known": False,
        "ms": 0.25,
        "nodes": 2,
        "path": f"own/{RIGHT}.py",
        "first": 1,
        "source": [
            "# Upside down. </script>",
            "def solve_0a1b2c3d(I):",
            "    O = hmirror(I)",
            "    return O",
        ],
        "code": [
            [4, "def solve(rt, solver=0):", 2],
            [6, "    d0 = rt.lanes(solver)", 2],
            [7, "    n0: Grid = rt.input(d0)  # I", 2],
            [8, "    n1: Grid = rt.hmirror(d0, n0)  # O", 3, 9, 10],
            [9, "    rt.verdict(solver, d0, n1, after=(n1,))", 4],
        ],
        "right": 2,
        "lanes": [["right"], ["right"]],
    }
    assert wrong["lanes"] == [
        ["wrong", ":3,4/1,12", "1 cell differs, first at (1, 1): expected 2, got 12", None],
        ["wrong", "12/34", "a grid of 2x2, expected 1x3", None],
    ]
    assert error["lanes"] == [
        ["error", None, "error: first: EMPTY: needs at least one element", [2, 9, 45]]
    ]
    assert (error["known"], broken["known"]) == (True, False)
    assert (broken["name"], broken["status"], broken["problem"]) == (
        f"own/{BROKEN}",
        "broken",
        PROBLEM,
    )
    assert (broken["code"], broken["ms"], broken["nodes"], broken["lanes"]) == ([], None, None, [])
    assert data["tasks"] == {
        RIGHT: [["train[0]", "12/34", "34/12"], ["test[0]", "34/12", "12/34"]],
        WRONG: [["train[0]", "12/34", "34/12"], ["test[0]", "050", "050"]],
        ERROR: [["train[0]", "050", "050"]],
        BROKEN: [["train[0]", "12/34", "12/34"]],
    }


def test_what_is_not_known_is_left_out() -> None:
    data = page_data(found(listings={}, milliseconds={}, matrix=None, problems={}))
    assert [(row["ms"], row["nodes"]) for row in data["solvers"]] == [(None, None)] * 3
    assert not any("source" in row or "code" in row for row in data["solvers"])
    assert data["matrix"] is None


def test_the_figures_are_those_of_the_solvers() -> None:
    figures = summary(page_data(found()))
    assert (figures.tasks, figures.solved) == (4, 1)
    assert figures.total == Tally("all", 4, {"right": 1, "wrong": 1, "error": 1, "broken": 1}, 2, 6)
    own = Tally("own", 3, {"right": 1, "wrong": 1, "broken": 1}, 2, 5)
    assert figures.tallies == (own, Tally("re-arc", 1, {"error": 1}, 0, 1), figures.total)
    assert list(figures.total.by_status) == ["right", "wrong", "error", "broken"]


def test_of_one_corpus_there_is_no_sum() -> None:
    rows = [row for row in found().solvers if row.solver.startswith("own/")]
    figures = summary(page_data(found(solvers=rows, problems={})))
    assert [tally.name for tally in figures.tallies] == ["own"]


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
