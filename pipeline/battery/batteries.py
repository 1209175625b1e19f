"""A linked battery on a backend: who ends how on which sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from pipeline.data.tasks import Sample
from pipeline.ir.status import Limits
from pipeline.oracle.reference import ReferenceRuntime

if TYPE_CHECKING:
    import numpy as np

    from pipeline.engine import cpu
    from pipeline.engine.beside import InterpretedSolvers
    from pipeline.engine.costs import Profile
    from pipeline.engine.cuda.cuda_engine import Accelerator, Usage
    from pipeline.engine.cuda.measured import MeasuredCosts
    from pipeline.engine.engine import Engine
    from pipeline.engine.image import Image

Wanted = Sequence[Sequence[int]]
"""For each solver the samples that it is wanted on, as places in a list."""

FEW: Final = 5
"""As many solvers are named one by one; more are counted."""

Lanes = Sequence["np.ndarray"] | None
"""For each solver an array of as many lanes."""


class LinkedBattery(Protocol):
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

    @property
    def device(self) -> dict[str, Any]:
        """What ran it, for results."""

    def outcomes(
        self, samples: Sequence[Sample], wanted: Wanted, limits: Limits, lanes: Lanes = None
    ) -> list[list[Any]]:
        """For each solver, for each sample wanted, the output grid or the Failure. lanes: for each
        solver an array to fill in with what `score_rows.LANE` has of these.
        """


@dataclass(frozen=True, slots=True)
class ReferenceBattery:
    """A battery on the reference runtime; evaluate is the generated function."""

    solvers: tuple[str, ...]
    evaluate: Callable[[Any], None]
    nodes: int = 0
    native_nodes: int = 0
    backend: str = ReferenceRuntime.name

    @property
    def device(self) -> dict[str, Any]:
        """What ran it, for results."""
        return {"device": "cpu", "threads": 1}

    def outcomes(
        self, samples: Sequence[Sample], wanted: Wanted, limits: Limits, lanes: Lanes = None
    ) -> list[list[Any]]:
        """See `LinkedBattery`."""
        grids, shown = [s.input for s in samples], [s.shown for s in samples]
        runtime = ReferenceRuntime(grids, limits, [list(places) for places in wanted], shown)
        self.evaluate(runtime)
        found = runtime.verdicts
        if lanes is not None:
            from pipeline.battery.score_rows import lane_of

            for k, places in enumerate(wanted):
                for at, place in enumerate(places):
                    lanes[k][at] = lane_of(samples[place].output, found[k][place])
        return [[found[k][place] for place in places] for k, places in enumerate(wanted)]


@dataclass(frozen=True)
class Accelerated:
    """GPUs that a battery may use.

    memory_bytes: of each, at most. least_lanes: from how many lanes on; 0 where the GPU is asked
    for, and then nothing falls back to the CPU. usage: what they did; measured: what programs cost
    on them.
    """

    devices: tuple[Accelerator, ...]
    memory_bytes: int
    least_lanes: int
    usage: Usage
    measured: MeasuredCosts | None = None


class CompiledBattery:
    """A battery on compiled kernels: on the CPU, or on GPUs where it has some.

    spoken: makes the same battery for the reference runtime, on which the solvers run that use rows
    of the project's own without a row function.
    away: makes what runs blocks elsewhere, if that is wanted; ran_on: what that was, for results.
    """

    def __init__(
        self,
        image: Image,
        kernels: Path,
        memory_mib: int = 0,
        threads: int = 1,
        accelerated: Accelerated | None = None,
        spoken: Callable[[], ReferenceBattery] | None = None,
        away: Callable[[CompiledBattery, Limits], Engine] | None = None,
    ) -> None:
        self.image = image
        self.kernels = kernels
        self.memory_mib = memory_mib
        self.threads = threads
        self.accelerated = accelerated
        self.away = away
        self.ran_on: dict[str, Any] = {}
        self._spoken = spoken

    @cached_property
    def interpreted(self) -> InterpretedSolvers:
        """The solvers that run on the reference runtime."""
        from pipeline.engine.beside import InterpretedSolvers, interpreted_in

        spoken = cache(self._spoken or _nothing_spoken)
        numbers = {k: k for k in interpreted_in(self.image)}
        return InterpretedSolvers(numbers, lambda: spoken().evaluate)

    @property
    def interpreted_text(self) -> str:
        """Which solvers run on the reference runtime, why, and how long they took."""
        from pipeline.engine.beside import rows_lacking
        from pipeline.primitives.table import own_rows

        found = self.interpreted
        if not found.numbers:
            return ""
        names = [self.solvers[k] for k in found.numbers]
        named = [*names[:FEW], *([f"{len(names) - FEW:,} more"] if len(names) > FEW else [])]
        files = own_rows().files
        rows = [f"{name} ({files.get(name, 'a row')})" for name in rows_lacking(self.image)]
        took = f", in {found.seconds:.2f} s" if found.seconds else ""
        return f"on the reference runtime{took}: {', '.join(named)}; no @native: {', '.join(rows)}"

    @property
    def uses_shown(self) -> bool:
        """Whether a solver uses the train pairs of the task."""
        from pipeline.engine.shown import uses_shown

        return uses_shown(self.image)

    @property
    def backend(self) -> str:
        """What has run lanes of it, or would."""
        gpu = self.accelerated
        return "cuda" if gpu and (gpu.least_lanes == 0 or gpu.usage.launches) else "cpu"

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
        """How many of them are instructions of compiled kernels: all."""
        return self.image.nodes

    @property
    def device(self) -> dict[str, Any]:
        """What ran it, for results: the devices' names, and of GPUs what they did."""
        if self.backend == "cpu" or self.accelerated is None:
            return {"device": "cpu", "threads": self.threads, **self.ran_on}
        names = [device.facts.name for device in self.accelerated.devices]
        return {"device": ", ".join(names), **self.accelerated.usage.to_json()}

    def engine(self, limits: Limits) -> Engine:
        """What runs blocks of its lanes within these limits."""
        from pipeline.engine.beside import BesideEngine

        away = self.away
        quick = self.engine_here(limits) if away is None else away(self, limits)
        return BesideEngine(quick, self.interpreted) if self.interpreted.numbers else quick

    def engine_here(self, limits: Limits) -> Engine:
        """What runs on this machine those that have kernels."""
        from pipeline.engine import auto

        gpu = self.accelerated
        if gpu is None:
            return self.cpu_engine(limits)
        if gpu.least_lanes == 0:
            return self.gpu_engine(limits)
        made = partial(self.cpu_engine, limits), partial(self.gpu_engine, limits)
        return auto.AutoEngine(self.image, limits, *made, gpu.least_lanes)

    def cpu_engine(self, limits: Limits) -> cpu.CpuEngine:
        """What runs blocks on the CPU."""
        from pipeline.engine import cpu

        return cpu.CpuEngine(self.image, self.kernels, limits, self.memory_mib, self.threads)

    def gpu_engine(self, limits: Limits) -> Engine:
        """What runs blocks on its GPUs."""
        from pipeline.engine.cuda import cuda_engine
        from pipeline.engine.cuda.texts import numbers

        gpu = self.accelerated
        assert gpu is not None, "this battery has no GPU"
        return cuda_engine.CudaEngine(
            self.image,
            numbers(),
            gpu.devices,
            gpu.memory_bytes,
            limits,
            spare=partial(self.cpu_engine, limits) if gpu.least_lanes else None,
            usage=gpu.usage,
            measured=gpu.measured,
        )

    def outcomes(
        self, samples: Sequence[Sample], wanted: Wanted, limits: Limits, lanes: Lanes = None
    ) -> list[list[Any]]:
        """See `LinkedBattery`."""
        from pipeline.battery.score_rows import lanes_in
        from pipeline.engine.engine import blocks_for
        from pipeline.engine.shown import samples_for

        engine = self.engine(limits)
        encoded = samples_for(self.image, samples)
        blocks = blocks_for(wanted, len(samples))
        found: list[dict[int, Any]] = [{} for _ in wanted]
        for outcome in engine.run(encoded, blocks, keep="wrong", scores=lanes is not None):
            if lanes is not None:
                scored = lanes_in(outcome)
                for k, lane, solver, sample in outcome.lanes():
                    lanes[solver][wanted[solver].index(sample)] = scored[k, lane]
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
        """Where the time of such a run on the CPU goes, interpreted solvers aside."""
        from pipeline.engine.costs import profile
        from pipeline.engine.engine import blocks_for
        from pipeline.engine.shown import samples_for

        encoded = samples_for(self.image, samples)
        slow = self.interpreted.numbers
        wanted = [() if k in slow else places for k, places in enumerate(wanted)]
        return profile(self.cpu_engine(limits), encoded, blocks_for(wanted, len(samples)))


def _nothing_spoken() -> ReferenceBattery:
    raise LookupError("a battery with rows that only the reference runtime has needs its text")


def load_battery(path: Path, nodes: int = 0) -> ReferenceBattery:
    """The battery in a generated file, for the reference runtime; nodes is how many it has."""
    return battery_of(path.read_bytes(), str(path), nodes)


def battery_of(text: str | bytes, path: str = "batt.py", nodes: int = 0) -> ReferenceBattery:
    """The same of the text of such a file."""
    scope: dict[str, Any] = {"__name__": "batt"}
    exec(compile(text, path, "exec"), scope)
    return ReferenceBattery(scope["SOLVERS"], scope["evaluate"], nodes)
