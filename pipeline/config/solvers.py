"""Find a solver's text by its name: for `ir`, and for where a check failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.config.config import Config
from pipeline.config.discovery import find_sources
from pipeline.config.settings import path_of
from pipeline.diagnostics import split_lines
from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.frontend.units import Unit, split_units


def find_units(config: Config, solver: str) -> list[Unit]:
    """The solvers of this name, CORPUS/ID or just ID, in order of the corpora."""
    corpus = corpus_of(solver)
    names = {f"{entry.name}/{solver}" for entry in config.corpora} if not corpus else {solver}
    return [unit for unit in _units(config, corpus, task_of(solver)) if unit.name in names]


def all_units(config: Config) -> dict[str, Unit]:
    """The solvers of all corpora by name; of one that is defined twice, the first."""
    found: dict[str, Unit] = {}
    for unit in _units(config):
        found.setdefault(unit.name, unit)
    return found


def _units(config: Config, corpus: str = "", holding: str = "") -> Iterator[Unit]:
    """The solvers of one corpus, or of all, in files that hold a text or are named by it."""
    corpora = [(c.name, path_of(config, c)) for c in config.corpora if corpus in ("", c.name)]
    for (name, path), _ in find_sources(corpora):
        data = Path(path).read_bytes()
        if holding.encode() in data or holding in path:
            yield from split_units(name, path, data)[0]


def read_lines(path: str) -> list[str]:
    """The lines of a source file, none if it can't be read."""
    try:
        return split_lines(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return []
