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
    """The graph after the pass named, or all that `resolve` and `infer` find wrong.

    A program with something wrong in it still goes through both, for what else they find.
    """
    graph, found = resolve(program, most_nodes)
    if graph is None:
        return None, found
    verify(graph, "resolve")
    if found or program.is_partial:
        return None, [*found, *infer(graph)[1]]
    steps = PASSES[: STAGES.index(after)] if after in STAGES else ()
    for name, step in steps:
        graph, found = step(graph)
        if graph is None:
            return None, found
        verify(graph, name)
    return graph, []
