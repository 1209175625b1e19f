"""Tasks by their names, or by how those begin: for `show` and `new`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from pipeline.battery.opening import tasks_of
from pipeline.config.context import Context
from pipeline.data.arc import SOURCES, load_tasks
from pipeline.data.tasks import DataError, Task


def known_tasks(context: Context) -> dict[str, Task]:
    """The tasks of the data sets in config.yaml, then those of the published sets."""
    found = dict(tasks_of(context.config))
    for name in SOURCES:
        if name not in context.config.data:
            try:
                others = load_tasks(name, context.config.cache.folder)
            except DataError:
                continue  # what nobody asked for by name need not be there
            for ident, task in others.items():
                found.setdefault(ident, task)
    return found


def begun_by(word: str, names: Iterable[str]) -> list[str]:
    """The one of these names that is the word, else those that begin with it."""
    listed = list(names)
    return [word] if word in listed else [name for name in listed if name.startswith(word)]


def nothing_is(word: str, what: str, names: Iterable[str]) -> str:
    """What is said where no name fits, with the nearest one if any is near."""
    near = difflib.get_close_matches(word, list(names), n=1)
    return f"no {what} {word!r}" + (f": did you mean {near[0]}?" if near else "")
