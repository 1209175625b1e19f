"""What a command is handed: a configuration whose paths hold from here, and a project's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.config.settings import path_of
from pipeline.diagnostics import Invalid

TEXT = """
corpora: {mine: {path: programs}, re-arc: {builtin: re-arc}}
data: [arc1-train, ./tasks]
known_failures: {}
cache: {dir: kept}
"""


def project(folder: Path, text: str = TEXT) -> Path:
    """A project with solvers and tasks of its own."""
    for name in ("programs", "tasks"):
        (folder / name).mkdir(parents=True)
    (folder / "config.yaml").write_text(text)
    return folder


def test_here_paths_stay_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path))
    context = Context.of()
    assert context.config.corpora[0].path == "programs"
    assert context.config.data == ("arc1-train", "./tasks")
    assert str(context.config.cache.folder / "kernels") == "kept/kernels"
    assert str(context.at("generated/batt.py")) == "generated/batt.py"


def test_elsewhere_every_path_leads_into_the_project(tmp_path: Path) -> None:
    root = project(tmp_path / "there")
    context = Context.of(root)
    config = context.config
    assert [path_of(config, c) for c in config.corpora] == [
        f"{root}/programs",
        f"{root}/kept/corpora/re-arc.py",
    ]
    assert config.data == ("arc1-train", f"{root}/tasks")
    assert config.cache.folder == root / "kept"
    assert context.at("generated/batt.py") == root / "generated" / "batt.py"


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    root = project(tmp_path / "there", f"cache: {{dir: {tmp_path}/shared}}\n")
    (root / "solvers").mkdir()
    assert Context.of(root).config.cache.folder == tmp_path / "shared"


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    assert Context.of(tmp_path).config.cache.folder == tmp_path / Config().cache.dir


def test_what_is_wrong_is_named_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        Context.of(project(tmp_path, "threads: many\n"))
    assert caught.value.told.startswith(f"{tmp_path}/config.yaml:1:10: error[wrong-type]")
