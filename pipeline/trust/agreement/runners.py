"""What gives programs' answers besides the interpreter: generated text on a runtime, and lowered
graphs on compiled kernels; either one program after another, or linked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pipeline.codegen.link import Linked, link
from pipeline.engine.beside import BesideEngine, Evaluate, InterpretedSolvers, interpreted_in
from pipeline.engine.cpu import CpuEngine
from pipeline.engine.engine import Engine, blocks_for, blocks_over
from pipeline.engine.image import Image, image_of_graphs
from pipeline.engine.samples import encode_samples
from pipeline.engine.shown import encode_shown
from pipeline.ir.status import Limits
from pipeline.kernels.store import FOLDER
from pipeline.oracle.reference import ReferenceRuntime
from pipeline.system.apart import apart
from pipeline.trust.agreement.answers import AllShown, Built, Ends, Runner, Wanted, loaded


@dataclass(frozen=True, slots=True)
class TextRunner:
    """Generated text on a runtime."""

    runtime: type[Any] = ReferenceRuntime

    def together(
        self,
        built: list[Built],
        grids: list[Any],
        wanted: Wanted,
        limits: Limits,
        shown: AllShown = None,
    ) -> Ends:
        """Each program's function, one after another on one runtime."""
        rt = self.runtime(grids, limits, wanted, shown)
        for k, b in enumerate(built):
            b.solve(rt, k)
        return self._ends(rt)

    def linked(self, built: list[Built], grids: list[Any], wanted: Wanted, limits: Limits) -> Ends:
        """The text of the battery."""
        rt = self.runtime(grids, limits, wanted)
        _evaluate(tuple(b.graph_text for b in built))(rt)
        return self._ends(rt)

    def _ends(self, rt: Any) -> Ends:
        found: Ends = rt.verdicts
        return found


@dataclass(frozen=True)
class ImageRunner:
    """Graphs, lowered, on compiled kernels of the CPU, which are in a folder."""

    kernels: Path = field(default=FOLDER, kw_only=True)

    def engine(self, image: Image, limits: Limits) -> Engine:
        """What runs an image."""
        return CpuEngine(image, self.kernels, limits)

    def _engine(self, image: Image, limits: Limits, evaluate: Callable[[], Evaluate]) -> Engine:
        """The same, with the reference runtime for programs that only that can run."""
        engine = self.engine(image, limits)
        numbers = {k: k for k in interpreted_in(image)}
        return BesideEngine(engine, InterpretedSolvers(numbers, evaluate)) if numbers else engine

    def together(
        self,
        built: list[Built],
        grids: list[Any],
        wanted: Wanted,
        limits: Limits,
        shown: AllShown = None,
    ) -> Ends:
        """The programs' own graphs, lowered one after another."""
        image = image_of_graphs([b.graph for b in built if b.graph is not None])
        texts = tuple([b.graph_text for b in built if b.graph is not None])
        return self.ends(image, grids, wanted, limits, partial(_evaluate, texts), shown)

    def linked(self, built: list[Built], grids: list[Any], wanted: Wanted, limits: Limits) -> Ends:
        """The image of the battery, made of what a build keeps of the graphs."""
        texts = tuple(b.graph_text for b in built)
        image = _linked(texts).image
        return self.ends(image, grids, wanted, limits, partial(_evaluate, texts))

    def ends(
        self,
        image: Image,
        grids: list[Any],
        wanted: Wanted,
        limits: Limits,
        evaluate: Callable[[], Evaluate],
        shown: AllShown = None,
    ) -> Ends:
        """How the lanes of an image end."""
        engine = self._engine(image, limits, evaluate)
        samples = encode_samples((grid, None) for grid in grids)
        if shown is not None:
            samples = replace(samples, shown=encode_shown(shown))
        solvers = range(len(image.solvers))
        blocks = blocks_over(solvers, len(samples))
        if wanted is not None:
            blocks = blocks_for(wanted, len(samples))
        found: dict[int, dict[int, Any]] = {k: {} for k in solvers}
        for outcome in engine.run(samples, blocks, keep="all"):
            for k, lane, solver, sample in outcome.lanes():
                grid = outcome.grids.get((k, lane))
                code = outcome.verdicts[k, lane]
                found[solver][sample] = engine.failure(code) if grid is None else grid
        return found


@dataclass(frozen=True, slots=True)
class ApartRunner:
    """Another one, in processes of its own."""

    runner: Runner

    def together(
        self,
        built: list[Built],
        grids: list[Any],
        wanted: Wanted,
        limits: Limits,
        shown: AllShown = None,
    ) -> Ends:
        """See `Runner`."""
        return apart(partial(self.runner.together, built, grids, wanted, limits, shown))

    def linked(self, built: list[Built], grids: list[Any], wanted: Wanted, limits: Limits) -> Ends:
        """See `Runner`."""
        return apart(partial(self.runner.linked, built, grids, wanted, limits))


@lru_cache(maxsize=2)
def _linked(graphs: tuple[str, ...]) -> Linked:
    """A battery; kept for the next runner that is asked the same."""
    return link([(f"{k:04}", text) for k, text in enumerate(graphs)])


@lru_cache(maxsize=2)
def _evaluate(graphs: tuple[str, ...]) -> Callable[..., None]:
    return loaded(_linked(graphs).code, "evaluate")
