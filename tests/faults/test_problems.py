"""What doit says of broken solvers: in part where they are many, and before the results."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.checked import checked_tree, run
from tests.faults.tree import Tree

BROKEN = 23
TABLE = """\
kind          count  most  in
unknown-name     22     2  solvers/b0000000.py
wrong-arity       1     1  solvers/b0000015.py

23 errors; 20 of them are shown, all with --all-errors
"""
CHECKED = """\
corpus  solvers  right  wrong  error  over_budget  broken  samples right
own          25      3      0      0            0      22         3 of 3
check: 3 of 3 tasks solved, 3 of 3 samples right (reference, T s)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree of three solvers that are right, and 22 that are broken, one of them in two ways."""
    made = checked_tree(tmp_path / "tree", ("34/12", "34/32", "34/13"))
    for k in range(BROKEN - 1):
        body = "x1 = nothing(I)" if k else "x1 = nothing(nowhere(I))"
        body = "x1 = hmirror(I, I)" if k == BROKEN - 2 else body
        ident = f"{0xB0000000 + k:08x}"
        made.source(ident).write_text(f"def solve_{ident}(I):\n    {body}\n    return x1\n")
    return made


def test_what_is_wrong_is_said_in_part_and_before_the_results(tree: Tree) -> None:
    printed = run(tree, "check_batt", "--backend", "reference", status=1)
    head, _, rest = printed.partition("\n\n")
    assert head.splitlines()[-1] == "generate: 3 generated, 22 broken"
    said, _, after = rest.partition(TABLE)
    assert said.count("error[unknown-name]") == 19
    assert said.count("error[wrong-arity]") == 1  # though it would be the last of all
    assert after.startswith("link: done")
    assert after.endswith(CHECKED)
    assert (
        run(tree, "generate", status=1)
        == f"generate: 3 up to date, 22 broken\n\n{rest[: len(said)]}{TABLE}"
    )


@pytest.mark.parametrize("task", ["generate", "link", "all"])
def test_all_of_it_is_said_if_that_is_asked_for(tree: Tree, task: str) -> None:
    run(tree, "kernels", status=1)
    printed = run(tree, task, "--all-errors", status=1)
    assert printed.count("error[unknown-name]") == 22
    assert printed.count("error[wrong-arity]") == 1
    assert "\n23 errors\n" in printed
    assert "kind " not in printed


GIVEN = {"corpora", "data"}
"""What is fetched, of which nothing can be wrong with a solver."""


def test_every_task_that_builds_can_be_asked_for_all(tree: Tree) -> None:
    """A task that another one comes before says what is wrong too."""
    import dodo

    creators = {name: made for name, made in vars(dodo).items() if name.startswith("task_")}
    others = ("task_params", "task_generate")
    tasks = {name: made() for name, made in creators.items() if name not in others}
    builds = [name for name, task in tasks.items() if set(task.get("task_dep", ())) - GIVEN]
    assert len(builds) > 15
    for name in builds:
        assert "all-errors" in [option["long"] for option in tasks[name]["params"]], name
