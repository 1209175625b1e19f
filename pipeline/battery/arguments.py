"""What callers of a battery in memory give: programs, the lanes that they want, a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.data import arc
from pipeline.data.tasks import Task
from pipeline.frontend.program import Program

Given = str | Program
"""A program as text (one solver), or parsed."""

Programs = Given | Iterable[Given] | Mapping[str, Given]
"""One program, several, or several by the names that they are to have."""

Wanted = Sequence[Iterable[int]]


def configured(config: Config | None) -> Config:
    """The configuration, whose paths hold from here; where none is given, that of the project that
    `Context.found` finds."""
    return Context.found().config if config is None else config


def load_tasks(name: str) -> dict[str, Task]:
    """The tasks of a data set, in order of their ids; DataError if it is missing or damaged.

    name: that of a published one, which `doit data` has fetched for the project that
    `Context.found` finds, or the path of a file or folder of your own.
    """
    return arc.load_tasks(name, Context.found().config.cache.folder)


def named(programs: Programs) -> list[tuple[str, Given]]:
    """Each program with its name, "" where it has none; TypeError for what is no program."""
    if isinstance(programs, str | Program):
        programs = [programs]
    if isinstance(programs, Mapping):
        listed = [(str(name), given) for name, given in programs.items()]
    else:
        listed = [(given.name if isinstance(given, Program) else "", given) for given in programs]
    for k, (_, given) in enumerate(listed):
        if not isinstance(given, str | Program):
            kind = type(given).__name__
            raise TypeError(f"programs[{k}]: a program is a text or a Program, not {kind}")
    return listed


def checked(wanted: Wanted, programs: int, samples: int) -> list[list[int]]:
    """For each program the places wanted, ascending, each once; ValueError if there is no such."""
    if len(wanted) != programs:
        raise ValueError(f"wanted is of {len(wanted)} programs, there are {programs}")
    listed = [sorted({int(place) for place in places}) for places in wanted]
    for k, places in enumerate(listed):
        if places and not 0 <= places[0] <= places[-1] < samples:
            wrong = places[0] if places[0] < 0 else places[-1]
            raise ValueError(f"wanted[{k}]: there is no sample {wrong}, there are {samples}")
    return listed
