"""Data sets of the user's own: JSON files in the two forms in which ARC tasks are passed around.

A file holds many tasks, `{id: {"train": [{"input": rows, "output": rows}], "test": [...]}}`; a
folder holds a file `ID.json` for each task. Where a test sample has no output its answer is not
known. The answers to a file `..._challenges.json` may be in `..._solutions.json` beside it, as
`{id: [rows, ...]}`: so the ARC Prize publishes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pipeline.data.doubled_keys import Doubled, read_json
from pipeline.data.plain import counted, grid_faults, kind_of, shown
from pipeline.data.tasks import UNKNOWN, DataError, Grid, Sample, Task

CHALLENGES: Final = "challenges"
SOLUTIONS: Final = "solutions"
MOST_SHOWN: Final = 10
_GRIDS: Final = ("input", "output")


def is_path(name: str) -> bool:
    """Whether the name of a data set is the path of a file or folder."""
    return "/" in name or name.endswith(".json")


def files_of(name: str) -> list[Path]:
    """The files that a data set is read from, in order; none if nothing is at the path."""
    path = Path(name)
    if path.is_dir():
        return sorted(path.glob("*.json"))
    solutions = path.with_name(path.name.replace(CHALLENGES, SOLUTIONS))
    return [found for found in dict.fromkeys((path, solutions)) if found.is_file()]


def read_tasks(name: str) -> dict[str, Task]:
    """The tasks at a path, in order of their ids; DataError with what is wrong and where."""
    files = files_of(name)
    if not files:
        raise DataError(f"there are no tasks at {name}: no such file, or no ID.json in the folder")
    if Path(name).is_dir():
        raw = {path.stem: _read(path) for path in files}
        places = {path.stem: path.as_posix() for path in files}
    else:
        raw = _mapping(_read(files[0]), files[0])
        places = {ident: f"{files[0]}: {ident}" for ident in raw}
    answers = _mapping(_read(files[1]), files[1]) if not Path(name).is_dir() and files[1:] else {}
    faults = [
        fault
        for ident, task in raw.items()
        for fault in _task_faults(places[ident], task, answers.get(ident))
    ]
    if faults:
        raise DataError("\n".join(_few(faults)))
    if not raw:
        raise DataError(f"{name}: there is no task in it")
    return {ident: _task(ident, raw[ident], answers.get(ident)) for ident in sorted(raw)}


def _read(path: Path) -> Any:
    try:
        value, doubled = _read_text(path)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8: byte {error.start}") from error
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise DataError(f"{place}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise DataError(f"{path}: nested too deep for tasks") from error
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror or error}") from error
    if doubled:
        raise DataError("\n".join(_few([_again(path, found) for found in doubled])))
    return value


def _read_text(path: Path) -> tuple[Any, list[Doubled]]:
    data = path.read_bytes()
    return read_json(data.decode(json.detect_encoding(data)))


def _again(path: Path, found: Doubled) -> str:
    return f"{path}:{found.line}: {shown(found.key)} stands twice, first in line {found.first}"


def _few(faults: list[str]) -> list[str]:
    more = len(faults) - MOST_SHOWN
    return faults if more <= 0 else [*faults[:MOST_SHOWN], f"... and {more} more"]


def _mapping(plain: Any, path: Path) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise DataError(f"{path}: must be an object of tasks by their ids, not {kind_of(plain)}")
    return plain


def _task_faults(place: str, task: Any, answers: Any) -> Iterator[str]:
    if not isinstance(task, dict):
        yield f"{place}: a task must be an object with train and test, not {kind_of(task)}"
        return
    for part in ("train", "test"):
        samples = task.get(part)
        if not isinstance(samples, list) or not samples:
            found = kind_of(samples) if part in task else "nothing"
            found = "an empty list" if samples == [] else found
            yield f"{place} {part}: must be a list of samples, not {found}"
            continue
        for k, sample in enumerate(samples):
            yield from _sample_faults(f"{place} {part}[{k}]", sample, part == "train")
    yield from _answer_faults(place, task.get("test"), answers)


def _sample_faults(place: str, sample: Any, is_train: bool) -> Iterator[str]:
    if not isinstance(sample, dict):
        yield f"{place}: a sample must be an object with input and output, not {kind_of(sample)}"
        return
    for name in _GRIDS:
        if name in sample:
            yield from grid_faults(f"{place} {name}", sample[name])
        elif is_train or name == "input":
            yield f"{place}: {name} is missing"


def _answer_faults(place: str, tests: Any, answers: Any) -> Iterator[str]:
    """What is wrong with the answers of a task: there must be all of them or none."""
    if not isinstance(tests, list) or not all(isinstance(test, dict) for test in tests):
        return
    if answers is None:
        given = sum("output" in test for test in tests)
        if 0 < given < len(tests):
            yield f"{place} test: {given} of {len(tests)} samples have an output: all must, or none"
        return
    if not isinstance(answers, list) or len(answers) != len(tests):
        found = len(answers) if isinstance(answers, list) else kind_of(answers)
        wanted = counted(len(tests), "answer", "answers")
        yield f"{place}: must have {wanted} in the file of solutions, not {found}"
        return
    for k, answer in enumerate(answers):
        yield from grid_faults(f"{place} test[{k}], its answer", answer)


def _task(ident: str, raw: Mapping[str, Any], answers: Any) -> Task:
    train = tuple(Sample(_grid(s["input"]), _grid(s["output"])) for s in raw["train"])
    wanted = answers or [sample.get("output") for sample in raw["test"]]
    pairs = zip(raw["test"], wanted, strict=True)
    test = (Sample(_grid(s["input"]), UNKNOWN if g is None else _grid(g)) for s, g in pairs)
    return Task(ident, train, tuple(test))


def _grid(rows: list[list[int]]) -> Grid:
    return tuple(map(tuple, rows))
