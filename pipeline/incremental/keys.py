"""What the results of the workloads `matrix` and `stress` depend on, hashed.

doit asks for it before anything runs, so nothing here imports NumPy.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from pipeline.config import paths
from pipeline.config.config import config_keys
from pipeline.data.arc import SOURCES, data_path
from pipeline.data.drawn.drawing import recipe
from pipeline.incremental.ingredients import (
    BATTERY,
    FILES,
    Ingredients,
    code_alone,
    files_of_set,
    of_files,
    of_rows,
    own_digests,
)
from pipeline.incremental.session import Session
from pipeline.system.fingerprint import MATRIX, STRESS
from pipeline.system.stamp import stamp_of


def data_sets(session: Session, text: str) -> tuple[str, ...]:
    """The data sets in a list like `arc1-train,arc1-eval`; those of config.yaml if it is empty."""
    names = [name.strip() for name in text.split(",")]
    return tuple(dict.fromkeys(filter(None, names))) or session.context.config.data


def are_no_data_sets(names: Iterable[str]) -> bool:
    """Whether there is a name among these that no data set has, nor a file; says which."""
    unknown = [name for name in names if name not in SOURCES and not files_of_set(name)]
    if unknown:
        known = f"there are {', '.join(SOURCES)}, and paths of JSON files with tasks"
        print(f"no data set {unknown[0]!r}; {known}", file=sys.stderr)
    return bool(unknown)


def own_stamps(names: Iterable[str]) -> list[tuple[str, int]]:
    """The files of these data sets that are the user's own, and their stamps: equal if nothing of
    them changed."""
    files = [path.as_posix() for name in names for path in files_of_set(name)]
    return [(path, stamp_of(path)) for path in files]


def matrix_key(session: Session, names: tuple[str, ...], most: int = 0) -> str:
    """The hash of all that a matrix on these data sets depends on; `most`: see `lay_out`."""
    return of_matrix(session, names, most).key


def of_matrix(session: Session, names: tuple[str, ...], most: int = 0) -> Ingredients:
    """All that it depends on, part by part."""
    files = _data_files(session, names)
    more: dict[str, Any] = {
        "--data": ",".join(names),
        FILES: of_files(files),
        "--limit-samples": most,
    }
    return _of_battery(session, MATRIX, more, {FILES: lambda: files})


def of_stress(session: Session, samples: int, seed: int) -> Ingredients:
    """What `samples` samples a task, drawn with `seed`, say of the battery."""
    more: dict[str, Any] = {"generators": recipe(""), "--samples": samples, "--seed": seed}
    if not _uses_shown(session):
        return _of_battery(session, STRESS, more, {})
    files = _data_files(session, session.context.config.data)
    return _of_battery(session, STRESS, {**more, FILES: of_files(files)}, {FILES: lambda: files})


def _uses_shown(session: Session) -> bool:
    """Whether a solver of the battery uses the train pairs of its task, which are in data sets."""
    try:
        return b" = rt.train_pairs(" in session.context.at(paths.BATTERY).read_bytes()
    except FileNotFoundError:
        return False


def _data_files(session: Session, names: tuple[str, ...]) -> dict[str, str]:
    """The digests of the files of data sets, by path."""
    places = [data_path(session.context.config.cache.folder, name).as_posix() for name in names]
    files = {place: _digest_of(session, "data", place) for place in places}
    return files | own_digests(names)


def _of_battery(
    session: Session,
    parts: tuple[str, ...],
    more: dict[str, Any],
    details: dict[str, Callable[[], Any]],
) -> Ingredients:
    code = code_alone(session, parts)
    own = {BATTERY: _digest_of(session, "link", paths.BATTERY_IMAGE), **code.parts}
    limits = json.loads(config_keys(session.context.config, "budget"))["budget"]
    own |= {f"budget.{name}": most for name, most in limits.items()} | of_rows(session)
    return Ingredients({**own, **more}, {**code.details, **details})


def _digest_of(session: Session, name: str, path: str) -> str:
    """The digest of a file that is recorded under a fact; empty if there is none."""
    fact = session.facts.get(name) or {"files": {}}
    found: str = fact["files"].get(path, ("", ""))[1]
    return found
