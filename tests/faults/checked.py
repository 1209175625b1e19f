"""Trees with tasks of their own and compiled kernels, and what doit prints in them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.kernels import store
from pipeline.kernels.names import with_needed
from pipeline.kernels.processor import PROCESSOR
from tests.compiled import compiled_kernels
from tests.faults.tree import CONFIG, DEADLINE, Tree

STUB = """

_TASKS = {tasks!r}


def extract_data(cache):
    path = data_path(cache, "arc1-train")
    write_atomic(path, json.dumps(_TASKS).encode())
    return [path]
"""
BUILT = "generate: 3 up to date\nlink: up to date\n"
USED = ("inputs", "hmirror", "replace", "verdict", "drive_blocks")
"""The kernels of a tree's battery."""


def checked_tree(root: Path, outputs: Sequence[str], tests: bool = False) -> Tree:
    """A tree of solvers, each with a task: to turn 12/34 into this output, on a train sample and
    with `tests` on a test sample too."""
    made = Tree(root, len(outputs))
    samples = [[("12/34", output)] for output in outputs]
    tasks = {
        ident: {"train": pairs, "test": pairs if tests else []}
        for ident, pairs in zip(made.idents, samples, strict=True)
    }
    with open(made.root / "pipeline/data/arc.py", "a") as source:
        source.write(STUB.format(tasks=tasks))
    (made.root / "config.yaml").write_text(f"{CONFIG}device: cpu\nmemory_mib: 64\n")
    for name in with_needed(USED):
        place = store.place_of(made.root / ".cache/kernels", name, PROCESSOR)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(store.place_of(compiled_kernels(), name, PROCESSOR), place)
    return made


def run(tree: Tree, *words: str, status: int = 0) -> str:
    """What doit prints, without times."""
    process = tree.start(*words)
    printed, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == status, printed
    return re.sub(r"\b[\d.]+ s\b", "T s", printed)
