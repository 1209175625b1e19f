"""What callers of a battery in memory give: programs, the lanes that they want, a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipeline.config.config import Config, load_config
from pipeline.data.fetch import PROJECT
from pipeline.frontend.program import Program

Given = str | Program
"""A program as text (one solver), or parsed."""

Programs = Given | Iterable[Given] | Mapping[str, Given]
"""One program, several, or several by the names that they are to have."""

Wanted = Sequence[Iterable[int]]


def configured(config: Config | None) -> tuple[Config, Path]:
    """The configuration, and the folder from which its paths are meant.

    Where none is given it is that of `config.yaml` in the working directory, or else of the clone
    that this code stands in, so that notebooks in any folder share its kernels; or else all
    defaults.
    """
    here = Path.cwd()
    if config is not None:
        return config, here
    is_clone = (PROJECT / "pyproject.toml").is_file()
    root = PROJECT if is_clone and not (here / "config.yaml").is_file() else here
    return load_config(root / "config.yaml"), root


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
