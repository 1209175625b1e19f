"""Stamps, fingerprints and the index of source files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline.incremental.sources import Sources
from pipeline.system import stamp as stamps
from pipeline.system.fingerprint import fingerprint, still_is
from pipeline.system.records import Records
from pipeline.system.stamp import (
    UNKNOWN,
    digest,
    digest_stamped,
    lasting_stamp,
    read_stamped,
    stamp_of,
)

SOLVER = "def solve_{0}(I):\n    O = hmirror(I)\n    return O\n"


def old(path: Path) -> Path:
    """Wait until the file's change is certainly past."""
    while time.time_ns() - path.stat().st_ctime_ns < stamps.RACY:
        time.sleep(0.005)
    return path


def test_stamp_shows_every_change(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    status = path.stat()
    before = stamp_of(str(path))
    assert before == stamp_of(str(path)) != UNKNOWN
    time.sleep(0.01)  # the clock of the file system ticks
    path.write_text("two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert stamp_of(str(path)) != before
    assert stamp_of(str(tmp_path / "none")) == UNKNOWN


def test_stamp_of_fresh_content_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    now = path.stat().st_ctime_ns
    monkeypatch.setattr(time, "time_ns", lambda: now + 1)
    assert read_stamped(str(path)) == (b"one", UNKNOWN)
    monkeypatch.setattr(time, "time_ns", lambda: now + stamps.RACY)
    assert digest_stamped(str(path)) == (digest(b"one"), stamp_of(str(path)))


def test_where_times_are_whole_seconds_a_stamp_needs_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = list(tmp_path.stat())
    whole = os.stat_result([*status, 5.0, 5.0, 5.0, 5 * 10**9, 5 * 10**9, 5 * 10**9])
    finer = os.stat_result([*status, 5.0, 5.0, 5.0, 5 * 10**9, 5 * 10**9, 5 * 10**9 + 1])
    seen = []
    for after in (0, stamps.RACY, stamps.SECOND, stamps.RACY_SECONDS, -stamps.SECOND):
        monkeypatch.setattr(time, "time_ns", lambda now=5 * 10**9 + 1 + after: now)
        seen.append([lasting_stamp(found) != UNKNOWN for found in (whole, finer)])
    # The last: the clock of who keeps the file is ahead of ours.
    assert seen == [[False, False], [False, True], [False, True], [True, True], [False, False]]


def test_fingerprint_is_of_contents_and_names(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "part/inner").mkdir(parents=True)
    module = package / "part/inner/module.py"
    module.write_text("x = 1\n")
    (package / "other.py").write_text("")
    first, known = fingerprint(str(package), ("part", "missing.py"), {})
    (package / "part/__pycache__").mkdir()
    (package / "part/__pycache__/module.pyc").write_bytes(b"x")
    (package / "other.py").write_text("y = 1\n")
    os.utime(module, (0, 0))
    assert still_is(str(package), ("part", "missing.py"), first, known)
    module.write_text("x = 2\n")
    changed, _ = fingerprint(str(package), ("part", "missing.py"), known)
    module.write_text("x = 1\n")
    module.rename(package / "part/inner/renamed.py")
    renamed, _ = fingerprint(str(package), ("part", "missing.py"), known)
    assert len({first, changed, renamed}) == 3


class Index:
    """An index of one folder, and which files were read for it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "solvers"
        self.folder.mkdir()
        self.read: list[str] = []
        self.records = Records(str(folder / "db"), print)
        self.env = "env"

        def reading(path: str) -> tuple[bytes, int]:
            self.read.append(Path(path).name)
            return read_stamped(path)

        monkeypatch.setattr("pipeline.incremental.sources.read_stamped", reading)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        old(self.folder / name)

    def names(self, trusted: bool = True) -> list[str]:
        """The solvers found now."""
        self.read.clear()
        found = Sources([["own", str(self.folder)]], self.env, self.records, trusted)
        self.records.save_files(found.changed, found.gone)
        return [piece.name for key in found.order for piece in found.pieces[key]]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    return Index(tmp_path, monkeypatch)


def test_unchanged_files_are_not_read_again(index: Index) -> None:
    index.write("b.py", SOLVER.format("00000001") + SOLVER.format("00000002"))
    index.write("a.py", SOLVER.format("00000003"))
    names = ["own/00000003", "own/00000001", "own/00000002"]
    assert index.names() == names
    assert sorted(index.read) == ["a.py", "b.py"]
    assert index.names() == names
    assert index.read == []
    os.utime(index.folder / "a.py", (0, 0))
    old(index.folder / "a.py")
    assert index.names() == names
    assert index.read == ["a.py"]
    assert index.names() == names
    assert index.read == []
    (index.folder / "b.py").unlink()
    assert index.names() == ["own/00000003"]


def test_another_splitter_splits_everything_again(index: Index) -> None:
    index.write("a.py", SOLVER.format("00000003"))
    index.names()
    index.env = "other"
    assert index.names(trusted=False) == ["own/00000003"]
    assert index.read == ["a.py"]


USERS = "OLD = {}\n\n\ndef turn(g):\n    return {}(g)\n\n\n" + "".join(
    f"def solve_0000000{k}(I):\n    return {text}\n\n\n"
    for k, text in enumerate(("I", "fill(I, OLD, I)", "turn(I)", "turn(fill(I, OLD, I))"))
)


def test_what_solvers_share_is_a_part_of_those_that_use_it(index: Index) -> None:
    def inputs(*parts: object) -> list[str]:
        index.write("a.py", USERS.format(*parts))
        index.names()
        return [piece.input for piece in index.records.pieces()["own", str(index.folder / "a.py")]]

    first = inputs(1, "rot90")
    assert [a == b for a, b in zip(first, inputs(2, "rot90"), strict=True)] == [True, False] * 2
    before = inputs(1, "rot90")
    other = inputs(1, "rot180")
    assert [a == b for a, b in zip(before, other, strict=True)] == [True, True, False, False]
    assert inputs(1, "rot90") == first


def test_what_is_passed_over_is_said_of_files_that_changed(index: Index) -> None:
    index.write("a.py", SOLVER.format("00000001") + "print(1)\n")
    index.write("dsl.py", "def f(x):\n    return x\n")
    told = [
        f"{index.folder}/a.py:4:1: note[passed-over]: passed over: a call (line 4)",
        f"{index.folder}/dsl.py:1:1: note[passed-over]: passed over: no solver in this file",
    ]
    for expected in (told, []):
        found = Sources([["own", str(index.folder)]], "env", index.records, True)
        assert list(found.notes()) == expected
        assert list(found.problems()) == []
        index.records.save_files(found.changed, found.gone)


def test_a_file_that_was_asked_for_must_have_a_solver(index: Index) -> None:
    index.write("dsl.py", "def f(x):\n    return x\n")
    path = str(index.folder / "dsl.py")
    for corpora, count in (([["own", path]], 1), ([["own", str(index.folder)]], 0)) * 2:
        found = Sources(corpora, "env", index.records, True)
        index.records.save_files(found.changed, found.gone)
        assert len(list(found.problems())) == count


def test_only_python_files_that_are_not_hidden(index: Index) -> None:
    index.write("a.py", SOLVER.format("00000001"))
    for name in ("notes.txt", ".hidden.py"):
        index.write(name, SOLVER.format("00000002"))
    (index.folder / "__pycache__").mkdir()
    index.write("__pycache__/b.py", SOLVER.format("00000003"))
    (index.folder / "deeper").mkdir()
    index.write("deeper/c.py", SOLVER.format("00000004"))
    assert index.names() == ["own/00000001", "own/00000004"]
