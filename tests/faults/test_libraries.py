"""Helper libraries in a tree of its own: who is compiled again, and what is said of a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.tree import CONFIG, Tree

LIBRARY = "def flipped(grid):\n    return hmirror(grid)\n\n\ndef same(grid):\n    return grid\n"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Three solvers, of which the first two use a function each."""
    made = Tree(tmp_path / "tree", 3)
    made.write(made.idents[0], "flipped")
    made.write(made.idents[1], "same")
    (made.root / "lib").mkdir()
    write(made, LIBRARY)
    (made.root / "config.yaml").write_text(f"{CONFIG}libraries: lib\n")
    return made


def write(tree: Tree, text: str) -> None:
    (tree.root / "lib" / "grids.py").write_text(text)


def test_a_function_is_an_input_of_the_solvers_that_use_it(tree: Tree) -> None:
    assert tree.run("generate").endswith("generate: 3 generated\n")
    assert "rt.hmirror" in tree.code(tree.idents[0]).read_text()
    assert tree.run("generate") == "generate: 3 up to date\n"
    write(tree, LIBRARY.replace("hmirror", "vmirror"))
    assert tree.run("generate").endswith("generate: 1 generated, 2 up to date\n")
    assert "rt.vmirror" in tree.code(tree.idents[0]).read_text()
    write(tree, LIBRARY + "\n\ndef more(grid):\n    return rot90(grid)\n")
    assert tree.run("generate").endswith("generate: 1 from the cache, 2 up to date\n")
    own = CONFIG.replace("solvers}", "solvers, libraries: [lib/grids.py]}")
    (tree.root / "config.yaml").write_text(own)
    assert tree.run("generate") == "generate: 3 up to date\n"
    (tree.root / "config.yaml").write_text(CONFIG)
    assert "generate: 1 up to date, 2 broken\n" in tree.run("generate", status=1)


def test_a_fault_is_told_once_with_those_that_it_breaks(tree: Tree) -> None:
    write(tree, "x = = 1\n\n" + LIBRARY.replace("return grid\n", "return fill(grid)\n"))
    tree.write(tree.idents[0], "same")
    said = tree.run("generate", status=1)
    assert "lib/grids.py:1:1: error[unexpected-statement]: " in said
    assert said.count("lib/grids.py:8:12: error[wrong-arity]") == 1
    assert f"  note: used by own/{tree.idents[0]}, own/{tree.idents[1]}\n" in said
    assert "lib/grids.py:1:1: error[unexpected-statement]: " in tree.run("generate", status=1)
    write(tree, LIBRARY)
    assert tree.run("generate").endswith("generate: 2 generated, 1 up to date\n")
