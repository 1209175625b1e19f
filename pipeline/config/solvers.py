"""Find a solver's text by its name: for `ir`, and for where a check failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, cached_property, partial
from pathlib import Path

from pipeline.config.config import Config
from pipeline.config.discovery import Key, find_sources
from pipeline.config.settings import path_of
from pipeline.config.shelves import Shelf
from pipeline.diagnostics import split_lines
from pipeline.frontend.candidates import APART, corpus_of, ident_of, name_in
from pipeline.frontend.libraries import Libraries
from pipeline.frontend.units import Unit, split_units


class SolverTexts:
    """The texts of solvers, each found when it is asked for.

    The first question reads every file once, for which tasks it may hold solvers; only files that
    are asked for are split, each once. So thousands of questions cost no more than all files, and
    a single one little.
    """

    def __init__(self, config: Config) -> None:
        self._corpora = [(c.name, path_of(config, c)) for c in config.corpora]
        self._units = cache(partial(_split, config, cache(partial(_libraries_of, config))))

    @cached_property
    def _files(self) -> dict[str, list[Key]]:
        """The files that may hold a solver, by its name."""
        found: dict[str, list[Key]] = {}
        for key, _ in find_sources(self._corpora):
            for name in _mentioned(*key):
                found.setdefault(name, []).append(key)
        return found

    def named(self, solver: str) -> list[Unit]:
        """The solvers of this name, CORPUS/ID or just ID, in order of the corpora."""
        names = [solver]
        if not corpus_of(solver):
            names = [f"{corpus}/{solver}" for corpus, _ in self._corpora]
        keys = [(name, key) for name in dict.fromkeys(names) for key in self._files.get(name, ())]
        return [unit for name, key in keys for unit in self._units(key).get(name, ())]

    def first(self, solver: str) -> Unit | None:
        """The solver of this name, the first one if there are several."""
        return next(iter(self.named(solver)), None)


_FUNCTION = re.compile(rb"(?:solve|verify)_([^\s(=:]*)")


def _mentioned(corpus: str, path: str) -> set[str]:
    """The solvers that a file may hold."""
    found = {ident.decode(errors="replace") for ident in _FUNCTION.findall(Path(path).read_bytes())}
    found |= {f"{ident}{APART}verify" for ident in found} | {ident_of(path)}
    return {f"{corpus}/{name_in(path, ident)}" for ident in found}


def _libraries_of(config: Config, corpus: str) -> Libraries:
    """What the solvers of a corpus may use."""
    return Shelf(config.libraries_of(corpus)).libraries


def _split(
    config: Config, libraries_of: Callable[[str], Libraries], key: Key
) -> dict[str, list[Unit]]:
    """The solvers of a file by their names."""
    found: dict[str, list[Unit]] = {}
    words = config.dialect_of(key[0]), libraries_of(key[0])
    for unit in split_units(*key, Path(key[1]).read_bytes(), True, *words)[0]:
        found.setdefault(unit.name, []).append(unit)
    return found


def find_units(config: Config, solver: str) -> list[Unit]:
    """The solvers of this name, CORPUS/ID or just ID, in order of the corpora."""
    return SolverTexts(config).named(solver)


def all_units(config: Config) -> dict[str, Unit]:
    """The solvers of all corpora by name; of one that is defined twice, the first."""
    found: dict[str, Unit] = {}
    libraries_of = cache(partial(_libraries_of, config))
    for key, _ in find_sources([(c.name, path_of(config, c)) for c in config.corpora]):
        for name, units in _split(config, libraries_of, key).items():
            found.setdefault(name, units[0])
    return found


def read_lines(path: str) -> list[str]:
    """The lines of a source file, none if it can't be read."""
    try:
        return split_lines(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return []
