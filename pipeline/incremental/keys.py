"""What the results of the workloads `matrix` and `stress` depend on, hashed.

doit asks for it before anything runs, so nothing here imports NumPy.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from pipeline.config import paths
from pipeline.config.config import config_keys
from pipeline.data.arc import SOURCES, data_path
from pipeline.data.drawn.drawing import recipe
from pipeline.data.files import files_of, is_path
from pipeline.incremental.session import Session
from pipeline.system.fingerprint import MATRIX, STRESS
from pipeline.system.stamp import digest, digest_stamped, stamp_of


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


def files_of_set(name: str) -> list[Path]:
    """The files of a data set of the user's own; none where the name is not a path."""
    return files_of(name) if is_path(name) else []


def own_digests(names: Iterable[str]) -> list[str]:
    """The digests of all files of these data sets that are the user's own."""
    return [digest_stamped(path.as_posix())[0] for name in names for path in files_of_set(name)]


def own_stamps(names: Iterable[str]) -> list[tuple[str, int]]:
    """The files of these data sets that are the user's own, and their stamps: equal if nothing of
    them changed."""
    files = [path.as_posix() for name in names for path in files_of_set(name)]
    return [(path, stamp_of(path)) for path in files]


def matrix_key(session: Session, names: tuple[str, ...], most: int = 0) -> str:
    """The hash of all that a matrix on these data sets depends on; `most`: see `lay_out`."""
    places = [data_path(session.context.config.cache.folder, name) for name in names]
    files = [_digest_of(session, "data", place.as_posix()) for place in places]
    files += own_digests(names)
    return _key(session, MATRIX, ["matrix", *names, *files, most])


def stress_key(session: Session, samples: int, seed: int) -> str:
    """The hash of all that `samples` samples a task, drawn with `seed`, say of the battery."""
    return _key(session, STRESS, ["stress", recipe(""), samples, seed])


def _key(session: Session, parts: tuple[str, ...], more: list[str | int]) -> str:
    battery = _digest_of(session, "link", paths.BATTERY_IMAGE)
    limits = config_keys(session.context.config, "budget")
    used = session.plan.rows_used()
    return digest(json.dumps([battery, limits, session.code(parts), *more, *used]).encode())


def _digest_of(session: Session, name: str, path: str) -> str:
    """The digest of a file that is recorded under a fact; empty if there is none."""
    fact = session.facts.get(name) or {"files": {}}
    found: str = fact["files"].get(path, ("", ""))[1]
    return found
