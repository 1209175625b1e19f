"""All answers for programs on grids: the direct interpreter's, and those of a runner (`runners`):
each program alone, several at once, and linked.

An answer is the output grid, a `Failure`, or a `Crash`: whatever else was raised, which is always a
fault of ours. Two answers agree if they are the same grid, or failures of the same reason (the kind
follows from it); that they name another operation is only counted.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any, Protocol

from pipeline.codegen.emit import emit
from pipeline.codegen.graph_text import write_graph
from pipeline.data.tasks import TrainPairs
from pipeline.diagnostics import Diagnostic
from pipeline.frontend.parse import parse_text, parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit
from pipeline.ir.graph import Graph
from pipeline.ir.status import OK, Failure, Limits
from pipeline.oracle.interpret import outcome
from pipeline.passes import run_passes

MOST_NODES = 20_000
Ends = dict[int, dict[int, Any]]
"""How lanes end, by the program's place and the grid's."""

Answers = list[dict[int, Any]]
"""For each program, by the place of the grid."""

Wanted = list[list[int]] | None
"""For each program the places of the grids that it is wanted on; None for all."""


@dataclass(frozen=True, slots=True)
class Crash:
    """An exception that no lane may end with; `text` is its traceback."""

    error: str
    text: str


def crash(error: Exception) -> Crash:
    """The exception as an answer."""
    return Crash(type(error).__name__, "".join(traceback.format_exception(error)))


@dataclass(frozen=True, eq=False)
class Built:
    """A program that was compiled, or why it was not.

    program is None where the text does not parse, code and graph where the front end rejects it.
    broken is set where it crashed.
    """

    program: Program | None
    code: str | None
    graph: Graph | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: Crash | None = None

    @cached_property
    def solve(self) -> Callable[..., None]:
        """The generated function, loaded."""
        return loaded(self.code or "", "solve")

    @cached_property
    def graph_text(self) -> str:
        """What a build keeps of the graph."""
        return "" if self.graph is None else write_graph(self.graph)

    @property
    def rejected(self) -> bool:
        """Whether the front end says that it is no program."""
        return self.code is None and self.broken is None


AllShown = Sequence[TrainPairs | None] | None
"""For each grid the train pairs of its task, where there are any."""


class Runner(Protocol):
    """What runs programs: how their lanes end, or whatever it raises."""

    def together(
        self,
        built: list[Built],
        grids: list[Any],
        wanted: Wanted,
        limits: Limits,
        shown: AllShown = None,
    ) -> Ends:
        """Run programs at once, each as it is."""

    def linked(self, built: list[Built], grids: list[Any], wanted: Wanted, limits: Limits) -> Ends:
        """Run programs linked into one battery."""


@lru_cache(maxsize=256)
def build(text: str, name: str = "fuzz/program") -> Built:
    """Compile the one program in a text; see `built_of`."""
    return built_of(*parse_text(text, name))


def build_unit(unit: Unit) -> Built:
    """Compile a program of a file; see `built_of`."""
    return built_of(*parse_unit(unit))


def built_of(program: Program | None, found: Sequence[Diagnostic]) -> Built:
    """Compile a program that was parsed as `codegen.compile` does, its graph verified after each
    pass; never raises.
    """
    if program is None:
        return Built(None, None, diagnostics=tuple(found))
    try:
        graph, found = run_passes(program, MOST_NODES, verified=True)
        if graph is None:
            return Built(program, None, diagnostics=tuple(found))
        return Built(program, emit(graph), graph)
    except Exception as error:
        return Built(program, None, broken=crash(error))


def loaded(code: str, name: str) -> Callable[..., None]:
    """A function of a generated module."""
    namespace: dict[str, Any] = {"__name__": "generated"}
    exec(compile(code, "<generated>", "exec"), namespace)
    return namespace[name]


# -- answers


def direct(built: Built, grid: Any, limits: Limits, shown: TrainPairs | None = None) -> Any:
    """The interpreter's answer."""
    assert built.program is not None
    try:
        return outcome(built.program, grid, limits, shown)
    except Exception as error:
        return crash(error)


def alone(
    built: list[Built], grids: list[Any], wanted: list[list[int]], limits: Limits, runner: Runner
) -> Answers:
    """The answers of each program by itself, on the grids wanted from it."""
    return [
        dict(zip(lanes, generated(b, [grids[k] for k in lanes], limits, runner), strict=True))
        for b, lanes in zip(built, wanted, strict=True)
    ]


def generated(built: Built, grids: list[Any], limits: Limits, runner: Runner) -> list[Any]:
    """The answers of one program on a batch of grids."""
    if built.broken is not None:
        return [built.broken] * len(grids)
    try:
        found = runner.together([built], grids, None, limits)[0]
        return [found[k] for k in range(len(grids))]
    except Exception as error:
        return [crash(error)] * len(grids)


def together(
    built: list[Built],
    grids: list[Any],
    wanted: list[list[int]],
    limits: Limits,
    runner: Runner,
    shown: AllShown = None,
) -> Answers:
    """The answers of programs that are run at once: as many lanes as of a battery, and nothing is
    linked, which takes longer than all the rest.
    """
    return _at_once(partial(runner.together, shown=shown), built, grids, wanted, limits)


def battery(
    built: list[Built], grids: list[Any], wanted: list[list[int]], limits: Limits, runner: Runner
) -> Answers:
    """The answers of programs linked into one battery."""
    return _at_once(runner.linked, built, grids, wanted, limits)


def _at_once(
    run: Callable[..., Ends],
    built: list[Built],
    grids: list[Any],
    wanted: list[list[int]],
    limits: Limits,
) -> Answers:
    try:
        found = run(built, grids, wanted, limits)
        return [found[k] for k in range(len(built))]
    except Exception as error:
        return [dict.fromkeys(lanes, crash(error)) for lanes in wanted]


def agree(a: Any, b: Any) -> bool:
    """Whether two answers are the same outcome."""
    if isinstance(a, Crash) or isinstance(b, Crash):
        return False
    if isinstance(a, Failure) or isinstance(b, Failure):
        return type(a) is type(b) and a.reason == b.reason
    return type(a) is type(b) and a == b


def label(answer: Any) -> str:
    """An answer in a word: `ok`, a reason, or an exception's name."""
    if isinstance(answer, Failure):
        return f"{answer.kind} {answer.reason}"
    return f"crash {answer.error}" if isinstance(answer, Crash) else OK
