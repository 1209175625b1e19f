"""One solver, from text to generated module and graph: front end, passes, emit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.codegen.emit import emit, emit_map
from pipeline.codegen.graph_text import write_graph
from pipeline.diagnostics import Diagnostic
from pipeline.frontend.parse import parse_partial
from pipeline.frontend.units import Unit
from pipeline.passes import run_passes

MOST_NODES = 20_000


@dataclass(frozen=True, slots=True)
class Compiled:
    """What one unit compiles to: code, source map (JSON) and graph (see `graph_text`), or None and
    `diagnostics`.
    """

    code: str | None
    source_map: str
    diagnostics: tuple[Diagnostic, ...]
    graph: str = ""


def compile_unit(
    unit: Unit, most_nodes: int = MOST_NODES, done: Callable[[str], object] = str
) -> Compiled:
    """Compile one solver; never raises for bad input.

    done: called after each step that went well: "parse", "passes", "emit".
    """
    program, found = parse_partial(unit)
    if program is None:
        return _failed(unit, found)
    done("parse")
    graph, more = run_passes(program, most_nodes)
    if graph is None or found:
        return _failed(unit, [*found, *more])
    done("passes")
    compiled = Compiled(emit(graph), emit_map(graph), (), write_graph(graph))
    done("emit")
    return compiled


def _failed(unit: Unit, found: list[Diagnostic]) -> Compiled:
    """Each diagnostic once, in the order of the text; one in another file says whose it is."""
    told = {d if d.span.path == unit.path else replace(d, solvers=(unit.name,)) for d in found}
    return Compiled(None, "{}\n", tuple(sorted(told, key=Diagnostic.sort_key)))
