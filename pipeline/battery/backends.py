"""A linked battery on a backend: who ends how on which sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.data.arc import Sample
from pipeline.ir.status import Limits
from pipeline.runtime.backends.reference import Runtime

if TYPE_CHECKING:
    from pipeline.runtime.backends.cpu import Engine
    from pipeline.runtime.profile import Profile

Wanted = Sequence[Sequence[int]]
"""For each solver the samples that it is wanted on, as places in a list."""


class Battery(Protocol):
    """Solvers that can be run.

    nodes: how many nodes they have together; native_nodes: how many of them no Python object goes
    through.
    """

    @property
    def solvers(self) -> tuple[str, ...]:
        """Their names; a solver's number is its place."""

    @property
    def backend(self) -> str:
        """What runs them."""

    @property
    def nodes(self) -> int:
        """See above."""

    @property
    def native_nodes(self) -> int:
        """See above."""

    def outcomes(
        self, samples: Sequence[Sample], wanted: Wanted, limits: Limits
    ) -> list[list[Any]]:
        """For each solver, for each sample wanted, the output grid or the Failure."""


@dataclass(frozen=True, slots=True)
class ReferenceBattery:
    """A battery on the reference runtime; evaluate is the generated function."""

    solvers: tuple[str, ...]
    evaluate: Callable[[Any], None]
    nodes: int = 0
    native_nodes: int = 0
    backend: str = Runtime.name

    def outcomes(
        self, samples: Sequence[Sample], wanted: Wanted, limits: Limits
    ) -> list[list[Any]]:
        """For each solver, for each sample wanted, the output grid or the Failure."""
        grids = [sample.input for sample in samples]
        runtime = Runtime(grids, limits, [list(lanes) for lanes in wanted])
        self.evaluate(runtime)
        found = runtime.verdicts
        return [[found[k][lane] for lane in lanes] for k, lanes in enumerate(wanted)]


class CompiledBattery:
    """A battery on the CPU backend; it loads the program and the kernels when it is made."""

    backend = "cpu"

    def __init__(
        self, path: Path, images: Path, kernels: Path, memory_mib: int = 1024, threads: int = 1
    ) -> None:
        from pipeline.runtime.image import load_image

        self.image = load_image(path, images)
        self.kernels = kernels
        self.memory_mib = memory_mib
        self.threads = threads

    @property
    def solvers(self) -> tuple[str, ...]:
        """Their names."""
        return self.image.solvers

    @property
    def nodes(self) -> int:
        """How many lines the battery has."""
        return self.image.nodes

    @property
    def native_nodes(self) -> int:
        """How many of them are instructions of compiled kernels: all, or the image is not made."""
        return self.image.native_nodes

    def engine(self, limits: Limits) -> Engine:
        """What runs blocks of its lanes within these limits."""
        from pipeline.runtime.backends import cpu

        return cpu.Engine(self.image, self.kernels, limits, self.memory_mib, self.threads)

    def outcomes(
        self, samples: Sequence[Sample], wanted: Wanted, limits: Limits
    ) -> list[list[Any]]:
        """For each solver, for each sample wanted, the output grid or the Failure."""
        from pipeline.runtime.backends import cpu

        engine = self.engine(limits)
        encoded = cpu.encode_samples([(s.input, s.output) for s in samples])
        blocks = cpu.blocks_for(wanted, len(samples))
        found: list[dict[int, Any]] = [{} for _ in wanted]
        for outcome in engine.run(encoded, blocks, keep="wrong"):
            codes = outcome.verdicts.tolist()
            for k, lane, solver, sample in outcome.lanes():
                code = codes[k][lane]
                if code < 0:
                    found[solver][sample] = engine.failure(code)
                else:
                    right = samples[sample].output
                    found[solver][sample] = right if code else outcome.grids[k, lane]
        return [[found[k][lane] for lane in lanes] for k, lanes in enumerate(wanted)]

    def profile(self, samples: Sequence[Sample], wanted: Wanted, limits: Limits) -> Profile:
        """Where the time of such a run goes."""
        from pipeline.runtime.backends import cpu
        from pipeline.runtime.profile import profile

        encoded = cpu.encode_samples([(s.input, s.output) for s in samples])
        return profile(self.engine(limits), encoded, cpu.blocks_for(wanted, len(samples)))


def load_battery(path: Path, nodes: int = 0) -> ReferenceBattery:
    """The battery in a generated file, for the reference runtime; nodes is how many it has."""
    scope: dict[str, Any] = {"__name__": "batt"}
    exec(compile(path.read_bytes(), str(path), "exec"), scope)
    return ReferenceBattery(scope["SOLVERS"], scope["evaluate"], nodes)
