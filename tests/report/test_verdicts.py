"""Verdicts as JUnit XML and as GitHub's annotations."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline.battery.results import BROKEN, NO_TASK, RIGHT, FirstFailure, SolverResult
from pipeline.commands.verdict_files import VerdictFiles
from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend.units import Unit
from pipeline.report.verdicts import MOST_ANNOTATED, Verdict, annotation_lines, junit_text

WRONG = FirstFailure("train[0]", "wrong", "1 of 4 cells differ, first at (0, 0): expected 3, got 1")
FAILS = FirstFailure(
    *("test[1]", "error", "first: EMPTY: needs at least one element"),
    reason="EMPTY",
    path="mine/b.py",
    line=2,
    column=9,
    width=5,
)
ROWS = [
    SolverResult("own/a", "a", 2, 2, RIGHT),
    SolverResult("own/b", "b", 2, 1, "error", FAILS),
    SolverResult("own/c", "c", 2, 0, "wrong", WRONG),
    SolverResult("own/d", "d", 0, 0, BROKEN),
    SolverResult("own/e", "e", 0, 0, NO_TASK),
    SolverResult("more/c", "c", 2, 0, "wrong", WRONG),
]
UNKNOWN = Diagnostic(Span("mine/d.py", 3, 5), "unknown-name", "'x<\x00' is not defined, 100%\n")
NO_TEXT = Diagnostic(Span("mine/f.py", 1, 1), "not-utf-8", "it is no text")
NOTED = Diagnostic(Span("mine/g.py", 1, 1), "passed-over", "", severity="note")


def unit_of(name: str) -> Unit | None:
    """Solvers of `own`, all of them in line 7."""
    return Unit(name, f"mine/{name[4:]}.py", 7, "") if name.startswith("own/") else None


def put(junit: str = "", annotations: bool = False) -> None:
    """Give the verdicts out."""
    files = VerdictFiles(junit, annotations, {"own/d": [UNKNOWN]}, [NO_TEXT, NOTED])
    files.put("check", ROWS, {"more": ["c"]}, unit_of, 1.5)


def test_each_solver_is_a_case_of_its_corpus(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "check.xml"
    put(str(path))
    root = ElementTree.parse(path).getroot()
    assert root.attrib == {
        "name": "check",
        "tests": "7",
        "failures": "2",
        "errors": "2",
        "skipped": "2",
        "time": "1.500",
    }
    assert [(s.get("name"), s.get("tests")) for s in root] == [
        *(("check.files", "1"), ("check.own", "5"), ("check.more", "1")),
    ]
    found = {
        f"{case.get('classname')} {case.get('name')}": (
            *(case.get("file"), case.get("line")),
            *((inner.tag, inner.get("message")) for inner in case),
        )
        for case in root.iter("testcase")
    }
    assert found == {
        "check.files mine/f.py": ("mine/f.py", "1", ("error", "it is no text")),
        "check.own a": ("mine/a.py", "7"),
        "check.own b": (
            *("mine/b.py", "2"),
            (
                "failure",
                "own/b: 1 of 2 samples right; test[1]: error: "
                "first: EMPTY: needs at least one element",
            ),
        ),
        "check.own c": (
            *("mine/c.py", "7"),
            ("failure", f"own/c: 0 of 2 samples right; train[0]: wrong: {WRONG.message}"),
        ),
        "check.own d": ("mine/d.py", "3", ("error", "'x<\ufffd' is not defined, 100%\n")),
        "check.own e": ("mine/e.py", "7", ("skipped", "no data set has its task")),
        "check.more c": (
            *(None, None),
            (
                "skipped",
                f"more/c: 0 of 2 samples right (a known failure); train[0]: wrong: {WRONG.message}",
            ),
        ),
    }


def test_what_fails_is_annotated_where_it_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    put(annotations=True)
    assert capsys.readouterr().out.splitlines() == [
        "::error file=mine/f.py,line=1,col=1,title=mine/f.py::"
        "mine/f.py:1:1: error[not-utf-8]: it is no text",
        "::error file=mine/b.py,line=2,col=9,title=own/b::own/b: 1 of 2 samples right; test[1]: "
        "error%0Amine/b.py:2:9: error[empty]: EMPTY: needs at least one element",
        "::error file=mine/c.py,line=7,title=own/c::own/c: 0 of 2 samples right; train[0]: wrong: "
        f"{WRONG.message}",
        "::error file=mine/d.py,line=3,col=5,title=own/d::mine/d.py:3:5: error[unknown-name]: "
        "'x<\x00' is not defined, 100%25%0A",
    ]


def test_nothing_is_said_where_nothing_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    put()
    assert capsys.readouterr().out == ""


def test_paths_are_those_of_the_repository_that_the_project_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    case = Verdict("own", "a,b:c", "failure", "no", path="mine/a.py", line=1)
    assert list(annotation_lines([case], str(tmp_path))) == [
        "::error file=project/mine/a.py,line=1,title=own/a%2Cb%3Ac::no"
    ]


def test_no_more_are_annotated_than_github_shows() -> None:
    lines = list(annotation_lines([Verdict("own", "a", "failure", "no")] * (MOST_ANNOTATED + 3)))
    assert len(lines) == MOST_ANNOTATED + 1
    assert lines[-1] == "::notice::3 more fail: GitHub shows 10 of a step"


def test_of_nothing_there_is_an_empty_suite() -> None:
    root = ElementTree.fromstring(junit_text("check", [], 0.0).partition("\n")[2])
    assert root.get("tests") == "0"
