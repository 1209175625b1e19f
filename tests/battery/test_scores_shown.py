"""Scores as users take them further: parts, frames, files, notebooks, other processes."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from pipeline.battery.resident import evaluate
from pipeline.battery.scores import Scores
from pipeline.frontend.parse import parse
from pipeline.frontend.program import Program
from tests.battery.test_resident_meaning import assert_same
from tests.in_memory import config_of, drawn, grid_pairs, solver

GRID = ((1, 2), (3, 4), (5, 6))
NAMES = ("program", "sample", "status", "exact", "shape_right", "cells", "value_hash")


@pytest.fixture(scope="module")
def scores() -> Scores:
    programs = {
        "<flip>": solver("vmirror(I)"),
        "mirror": solver("hmirror(I)"),
        "wrong": solver("x1 = size(I)", "hmirror(x1)"),
        "fails": solver("x1 = subgrid(ofcolor(I, 9), I)", "hmirror(I)"),
        "turn": solver("rot90(I)"),
    }
    pairs = [(GRID, GRID[::-1]), (GRID, None), (GRID, ((5, 6), (3, 4), (1, 0)))]
    return evaluate(programs, pairs, config=config_of())


def test_statuses_and_shares(scores: Scores) -> None:
    assert scores.status[:, 0].tolist() == ["wrong", "ok", "broken", "error", "wrong"]
    assert scores.cells[:2].tolist()[1][::2] == [1.0, 5 / 6]
    assert np.isnan(scores.cells[1, 1])
    assert scores.shape_right[:, 0].tolist() == [True, True, False, False, False]
    assert scores.answered.tolist() == [True, False, True]
    assert scores.hex_hash(2, 0) == 32 * "0" != scores.hex_hash(1, 0)


def test_what_is_right_is_exact_wherever_that_can_be_told() -> None:
    fails = solver("x1 = vconcat(I, I)", "x2 = subgrid(ofcolor(I, 9), x1)", "hmirror(I)")
    programs = [solver("hmirror(I)"), solver("vmirror(I)"), fails]
    pairs = [(GRID, GRID[::-1]), (GRID, None)]
    scores = evaluate(programs, pairs, config=config_of(), wanted=[[0, 1], [1], [0, 1]])
    assert scores.solved.tolist() == [True, False, False]


def test_parts_have_what_the_whole_has_of_them(scores: Scores) -> None:
    assert (len(scores), scores[1].programs, scores[-1].programs) == (5, ("mirror",), ("turn",))
    assert scores[2].diagnostics.keys() == {0}
    assert scores[1:4].diagnostics.keys() == {1}
    assert scores[[4, 2]].programs == ("turn", "wrong")
    assert scores[scores.solved].shape == (0, 3)
    assert [one.programs[0] for one in scores] == list(scores.programs)
    assert_same(scores[:], scores)
    with pytest.raises(IndexError):
        scores[5]


def test_the_best_come_first(scores: Scores) -> None:
    assert scores.ranking().tolist() == [1, 0, 2, 3, 4]
    assert scores[scores.ranking()[:1]].programs == ("mirror",)


def test_csv_can_be_read_back(scores: Scores, tmp_path: Path) -> None:
    text = scores.to_csv(tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_text("utf-8") == text
    read = list(csv.DictReader(io.StringIO(text)))
    wanted = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in scores.rows()
    ]
    assert read == wanted
    assert tuple(read[0]) == NAMES


def test_json_can_be_read_back(scores: Scores, tmp_path: Path) -> None:
    text = scores.to_json(tmp_path / "scores.json")
    read = json.loads((tmp_path / "scores.json").read_bytes())
    assert read == json.loads(text)
    assert read["rows"] == scores.rows()
    (broken,) = read["broken"]
    assert (broken["place"], broken["program"]) == (2, "wrong")
    (found,) = broken["diagnostics"]
    assert (found["line"], found["column"], found["width"]) == (3, 20, 2)
    assert found["code"] == "type-mismatch"


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_is_made_of_whichever_library_there_is(
    scores: Scores, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pandas", "polars"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    (tmp_path / f"{library}.py").write_text("class DataFrame(dict):\n    pass\n")
    frame = scores.to_frame()
    assert type(frame).__module__ == library
    columns = {name: list(column) for name, column in frame.items()}
    assert tuple(columns) == NAMES
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    for row in rows:
        row["cells"] = None if np.isnan(row["cells"]) else row["cells"]
    assert rows == scores.rows()


def test_without_a_library_for_frames_it_says_what_to_install(
    scores: Scores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pandas", "polars"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ImportError, match="pip install pandas"):
        scores.to_frame()


class Cells(HTMLParser):
    """The texts of a table's cells, row by row; every tag that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_a_notebook_shows_the_best_first(scores: Scores) -> None:
    assert Cells(scores._repr_html_()).rows == [
        ["", "sample[0]", "sample[1]", "sample[2]"],
        ["mirror", "ok", "ok", "83%"],
        ["<flip>", "0%", "ok", "0%"],
        ["wrong", "broken", "broken", "broken"],
        ["fails", "error", "error", "error"],
        ["turn", "wrong shape", "ok", "wrong shape"],
    ]


def test_a_notebook_shows_some_of_many() -> None:
    many = evaluate(drawn(60), grid_pairs(20), config=config_of())
    html = many._repr_html_()
    rows = Cells(html).rows
    assert (len(rows), {len(row) for row in rows}) == (21, {13})
    assert html.endswith("<p>and 40 more programs and 8 more samples</p>")


def test_it_says_how_many_are_what(scores: Scores) -> None:
    text = "<Scores of 5 programs on 3 samples: 0 right; 4 ok, 5 wrong, 3 error, 3 broken>"
    assert repr(scores) == text


def again(scores: Scores, program: Program) -> tuple[Scores, Scores]:
    """What another process has of scores, and of a program that it evaluates."""
    return scores, evaluate(program, [(GRID, GRID[::-1])], config=config_of())


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_scores_and_programs_go_to_other_processes(scores: Scores, start: str) -> None:
    program = parse(solver("x1 = identity", "x2 = x1(I)", "hmirror(x2)"))
    with ProcessPoolExecutor(1, mp_context=get_context(start)) as pool:
        there, found = pool.submit(again, scores, program).result()
    assert_same(there, scores)
    assert there.diagnostics == scores.diagnostics
    assert found.status.tolist() == [["ok"]]


def test_what_is_copied_is_the_same(scores: Scores) -> None:
    for copied in (copy.deepcopy(scores), pickle.loads(pickle.dumps(scores))):
        assert_same(copied, scores)
        assert copied.diagnostics == scores.diagnostics
