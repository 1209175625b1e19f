"""All answers for programs on grids: the direct interpreter's, and the generated code's on a
runtime: each program alone, several on one runtime, and linked.

An answer is the output grid, a `Failure`, or a `Crash`: whatever else was raised, which is always a
fault of ours. Two answers agree if they are the same grid, or failures of the same reason (the kind
follows from it); that they name another operation is only counted.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from pipeline.codegen.emit import emit
from pipeline.codegen.link import link
from pipeline.diagnostics import Diagnostic
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit
from pipeline.ir.status import OK, Failure, Limits
from pipeline.oracle.interpret import outcome
from pipeline.oracle.reference import ReferenceRuntime
from pipeline.passes import run_passes

MOST_NODES = 20_000
Answers = list[dict[int, Any]]
"""For each program, by the place of the grid."""


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

    program is None where the text does not parse, code where the front end rejects it. broken is
    set where it crashed.
    """

    program: Program | None
    code: str | None
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: Crash | None = None

    @cached_property
    def solve(self) -> Callable[..., None]:
        """The generated function, loaded."""
        return loaded(self.code or "", "solve")

    @property
    def rejected(self) -> bool:
        """Whether the front end says that it is no program."""
        return self.code is None and self.broken is None


@lru_cache(maxsize=256)
def build(text: str, name: str = "fuzz/program") -> Built:
    """Compile a program's text as `codegen.compile` does; never raises."""
    program, found = parse_unit(Unit(name, f"{name}.py", 1, text))
    if program is None:
        return Built(None, None, tuple(found))
    try:
        graph, found = run_passes(program, MOST_NODES)
        if graph is None:
            return Built(program, None, tuple(found))
        return Built(program, emit(graph))
    except Exception as error:
        return Built(program, None, broken=crash(error))


def loaded(code: str, name: str) -> Callable[..., None]:
    """A function of a generated module."""
    namespace: dict[str, Any] = {"__name__": "generated"}
    exec(compile(code, "<generated>", "exec"), namespace)
    return namespace[name]


# -- answers


def direct(built: Built, grid: Any, limits: Limits) -> Any:
    """The interpreter's answer."""
    assert built.program is not None
    try:
        return outcome(built.program, grid, limits)
    except Exception as error:
        return crash(error)


def generated(
    built: Built, grids: list[Any], limits: Limits, runtime: type[Any] = ReferenceRuntime
) -> list[Any]:
    """The generated code's answers, on a batch of grids."""
    if built.broken is not None:
        return [built.broken] * len(grids)
    try:
        rt = runtime(grids, limits)
        built.solve(rt)
        found = rt.verdicts[0]
        return [found[k] for k in range(len(grids))]
    except Exception as error:
        return [crash(error)] * len(grids)


def alone(
    built: list[Built],
    grids: list[Any],
    wanted: list[list[int]],
    limits: Limits,
    runtime: type[Any] = ReferenceRuntime,
) -> Answers:
    """The answers of each program by itself, on the grids wanted from it."""
    return [
        dict(zip(lanes, generated(b, [grids[k] for k in lanes], limits, runtime), strict=True))
        for b, lanes in zip(built, wanted, strict=True)
    ]


def together(
    built: list[Built],
    grids: list[Any],
    wanted: list[list[int]],
    limits: Limits,
    runtime: type[Any] = ReferenceRuntime,
) -> Answers:
    """The answers of programs that are run one after another on one runtime: it gets as many lanes
    as from a battery, and nothing is linked, which takes longer than all the rest.
    """
    try:
        rt = runtime(grids, limits, wanted)
        for k, b in enumerate(built):
            b.solve(rt, k)
        found = rt.verdicts
        return [found[k] for k in range(len(built))]
    except Exception as error:
        return [dict.fromkeys(lanes, crash(error)) for lanes in wanted]


def battery(
    built: list[Built],
    grids: list[Any],
    wanted: list[list[int]],
    limits: Limits,
    runtime: type[Any] = ReferenceRuntime,
) -> Answers:
    """The answers of programs linked into one battery."""
    try:
        rt = runtime(grids, limits, wanted)
        _linked(tuple(b.code or "" for b in built))(rt)
        found = rt.verdicts
        return [found[k] for k in range(len(built))]
    except Exception as error:
        return [dict.fromkeys(lanes, crash(error)) for lanes in wanted]


@lru_cache(maxsize=2)
def _linked(codes: tuple[str, ...]) -> Callable[..., None]:
    """The function of a battery; kept for the next runtime that is asked the same."""
    linked = link([(f"{k:04}", code) for k, code in enumerate(codes)])
    return loaded(linked.code, "evaluate")


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
