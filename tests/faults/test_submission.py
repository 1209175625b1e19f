"""`doit submission` in a tree of its own: after which matrix it runs, and what it needs."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from pipeline.runtime import kernels
from tests.compiled import compiled_kernels
from tests.faults.test_check import BUILT, DATA_STUB, USED, run
from tests.faults.tree import CONFIG, Tree

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
    made = Tree(tmp_path / "tree", 2)
    wanted = dict(zip(made.idents, ("34/12", "34/32"), strict=True))
    stub = DATA_STUB.replace('"test": []', '"test": [["12/34", wanted]]')
    with open(made.root / "pipeline/data/arc.py", "a") as source:
        source.write(f"\n\n_TASKS = {wanted!r}\n{stub}")
    (made.root / "config.yaml").write_text(f"{CONFIG}device: cpu\nmemory_mib: 64\n")
    for name in kernels.with_needed(USED):
        place = kernels.place_of(made.root / ".cache/kernels", name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kernels.place_of(compiled_kernels(), name), place)
    return made


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
