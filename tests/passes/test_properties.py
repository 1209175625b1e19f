"""What holds of every pass on every solver of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import split_units
from pipeline.ir.graph import CLOSERS, OPENERS, Const, Graph, Node, ancestors
from pipeline.ir.text import print_graph
from pipeline.ir.types import BOOLEAN
from pipeline.ir.verify import STAGES, verify
from pipeline.passes import PASSES, run_passes
from pipeline.passes import STAGES as PASS_NAMES
from pipeline.passes.flatten import is_fallible, prune
from pipeline.passes.intern import intern
from pipeline.passes.resolve import resolve
from tests.ir.small_graphs import Hand

SOLVERS = sorted(Path(__file__).resolve().parents[2].glob("solvers/*.py"))
MOST_NODES = 20_000


@dataclass(frozen=True)
class Stages:
    """One solver and its graph after each pass."""

    program: Program
    graphs: dict[str, Graph]


@cache
def stages_of(path: Path) -> Stages:
    """The solver of a file, after each pass; each graph is made from the one before."""
    (unit,), _ = split_units("own", path.name, path.read_bytes())
    program, _ = parse_unit(unit)
    assert program is not None
    graph, _ = resolve(program, MOST_NODES)
    assert graph is not None
    graphs = {"resolve": graph}
    for name, step in PASSES:
        graph, found = step(graph)
        assert graph is not None, found
        graphs[name] = graph
    return Stages(program, graphs)


each_solver = pytest.mark.parametrize("path", SOLVERS, ids=lambda path: path.stem)


def test_the_passes_are_the_stages_that_are_verified() -> None:
    assert tuple(PASS_NAMES) == STAGES


@each_solver
def test_a_pass_is_a_pure_function(path: Path) -> None:
    stages = stages_of(path)
    texts = {name: print_graph(graph) for name, graph in stages.graphs.items()}
    again, _ = resolve(stages.program, MOST_NODES)
    assert again is not None
    assert print_graph(again) == texts["resolve"]
    graphs = list(stages.graphs.values())
    for (name, step), before in zip(PASSES, graphs, strict=False):
        after, _ = step(before)
        assert after is not None
        assert print_graph(after) == texts[name]
    assert {name: print_graph(graph) for name, graph in stages.graphs.items()} == texts


@each_solver
def test_every_stage_is_well_formed_and_the_one_that_is_asked_for(path: Path) -> None:
    stages = stages_of(path)
    for name, graph in stages.graphs.items():
        verify(graph, name)
        asked, _ = run_passes(stages.program, MOST_NODES, name)
        assert asked is not None
        assert print_graph(asked) == print_graph(graph)


@each_solver
def test_no_later_stage_shares_a_node_with_an_earlier_one(path: Path) -> None:
    seen: set[Node] = set()
    for graph in stages_of(path).graphs.values():
        assert seen.isdisjoint(graph.nodes)
        seen.update(graph.nodes)


@each_solver
def test_passes_keep_the_order_of_the_program(path: Path) -> None:
    graphs = stages_of(path).graphs
    for before, after, new in (
        ("resolve", "infer", ("convert",)),
        ("infer", "flatten", ("spread",)),
    ):
        kept = [node.origin for node in graphs[after].nodes if node.op not in new]
        assert kept == [node.origin for node in graphs[before].nodes if node.op not in new]
    merged = {(n.op, n.origin): k for k, n in reversed(list(enumerate(graphs["flatten"].nodes)))}
    places = [merged[n.op, n.origin] for n in graphs["intern"].nodes]
    assert all(place < len(graphs["flatten"].nodes) for place in places)


@each_solver
def test_interning_twice_changes_nothing(path: Path) -> None:
    graph = stages_of(path).graphs["intern"]
    assert print_graph(intern(graph)) == print_graph(graph)


@each_solver
def test_no_two_nodes_are_equal_after_intern(path: Path) -> None:
    nodes = [n for n in stages_of(path).graphs["intern"].nodes if n.op != "loop"]
    keys = [
        (
            *(n.op, n.domain, n.type, n.effects),
            *((type(a.value), a.value) if isinstance(a, Const) else a for a in n.args),
        )
        for n in nodes
    ]
    assert len(set(keys)) == len(keys)


def effects_of(graph: Graph) -> list[tuple[Node | None, tuple[Node, ...]]]:
    """Each domain that is closed, with the effects that its closer lists; the root is None."""
    closed = [
        (node.args[place], group)
        for node in graph.nodes
        for place, group in zip(CLOSERS.get(node.op, ()), node.effects, strict=True)
    ]
    return [*closed, (None, graph.effects)]


@each_solver
def test_effects_can_fail_and_are_in_order(path: Path) -> None:
    graph = stages_of(path).graphs["flatten"]
    place = {node: k for k, node in enumerate(graph.nodes)}
    for domain, group in effects_of(graph):
        assert all(is_fallible(node) and node.domain is domain for node in group)
        assert [place[node] for node in group] == sorted({place[node] for node in group})


@each_solver
def test_every_failure_is_reported_by_an_effect(path: Path) -> None:
    graph = stages_of(path).graphs["flatten"]
    for domain, group in effects_of(graph):
        reported = set(group)
        for node in reversed([n for n in graph.nodes if n.domain is domain]):
            if node in reported:
                reported.update(a for a in node.args if isinstance(a, Node))
        missing = [n for n in graph.nodes if n.domain is domain and is_fallible(n)]
        assert [n for n in missing if n not in reported] == []


def test_an_effect_is_dropped_where_the_next_one_takes_it() -> None:
    hand = Hand()
    grid = hand.node("input")
    a, b = hand.node("rot90", grid), hand.node("rot180", grid)
    both, last = hand.node("hconcat", a, b), hand.node("rot90", a)
    assert prune([a]) == (a,)
    assert prune([a, b]) == (a, b)
    assert prune([b, both]) == (both,)
    assert prune([a, b, both]) == (a, both)
    assert prune([a, b, last]) == (a, b, last)
    assert prune([]) == ()


CHECKS: dict[str, Callable[[Graph, Node], bool]] = {
    "only openers have no type": lambda g, n: (n.type is None) == (n.op in OPENERS),
    "no type has variables": lambda g, n: n.type is None or not n.type.has_variables,
    "conditions are Booleans": lambda g, n: (
        n.op not in ("where", "unless") or n.args[0].type is BOOLEAN
    ),
    "a conversion changes the type": lambda g, n: n.op != "convert" or n.args[0].type is not n.type,
    "a domain lies inside those around it": lambda g, n: ancestors(n.domain)[-1] is None,
}


@pytest.mark.parametrize("law", CHECKS)
def test_of_every_node_of_every_solver(law: str) -> None:
    for path in SOLVERS:
        graph = stages_of(path).graphs["intern"]
        assert [n for n in graph.nodes if not CHECKS[law](graph, n)] == [], path.name
