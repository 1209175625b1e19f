"""Tables of scores in files: as CSV, as JSON and as Parquet, a row a lane.

    program       CORPUS/ID
    task          of which task the sample is (only of results)
    sample        its name: `67a3c6ac train[0]`
    status        ok, wrong, error, over_budget or broken (and, in memory, not_run)
    exact         whether the output is the expected one
    shape_right   whether its height and width are
    cells         which share of its cells is as expected; nothing where the shape is not right
    value_hash    32 hexadecimal digits, equal where outputs are; zeros where there is none
    microseconds  what a lane took on average, where that was measured (only of results)

Of a matrix of 687,200 lanes, 22.3 s of processor time without, scores take 2.9 s more as CSV, 3.8
as JSON and 1.8 as Parquet (16 MB), the scoring included (measured).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from pipeline.battery.score_rows import STATUSES, ScoreRows
from pipeline.config.paths import SCORE_FORMATS, scores_path
from pipeline.system.atomic import open_atomic
from pipeline.system.problem import Problem

BASIC: Final = ("program", "sample", "status", "exact", "shape_right", "cells", "value_hash")
ALL: Final = ("program", "task", *BASIC[1:], "microseconds")
GROUP: Final = 1 << 17
"""Rows of Parquet that are put together before they are written."""

Write = Callable[[ScoreRows], object]


class NoFormat(Problem):
    """A table is asked for that there is none of, or that needs a package; the text says what."""

    status = 2


def formats_in(text: str) -> tuple[str, ...]:
    """The formats in a list like `csv,parquet`; NoFormat if one can't be written here."""
    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in text.split(",")))))
    unknown = [name for name in names if name not in SCORE_FORMATS]
    if unknown:
        raise NoFormat(f"no format {unknown[0]!r}; there are {', '.join(SCORE_FORMATS)}")
    if "parquet" in names and find_spec("pyarrow") is None:
        raise NoFormat("--scores parquet needs pyarrow: pip install -e '.[parquet]'")
    return names


def put_tables(
    root: Path, workload: str, formats: Sequence[str], parts: Iterable[ScoreRows] = ()
) -> None:
    """Write the scores of a workload in these formats, and remove what an earlier run has left in
    others: what is there is always of one run.
    """
    for name in SCORE_FORMATS:
        if name not in formats:
            (root / scores_path(workload, name)).unlink(missing_ok=True)
    if not formats:
        return
    paths = [scores_path(workload, name) for name in formats]
    with ExitStack() as stack:
        files = [stack.enter_context(open_atomic(root / path)) for path in paths]
        pairs = zip(formats, files, strict=True)
        writers = [stack.enter_context(_WRITERS[name](file)) for name, file in pairs]
        for part in parts:
            for write in writers:
                write(part)
    print(f"scores: {', '.join(paths)}", file=sys.stderr)


# -- CSV


def csv_text(parts: Iterable[ScoreRows], names: Sequence[str]) -> Iterator[str]:
    """The table as CSV, in pieces: its head, then each part."""
    yield ",".join(names) + "\n"
    for part in parts:
        columns = _texts(part, names, _quoted, "")
        yield "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"


def _quoted(text: str) -> str:
    """A text as a field of CSV."""
    if any(letter in text for letter in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


@contextmanager
def _csv(file: IO[bytes]) -> Iterator[Write]:
    file.write(next(csv_text((), ALL)).encode())
    yield lambda part: file.write("".join([*csv_text([part], ALL)][1:]).encode())


# -- JSON


def json_text(parts: Iterable[ScoreRows], names: Sequence[str]) -> Iterator[str]:
    """The rows as JSON objects, each a line, in pieces that are to stand with `,` between them."""
    keys = [json.dumps(name) + ": " for name in names]
    for part in parts:
        columns = [
            [key + text for text in column]
            for key, column in zip(keys, _texts(part, names, json.dumps, "null"), strict=True)
        ]
        rows = map(", ".join, zip(*columns, strict=True))
        yield ",\n".join([f"  {{{row}}}" for row in rows])


@contextmanager
def _json(file: IO[bytes]) -> Iterator[Write]:
    before = b'{"rows": [\n'

    def write(part: ScoreRows) -> None:
        nonlocal before
        for text in filter(None, json_text([part], ALL)):
            file.write(before + text.encode())
            before = b",\n"

    yield write
    file.write((b"" if before == b",\n" else before) + b"\n]}\n")


def _texts(
    part: ScoreRows, names: Sequence[str], quoted: Callable[[str], str], nothing: str
) -> list[list[str]]:
    """The columns of these names as texts; `nothing` stands where there is no value."""
    count = len(part.samples)
    true_false = ("False", "True") if nothing == "" else ("false", "true")
    statuses = [quoted(word) for word in STATUSES]
    time = nothing if part.microseconds is None else f"{part.microseconds:.3f}"
    made: dict[str, Callable[[], list[str]]] = {
        "program": lambda: [quoted(part.program)] * count,
        "task": lambda: [quoted(task) for task in part.tasks],
        "sample": lambda: [quoted(name) for name in part.samples],
        "status": lambda: [statuses[code] for code in part.codes.tolist()],
        "exact": lambda: [true_false[is_so] for is_so in part.exact.tolist()],
        "shape_right": lambda: [true_false[is_so] for is_so in part.shape_right.tolist()],
        "cells": lambda: [nothing if x is None else repr(x) for x in part.shares],
        "value_hash": lambda: [quoted(text) for text in part.hashes],
        "microseconds": lambda: list(repeat(time, count)),
    }
    return [made[name]() for name in names]


# -- Parquet


@contextmanager
def _parquet(file: IO[bytes]) -> Iterator[Write]:
    import pyarrow
    from pyarrow import parquet

    waiting: list[ScoreRows] = []
    with parquet.ParquetWriter(file, _schema(pyarrow)) as writer:

        def flush() -> None:
            if waiting:
                writer.write_table(_arrow(pyarrow, waiting))
            waiting.clear()

        def write(part: ScoreRows) -> None:
            waiting.append(part)
            if sum(len(rows.samples) for rows in waiting) >= GROUP:
                flush()

        yield write
        flush()


def _schema(arrow: Any) -> Any:
    names = arrow.dictionary(arrow.int32(), arrow.string())
    kinds = {
        "program": names,
        "task": names,
        "sample": names,
        "status": names,
        "exact": arrow.bool_(),
        "shape_right": arrow.bool_(),
        "cells": arrow.float64(),
        "value_hash": arrow.string(),
        "microseconds": arrow.float64(),
    }
    return arrow.schema([(name, kinds[name]) for name in ALL])


def _arrow(arrow: Any, parts: Sequence[ScoreRows]) -> Any:
    """Some parts as one table of arrow."""
    counts = [len(part.samples) for part in parts]
    cells = np.concatenate([part.cells for part in parts])
    times = np.repeat([np.nan if p.microseconds is None else p.microseconds for p in parts], counts)
    columns = {
        "program": arrow.DictionaryArray.from_arrays(
            np.repeat(np.arange(len(parts), dtype=np.int32), counts), [p.program for p in parts]
        ),
        "task": _joined(arrow, [part.tasks for part in parts]),
        "sample": _joined(arrow, [part.samples for part in parts]),
        "status": arrow.DictionaryArray.from_arrays(
            np.concatenate([part.codes for part in parts]).astype(np.int32), list(STATUSES)
        ),
        "exact": np.concatenate([part.exact for part in parts]),
        "shape_right": np.concatenate([part.shape_right for part in parts]),
        "cells": arrow.array(cells, mask=np.isnan(cells)),
        "value_hash": [text for part in parts for text in part.hashes],
        "microseconds": arrow.array(times, mask=np.isnan(times)),
    }
    return arrow.table([columns[name] for name in ALL], schema=_schema(arrow))


def _joined(arrow: Any, columns: Sequence[Sequence[str]]) -> Any:
    """A column of names of which most come again and again."""
    known: dict[str, int] = {}
    places: dict[int, np.ndarray] = {}
    for column in columns:  # of a matrix all parts have the very same
        if id(column) not in places:
            found = [known.setdefault(name, len(known)) for name in column]
            places[id(column)] = np.array(found, np.int32)
    numbers = np.concatenate([places[id(column)] for column in columns])
    return arrow.DictionaryArray.from_arrays(numbers, arrow.array(list(known), arrow.string()))


_WRITERS: Final[dict[str, Callable[[IO[bytes]], AbstractContextManager[Write]]]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
