"""Parts of a long comparison, and what each process does with one, here or on a cluster."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pipeline.battery.batteries import CompiledBattery
from pipeline.cluster.job import Station
from pipeline.data.tasks import Sample
from pipeline.engine.image import Image
from pipeline.frontend.program import Program
from pipeline.ir.status import Limits
from pipeline.system.free_memory import MIB
from pipeline.trust.agreement.lanes import Agreement, compare_lanes, random_lanes


@dataclass(frozen=True, slots=True)
class Part:
    """Lanes that are compared at once: so many random ones of the matrix, or with tasks each
    solver of theirs on `count` generated samples.
    """

    seed: int
    number: int
    count: int
    tasks: tuple[str, ...] = ()


class Lanes(NamedTuple):
    """Samples, how they are called, and for each solver which of them it is to be run on."""

    samples: Sequence[Sample]
    names: Callable[[int], str]
    wanted: list[list[int]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Whose lanes are compared."""

    battery: CompiledBattery
    programs: Mapping[str, Program]
    limits: Limits

    def random_of(self, part: Part, samples: Sequence[Sample]) -> list[list[int]]:
        """The lanes of a part of the matrix on these samples."""
        rng = random.Random(f"{part.seed}/{part.number}")
        return random_lanes(rng, len(self.battery.solvers), len(samples), part.count)

    def compare(self, lanes: Lanes, careful: bool) -> Agreement:
        """Interpret lanes, run them, and compare."""
        return compare_lanes(
            self.battery,
            self.programs,
            lanes.samples,
            lanes.wanted,
            self.limits,
            careful,
            lanes.names,
        )


class ComparedAway(NamedTuple):
    """What all parts need that are compared elsewhere: samples are those of the matrix."""

    image: Image
    programs: Mapping[str, Program]
    limits: Limits
    samples: Sequence[Sample]
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class PartLoad:
    """A part for a worker; given: its generated samples, their names, and who wants which."""

    part: Part
    lanes: int
    given: tuple[Sequence[Sample], Sequence[str], list[list[int]]] | None = None
    careful: bool = False

    def parts(self) -> list[PartLoad]:
        """The same with each solver apart, if it was not."""
        return [] if self.careful else [replace(self, careful=True)]


def serve_parts(away: ComparedAway, station: Station) -> Callable[[PartLoad], Any]:
    """What compares a part, in a process of a worker."""
    memory_mib = max(1, station.share_bytes // MIB)
    battery = CompiledBattery(away.image, station.kernels, memory_mib)
    compared = Compared(battery, away.programs, away.limits)

    def run(load: PartLoad) -> Agreement:
        if load.given is None:
            wanted = compared.random_of(load.part, away.samples)
            lanes = Lanes(away.samples, away.names.__getitem__, wanted)
        else:
            samples, names, wanted = load.given
            lanes = Lanes(samples, names.__getitem__, wanted)
        return compared.compare(lanes, load.careful)

    return run
