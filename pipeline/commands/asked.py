"""What is asked of a command: which solvers, on which backend."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.system.problem import Problem

BACKENDS = ("compiled", "cpu", "cuda", "reference")
"""What `--backend` takes: as in config.yaml, or compiled kernels on a device."""


@dataclass(frozen=True)
class Chosen:
    """Which solvers to check: what is empty, or 0, chooses nothing away."""

    solver: str = ""
    task: str = ""
    corpus: str = ""
    limit: int = 0

    def of(self, names: Sequence[str]) -> set[str]:
        """Those of these solvers; raises NoSolver for one of several words that fits none."""
        words = [word for word in map(str.strip, self.solver.split(",")) if word]
        found = {word: _called(word, names) or solvers_fitting(word, names) for word in words}
        none = [word for word in words if not found[word]]
        if none and len(words) > 1:
            raise NoSolver(nothing_matches(none[0], names))
        named = {name for each in found.values() for name in each}
        chosen = [n for n in names if (n in named or not words) and self._takes(n)]
        return set(chosen[: self.limit] if self.limit else chosen)

    def _takes(self, name: str) -> bool:
        of_task = not self.task or self.task == task_of(name)
        return of_task and (not self.corpus or self.corpus == corpus_of(name))

    def nothing_of(self, names: Sequence[str]) -> str:
        """What is said where it is none of these solvers."""
        return nothing_matches(self.solver or self.task or self.corpus, names)


def nothing_matches(word: str, names: Sequence[str]) -> str:
    """What is said of a word that no solver matches, with what may have been meant."""
    parts = (lambda n: (n,)) if "/" in word else _words_of
    near = difflib.get_close_matches(word, sorted({p for n in names for p in parts(n)}), 1, 0.75)
    return f"no solver in the battery matches {word!r}" + (
        f"; did you mean {near[0]}?" if near else ""
    )


def _words_of(name: str) -> tuple[str, ...]:
    """What may stand for a solver beside its whole name."""
    return name.rpartition("/")[2], corpus_of(name), task_of(name)


class NoSolver(Problem):
    """A name, or the begin or pattern of one, that no solver has."""

    status = 2


def _called(word: str, names: Sequence[str]) -> list[str]:
    """The solvers of exactly this name, CORPUS/ID or ID: not others of the same task."""
    return [name for name in names if word in (name, name.rpartition("/")[2])]


def solvers_fitting(word: str, names: Sequence[str]) -> list[str]:
    """The solvers of this name, CORPUS/ID or ID, or of this task; else those whose name, with or
    without its corpus, fits this pattern, or begins so.
    """
    short = {name: name.rpartition("/")[2] for name in names if word}
    if set("*?[").intersection(word):
        return [n for n, ident in short.items() if fnmatchcase(n, word) or fnmatchcase(ident, word)]
    exact = [name for name in short if word in (name, short[name], task_of(name))]
    return exact or [n for n in short if n.startswith(word) or short[n].startswith(word)]


ALL: Final = Chosen()
"""Every solver."""
