"""Crews for tests: this process in the place of those that work on islands."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.cluster.job import Station
from pipeline.search.crew import Crew, IslandLoad, LocalCrew
from pipeline.search.islands import IslandReport, World, start
from tests.compiled import compiled_kernels


class Alone:
    """This process, in the place of those that islands are worked on by; the loads in any order."""

    def __init__(self, world: World, seed: int = 0) -> None:
        self._run = start(world, Station(compiled_kernels(), 0, 0))
        self._rng = random.Random(seed)

    def run(self, loads: Iterable[IslandLoad]) -> Iterator[tuple[IslandLoad, IslandReport]]:
        """As any crew."""
        for load in self._rng.sample(list(loads), len(list(loads))):
            yield load, self._run(load)

    def end(self) -> None:
        """Nothing is left."""


class Changing(Alone):
    """A process for each load, none of which has seen anything before."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._world = world

    def run(self, loads: Iterable[IslandLoad]) -> Iterator[tuple[IslandLoad, IslandReport]]:
        """As any crew."""
        for load in loads:
            yield load, start(self._world, Station(compiled_kernels(), 0, 0))(load)


def in_processes(world: World) -> LocalCrew:
    """Two of them."""
    return LocalCrew(world, compiled_kernels(), 2)


@contextmanager
def alone(world: World, *how: Any) -> Iterator[Crew]:
    """As `crew.crew_of`."""
    yield Alone(world)
