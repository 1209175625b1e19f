"""What works in the bundle: what it accepts, how it installs, and what ends a notebook."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.bundle import arc_bundle
from pipeline.commands.bundle.arc_bundle import BundleError, Installed, opened
from pipeline.commands.bundle.contents import carry
from pipeline.system.stamp import digest
from tests.tiny_wheels import make_wheel

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
OTHER = "3.4"
PYPROJECT = """\
[build-system]
requires = ["tiny_backend"]
build-backend = "tiny_backend"
"""
BACKEND = """\
import zipfile
LINES = ("Metadata-Version: 2.1", "Name: tiny", "Version: 1", "Provides-Extra: more",
         "Requires-Dist: dep", "Requires-Dist: extra_dep; extra == 'more'", "")
def build_editable(folder, settings=None, metadata=None):
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as archive:
        archive.writestr("tiny-1.dist-info/METADATA", "\\n".join(LINES))
        archive.writestr("tiny-1.dist-info/WHEEL",
                         "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr("tiny-1.dist-info/RECORD", "")
    return name
build_wheel = build_editable
"""
DOIT = """\
import os, sys
import dep, extra_dep
print("doit", *sys.argv[1:], "in", os.path.basename(os.getcwd()))
print("planted words of stderr", file=sys.stderr)
print(*[name for name in os.environ if name.startswith(("PIP_", "PYTHON"))])
os.makedirs("generated/results", exist_ok=True)
words = sys.argv[1:]
if words[0] == "submission":
    open("generated/submission.json", "w").write('{"a": [], "b": []}')
if words[0] == "gpu_report":
    kind = open("gpu").read().strip()
    if kind != "crash":
        open("generated/results/gpu.json", "w").write("{}")
    sys.exit({"ok": 0, "none": 1, "crash": 1, "wrong": 2}[kind])
sys.exit(3 if words[0] == "broken" else 0)
"""


def make_bundle(output: Path) -> Path:
    """A bundle of a project of three files, with three wheels."""
    files = {"pyproject.toml": PYPROJECT, "gpu": "none\n", ".cache/data/x.json": "{}\n"}
    carried = [carry(output, path, text.encode()) for path, text in files.items()]
    made = [make_wheel(output / "wheels", "tiny_backend", "1", code=BACKEND)]
    made += [make_wheel(output / "wheels", name, "1") for name in ("dep", "extra_dep")]
    wheels = [{"stored": f"wheels/{p.name}", "sha256": digest(p.read_bytes())} for p in made]
    facts = {"python": HERE, "machine": arc_bundle.platform.machine(), "cuda": "none"}
    facts |= {"extra": "[more]", "kept": ".cache/kernels", "requires_python": ">=3.3"}
    files_json = [row.to_json() for row in carried]
    write_facts(output, {**facts, "wheels": wheels, "files": files_json})
    return output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle of its own."""
    return make_bundle(tmp_path / "bundle")


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    (folder / "bundle.json").write_text(json.dumps(facts))


def facts_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "bundle.json").read_text())
    return found


def refusal(folder: Path) -> str:
    """Why a bundle is refused, with `B` for its folder."""
    with pytest.raises(BundleError) as caught:
        opened(folder)
    return str(caught.value).replace(str(folder), "B")


@pytest.fixture(scope="module")
def installed_once(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A bundle, installed."""
    root = tmp_path_factory.mktemp("installed")
    return opened(make_bundle(root / "bundle")).install(root / "work")


@pytest.fixture
def installed(installed_once: Installed, capsys: pytest.CaptureFixture[str]) -> Installed:
    """An installed bundle where nothing has run, with a `doit` that says what it was told."""
    project = installed_once.project
    shutil.rmtree(project / "generated", ignore_errors=True)
    (project / "gpu").write_text("none\n")
    (project / "doit.py").write_text(DOIT)
    capsys.readouterr()
    return Installed(project, installed_once.python)


def test_a_whole_bundle_is_accepted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened(folder)
    said = f"{folder}: all 6 files are there, for Python {HERE}, without CUDA\n"
    assert capsys.readouterr().out == said
    write_facts(folder, {**facts_of(folder), "cuda": "12"})
    opened(folder)
    assert capsys.readouterr().out.endswith(", with the packages of CUDA 12\n")


def test_a_bundle_for_another_python_says_how_to_get_one_for_this(folder: Path) -> None:
    write_facts(folder, {**facts_of(folder), "python": OTHER})
    assert refusal(folder) == (
        f"this notebook runs Python {HERE}, and the bundle is for Python 3.4: "
        f"make one with `doit kaggle_bundle --python {HERE}`, "
        "or choose an environment with Python 3.4"
    )
    write_facts(folder, {**facts_of(folder), "python": "3.98", "requires_python": ">=3.97,<4"})
    assert refusal(folder) == (
        f"this notebook runs Python {HERE}, and the bundle is for Python 3.98: "
        "the project needs Python >=3.97,<4, so choose an environment with Python 3.98"
    )


def test_a_bundle_for_another_machine_is_refused(folder: Path) -> None:
    here = facts_of(folder)["machine"]
    write_facts(folder, {**facts_of(folder), "machine": "s390x"})
    assert refusal(folder) == f"this is linux on {here}, and the bundle is for linux on s390x"


def test_a_bundle_that_was_not_completed_is_refused(folder: Path) -> None:
    (folder / "bundle.json").write_text('{"python": ')
    assert refusal(folder) == "B/bundle.json is damaged: copy the bundle again"
    (folder / "bundle.json").unlink()
    assert refusal(folder) == (
        "B is no complete bundle, bundle.json is missing: it was interrupted, or not all of it "
        "was copied: make it again, upload it again"
    )


def test_a_missing_and_a_changed_file_are_named(folder: Path) -> None:
    wheel = folder / "wheels/extra_dep-1-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    assert refusal(folder) == (
        "B is damaged, wheels/extra_dep-1-py3-none-any.whl is changed: "
        "copy or upload the bundle again"
    )
    wheel.unlink()
    assert refusal(folder) == (
        "B is damaged, wheels/extra_dep-1-py3-none-any.whl is missing: "
        "copy or upload the bundle again"
    )
    for path in (folder / "project").rglob("*"):
        if path.is_file():
            path.unlink()
    assert refusal(folder) == (
        "B is damaged, wheels/extra_dep-1-py3-none-any.whl, project/pyproject.toml, project/gpu "
        "and 1 more are missing: copy or upload the bundle again"
    )


def test_the_project_is_copied_with_its_own_names_and_an_environment(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, work = opened(folder), tmp_path / "work"
    capsys.readouterr()
    found = bundle.install(work)
    steps = f"copying the project to {work}/project\n"
    assert capsys.readouterr().out == f"{steps}installing 3 wheels into {work}/env\n"
    assert (found.project / ".cache/data/x.json").read_text() == "{}\n"
    kept = found.project / ".cache/kernels/x.o"
    kept.parent.mkdir()
    kept.write_text("compiled")
    (found.project / "gpu").write_text("edited")
    (found.project / "other").write_text("of an earlier bundle")
    bundle.install(work)
    assert capsys.readouterr().out == steps
    assert ((found.project / "gpu").read_text(), kept.read_text()) == ("none\n", "compiled")
    assert not (found.project / "other").exists()
    code = "import dep, extra_dep, sys; print(sys.prefix)"
    done = subprocess.run([found.python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{work}/env\n"


def test_where_a_wheel_is_missing_the_words_of_pip_are_shown(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    facts = facts_of(folder)
    gone = [row for row in facts["wheels"] if "extra_dep" in row["stored"]]
    (folder / gone[0]["stored"]).unlink()
    facts["wheels"].remove(gone[0])
    write_facts(folder, facts)
    index = tmp_path / "index"
    make_wheel(index, "extra_dep", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))  # which counts for nothing
    with pytest.raises(BundleError, match=r"pip .* ended with status 1, see above"):
        opened(folder).install(tmp_path / "work")
    said = capsys.readouterr().out
    assert "No matching distribution found for extra_dep" in said
    with pytest.raises(BundleError):  # what was not completed does not pass for it
        opened(folder).install(tmp_path / "work")


def test_doit_runs_in_the_copy_and_is_heard(
    installed: Installed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/planted")
    monkeypatch.setenv("PIP_INDEX_URL", "planted")
    installed.doit("matrix", "--data", "a")
    assert capsys.readouterr().out == (
        "$ doit matrix --data a\ndoit matrix --data a in project\nplanted words of stderr\n"
        "PIP_CONFIG_FILE PYTHONUNBUFFERED PYTHONNOUSERSITE\n"
    )


def test_a_command_that_fails_ends_the_notebook_with_its_words_shown(
    installed: Installed, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BundleError) as caught:
        installed.doit("broken", "x")
    assert str(caught.value) == "`doit broken x` ended with status 3, see above"
    assert "planted words of stderr" in capsys.readouterr().out


def test_without_a_gpu_the_cpu_goes_on(
    installed: Installed, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.look_for_gpu()
    assert installed.device == ["--device", "cpu"]
    said = capsys.readouterr().out
    assert said.endswith("\nThere is no GPU that the battery runs on: the rest runs on the CPU.\n")
    (installed.project / "gpu").write_text("ok")
    installed.look_for_gpu()
    assert installed.device == []
    assert "There is no GPU" not in capsys.readouterr().out


@pytest.mark.parametrize(("kind", "status"), [("crash", 1), ("wrong", 2)])
def test_a_report_that_could_not_be_made_ends_the_notebook(
    installed: Installed, kind: str, status: int
) -> None:
    installed.look_for_gpu()  # leaves a report, which must not pass for the next one
    (installed.project / "gpu").write_text(kind)
    with pytest.raises(BundleError) as caught:
        installed.look_for_gpu()
    assert str(caught.value) == f"`doit gpu_report` ended with status {status}, see above"


def test_the_tasks_are_those_of_a_competition_if_one_is_attached(
    installed: Installed,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arc_bundle, "INPUT", tmp_path)
    assert installed.tasks("arc1-train,arc1-eval") == "arc1-train,arc1-eval"
    said = "no competition is attached: the tasks are those of arc1-train,arc1-eval\n"
    assert capsys.readouterr().out == said
    folders = [tmp_path / "competitions" / "arc-prize", tmp_path / "bundle"]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "arc-agi_training_challenges.json").write_text("{}")
    deep = folders[0] / "arc-agi_test_challenges.json"
    deep.write_text("{}")
    assert installed.tasks("arc1-train") == str(deep)
    assert capsys.readouterr().out == f"the competition's tasks: {deep}\n"
    near = folders[1] / "old_test_challenges.json"
    near.write_text("{}")
    assert installed.tasks("arc1-train") == str(near)
    said = f"the competition's tasks: {near}\nnot taken: {deep}\n"
    assert capsys.readouterr().out == said


def test_a_submission_goes_where_it_is_wanted(
    installed: Installed,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    beside, working = tmp_path / "beside", tmp_path / "working"
    for place in (beside, working):
        place.mkdir()
    monkeypatch.chdir(beside)
    monkeypatch.setattr(arc_bundle, "WORKING", tmp_path / "nowhere")
    installed.submit("arc1-eval")
    said = f"\n{beside}/submission.json: 2 tasks of arc1-eval, 18 bytes\n"
    assert capsys.readouterr().out.endswith(said)
    monkeypatch.setattr(arc_bundle, "WORKING", working)
    installed.device = ["--device", "cpu"]
    installed.submit("arc1-eval")
    said = capsys.readouterr().out
    assert said.startswith("$ doit submission --data arc1-eval --device cpu\n")
    assert json.loads((working / "submission.json").read_text()) == {"a": [], "b": []}
