"""The notebook of `docs/` runs from its first cell to its last, and shows what it is about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.compiled import compiled_kernels
from tests.extracted import extract_all
from tests.notebooks import executed
from tests.project import PROJECT

NOTEBOOK = PROJECT / "docs" / "in-memory.ipynb"


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The cells of code after a run."""
    extract_all()
    compiled_kernels()
    work = tmp_path_factory.mktemp("notebook") / "work"
    notebook = executed(NOTEBOOK, work)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(cell: Any, kind: str) -> list[str]:
    """What a cell shows of a kind: `text/html`, or the `text` that it prints."""
    found = [o.get("text") if kind == "text" else o.get("data", {}).get(kind) for o in cell.outputs]
    return [text for text in found if text is not None]


def test_no_cell_fails(cells: list[Any]) -> None:
    errors = [o for cell in cells for o in cell.outputs if o.output_type == "error"]
    assert [(error.ename, error.evalue) for error in errors] == []
    assert all(cell.execution_count for cell in cells)


def test_tasks_scores_and_grids_are_drawn(cells: list[Any]) -> None:
    [task], [scores] = outputs(cells[0], "text/html"), outputs(cells[1], "text/html")
    assert task.count("<svg") == 8
    assert "mirrored" in scores
    assert outputs(cells[-1], "text/html")[0].count("<svg") == 2


def test_the_search_finds_a_program(cells: list[Any]) -> None:
    printed = outputs(cells[4], "text")
    assert "def solve_0(I):" in "".join(printed)
    assert "1 right" in outputs(cells[4], "text/plain")[0]


def test_it_is_kept_without_what_it_shows() -> None:
    text = Path(NOTEBOOK).read_text("utf-8")
    assert '"outputs": []' in text
    assert '"execution_count": 1' not in text
    assert os.sep + "tmp" not in text
