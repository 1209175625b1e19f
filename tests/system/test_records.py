"""The records: what is kept, and what happens to a file that is no database."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from pipeline.system.records import FileRow, Piece, Records, RecordsError, UnitRow

ROW = UnitRow("own/a", "input", "env", "code", "map", -5, 1 << 62, None)


def no_notice(line: str) -> None:
    raise AssertionError(line)


def records(folder: Path, write: bool = True) -> Records:
    return Records(str(folder / "db"), no_notice, write)


def test_everything_comes_back(tmp_path: Path) -> None:
    kept = records(tmp_path)
    pieces = [Piece("own/b", 9, "x"), Piece("own/a", 1, "y")]
    kept.save_files({("own", "f.py"): (FileRow(7, "digest", "[]"), pieces)}, [])
    kept.save_units([ROW])
    kept.save_fact("link", {"key": "k", "files": {}})
    kept.close()
    again = records(tmp_path)
    assert again.files() == {("own", "f.py"): FileRow(7, "digest", "[]")}
    assert again.pieces() == {("own", "f.py"): pieces}
    assert again.units() == {"own/a": ROW}
    assert again.facts() == {"link": {"key": "k", "files": {}}}


def test_a_folder_that_is_not_ours_is_read_and_nothing_is_written_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = records(tmp_path)
    kept.save_fact("a", 1)
    kept.close()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    read = records(tmp_path, write=False)
    assert read.facts() == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["db"]
    with pytest.raises(RecordsError, match="readonly database; a build writes into its folder"):
        read.save_fact("b", 2)


def test_who_shares_the_folder_may_write_too(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        kept = records(tmp_path)
        kept.save_fact("a", 1)
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
        assert modes == {"db": "0o664", "db-wal": "0o664", "db-shm": "0o664"}
    finally:
        os.umask(before)


def test_saving_replaces_and_forgets(tmp_path: Path) -> None:
    kept = records(tmp_path)
    key = ("own", "f.py")
    kept.save_files({key: (FileRow(7, "old", None), [Piece("own/a", 1, "y")] * 3)}, [])
    kept.save_files({key: (FileRow(8, "new", None), [Piece("own/b", 2, "z")])}, [])
    assert kept.files()[key].digest == "new"
    assert kept.pieces()[key] == [Piece("own/b", 2, "z")]
    kept.save_files({}, [key])
    assert (kept.files(), kept.pieces()) == ({}, {})
    kept.save_units([ROW])
    kept.save_units([], ["own/a"])
    kept.save_fact("link", 1)
    kept.save_fact("link", None)
    assert (kept.units(), kept.facts()) == ({}, {})


def test_each_task_is_committed_at_once(tmp_path: Path) -> None:
    kept = records(tmp_path)
    kept.save_units([ROW])
    assert records(tmp_path).units() == {"own/a": ROW}  # while the first is still open


def test_a_look_makes_no_file(tmp_path: Path) -> None:
    looked = records(tmp_path, write=False)
    assert looked.units() == {}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000])
def test_useless_file_is_set_aside_with_one_notice(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "db").write_bytes(content)
    lines: list[str] = []
    kept = Records(str(tmp_path / "db"), lines.append)
    kept.save_units([ROW])
    assert kept.units() == {"own/a": ROW}
    assert len(lines) == 1
    assert lines[0].endswith("db.corrupt, the records begin anew")
    assert (tmp_path / "db.corrupt").read_bytes() == content


def test_database_of_another_version_is_set_aside(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "db") as connection:
        connection.execute("pragma user_version = 99")
    lines: list[str] = []
    assert Records(str(tmp_path / "db"), lines.append).units() == {}
    assert "is of another version (99)" in lines[0]


def test_what_is_no_damage_is_an_error_and_sets_nothing_aside(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    with pytest.raises(RecordsError, match="unable to open database file; run again"):
        Records(str(tmp_path / "db"), no_notice)
    assert (tmp_path / "db").is_dir()
