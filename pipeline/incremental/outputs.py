"""The files of `generated/`: what is there, and how what is stale goes."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from collections.abc import Iterable

from pipeline.config import paths
from pipeline.config.paths import GENERATED, MAP, SOLVERS, code_path, map_path
from pipeline.system.stamp import UNKNOWN, lasting_stamp, stamp, stamps_in


def stamps_of_outputs() -> dict[str, int]:
    """The stamp of every file of every solver, by path."""
    found: dict[str, int] = {}
    for corpus in _folders():
        found.update(stamps_in(f"{SOLVERS}/{corpus}")[0])
    return found


def write_output(path: str, data: bytes) -> int:
    """Make this the file's content; returns the stamp to record."""
    from pipeline.system.atomic import write_atomic

    write_atomic(path, data)
    return lasting_stamp(os.stat(path))


def remove_stale(found: Iterable[str], wanted: set[str]) -> list[str]:
    """Remove what is there but belongs to no solver; returns what was removed.

    That is what builds write: code, maps and unfinished files. Other files are left alone.
    """
    from pipeline.system.atomic import TEMPORARY

    stale = [path for path in found if path not in wanted and _is_ours(path, TEMPORARY)]
    for path in stale:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
    for folder in {os.path.dirname(path) for path in stale}:
        _remove_if_empty(folder)
    remove_unfinished(GENERATED)  # beside the battery
    return stale


def remove_unfinished(folder: str) -> None:
    """Remove the files of a folder that a writer was killed over."""
    from pipeline.system.atomic import TEMPORARY

    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            if entry.name.startswith(TEMPORARY):
                os.remove(entry.path)


def remove_outputs(name: str) -> None:
    """Remove the files of one solver."""
    for path in (code_path(name), map_path(name)):
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


def remove_all() -> None:
    """Remove the files of all solvers, and no others."""
    from pipeline.system.atomic import TEMPORARY

    for folder in _folders():
        remove_files(p for p in stamps_in(f"{SOLVERS}/{folder}")[0] if _is_ours(p, TEMPORARY))


def written() -> list[str]:
    """All that tasks have written below `generated/`, solvers' files and the bundle aside: what has
    a name in `pipeline.config.paths`, and what a writer was killed over."""
    from pipeline.system.atomic import TEMPORARY

    named = {path for value in vars(paths).values() for path in _paths_in(value)}
    folders = {os.path.dirname(path) for path in named}
    cut_off = {p for folder in folders for p in glob.glob(f"{folder}/{TEMPORARY}*")}
    scores = {p for form in paths.SCORE_FORMATS for p in glob.glob(paths.scores_path("*", form))}
    return sorted(path for path in named | cut_off | scores if os.path.isfile(path))


def remove_files(files: Iterable[str]) -> None:
    """Remove files, and the folders below `generated/`, and itself, that this leaves empty."""
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
        folder = os.path.dirname(path)
        while folder.startswith(GENERATED):
            _remove_if_empty(folder)
            folder = os.path.dirname(folder)


def _paths_in(value: object) -> Iterable[str]:
    """The paths of files of `generated/` that a constant names."""
    values = value.values() if isinstance(value, dict) else value
    each = [values] if isinstance(values, str) else values if isinstance(values, Iterable) else []
    return [p for p in each if isinstance(p, str) and p.startswith(f"{GENERATED}/")]


def unchanged(path: str, stamped: int) -> bool:
    """Whether the file is the one that had this stamp."""
    if stamped == UNKNOWN:
        return False
    try:
        return stamp(os.stat(path)) == stamped
    except OSError:
        return False


def _folders() -> list[str]:
    try:
        return sorted(stamps_in(SOLVERS)[1])
    except FileNotFoundError:
        return []


def _is_ours(path: str, temporary: str) -> bool:
    name = os.path.basename(path)
    return name.endswith((".py", MAP)) or name.startswith(temporary)


def _remove_if_empty(folder: str) -> None:
    with contextlib.suppress(OSError):
        if set(os.listdir(folder)) <= {"__pycache__"}:
            shutil.rmtree(folder)
