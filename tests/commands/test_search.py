"""The commands `search`, `found` and `adopt`: what is printed, written and refused."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.commands import adopt as adopting
from pipeline.commands import search as searching
from pipeline.commands.adopt import adopt
from pipeline.commands.found import found
from pipeline.commands.search import SearchOptions, search, seconds_in
from pipeline.config.context import Context
from pipeline.data.tasks import Sample
from pipeline.frontend.parse import parse
from pipeline.oracle.interpret import outcome
from pipeline.report import search_text
from pipeline.search.search_store import Store, store_folder
from tests.battery.small import link_kernels
from tests.project import PROJECT
from tests.search.crews import alone
from tests.search.small import SOLVERS, A, B, C, tasks_of

TASKS = tasks_of(A, B, C)
DATA = ("./tasks.json",)
OPTIONS = SearchOptions(DATA, programs=1_500, threads=1)
CONFIG = "corpora: {own: {path: own}}\ndata: [./tasks.json]\nmemory_mib: 64\nknown_failures: {}\n"


class NoGenerators:
    """Generators of no task, so that nothing is fetched."""

    def tasks(self) -> frozenset[str]:
        return frozenset()


class Generated:
    """Generators of one task."""

    def tasks(self) -> frozenset[str]:
        return frozenset({"aaaaaaaa"})

    def samples(self, tasks: list[str], count: int) -> dict[str, list[Sample]]:
        right = [Sample(grid, tuple(row[::-1] for row in grid)) for grid in (A, B)]
        return {task: [*right, Sample(A, A)] for task in tasks}


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with three solvers and two tasks that none of them solves."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "own").mkdir()
    for name, text in SOLVERS.items():
        (tmp_path / f"{name}.py").write_text(text)
    plain = {
        ident: {
            part: [{"input": s.input, "output": s.output} for s in getattr(task, part)]
            for part in ("train", "test")
        }
        for ident, task in TASKS.items()
    }
    (tmp_path / "tasks.json").write_text(json.dumps(plain))
    link_kernels(tmp_path)
    monkeypatch.setattr(adopting, "published", lambda cache: NoGenerators())
    monkeypatch.setattr(searching, "crew_of", alone)
    monkeypatch.setattr(search_text, "SECONDS", float("inf"))
    return tmp_path


def searched(capsys: pytest.CaptureFixture[str]) -> Context:
    context = Context.of()
    assert search(context, OPTIONS) == 0
    capsys.readouterr()
    return context


def test_a_search_says_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert search(Context.of(), OPTIONS) == 0
    printed, said = capsys.readouterr()
    assert re.fullmatch(
        r"search: 2 of 2 tasks solved on their train samples, by \d+ programs; [\d,]+ tried in"
        r" \d+ s of processor time; done\n",
        printed,
    )
    assert said == ""


def test_to_go_on_with_nothing_is_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    options = SearchOptions(DATA, programs=300, threads=1, resume=True)
    assert search(Context.of(), options) == 0
    assert "begins anew" in capsys.readouterr().err
    assert search(Context.of(), options) == 0
    assert "begins anew" not in capsys.readouterr().err
    store = Store(store_folder(Context.of().config))
    assert len(store.runs()) == 1
    store.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (SearchOptions(DATA), "say how long: --time 10m, --programs 100000, or both"),
        (SearchOptions(DATA, time="soon"), "--time soon: a number of seconds"),
        (SearchOptions(DATA, programs=-1), "--threads and --islands take a number from 0 on"),
        (SearchOptions(DATA, programs=5, device="cuda"), "a search runs on the CPU"),
        (SearchOptions(DATA, programs=5, task="zz"), "no task of ./tasks.json is 'zz'"),
        (SearchOptions(("arc9",), programs=5), "no data set 'arc9'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    options: SearchOptions, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search(Context.of(), options) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 0), ("90", 90), ("90s", 90), ("1.5m", 90), ("8h", 28_800), ("-1", None), ("x", None)],
)
def test_times(text: str, seconds: float | None) -> None:
    assert seconds_in(text) == seconds


def test_what_was_found_is_listed_and_its_texts_are_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    context = searched(capsys)
    assert found(context, "", 0, False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "number",
        "task",
        "size",
        "made",
        "by",
        "of",
        "right",
        "on",
        "after",
    ]
    assert re.fullmatch(r"found: \d+ programs for 2 tasks, of 1 runs", lines[-1])
    assert found(context, "bbbbbbbb", 1, True) == 0
    texts = capsys.readouterr().out.split("# number")[1:]
    assert texts
    for text in texts:
        program = parse(text.partition("\n")[2])
        assert all(outcome(program, s.input) == s.output for s in TASKS["bbbbbbbb"].train)
    assert found(context, "", 7, False) == 2
    assert "no run 7; there are 1" in capsys.readouterr().err


def test_a_program_is_adopted_and_says_where_it_is_from(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context = searched(capsys)
    assert adopt(context, ["aaaaaaaa"], "") == 0
    assert capsys.readouterr().out == ("own/aaaaaaaa.py: written (right on all 2 train samples)\n")
    text = (tree / "own/aaaaaaaa.py").read_text()
    assert re.match(
        r"# Found by `doit search`, as program \d+: right on all 2 train samples\.\n", text
    )
    assert "def solve_aaaaaaaa(I):\n    x1 = vmirror(I)\n    return x1\n" in text
    assert adopt(context, ["aaaaaaaa"], "own") == 0
    (second,) = (tree / "own").glob("aaaaaaaa__found*.py")
    assert f"def solve_{second.stem}(I):" in second.read_text()
    assert adopt(context, ["aaaaaaaa"], "own") == 2
    assert "is there already" in capsys.readouterr().err


def test_fresh_samples_are_tried_where_there_are_any(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopting, "published", lambda cache: Generated())
    monkeypatch.setattr(adopting, "FRESH", 3)
    context = searched(capsys)
    assert adopt(context, ["aaaaaaaa"], "own") == 0
    assert "on 2 of 3 fresh ones" in capsys.readouterr().out
    assert "on 2 of 3 fresh ones" in (tree / "own/aaaaaaaa.py").read_text()
    assert found(context, "aaaaaaaa", 0, False) == 0
    assert "2 train, 2 of 3 fresh" in capsys.readouterr().out


def test_what_is_no_longer_right_is_not_adopted(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context = searched(capsys)
    plain = json.loads((tree / "tasks.json").read_text())
    plain["aaaaaaaa"]["train"][0]["output"] = [[9]]
    (tree / "tasks.json").write_text(json.dumps(plain))
    assert adopt(context, ["aaaaaaaa"], "own") == 1
    assert "is no longer right" in capsys.readouterr().err
    assert not (tree / "own/aaaaaaaa.py").exists()


def test_what_is_not_there_is_not_adopted(capsys: pytest.CaptureFixture[str]) -> None:
    context = searched(capsys)
    for words, into, said in (
        ([], "", "which programs?"),
        (["999"], "", "nothing is found that is called '999'"),
        (["aaaaaaaa"], "nowhere", "nowhere is no folder"),
    ):
        assert adopt(context, words, into) == 2
        assert said in capsys.readouterr().err


RUN = (
    "from pipeline.commands.search import *; from pipeline.config.context import Context;"
    "from pipeline.search import loop;"
    "loop.Pace = lambda: replace(Pace(), crossed=1, enumerated=100, programs=50, enough=30);"
    f"search(Context.of(), SearchOptions({DATA}, programs=2_500, threads=1, resume=True))"
).replace("loop;", "loop; from dataclasses import replace; from pipeline.search.loop import Pace;")


def ended(folder: Path) -> list[tuple[str, str]]:
    store = Store(folder / ".cache/search")
    assert store.runs()[-1].ended
    programs = store.found()
    store.close()
    return [(program.task, program.text) for program in programs]


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGINT, marks=pytest.mark.long("three processes, as the other")),
    ],
)
def test_a_search_that_is_killed_goes_on_to_the_same_result(how: int, tree: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", RUN]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    whole = ended(tree)
    base = tree / ".cache/search/search.db"
    for path in base.parent.glob("search.db*"):
        path.unlink()
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if base.exists() and steps_in(tree) >= 2:
            break
        time.sleep(0.01)
    process.send_signal(how)
    process.wait()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert ended(tree) == whole


def steps_in(folder: Path) -> int:
    store = Store(folder / ".cache/search")
    runs = store.runs()
    store.close()
    return runs[-1].step if runs else 0
