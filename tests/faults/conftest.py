"""Trees for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree that is built."""
    made = Tree(tmp_path / "tree")
    made.run("link")
    return made


@pytest.fixture
def new_tree(tmp_path: Path) -> Callable[[int], Tree]:
    """A tree that is not built, with as many solvers as asked for."""
    return lambda count: Tree(tmp_path / "tree", count)
