"""Which files hold solvers: the one place that looks for them.

A corpus is a file, or a folder with all `.py` files below it. What is hidden is never taken: files
that begin with a dot, and folders that begin with a dot or with `__`, so that copies an editor or a
notebook keeps (`.ipynb_checkpoints`) and bytecode stay out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from pipeline.system.stamp import stamp, stamps_in

Key = tuple[str, str]
"""A source file of a corpus: (corpus, path)."""


def find_sources(corpora: Iterable[Iterable[str]]) -> Iterator[tuple[Key, int]]:
    """Every source file and its stamp, in order of precedence, then of path; corpora: pairs of a
    name and a path."""
    for corpus, path in corpora:
        if os.path.isdir(path):
            found = {p: s for _, files in folders_of(path.rstrip("/")) for p, s in files.items()}
            for name in sorted(found):
                yield (corpus, name), found[name]
        elif os.path.exists(path):
            yield (corpus, path), stamp(os.stat(path))


def folders_of(
    folder: str, above: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[tuple[str, dict[str, int]]]:
    """A folder and those below it, each with the stamps of its source files by path.

    above: the folders that it is in. A link to one of these would go round and round: it is passed
    over.
    """
    status = os.stat(folder)
    itself = status.st_dev, status.st_ino
    if itself in above:
        return
    files, folders = stamps_in(folder)
    yield folder, {path: found for path, found in files.items() if _is_source(path)}
    for name in folders:
        if not is_hidden(name):
            yield from folders_of(f"{folder}/{name}", above | {itself})


def is_hidden(folder: str) -> bool:
    """Whether nothing is taken from folders of this name."""
    return folder.startswith((".", "__"))


def _is_source(path: str) -> bool:
    return path.endswith(".py") and not path[path.rfind("/") + 1 :].startswith(".")
