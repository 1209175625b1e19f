"""The command `agree`: random lanes of a small battery, interpreted and compiled."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.commands import agree
from pipeline.config.context import Context
from pipeline.data.tasks import DataError
from pipeline.trust.agreement.lanes import random_lanes
from tests.battery.small import BODIES, FLIP, compiled, lay_out, write_battery
from tests.extracted import extract_all
from tests.programs_text import text_of
from tests.project import CACHE, PROJECT

CONFIG = """\
corpora: {own: {path: own}, re-arc: {path: re-arc}}
memory_mib: 64
budget: {elements: 9}
"""
MIRROR = "67a3c6ac"
"""A task of which there is a generator; it wants its grid mirrored."""

WRONG = BODIES | {f"own/{FLIP}": "vmirror(I)"}


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with solvers, and what they are linked to."""
    extract_all()
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, CONFIG)
    Path(".cache").mkdir(exist_ok=True)
    Path(".cache/data").symlink_to(CACHE / "data")
    for kept in (agree._prepared, agree._layout):
        kept.cache_clear()
    yield tmp_path
    for kept in (agree._prepared, agree._layout):
        kept.cache_clear()


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_agrees_is_counted(capsys: Any, jobs: int) -> None:
    assert agree.agree(Context.of(), 450, 1, jobs) == 0
    *counts, last = capsys.readouterr().out.splitlines()
    assert last.startswith("agree: 450 lanes, 0 mismatches, ")
    assert {line.split()[0] for line in counts} == {"ok", "error", "over_budget"}
    assert sum(int(line.split()[-2]) for line in counts) == 450


@pytest.fixture
def generated(tree: Path) -> None:
    """A battery whose task has a generator; what is drawn is kept where other tests keep theirs."""
    for name in ("downloads", "stress"):
        (PROJECT / ".cache" / name).mkdir(parents=True, exist_ok=True)
        Path(f".cache/{name}").symlink_to(PROJECT / ".cache" / name)
    (tree / f"own/{MIRROR}.py").write_text(text_of("vmirror(I)", MIRROR))
    compiled(write_battery(tree / "generated" / "batt.py", {f"own/{MIRROR}": "vmirror(I)"}))


def test_generated_samples_agree(generated: None, capsys: Any) -> None:
    assert agree.agree(Context.of(), 1, 5, 1, stress=3) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("agree: 3 lanes, 0 mismatches, ")


def test_where_there_is_nothing_to_compare_nothing_agrees(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    compiled(write_battery(tree / "generated" / "batt.py", {"own/ffffffff": "I"}))
    (tree / ".cache").mkdir(exist_ok=True)
    for name in ("corpora", "downloads"):
        Path(f".cache/{name}").symlink_to(PROJECT / ".cache" / name)
    assert agree.agree(Context.of(), 1, 5, 1, stress=3) == 2
    assert capsys.readouterr().err == "no generator has a task of the 1 solvers\n"
    monkeypatch.setattr(agree, "compiled_battery", lambda context: SimpleNamespace(solvers=()))
    assert agree.agree(Context.of(), 5, 1) == 2
    assert capsys.readouterr().err.startswith("the battery has no solver")


def test_damaged_data_is_told_before_any_process_starts(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "mine.json").write_text("{")
    with open("config.yaml", "a") as file:
        file.write("data: [./mine.json]\n")
    monkeypatch.setattr(agree, "_run", None)
    with pytest.raises(DataError, match=r"mine\.json:1:2: not JSON"):
        agree.agree(Context.of(), 5, 1)


def test_a_generated_sample_that_does_not_agree_is_told(
    generated: None, tree: Path, capsys: Any
) -> None:
    compiled(write_battery(tree / "generated" / "batt.py", {f"own/{MIRROR}": "I"}))
    assert agree.agree(Context.of(), 1, 5, 1, stress=3) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"MISMATCH: own/{MIRROR} on {MIRROR} generated[0]" in lines


def test_what_does_not_agree_is_told(tree: Path, capsys: Any) -> None:
    compiled(write_battery(tree / "generated" / "batt.py", WRONG))
    assert agree.agree(Context.of(), 60, 1, 1) == 1
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if line.startswith("MISMATCH: ")]
    assert told
    assert all(line.startswith(f"MISMATCH: own/{FLIP} on arc1-train/") for line in told)
    assert any(line.startswith("  interpreted: ((") for line in lines)
    assert f" {len(told) // 2} mismatches, " in lines[-1]


@pytest.mark.parametrize(("lanes", "jobs", "stress"), [(0, 1, 0), (100, -1, 0), (100, 1, -1)])
def test_a_question_without_an_answer_is_refused(
    capsys: Any, lanes: int, jobs: int, stress: int
) -> None:
    assert agree.agree(Context.of(), lanes, 0, jobs, stress) == 2
    assert "takes a number of lanes" in capsys.readouterr().err


def test_random_lanes_are_different_and_follow_from_the_seed() -> None:
    wanted = random_lanes(random.Random(3), 7, 11, 40)
    assert (
        wanted
        == random_lanes(random.Random(3), 7, 11, 40)
        != random_lanes(random.Random(4), 7, 11, 40)
    )
    assert len(wanted) == 7
    assert sum(len(set(lanes)) for lanes in wanted) == 40
    assert all(lanes == sorted(lanes) and set(lanes) <= set(range(11)) for lanes in wanted)
    assert random_lanes(random.Random(1), 2, 3, 6) == [[0, 1, 2], [0, 1, 2]]
