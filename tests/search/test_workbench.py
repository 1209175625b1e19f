"""The parts of a search for who brings a strategy of their own."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import numpy as np
import pytest

import pipeline
from pipeline.battery.devices import kernel_folder
from pipeline.diagnostics import Invalid
from pipeline.kernels.names import BANK, instruction_names
from pipeline.kernels.processor import kernels_in
from pipeline.search import Workbench
from pipeline.search.workbench import loader
from tests.in_memory import config_of
from tests.project import PROJECT
from tests.search.small import SOLVERS, A, B, C, tasks_of

TASK = tasks_of(A, B, C)["aaaaaaaa"]


@pytest.fixture(scope="module")
def bench() -> Workbench:
    limits = pipeline.Limits()
    return Workbench(TASK, list(SOLVERS.values()), config=config_of(limits=limits))


def test_an_edit_away_is_judged_right_and_checked(bench: Workbench) -> None:
    draft = bench.draft(SOLVERS["own/flip"])
    assert draft is not None
    made = [bench.apply(change, draft) for change in bench.changes(draft, "function")]
    drafts = [child for child in made if child is not None]
    judged = bench.judge(drafts)
    right = [bench.text(drafts[k]) for k in np.flatnonzero(judged.right == 2)]
    assert right == ["def solve_candidate(I):\n    x1 = vmirror(I)\n    return x1\n"]
    assert [bench.check(d) for d in drafts] == (judged.right == 2).tolist()


def test_only_what_is_promising_is_run_on_all_samples(bench: Workbench) -> None:
    drafts = [d for name in SOLVERS if (d := bench.draft(SOLVERS[name])) is not None]
    none = bench.judge(drafts, lambda gain, behaviour: np.zeros(len(gain), bool))
    assert (none.whole == -1).all()
    every = bench.judge(drafts, lambda gain, behaviour: np.ones(len(gain), bool))
    assert (every.first == none.first).all()
    assert (every.whole > -1).any()


def test_a_random_change_is_that_of_its_seed(bench: Workbench) -> None:
    draft = bench.draft(SOLVERS["own/fill"])
    assert draft is not None
    texts = [bench.text(bench.mutated(draft, random.Random(seed))) for seed in (1, 2, 1)]
    assert texts[0] == texts[2] != texts[1]


def test_all_kernels_are_loaded_before_a_thread_runs_one() -> None:
    config = config_of()
    addresses = loader(config)(["hmirror"])
    assert {*instruction_names(), *BANK} <= addresses.keys()
    before = len(addresses)
    assert len(kernels_in(kernel_folder(config).absolute()).load(["vmirror"])) == before


def test_what_is_no_program_is_told(bench: Workbench) -> None:
    with pytest.raises(Invalid):
        bench.draft("def solve_a(I):\n    return hmirorr(I)\n")
    assert bench.draft("def solve_a(I):\n    return I\n") is None


@pytest.mark.long("it evolves programs for some seconds")
def test_the_example_with_deap_finds_a_program() -> None:
    pytest.importorskip("deap")
    page = (PROJECT / "docs" / "search.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n# evolve.py\n(.*?)```", page, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=PROJECT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert ": right\n" in done.stdout
    assert "mirror" in done.stdout or "rot" in done.stdout
