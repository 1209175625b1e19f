"""The passes, in order, each a pure function from one graph to the next; the graph is verified
after each.

resolve   function values away: calls inlined, element domains opened
infer     one type for every node, conversions explicit
flatten   what crosses a domain's border explicit, effects listed
intern    equal nodes are one node
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.diagnostics import Diagnostic
from pipeline.frontend.program import Program
from pipeline.ir.graph import Graph
from pipeline.ir.verify import verify
from pipeline.passes.flatten import flatten
from pipeline.passes.infer import infer
from pipeline.passes.intern import intern
from pipeline.passes.resolve import resolve

Step = Callable[[Graph], tuple[Graph | None, list[Diagnostic]]]

PASSES: tuple[tuple[str, Step], ...] = (
    ("infer", infer),
    ("flatten", lambda graph: (flatten(graph), [])),
    ("intern", lambda graph: (intern(graph), [])),
)


STAGES = ("resolve", *(name for name, _ in PASSES))


def run_passes(
    program: Program, most_nodes: int, after: str = "intern"
) -> tuple[Graph | None, list[Diagnostic]]:
    """The graph after the pass named, or the diagnostics of the pass that could not go on."""
    graph, found = resolve(program, most_nodes)
    stages = [name for name, _ in PASSES]
    steps = PASSES[: stages.index(after) + 1] if after in stages else ()
    for name, step in (("resolve", None), *steps):
        if step is not None and graph is not None:
            graph, found = step(graph)
        if graph is None:
            return None, found
        verify(graph, name)
    return graph, []
