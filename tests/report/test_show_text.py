"""What `show` prints, whole: as text, and in colours."""

from __future__ import annotations

import io
import re

import pytest

from pipeline.battery.closeup import CloseUp
from pipeline.report import show_text
from pipeline.report.show_text import (
    DrawnGrid,
    arranged,
    plain,
    print_close_up,
    print_in_colours,
)
from tests.report.small_report import ERROR, RIGHT, SOLVERS, SQUARE, TEXTS, WRONG

SAID = {
    RIGHT: f"""\
own/{RIGHT}: 2 of 2 samples right

train[0]: right
input 2x2   expected 2x2   produced 2x2
1 2         3 4            3 4
3 4         1 2            1 2

test[0]: right
input 2x2   expected 2x2   produced 2x2
3 4         1 2            1 2
1 2         3 4            3 4
""",
    WRONG: f"""\
own/{WRONG}: 0 of 2 samples right

train[0]: wrong: 1 cell differs, first at (1, 1): expected 2, got 12
input 2x2   expected 2x2   produced 2x2
1  2        3  4           3  4
3  4        1  2*          1  12*

test[0]: wrong: a grid of 2x2, expected 1x3
input 1x3   expected 1x3   produced 2x2
0 5 0       0*5*0*         1*2*
                           3*4*
""",
    ERROR: f"""\
re-arc/{ERROR}: 0 of 1 samples right

train[0]: error
re-arc/{ERROR}.py:2:9: error[empty]: first: EMPTY: needs at least one element
        x = first(difference(asindices(I), asindices(I)))  # none
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
input 1x3   expected 1x3
0 5 0       0 5 0
""",
}


def lines_of(path: str) -> list[str]:
    return TEXTS[path.removesuffix(".py")].split("\n")


@pytest.mark.parametrize("row", SOLVERS, ids=lambda row: row.status)
def test_grids_stand_side_by_side(row: CloseUp, capsys: pytest.CaptureFixture[str]) -> None:
    print_close_up(row, row.lanes, lines_of)
    assert capsys.readouterr().out == SAID[row.task]


def test_an_error_without_a_place_says_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import replace

    row = SOLVERS[2]
    failure = replace(row.lanes[0].failure, path="")  # type: ignore[type-var]
    print_close_up(row, [replace(row.lanes[0], failure=failure)])
    said = capsys.readouterr().out.split("\n")
    assert said[2] == "train[0]: error: first: EMPTY: needs at least one element"


def test_a_solver_without_a_task_has_nothing_to_show(capsys: pytest.CaptureFixture[str]) -> None:
    print_close_up(CloseUp("own/x", ()), ())
    assert capsys.readouterr().out == "own/x: no data set in config.yaml has its task\n"


def test_what_does_not_fit_stands_below() -> None:
    grids = [DrawnGrid("input", SQUARE), DrawnGrid("expected", SQUARE)]
    assert arranged(grids, 9 + 3 + 12) == [grids]
    assert arranged(grids, 9 + 3 + 11) == [[grids[0]], [grids[1]]]


def test_an_empty_grid_has_a_caption() -> None:
    assert plain([DrawnGrid("produced", ())]) == ["produced 0x0"]


def test_on_a_terminal_cells_are_coloured_and_marked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="truecolor", width=80)
    monkeypatch.setattr(show_text, "console_of", lambda stream: console)
    row = SOLVERS[1]
    print_close_up(row, row.lanes[:1])
    drawn = stream.getvalue().split("\n")
    assert drawn[0] == "\x1b[2minput 2x2   expected 2x2   produced 2x2\x1b[0m"
    cell = "\x1b[1;{};48;2;{}m{}\x1b[0m".format
    blue, red = cell(37, "0;116;217", "  "), cell(37, "255;65;54", "  ")
    green, yellow = cell(30, "46;204;64", "  "), cell(30, "255;220;0", "  ")
    differs, other = cell(37, "255;65;54", "><"), cell(37, "91;74;138", "><")
    top, down, bottom = (f"\x1b[2m{part}\x1b[0m" for part in ("┌────┐", "│", "└────┘"))
    ends = " " * 6, " " * 9
    assert drawn[1].rstrip() == f"{top}{ends[0]}{top}{ends[1]}{top}"
    cells = (blue + red, green + yellow, green + yellow)
    rows = [f"{down}{pair}{down}" for pair in cells]
    assert drawn[2].rstrip() == f"{rows[0]}{ends[0]}{rows[1]}{ends[1]}{rows[2]}"
    cells = (green + yellow, blue + differs, blue + other)
    rows = [f"{down}{pair}{down}" for pair in cells]
    assert drawn[3].rstrip() == f"{rows[0]}{ends[0]}{rows[1]}{ends[1]}{rows[2]}"
    assert drawn[4].rstrip() == f"{bottom}{ends[0]}{bottom}{ends[1]}{bottom}"
    assert capsys.readouterr().out.startswith(f"own/{WRONG}: 0 of 2 samples right\n\ntrain[0]: ")


def test_on_a_terminal_of_sixteen_colours_all_ten_are_different() -> None:
    from rich.console import Console

    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="standard", width=80)
    print_in_colours(console, [DrawnGrid("input", (tuple(range(10)),), framed=True)])
    cells = re.findall(r"\x1b\[1;\d+;(\d+)m  ", stream.getvalue())
    assert len(set(cells)) == len(cells) == 10
