"""`doit profile` in a tree of its own: what comes before it, its files, its exit statuses."""

from __future__ import annotations

import json
import re

from tests.faults.test_check import BUILT, run, tree
from tests.faults.tree import Tree

__all__ = ["tree"]

LAST = re.compile(
    r"profile: T s for 3 tasks, [\d.]+ ms a task(; \d+ slower, \d+ faster)?: "
    r"generated/results/profile\.json \(T s\)\n$"
)


def test_a_profile_is_made_compared_and_cleaned_away(tree: Tree) -> None:
    solvers = {path: data for path, data in tree.fresh().items() if path.startswith("solvers/")}
    first = run(tree, "profile", "--repeats", "2", "--sizes", "2")
    last = LAST.search(first)
    assert last is not None, first
    assert last[1] is None
    results = tree.root / "generated/results"
    raw = json.loads((results / "profile.json").read_bytes())
    assert [row["tasks"] for row in raw["scaling"]] == [2, 3]
    printed = run(tree, "profile", "--repeats", "2", "--sizes", "2", "--cprofile")
    assert printed.startswith(BUILT)
    assert LAST.search(printed), printed
    assert "\ncompared with generated/results/profile.json of 20" in printed
    made = tree.outputs()
    assert solvers.items() <= made.items()
    plots = {path for path in made if path.startswith("report/")}
    assert {f"report/profile-{name}.svg" for name in ("phases", "solvers", "scaling")} <= plots
    files = {path.name for path in results.iterdir()}
    assert files == {"profile.json", "profile.previous.json", "profile.prof"}
    run(tree, "clean", "profile")
    assert not [path for path in tree.outputs() if "profile" in path]


def test_what_can_not_be_asked_ends_with_status_2(tree: Tree) -> None:
    printed = run(tree, "profile", "--repeats", "0", status=2)
    assert printed.endswith("--repeats must be at least 1, not 0\nprofile: ended with status 2\n")
    printed = run(tree, "profile", "--against", "x.json", status=2)
    assert printed.endswith("x.json: No such file or directory\nprofile: ended with status 2\n")
    assert not (tree.root / "generated/results").exists()
