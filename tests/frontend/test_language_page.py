"""What `docs/language.md` says is taken, and what is not, with what it says to write instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.frontend.parse import parse_text
from tests.frontend.reports import solver

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "language.md").read_text("utf-8")
CODE = re.compile(r"`([^`]+)`")
BEGIN = (
    *("g = I", "xs = totuple(palette(I))", "s = palette(I)", "n = 3", "f = identity"),
    "y = zs = m = x = 1",
)


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


TAKEN = [code for row in rows_of("What is taken") for code in CODE.findall(row[-1])]
REFUSED = [(CODE.findall(code)[0], note) for code, note in rows_of("What is not taken")]
WORDS = {"elif", "else", "break", "continue"}


@pytest.mark.parametrize("code", TAKEN)
def test_it_is_taken(code: str) -> None:
    if code not in WORDS:
        assert parse_text(solver(*BEGIN, code, "return I"), "p")[1] == ()


@pytest.mark.parametrize(("code", "note"), REFUSED)
def test_it_is_refused_with_what_to_write(code: str, note: str) -> None:
    _, found = parse_text(solver(*BEGIN, code, "return I"), "p")
    assert [problem.notes for problem in found] == [(note,)]


def test_there_are_rows() -> None:
    assert len(TAKEN) > 60
    assert len(REFUSED) > 20
