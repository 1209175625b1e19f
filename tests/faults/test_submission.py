"""`doit submission` in a tree of its own: after which matrix it runs, and what it needs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.faults.checked import BUILT, checked_tree, run
from tests.faults.tree import Tree

PRINTED = """\
data        tasks  attempted  solved  test inputs  attempted  twice  right  right first   score
arc1-train      2          2       2            2          2      0      2            2  100.0%
submission: 2 of 2 test inputs of arc1-train right (100.0%): generated/submission.json (cpu, T s)
"""
STALE = (
    "the matrix is not of the present battery, data and settings: "
    "run `doit matrix --data arc1-train` first\nsubmission: ended with status 2\n"
)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree of two solvers that are right on a train and a test sample."""
    return checked_tree(tmp_path / "tree", ("34/12", "34/32"), tests=True)


def test_a_submission_is_made_from_the_matrix_of_the_present_battery(tree: Tree) -> None:
    missing = "there is no matrix: run `doit matrix --data arc1-train` first\n"
    assert run(tree, "submission", status=2).endswith(f"{missing}submission: ended with status 2\n")
    run(tree, "matrix")
    built = BUILT.replace("3", "2")
    assert run(tree, "submission") == built + PRINTED
    found = json.loads((tree.root / "generated/submission.json").read_bytes())
    assert found[tree.idents[0]] == [{"attempt_1": [[3, 4], [1, 2]], "attempt_2": [[0]]}]
    tree.write(tree.idents[1], "vmirror")
    assert run(tree, "submission", status=2).endswith(STALE)
    printed = run(tree, "submission", "--validate", "generated/submission.json")
    assert printed == re.sub(r"\(cpu, T s\)", "valid", PRINTED)
    run(tree, "clean", "submission")
    assert not (tree.root / "generated/submission.json").exists()
