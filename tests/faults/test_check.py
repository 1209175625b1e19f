"""`doit kernels` and `doit check_batt` in a tree of their own: texts, exit statuses, what runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.kernels import store
from pipeline.kernels.processor import PROCESSOR
from tests.faults.checked import BUILT, checked_tree, run
from tests.faults.tree import Tree

WRONG = """\
own/a0000002: 0 of 1 samples right; train[0]: wrong: 3 of 4 cells differ, first at (0, 0): \
expected 1, got 3
corpus  solvers  right  wrong  error  over_budget  broken  samples right
own           3      2      1      0            0       0         2 of 3
check: 2 of 3 tasks solved, 2 of 3 samples right (BACKEND, T s)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree of three solvers: two are right on their one sample, the last is wrong."""
    return checked_tree(tmp_path / "tree", ("34/12", "34/32", "11/11"))


def results(tree: Tree) -> dict[str, object]:
    """What the check has written."""
    found: dict[str, object] = json.loads((tree.root / "generated/results/check.json").read_bytes())
    return found


def test_kernels_are_said_once_and_used(tree: Tree) -> None:
    assert run(tree, "kernels").splitlines()[-1] == "kernels: done (5 used, 0 compiled in T s)"
    assert run(tree, "kernels") == BUILT
    place = store.place_of(tree.root / ".cache/kernels", "hmirror", PROCESSOR)
    data = place.read_bytes()
    place.write_bytes(data[:1_000])
    said = "check_batt: {}: this kernel was damaged and is removed: run again\n"
    printed = run(tree, "check_batt", "--solver", tree.idents[0], status=1)
    assert printed.endswith(said.format(place.relative_to(tree.root)))
    assert not place.exists()
    place.write_bytes(data)
    printed = run(tree, "check_batt", "--solver", tree.idents[0])
    assert "kernels: done (5 used, 0 compiled in T s)\n" in printed
    assert printed.endswith("check: 1 of 1 tasks solved, 1 of 1 samples right (cpu, T s)\n")


def test_the_check_is_wrong_on_every_backend_until_it_is_known(tree: Tree) -> None:
    expected = {name: WRONG.replace("BACKEND", name) for name in ("cpu", "reference")}
    assert run(tree, "check_batt", status=1).endswith(expected["cpu"])
    nodes = json.loads((tree.root / "generated/batt.json").read_bytes())["nodes"]
    assert results(tree)["nodes"] == results(tree)["native_nodes"] == nodes
    for name, text in expected.items():
        assert run(tree, "check_batt", "--backend", name, status=1) == BUILT + text
        assert results(tree)["backend"] == name
    assert run(tree, "check_batt", "--backend", "nonsense", status=2) == (
        f"{BUILT}no backend 'nonsense'; there are compiled, cpu, cuda, reference\n"
    )
    config = tree.root / "config.yaml"
    config.write_text(config.read_text().replace("{}", f"{{own: [{tree.idents[2]}]}}"))
    printed = run(tree, "check_batt", "--profile")
    assert re.search(r"^kernels: [\d.]+ ms on one thread; the most expensive:$", printed, re.M)
    assert re.search(rf"^own/{tree.idents[1]} ", printed, re.M)
    assert run(tree, "check_batt") == f"{BUILT}check_batt: up to date\n"


def test_a_damaged_data_file_and_one_without_our_tasks_are_no_answers(tree: Tree) -> None:
    config = tree.root / "config.yaml"
    config.write_text(config.read_text() + "data: [./mine.json]\n")
    mine = tree.root / "mine.json"
    for text, said in {
        '{"a": ': "mine.json:1:7: not JSON: Expecting value\n",
        '{"a": {},\n "b": {},\n "a": {}}': 'mine.json:3: "a" stands twice, first in line 1\n',
        "{}": "./mine.json: there is no task in it\n",
    }.items():
        mine.write_text(text)
        assert run(tree, status=2).endswith(f"check_batt: {said}")
    pair = {"input": [[1]], "output": [[1]]}
    mine.write_text(json.dumps({"other": {"train": [pair], "test": [pair]}}))
    assert run(tree, status=2).splitlines()[-2:] == [
        "./mine.json: no data set in config.yaml has a task of the 3 solvers",
        "there are arc1-train (3 of their tasks), arc1-eval (0 of their tasks), arc2-train "
        "(0 of their tasks), arc2-eval (0 of their tasks), and paths of JSON files with tasks",
    ]
    assert not (tree.root / "generated/results/check.json").exists()


CANDIDATES = """\
first/a0000000: 0 of 1 samples right; train[0]: wrong: 4 of 4 cells differ, first at (0, 0): \
expected 3, got 1
first/a0000000__a__last: 0 of 1 samples right; train[0]: wrong: 4 of 4 cells differ, first at \
(0, 0): expected 3, got 4
own/a0000002: 0 of 1 samples right; train[0]: wrong: 3 of 4 cells differ, first at (0, 0): \
expected 1, got 3
first/a0000000__a: 1 of 1 samples right
first/a0000000__good: 1 of 1 samples right
corpus  solvers  right  wrong  error  over_budget  broken  samples right
first         4      2      2      0            0       0         2 of 4
own           2      1      1      0            0       0         1 of 2
all           6      3      3      0            0       0         3 of 6
check: 2 of 3 tasks solved, 3 of 6 samples right (reference, T s)
"""


def test_each_candidate_of_a_task_is_checked_and_named(tree: Tree) -> None:
    config = (tree.root / "config.yaml").read_text()
    corpora = "corpora:\n  first: {path: first}\n"
    (tree.root / "config.yaml").write_text(config.replace("corpora:\n", corpora))
    task = tree.idents[0]
    (tree.root / "first" / task).mkdir(parents=True)
    (tree.root / "first/many.py").write_text(
        f"def solve_{task}__good(I):\n    return hmirror(I)\n\n\n"
        f"def solve_{task}(I):\n    return vmirror(vmirror(I))\n"
    )
    (tree.root / "first" / task / "a.py").write_text(
        f"def verify_{task}(I):\n    return hmirror(I)\n\n\n"
        f"def solve_{task}__last(I):\n    return rot180(I)\n"
    )
    printed = run(tree, "check_batt", "--backend", "reference", status=1)
    assert printed.endswith(CANDIDATES)
    names = sorted(p.name for p in (tree.root / "generated/solvers/first").glob("*.py"))
    assert names == [
        *(f"{task}.py", f"{task}__a.py", f"{task}__a__last.py", f"{task}__good.py"),
    ]
    chosen = run(tree, "check_batt", "--backend", "reference", "--solver", f"{task}__a")
    assert chosen.endswith("check: 1 of 1 tasks solved, 1 of 1 samples right (reference, T s)\n")


def test_why_there_is_no_gpu_is_said_once(tree: Tree) -> None:
    config = tree.root / "config.yaml"
    config.write_text(config.read_text().replace("device: cpu", "device: auto"))
    driver = tree.root / "pipeline/engine/cuda/driver.py"
    driver.write_text(
        driver.read_text() + "\n\ndef _driver():\n    raise NoDevice('none is here')\n"
    )
    said = "kernels: done (5 used, 0 compiled in T s"
    assert f"{said}, no GPU: none is here)\n" in run(tree, "kernels")
    tree.write(tree.idents[0], "vmirror")
    assert re.search(r"^kernels: done \(\d used, \d compiled in T s\)$", run(tree, "kernels"), re.M)
    tree.run("forget", "kernels")
    assert "no GPU: none is here)\n" in run(tree, "kernels")
