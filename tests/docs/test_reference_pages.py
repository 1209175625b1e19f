"""The pages that are made from the code, and the command that writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.docs import pages, write_pages
from pipeline.config.config import describe
from pipeline.primitives import measures
from pipeline.primitives.table import ROWS
from pipeline.report.reference_pages import primitives_page
from tests.project import PROJECT

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
    assert write_pages() == 0
    Path(PRIMITIVES).write_text("old")
    assert write_pages() == 0
    assert Path(PRIMITIVES).read_text("utf-8") == pages()[PRIMITIVES]
    assert capsys.readouterr().out == (
        f"docs: {CONFIGURATION} written\ndocs: {PRIMITIVES} written\n"
        f"docs: {CONFIGURATION} up to date\ndocs: {PRIMITIVES} written\n"
    )
