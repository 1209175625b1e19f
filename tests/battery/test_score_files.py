"""Tables of scores in files: what stands in each row, and that all formats say the same."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.battery.journal import Partial
from pipeline.battery.score_files import NoFormat, formats_in, put_tables
from pipeline.battery.score_rows import LANE, ScoreRows, broken_rows, rows_of
from pipeline.config.paths import scores_path
from pipeline.oracle.murmur import grid_hash
from tests.battery.small import SQUARE

NAMES = ("t train[0]", 't, "x" test[0]', "t test[1]", "t test[2]")
LANES = np.array(
    [
        (1, 4, 4, grid_hash(SQUARE)),
        (0, 1, 3, (5, 6)),
        (0, -1, 4, (7, 8)),
        (-1, -1, 0, (0, 0)),
    ],
    LANE,
)
HEX = np.array(grid_hash(SQUARE), "<u8").tobytes().hex()


def parts() -> list[ScoreRows]:
    tasks = ["t"] * 4
    return [
        rows_of("own/a", NAMES, tasks, LANES, 2.5),
        rows_of("own/b", NAMES[:0], tasks[:0], LANES[:0]),
        broken_rows("own/c", NAMES[:1], tasks[:1]),
    ]


def read(path: Path, form: str) -> list[dict[str, Any]]:
    """The rows of a table, as plain values."""
    if form == "csv":
        values: dict[str, Any] = {"True": True, "False": False, "": None}
        rows: list[dict[str, Any]] = [*csv.DictReader(io.StringIO(path.read_text()))]
        for row in rows:
            for name in ("exact", "shape_right", "cells", "microseconds"):
                row[name] = values.get(row[name], row[name])
                row[name] = float(row[name]) if isinstance(row[name], str) else row[name]
        return rows
    if form == "json":
        found: list[dict[str, Any]] = json.loads(path.read_bytes())["rows"]
        return found
    parquet = pytest.importorskip("pyarrow.parquet")
    listed: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return listed


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_every_format_has_every_row(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    put_tables(tmp_path, "check", (form,), parts())
    rows = read(tmp_path / scores_path("check", form), form)
    assert [list(row.values()) for row in rows] == [
        ["own/a", "t", NAMES[0], "ok", True, True, 1.0, HEX, 2.5],
        ["own/a", "t", NAMES[1], "wrong", False, True, 1 / 3, _hex(5, 6), 2.5],
        ["own/a", "t", NAMES[2], "wrong", False, False, None, _hex(7, 8), 2.5],
        ["own/a", "t", NAMES[3], "error", False, False, None, "0" * 32, 2.5],
        ["own/c", "t", NAMES[0], "broken", False, False, None, "0" * 32, None],
    ]


def _hex(low: int, high: int) -> str:
    return (low.to_bytes(8, "little") + high.to_bytes(8, "little")).hex()


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_table_without_rows_can_be_read(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    put_tables(tmp_path, "check", (form,))
    assert read(tmp_path / scores_path("check", form), form) == []


def test_what_is_there_is_of_the_last_run(tmp_path: Path) -> None:
    put_tables(tmp_path, "check", ("csv", "json"), parts())
    put_tables(tmp_path, "stress", ("csv",), parts())
    put_tables(tmp_path, "check", ("json",), parts()[:1])
    names = sorted(path.name for path in (tmp_path / "generated/results").iterdir())
    assert names == ["check.scores.json", "stress.scores.csv"]
    put_tables(tmp_path, "check", ())
    assert not (tmp_path / scores_path("check", "json")).exists()


def test_what_can_not_be_written_is_said_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert formats_in("") == ()
    assert formats_in("csv, json,csv") == ("csv", "json")
    with pytest.raises(NoFormat, match="no format 'xml'; there are csv, json, parquet"):
        formats_in("csv,xml")
    monkeypatch.setattr("pipeline.battery.score_files.find_spec", lambda name: None)
    with pytest.raises(NoFormat, match=r"needs pyarrow: pip install -e '.\[parquet\]'"):
        formats_in("parquet")


def test_scores_survive_an_interruption(tmp_path: Path) -> None:
    lanes = LANES.reshape(2, 2)
    with Partial(tmp_path / "x.part", "title", 3, 4, LANE) as partial:
        partial.add(1, (2, 0), lanes)
    with Partial(tmp_path / "x.part", "title", 3, 4, LANE) as partial:
        assert (partial.lanes[[2, 0], 1:3] == lanes).all()
        assert partial.lanes_done == 4
        assert partial.lacks(0, 1)
