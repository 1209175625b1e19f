"""A dialect in a tree of its own: who is compiled, and compiled again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.tree import CONFIG, Tree

THEIRS = "own: {path: solvers, dialect: mine}"
DIALECT = "dialects: {{mine: {{suffixes: [f], names: {{turned: {}}}}}}}\n"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Three solvers, one of them in other words, and a corpus that has no dialect."""
    made = Tree(tmp_path / "tree", 3)
    made.write(made.idents[0], "turned")
    made.write(made.idents[1], "hmirror_f")
    (made.root / "plain").mkdir()
    text = made.source(made.idents[2]).read_text()
    (made.root / "plain" / f"{made.idents[2]}.py").write_text(text)
    return made


def configure(tree: Tree, dialect: str, corpus: str = THEIRS) -> None:
    config = CONFIG.replace("own: {path: solvers}", f"{corpus}\n  plain: {{path: plain}}")
    (tree.root / "config.yaml").write_text(config + dialect)


def test_a_dialect_is_an_input_of_the_solvers_of_its_corpora(tree: Tree) -> None:
    configure(tree, "", "own: {path: solvers}")
    printed = tree.run("generate", status=1)
    assert "generate: 2 generated, 2 broken\n" in printed
    assert "'turned' is not defined here" in printed
    configure(tree, DIALECT.format("vmirror"))
    assert tree.run("generate").endswith("generate: 3 generated, 1 up to date\n")
    assert "rt.vmirror" in tree.code(tree.idents[0]).read_text()
    assert "rt.hmirror" in tree.code(tree.idents[1]).read_text()
    assert tree.run("generate") == "generate: 4 up to date\n"
    configure(tree, DIALECT.format("rot90"))
    assert tree.run("generate").endswith("generate: 3 generated, 1 up to date\n")
    assert "rt.rot90" in tree.code(tree.idents[0]).read_text()
    configure(tree, DIALECT.format("vmirror"))
    assert tree.run("generate").endswith("generate: 3 from the cache, 1 up to date\n")
    configure(tree, "", "own: {path: solvers}")
    assert "2 broken\n" in tree.run("generate", status=1)
    configure(tree, DIALECT.format("vmirorr"))
    said = tree.run("generate", status=2)
    assert "config.yaml:5:50: error[bad-value]: dialects.mine.names.turned: expected a word" in said
    assert "note: did you mean vmirror?" in said
