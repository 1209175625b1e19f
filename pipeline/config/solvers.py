"""Find a solver's text by its name: for `ir`, and for where a check failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.config.config import Config
from pipeline.config.settings import BUILTIN
from pipeline.diagnostics import split_lines
from pipeline.frontend.units import Unit, split_units


def source_files(config: Config, corpus: str) -> Iterator[Path]:
    """The files of one corpus, sorted."""
    for entry in config.corpora:
        if entry.name == corpus:
            path = Path(BUILTIN[entry.builtin] if entry.builtin else entry.path)
            yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def find_units(config: Config, solver: str) -> list[Unit]:
    """The solvers of this name, CORPUS/ID or just ID, in order of the corpora."""
    corpus, _, ident = solver.rpartition("/")
    corpora = [corpus] if corpus else [entry.name for entry in config.corpora]
    found = []
    for name in corpora:
        for path in source_files(config, name):
            data = path.read_bytes()
            if ident.encode() in data:
                units, _ = split_units(name, path.as_posix(), data)
                found += [unit for unit in units if unit.name == f"{name}/{ident}"]
    return found


def read_lines(path: str) -> list[str]:
    """The lines of a source file, none if it can't be read."""
    try:
        return split_lines(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return []


def all_units(config: Config) -> dict[str, Unit]:
    """The solvers of all corpora by name; of one that is defined twice, the first."""
    found: dict[str, Unit] = {}
    for corpus in config.corpora:
        for path in source_files(config, corpus.name):
            for unit in split_units(corpus.name, path.as_posix(), path.read_bytes())[0]:
                found.setdefault(unit.name, unit)
    return found
