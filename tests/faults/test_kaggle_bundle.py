"""`doit kaggle_bundle` in a tree of its own, and the notebook of a bundle that has all wheels."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.bundle import wheels
from pipeline.commands.bundle.arc_bundle import BundleError, opened
from pipeline.commands.bundle.destination import CannotBundle, Destination
from pipeline.commands.bundle.kaggle_bundle import HERE, PLATFORM
from pipeline.commands.bundle.requirements import read_project, wanted_by
from pipeline.system.lock import BuildLock
from tests.faults.checked import checked_tree, run
from tests.faults.test_submission import PRINTED as SUBMISSION
from tests.faults.tree import Tree
from tests.notebooks import executed, without_network
from tests.project import PROJECT
from tests.tiny_wheels import index_only, make_wheel, no_network

WHEELS = PROJECT / ".cache" / "bundle-tests"
TINY = """\
[build-system]
requires = ["backend"]
[project]
name = "tiny"
version = "1"
requires-python = ">=3.11"
dependencies = ["alpha"]
[project.optional-dependencies]
cuda12 = ["gpu"]
"""
BUILT = "generate: 2 up to date\nlink: up to date\n"
MADE = f"""\
part  files  size
wheels  N  N
sources  N  N
generated  N  N
data, corpora, records  N  N
kaggle_bundle: generated/kaggle (N): Python {HERE}, no CUDA, {PLATFORM}; FETCHED (T s)
"""
CHECKED = """\
corpus  solvers  right  wrong  error  over_budget  broken  samples right
own           2      2      0      0            0       0         4 of 4
check: 2 of 2 tasks solved, 4 of 4 samples right (cpu, T s)
"""
MATRIX = """\
data        tasks  right on train  by own  by others  on test too  lanes  right  wrong  error  \
over_budget
arc1-train      2               2       2          0            2      8      4      4      0  \
          0
matrix: 2 solvers on 4 samples, 2 of them different (cpu, T s, N lanes/s)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree of two right solvers, as git knows it, with what an installation asks for."""
    made = checked_tree(tmp_path / "tree", ("34/12", "34/32"), tests=True)
    for name in ("README.md", ".gitignore"):
        shutil.copy(PROJECT / name, made.root)
    subprocess.run(["git", "init", "--quiet"], cwd=made.root, check=True)
    return made


@pytest.fixture
def index(tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of the two wheels that the tree's project needs."""
    (tree.root / "pyproject.toml").write_text(TINY)
    folder = tmp_path / "index"
    for name in ("alpha", "backend"):
        make_wheel(folder, name, "1")
    index_only(monkeypatch, folder)
    return folder


@pytest.fixture
def cpu_wheels() -> Path:
    """All wheels of a bundle without CUDA for this Python, fetched once and kept in `.cache`."""
    target = Destination(HERE, PLATFORM, "none")
    wanted = wanted_by(read_project((PROJECT / "pyproject.toml").read_bytes()), target)
    WHEELS.mkdir(parents=True, exist_ok=True)
    lock = BuildLock(str(WHEELS / "tests.lock"), lambda text: None)
    lock.acquire()
    try:
        found = wheels.choose(WHEELS, wanted, target)
        missing = wheels.lacking(found, WHEELS / wheels.FOLDER)
        wheels.fetch(missing, WHEELS / wheels.FOLDER, target, lambda count: None)
    except CannotBundle as error:
        if "can't be reached" in str(error):
            pytest.skip(str(error))
        raise
    finally:
        lock.release()
    return WHEELS


def bundled(tree: Tree, *words: str, status: int = 0) -> str:
    """What the command prints, without sizes, times, numbers of files and progress."""
    said = run(tree, "kaggle_bundle", "--cuda", "none", *words, status=status)
    said = re.sub(r"^.* s left\n", "", said, flags=re.MULTILINE)
    said = re.sub(r"[\d.]+ (KiB|MiB|bytes)", "N", said)
    return re.sub(r" {2,}\d+ {2,}N$", "  N  N", re.sub(r" {3,}", "  ", said), flags=re.MULTILINE)


def states(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file with what changes when it is written."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in files
    }


@pytest.mark.usefixtures("index")
def test_a_second_bundle_writes_nothing_and_asks_nobody(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = bundled(tree)
    assert said.endswith(MADE.replace("FETCHED", "2 of 2 wheels fetched"))
    before = states(tree.root / "generated/kaggle")
    no_network(monkeypatch)
    assert bundled(tree) == BUILT + MADE.replace("FETCHED", "0 of 2 wheels fetched")
    assert states(tree.root / "generated/kaggle") == before
    opened(tree.root / "generated/kaggle")


@pytest.mark.usefixtures("index")
def test_what_changed_and_what_is_gone_is_brought_up_to_date(tree: Tree) -> None:
    bundled(tree)
    folder = tree.root / "generated/kaggle"
    before = states(folder)
    tree.write(tree.idents[0], "vmirror")
    tree.source(tree.idents[1]).unlink()
    (folder / "wheels/alpha-1-py3-none-any.whl").write_bytes(b"cut short")
    (folder / "wheels/stray-1-py3-none-any.whl").write_bytes(b"stray")
    assert "; 1 of 2 wheels fetched" in bundled(tree)
    opened(folder)
    after = states(folder)
    gone = {name for name in before if name not in after}
    ident = tree.idents[1]
    assert gone == {
        f"project/{name}"
        for name in (
            f"solvers/{ident}.py",
            f"generated/solvers/own/{ident}.py",
            f"generated/solvers/own/{ident}.map.json",
        )
    }
    assert "wheels/stray-1-py3-none-any.whl" not in after
    kept = {"project/dodo.py", "wheels.json", "arc_bundle.py", "wheels/backend-1-py3-none-any.whl"}
    assert all(before[name] == after[name] for name in kept)


def test_an_interrupted_bundle_is_completed(tree: Tree, index: Path) -> None:
    (index / "backend-1-py3-none-any.whl").rename(index / "hidden")
    wanted = ["alpha", "backend"]
    said = bundled(tree, status=1)
    assert said.endswith(
        "pip: Could not find a version that satisfies the requirement backend "
        "(from versions: none)\n  No matching distribution found for backend\n"
        "kaggle_bundle: ended with status 1\n"
    )
    (index / "hidden").rename(index / "backend-1-py3-none-any.whl")
    folder = tree.root / "generated/kaggle"
    chosen = wheels.choose(folder, wanted, Destination(HERE, PLATFORM, "none"))
    question = json.loads((folder / "wheels.json").read_text())["question"]
    assert question["requirements"] == wanted
    wheels.fetch(chosen[:1], folder / "wheels", Destination(HERE, PLATFORM, "none"), lambda n: None)
    (folder / "project").mkdir()
    (folder / "project/.tmp-1-2").write_bytes(b"half a file")
    (folder / "wheels/.tmp-killed").mkdir()
    with pytest.raises(BundleError, match="no complete bundle"):
        opened(folder)
    bundled(tree)
    assert not list(folder.rglob(".tmp-*"))
    opened(folder)


def test_without_a_network_nothing_is_begun(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    no_network(monkeypatch)
    assert bundled(tree, status=1).endswith(
        "the package index can't be reached: run again with the network up\n"
        "kaggle_bundle: ended with status 1\n"
    )
    assert not (tree.root / "generated/kaggle").exists()


@pytest.mark.usefixtures("index")
def test_wrong_questions_have_status_2(tree: Tree) -> None:
    run(tree, "link", "data")
    (tree.root / "mine").mkdir()
    (tree.root / "mine/letter").write_text("dear")
    for words, said in (
        (("--capability", "7.5"), "--capability takes the packages of CUDA: not with --cuda none"),
        (("--cuda", "11"), "no CUDA version '11'; there are 12, none"),
        (("--python", "2"), "--python takes a version like 3.11, not '2'"),
        (("--data", "arc3"), "no data set 'arc3'; there are arc1-train, arc1-eval, "),
        (("--output", "mine"), "mine is not empty, and no bundle: choose another --output"),
        (("--output", "dodo.py"), "dodo.py is no folder"),
    ):
        assert said in bundled(tree, *words, status=2)
    assert (tree.root / "mine/letter").read_text() == "dear"


@pytest.mark.usefixtures("index")
def test_kernels_without_the_python_that_compiles_them_fetch_nothing(tree: Tree) -> None:
    said = run(tree, "kaggle_bundle", "--python", "3.98", "--capability", "7.5", status=1)
    assert said.endswith(
        "kernels are compiled by the Python of the bundle, and there is no python3.98 here: "
        "install it, or leave out --capability\nkaggle_bundle: ended with status 1\n"
    )
    assert not (tree.root / "generated/kaggle").exists()


@pytest.mark.usefixtures("index")
def test_clean_removes_the_bundle(tree: Tree) -> None:
    bundled(tree)
    run(tree, "clean", "kaggle_bundle")
    assert not (tree.root / "generated/kaggle").exists()


def cells(notebook: Any) -> dict[str, str]:
    """What each cell printed, without times and progress, and what ended it."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            parts = [out.get("text") or out.get("evalue", "") for out in cell.outputs]
            text = re.sub(r"^.* s left\n", "", "".join(parts), flags=re.MULTILINE)
            found[cell.id] = re.sub(r"\b[\d.]+ s\b", "T s", text)
    return found


def test_what_executes_notebooks_here_has_no_network() -> None:
    if not without_network():
        pytest.skip("this system lets nobody be without a network: dead proxies must do")
    command = [*without_network(), "cat", "/proc/net/dev"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split(":")[0].strip() for line in lines[2:]] == ["lo"]


@pytest.mark.usefixtures("index")
def test_a_damaged_bundle_ends_its_notebook_at_the_first_cell(tree: Tree, tmp_path: Path) -> None:
    bundled(tree)
    folder = tree.root / "generated/kaggle"
    (folder / "wheels/alpha-1-py3-none-any.whl").write_bytes(b"cut short")
    found = cells(executed(folder / "arc-battery.ipynb", tmp_path / "work"))
    assert found.pop("find") == (
        f"{folder} is damaged, wheels/alpha-1-py3-none-any.whl is changed: "
        "copy or upload the bundle again"
    )
    assert set(found.values()) == {""}
    assert not (tmp_path / "work").exists()
    (folder / "arc_bundle.py").unlink()
    found = cells(executed(folder / "arc-battery.ipynb", tmp_path / "work"))
    assert found["find"] == (
        "there is no bundle next to this notebook or under /kaggle/input: attach it (Add Input)"
    )


@pytest.mark.long("it installs every wheel: what a notebook calls is in tests/commands, one by one")
def test_the_notebook_runs_offline_from_a_copy_of_the_bundle(
    tree: Tree, cpu_wheels: Path, tmp_path: Path
) -> None:
    shutil.copytree(cpu_wheels, tree.root / "generated/kaggle")
    (tree.root / "generated/kaggle/tests.lock").unlink()
    count = len(list((cpu_wheels / "wheels").glob("*.whl")))
    assert f"; 0 of {count} wheels fetched" in bundled(tree)
    folder, work = tmp_path / "elsewhere", tmp_path / "work"
    shutil.copytree(tree.root / "generated/kaggle", folder)
    shutil.rmtree(tree.root)
    found = cells(executed(folder / "arc-battery.ipynb", work))
    assert found["find"].startswith(f"{folder}: all ")
    assert found["install"] == (
        f"copying the project to {work}/project\ninstalling {count} wheels into {work}/env\n"
    )
    assert found["gpu"].startswith(f"$ doit gpu_report\n{BUILT}failed   packages: numba ")
    assert found["gpu"].endswith("the battery runs on: the rest runs on the CPU.\n")
    kernels = r"kernels: done \((\d+) used, \1 compiled in T s\)\n"
    check = re.sub(kernels, "", found["check"], count=1)
    assert check == f"$ doit check_batt --device cpu\n{BUILT}{CHECKED}"
    assert found["data"] == "no competition is attached: the tasks are those of arc1-train\n"
    matrix = re.sub(r"[\d,]+ lanes/s", "N lanes/s", found["matrix"])
    assert matrix == f"$ doit matrix --data arc1-train --device cpu\n{BUILT}{MATRIX}"
    submission = f"$ doit submission --data arc1-train --device cpu\n{BUILT}{SUBMISSION}"
    place = folder / "submission.json"
    size = place.stat().st_size
    said = f"\n{place}: 2 tasks of arc1-train, {size} bytes\n"
    assert found["submission"] == submission + said
    assert sorted(json.loads(place.read_text())) == ["a0000000", "a0000001"]
