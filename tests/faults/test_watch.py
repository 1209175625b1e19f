"""`doit watch` in a tree of its own: from Ctrl-C to its status, and other builds meanwhile."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.checked import BUILT, checked_tree
from tests.faults.tree import DEADLINE, Tree
from tests.watched import Watch


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree of three solvers, two of them right on their one sample."""
    return checked_tree(tmp_path / "tree", ("34/12", "34/32", "11/11"))


def watched(tree: Tree) -> Watch:
    """`doit watch` in a tree, its times left out."""
    return Watch(tree.start("watch"), lambda line: re.sub(r"[\d.]+ s\)", "T s)", line))


@pytest.fixture
def watch(tree: Tree) -> Iterator[Watch]:
    """It waits for saves."""
    made = watched(tree)
    made.until("watch: 3 solvers; Ctrl-C ends it\n")
    yield made
    made.process.kill()
    made.process.wait()


def test_a_save_is_told_and_ctrl_c_ends_with_0(tree: Tree, watch: Watch) -> None:
    name = tree.idents[0]
    tree.write(name, comment="    # Upside down.\n")
    assert watch.until("watch: ").endswith(
        f"own/{name}: 1 of 1 samples right\nwatch: 1 right (T s)\n"
    )
    assert tree.run("link") == BUILT  # what was saved is built, and its code is as it was
    tree.write(name, "hconcat")
    text = watch.until("watch: ")
    assert f"solvers/{name}.py:2:10: error[wrong-arity]: hconcat takes 2 arguments" in text
    assert text.endswith("\n1 error\nwatch: 1 broken (T s)\n")
    assert watch.interrupt() == 0
    assert watch.until("watch: ") == "watch: ended\n"


def test_what_was_broken_before_is_told_first(tree: Tree) -> None:
    tree.write(tree.idents[1], "hconcat")
    watch = watched(tree)
    text = watch.until("watch: ")
    assert text.count(f"solvers/{tree.idents[1]}.py:2:10: error[wrong-arity]: ") == 1
    assert "\n\n1 error\nlink: done" in text
    assert text.endswith("\nwatch: 3 solvers; Ctrl-C ends it\n")
    tree.write(tree.idents[1])
    watch.until(f"own/{tree.idents[1]}: 1 of 1 samples right\n")
    watch.until("watch: 1 right (T s)\n")
    assert watch.interrupt() == 0


def test_many_jobs_are_refused(tree: Tree) -> None:
    process: subprocess.Popen[str] = tree.start("-n", "2", "watch")
    printed, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 2
    assert printed.endswith(
        "`doit watch` can't run beside other tasks: leave out -n\nwatch: ended with status 2\n"
    )
