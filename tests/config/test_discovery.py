"""Which files hold solvers: the same for the build, for watching, and for what looks texts up."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.watch import watched_folders
from pipeline.config.config import Config
from pipeline.config.discovery import find_sources
from pipeline.config.knobs import Corpus
from pipeline.config.settings import READERS, path_of
from pipeline.config.solvers import all_units, find_units

TAKEN = ("own/a1.py", "own/b2/flip.py", "own/deeper/__init__.py", "own/deeper/c3.py")
HIDDEN = (
    "own/.ipynb_checkpoints/a1-checkpoint.py",
    "own/b2/.ipynb_checkpoints/flip.py",
    "own/.hidden.py",
    "own/b2/.hidden.py",
    "own/__pycache__/a1.py",
    "own/deeper/__pycache__/b2.py",
    "own/notes.txt",
)
CONFIG = Config(corpora=(Corpus("own", "own"), Corpus("one", "one.py")))


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two corpora, a folder with copies that nobody wants, and a file."""
    monkeypatch.chdir(tmp_path)
    for name in (*TAKEN, *HIDDEN, "one.py"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        parts = [part for part in ("a1", "b2", "c3") if part in name]
        Path(name).write_text("".join(f"def solve_{part}(I):\n    return I\n" for part in parts))
    Path("one.py").write_text("def verify_a1(I):\n    return I\n")
    return tmp_path


def test_what_is_hidden_is_never_taken() -> None:
    corpora = [(corpus.name, path_of(CONFIG, corpus)) for corpus in CONFIG.corpora]
    found = [key for key, _ in find_sources(corpora)]
    assert found == [*(("own", name) for name in TAKEN), ("one", "one.py")]


def test_a_link_to_a_folder_above_is_passed_over_and_one_elsewhere_is_taken(tree: Path) -> None:
    before = list(find_sources([("own", "own")]))
    Path("own/b2/round").symlink_to("..")
    Path("own/self").symlink_to(".")
    Path("own/nowhere.py").symlink_to("none.py")
    assert list(find_sources([("own", "own")])) == before
    Path("linked").symlink_to("own")
    assert len(list(find_sources([("own", "linked")]))) == len(before)
    Path("elsewhere").mkdir()
    Path("elsewhere/d4.py").write_text("def solve_d4(I):\n    return I\n")
    Path("own/there").symlink_to("../elsewhere")
    assert len(list(find_sources([("own", "own")]))) == len(before) + 1


def test_texts_are_looked_up_in_the_same_files() -> None:
    paths = {name: unit.path for name, unit in all_units(CONFIG).items()}
    assert paths == {
        "own/a1": "own/a1.py",
        "own/b2__flip": "own/b2/flip.py",
        "own/c3": "own/deeper/c3.py",
        "one/a1": "one.py",
    }
    for name, path in paths.items():
        assert [unit.path for unit in find_units(CONFIG, name)] == [path]
    assert [unit.path for unit in find_units(CONFIG, "a1")] == ["own/a1.py", "one.py"]
    assert find_units(CONFIG, "b2") == []


def test_the_same_folders_are_watched(tree: Path) -> None:
    found = {Path(folder).relative_to(tree).as_posix() for folder in watched_folders(CONFIG)}
    assert found == {".", "own", "own/b2", "own/deeper"}


def test_the_key_of_the_settings_is_of_files_that_there_are() -> None:
    folder = Path(__file__).resolve().parents[2] / "pipeline/config"
    assert [name for name in READERS if not (folder / name).is_file()] == []
