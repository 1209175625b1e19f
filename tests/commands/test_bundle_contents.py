"""What of a project goes into a bundle, and what of the records."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.bundle import contents
from pipeline.commands.bundle.contents import (
    carry,
    carry_project,
    files_of_project,
    portable_records,
    remove_others,
    stored_as,
)
from pipeline.commands.bundle.destination import CannotBundle
from pipeline.config.config import Cache, Config
from pipeline.system.records import FileRow, Piece, Records, UnitRow

OWN = [["own", "solvers"], ["re-arc", ".cache/corpora/re-arc.py"]]
FILES = (
    *("config.yaml", "pipeline/x.py", "solvers/a.py", "solvers/new.py", "ignored/b.py"),
    *("generated/solvers/own/a.py", "generated/solvers/own/a.map.json", "generated/batt.py"),
    *("generated/batt.map.json", "generated/batt.json", "generated/results/check.json"),
    *("generated/batt.image",),
    *(".cache/corpora/re-arc.py", ".cache/data/arc1-train.json", ".cache/kernels/x.o"),
    *(
        ".hidden",
        "out/bundle.json",
        "older/wheels.json",
        "older/a/b.py",
        "generated/solvers/own/.tmp-1-2",
    ),
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that git knows, with every kind of file."""
    root = tmp_path / "project"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / ".gitignore").write_text("generated/\n.cache/\nignored/\n")
    monkeypatch.chdir(root)
    subprocess.run(["git", "init", "--quiet"], check=True)
    subprocess.run(["git", "add", "pipeline", "solvers/a.py"], check=True)
    return root


def refusal(config: Config, corpora: list[list[str]]) -> str:
    with pytest.raises(CannotBundle) as caught:
        files_of_project(config, corpora, (), Path("out"))
    return str(caught.value)


@pytest.mark.usefixtures("project")
def test_what_git_knows_and_what_was_built_is_carried() -> None:
    found = files_of_project(Config(), OWN, (), Path("out"))
    assert found == [
        *(".cache/corpora/re-arc.py", ".cache/data/arc1-train.json", "config.yaml"),
        *("generated/batt.image", "generated/batt.json", "generated/batt.map.json"),
        "generated/batt.py",
        *("generated/solvers/own/a.map.json", "generated/solvers/own/a.py"),
        *("pipeline/x.py", "solvers/a.py", "solvers/new.py"),
    ]


@pytest.mark.usefixtures("project")
def test_a_corpus_is_carried_whether_git_knows_it_or_not() -> None:
    Path("pipeline/x.py").unlink()
    found = files_of_project(Config(), [["mine", "ignored"]], (), Path("out").absolute())
    assert ("ignored/b.py" in found, "pipeline/x.py" in found) == (True, False)
    assert not [name for name in found if name.startswith("out/")]


@pytest.mark.usefixtures("project")
def test_data_sets_of_ones_own_are_carried() -> None:
    for name in ("first.json", "second_challenges.json", "second_solutions.json", "third/a.json"):
        Path("ignored", name).parent.mkdir(exist_ok=True)
        Path("ignored", name).write_text("{}")
    config = Config(data=("arc1-train", "ignored/first.json"))
    asked = ("ignored/second_challenges.json", "ignored/third")
    found = files_of_project(config, OWN, asked, Path("out"))
    assert [name for name in found if name.startswith("ignored/")] == [
        *("ignored/first.json", "ignored/second_challenges.json"),
        *("ignored/second_solutions.json", "ignored/third/a.json"),
    ]
    assert refusal(Config(data=("/else/tasks.json",)), OWN) == (
        "config.yaml: data is /else/tasks.json, outside of the project: "
        "put it inside, with a path from its root"
    )


@pytest.mark.usefixtures("project")
def test_a_path_out_of_the_project_leads_nowhere_in_a_bundle() -> None:
    assert refusal(Config(), [["mine", "/else/where"]]) == (
        "config.yaml: corpora.mine is /else/where, outside of the project: "
        "put it inside, with a path from its root"
    )
    assert refusal(Config(cache=Cache(dir="a/../../cache")), OWN) == (
        "config.yaml: cache.dir is a/../../cache, outside of the project: "
        "put it inside, with a path from its root"
    )


def test_without_git_it_says_what_git_is_needed_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    said = refusal(Config(), OWN)
    assert said.startswith("git says which files are the project's, and fails here: fatal: not a g")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(Config(), OWN) == ("git says which files are the project's, and it is missing")


def test_no_stored_name_begins_with_a_dot() -> None:
    assert stored_as(".cache/.x/a.py") == "project/dot-cache/dot-x/a.py"
    assert stored_as("pipeline/x.py") == "project/pipeline/x.py"


@pytest.mark.usefixtures("project")
def test_what_is_there_as_it_is_is_not_written_again(tmp_path: Path) -> None:
    output = tmp_path / "bundle"
    counted: list[int] = []
    first = carry_project(output, ["config.yaml", "solvers/a.py"], b"records", counted.append)
    assert ([row.stored for row in first], counted) == (
        ["project/config.yaml", "project/solvers/a.py", "project/dot-doit.db"],
        [1, 1],
    )
    times = {path: path.stat().st_mtime_ns for path in output.rglob("*")}
    Path("config.yaml").write_text("other")
    second = carry_project(output, ["config.yaml", "solvers/a.py"], b"records", counted.append)
    assert [old == new for old, new in zip(first, second, strict=True)] == [False, True, True]
    changed = [p.name for p, then in times.items() if p.stat().st_mtime_ns != then and p.is_file()]
    assert changed == ["config.yaml"]


def test_what_does_not_belong_there_goes_with_its_folders(tmp_path: Path) -> None:
    for name in ("a/b/c/old.py", "a/b/kept.py", "a/.tmp-1"):
        carry(tmp_path, "", b"x", f"project/{name}")
    (tmp_path / "project/link").symlink_to(tmp_path)
    (tmp_path / "project/empty/too").mkdir(parents=True)
    (tmp_path / "beside").write_text("x")
    remove_others(tmp_path, "project", ["project/a/b/kept.py"])
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
    assert left == ["beside", "project", "project/a", "project/a/b", "project/a/b/kept.py"]


def filled(path: Path, names: list[str], stamp: int) -> Records:
    """Records of solvers, written in this order with this stamp."""
    records = Records(str(path), lambda text: None)
    key = ("own", "solvers/a.py")
    pieces = [Piece(name, k, "input") for k, name in enumerate(sorted(names))]
    records.save_files({key: (FileRow(stamp, "digest", None), pieces)}, ())
    for name in names:
        row = UnitRow(name, "input", "env", "code", "map", stamp, stamp, None)
        records.save_units([row])
    facts: dict[str, Any] = {
        "link": {"key": "k", "files": {"generated/batt.py": [stamp, "digest"]}},
        "code": {name: [stamp, "digest"] for name in ("pipeline/x.py", "pipeline/gone.py")},
        "index": "env",
        "check": {"key": "k", "files": {}},
        "kernels": {"key": "k", "files": {".cache/kernels/x.o": [stamp, "digest"]}},
    }
    for name in sorted(facts, reverse=stamp % 2 == 0):
        records.save_fact(name, facts[name])
    return records


@pytest.mark.usefixtures("project")
def test_the_records_are_the_same_bytes_wherever_they_were_made(tmp_path: Path) -> None:
    first = filled(tmp_path / "one.db", ["own/a", "own/b"], 17)
    second = filled(tmp_path / "two.db", ["own/b", "own/a"], 18)
    data = portable_records(first)
    assert portable_records(second) == data
    (tmp_path / "carried.db").write_bytes(data)
    found = Records(str(tmp_path / "carried.db"), lambda text: None)
    assert found.facts() == {
        "code": {"pipeline/x.py": [0, "digest"]},
        "index": "env",
        "link": {"key": "k", "files": {"generated/batt.py": [0, "digest"]}},
    }
    assert found.files() == {("own", "solvers/a.py"): FileRow(0, "digest", None)}
    assert found.pieces() == first.pieces()
    assert {row[5:7] for row in found.units().values()} == {(0, 0)}
    assert list(found.units()) == ["own/a", "own/b"]


def test_every_fact_is_one_that_the_records_know() -> None:
    assert set(contents.FACTS) & {"check", "matrix", "stress", "kernels"} == set()
