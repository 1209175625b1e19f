"""The pages that are made from the code, and the command that writes them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline.commands import docs
from pipeline.commands.docs import pages, write_pages
from pipeline.commands.pictures import pictures
from pipeline.config.config import describe
from pipeline.config.context import Context
from pipeline.primitives import measures
from pipeline.primitives.table import ROWS
from pipeline.report.readme_svg import TextRun, runs_of
from pipeline.report.reference_pages import primitives_page
from tests.extracted import extract_all
from tests.project import PROJECT

REPORT, TERMINAL = "docs/pictures/report.svg", "docs/pictures/terminal.svg"
CONFIGURATION, PRIMITIVES = "docs/configuration.md", "docs/primitives.md"
MEASURES = """\
## Measures

Measures: how high and how wide a grid is, or the bounding box of a patch (see `patches`).

| primitive | does | types | fails |
| --- | --- | --- | --- |
| `height(piece)` | Count the rows of a grid, or of the bounding box of a patch. | \
`Grid -> Integer`<br>`Indices -> Integer`<br>`Object -> Integer`<br>`Tuple[Integer] -> Integer` \
| never |
"""


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """The pictures, as the command makes them."""
    extract_all()
    return pictures(Context.of(PROJECT))


def test_the_pictures_are_what_the_command_draws(drawn: dict[str, str]) -> None:
    assert sorted(drawn) == [REPORT, TERMINAL]
    for path, text in drawn.items():
        assert Path(PROJECT, path).read_text("utf-8") == text, "run `doit docs`"


def test_a_picture_is_one_file_that_asks_for_nothing(drawn: dict[str, str]) -> None:
    for text in drawn.values():
        assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
        assert not re.search(r"href|@import|url\(|<script|<image", text)
    assert "0 of 4 samples right" in drawn[TERMINAL]
    assert "5 of 8 tasks solved" in drawn[REPORT]


def test_a_line_is_cut_into_runs_of_one_look() -> None:
    line = "a \x1b[1;31mb c\x1b[0m  \x1b[37;48;2;0;116;217m  \x1b[0md"
    assert list(runs_of(line)) == [
        TextRun(0, "a "),
        TextRun(2, "b c", "#f2746b", "", True),
        TextRun(7, "  ", "#ffffff", "#0074d9"),
        TextRun(9, "d"),
    ]
    with pytest.raises(ValueError, match="no look is known for '4'"):
        list(runs_of("\x1b[4mx"))


@pytest.mark.parametrize("path", [CONFIGURATION, PRIMITIVES])
def test_the_page_is_what_the_command_writes(path: str) -> None:
    assert Path(PROJECT, path).read_text("utf-8") == pages()[path], "run `doit docs`"


def test_every_knob_and_every_primitive_has_its_row() -> None:
    made = pages()
    assert [k.name for k in describe() if f"\n| `{k.name}` |" not in made[CONFIGURATION]] == []
    assert [r.name for r in ROWS if f"\n| `{r.name}(" not in made[PRIMITIVES]] == []


def test_a_family_is_a_table_with_a_row_for_each_primitive() -> None:
    page = primitives_page([measures], {"UP": (-1, 0)})
    assert MEASURES in page
    square = "EMPTY if the grid has height 0"
    assert f"`Object -> Boolean` | {square} |\n" in page
    assert "| `UP` | `(-1, 0)` |\n" in page
    assert "7 primitives" in page


def test_the_lines_of_what_fails_are_joined() -> None:
    row = "EMPTY if the grid has height 0, or no cell where the commonest colour is needed"
    assert row in pages()[PRIMITIVES]


def test_only_what_differs_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(docs, "pictures", lambda context: {TERMINAL: "<svg/>"})
    assert write_pages(Context.of()) == 0
    Path(PRIMITIVES).write_text("old")
    assert write_pages(Context.of()) == 0
    assert Path(PRIMITIVES).read_text("utf-8") == pages()[PRIMITIVES]
    assert capsys.readouterr().out == (
        f"docs: {CONFIGURATION} written\ndocs: {PRIMITIVES} written\ndocs: {TERMINAL} written\n"
        f"docs: {CONFIGURATION} up to date\ndocs: {PRIMITIVES} written\n"
        f"docs: {TERMINAL} up to date\n"
    )
