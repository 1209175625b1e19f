"""Small programs for tests: their text compiled, run both ways."""

from __future__ import annotations

import re
from typing import Any

from pipeline.codegen.compile import compile_unit
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import Unit
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.oracle.interpret import outcome
from pipeline.oracle.reference import ReferenceRuntime


def text_of(body: str, ident: str = "0a1b2c3d") -> str:
    """A solver from statements and a result: `x = size(I); y = halve(x); canvas(y, UNITY)`. One
    that says `S` is given the train pairs.
    """
    *statements, result = [part.strip() for part in body.split(";")]
    parameters = "S, I" if re.search(r"\bS\b", body) else "I"
    lines = [
        f"def solve_{ident}({parameters}):",
        *(f"    {s}" for s in statements),
        f"    return {result}",
    ]
    return "\n".join(lines) + "\n"


def unit_of(body: str, ident: str = "0a1b2c3d") -> Unit:
    """The unit of such a solver."""
    return Unit(f"test/{ident}", f"{ident}.py", 1, text_of(body, ident))


def program_of(body: str) -> Program:
    """The parsed solver; it must parse."""
    program, found = parse_unit(unit_of(body))
    assert program is not None, found
    return program


def code_of(body: str, ident: str = "0a1b2c3d") -> str:
    """The generated module; the solver must compile."""
    compiled = compile_unit(unit_of(body, ident))
    assert compiled.code is not None, compiled.diagnostics
    return compiled.code


def graph_of(body: str, ident: str = "0a1b2c3d") -> str:
    """What a build keeps of the graph; the solver must compile."""
    compiled = compile_unit(unit_of(body, ident))
    assert compiled.graph, compiled.diagnostics
    return compiled.graph


def run_generated(body: str, grids: list[Any], limits: Limits = DEFAULT_LIMITS) -> list[Any]:
    """How each lane of the generated module ends."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(code_of(body), scope)
    runtime = ReferenceRuntime(grids, limits)
    scope["solve"](runtime)
    return [runtime.verdicts[0][k] for k in range(len(grids))]


def run_both(body: str, grids: list[Any], limits: Limits = DEFAULT_LIMITS) -> list[Any]:
    """How each lane ends, as grids or `kind REASON`; the two answers must agree."""
    direct = [said(outcome(program_of(body), grid, limits)) for grid in grids]
    assert [said(value) for value in run_generated(body, grids, limits)] == direct
    return direct


def said(value: Any) -> Any:
    """A grid as it is, a failure as text."""
    return f"{value.kind} {value.reason}" if isinstance(value, Failure) else value
