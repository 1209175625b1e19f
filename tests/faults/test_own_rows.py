"""Rows of a project's own in a tree of its own: who is compiled again, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.tree import CONFIG, Tree

HEAD = "from pipeline.ir.status import Failure\nfrom pipeline.primitives.row import primitive\n\n"
FLIPPED = """\
@primitive("Grid -> Grid", examples=("flipped(((1, 2),)) == ((2, 1),)",))
def flipped(grid):
    return tuple(row[::-1] for row in grid)
"""
OTHER = """\
@primitive("Grid -> Grid")
def same(grid):
    return grid
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Three solvers, of which the first two use a row each."""
    made = Tree(tmp_path / "tree", 3)
    made.write(made.idents[0], "flipped")
    made.write(made.idents[1], "same")
    (made.root / "rows").mkdir()
    write(made, "flipped", FLIPPED)
    write(made, "same", OTHER)
    (made.root / "config.yaml").write_text(f"{CONFIG}primitives: rows\n")
    return made


def write(tree: Tree, name: str, text: str) -> None:
    (tree.root / "rows" / f"{name}.py").write_text(HEAD + text)


def test_a_row_is_an_input_of_the_solvers_that_name_it(tree: Tree) -> None:
    assert tree.run("generate").endswith("generate: 3 generated\n")
    assert "rt.flipped" in tree.code(tree.idents[0]).read_text()
    assert tree.run("generate") == "generate: 3 up to date\n"
    write(tree, "flipped", FLIPPED + "\n\n# a word\n")
    assert tree.run("generate").endswith("generate: 1 generated, 2 up to date\n")
    write(tree, "flipped", "from .part import part\n" + FLIPPED)
    write(tree, "part", "part = 1\n")
    assert tree.run("generate").endswith("generate: 1 generated, 2 up to date\n")
    write(tree, "part", "part = 2\n")
    assert tree.run("generate").endswith("generate: 1 generated, 2 up to date\n")
    write(tree, "flipped", FLIPPED)
    assert tree.run("generate").endswith("generate: 1 from the cache, 2 up to date\n")
    (tree.root / "rows" / "same.py").unlink()
    said = tree.run("generate", status=1)
    assert "generate: 2 up to date, 1 broken\n" in said
    assert "'same' is not defined here" in said


def test_what_is_wrong_with_a_file_ends_the_run(tree: Tree) -> None:
    write(tree, "same", OTHER.replace("Grid -> Grid", "Grid -> Gird"))
    said = tree.run("generate", status=2)
    assert "rows/same.py:4:1: error[bad-row]: not a type: 'Gird'\n" in said
    assert "Traceback" not in said
    (tree.root / "config.yaml").write_text(f"{CONFIG}primitives: [rows, nowhere]\n")
    said = tree.run("generate", status=2)
    assert "config.yaml:4:20: error[bad-value]: primitives: 'nowhere' does not exist\n" in said


def test_a_file_that_changes_during_a_build_is_noticed(tree: Tree) -> None:
    with tree.held(tree.idents[0], "generate") as (doit, _):
        write(tree, "flipped", FLIPPED.replace("row[::-1]", "row"))
        tree.let_go()
        said, _ = doit.communicate()
    assert doit.returncode != 0
    assert said.count("primitives: a file changed while solvers were built with it") == 1
    assert "Traceback" not in said
    write(tree, "flipped", FLIPPED)
    assert "3 generated" in tree.run("generate")
