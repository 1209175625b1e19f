"""What holds of every pass on every solver of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import split_units
from pipeline.ir.graph import Graph, Node, Origin, ancestors
from pipeline.ir.operations import CLOSERS, OPENERS
from pipeline.ir.text import print_graph
from pipeline.ir.types import BOOLEAN
from pipeline.ir.verify import STAGES, verify
from pipeline.passes import STAGES as PASS_NAMES
from pipeline.passes import flattened, forget, run_passes
from pipeline.passes.flatten import is_fallible, prune
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
    """The solver of a file, after each pass."""
    (unit,), _ = split_units("own", path.name, path.read_bytes())
    program, _ = parse_unit(unit)
    assert program is not None
    graphs = {}
    for stage in STAGES:
        graph, found = run_passes(program, MOST_NODES, stage)
        assert graph is not None, found
        graphs[stage] = graph
    return Stages(program, graphs)


each_solver = pytest.mark.parametrize("path", SOLVERS, ids=lambda path: path.stem)


def test_the_passes_are_the_stages_that_are_verified() -> None:
    assert PASS_NAMES == STAGES


@each_solver
def test_passes_give_the_same_again_whatever_was_known(path: Path) -> None:
    stages = stages_of(path)
    for stage, graph in stages.graphs.items():
        for prepare in (forget, lambda: None):
            prepare()
            again, _ = run_passes(stages.program, MOST_NODES, stage, verified=True)
            assert again is not None
            assert print_graph(again) == print_graph(graph)
            assert again.origins == graph.origins


@each_solver
def test_every_stage_is_well_formed(path: Path) -> None:
    for stage, graph in stages_of(path).graphs.items():
        verify(graph, stage)


@each_solver
def test_only_the_last_pass_shares_nodes(path: Path) -> None:
    stages = stages_of(path)
    for stage in STAGES[:-1]:
        again, _ = run_passes(stages.program, MOST_NODES, stage)
        assert again is not None
        assert set(again.nodes).isdisjoint(stages.graphs[stage].nodes)
    again, _ = run_passes(stages.program, MOST_NODES)
    flat = flattened(stages.program, MOST_NODES)
    assert again is not None
    assert flat is not None
    once_more = flat.graph()
    assert again.nodes == once_more.nodes
    assert (again.result, again.effects) == (once_more.result, once_more.effects)


@each_solver
def test_passes_keep_the_order_of_the_program(path: Path) -> None:
    graphs = stages_of(path).graphs
    for before, after, new in (
        ("resolve", "infer", ("convert", "truth")),
        ("infer", "flatten", ("spread",)),
    ):
        kept = [o for n, o in placed(graphs[after]) if n.op not in new]
        assert kept == [o for n, o in placed(graphs[before]) if n.op not in new]
    seen = {(n.op, o) for n, o in placed(graphs["flatten"])}
    assert all((n.op, o) in seen for n, o in placed(graphs["intern"]))


def placed(graph: Graph) -> Iterator[tuple[Node, Origin]]:
    """Each node with where it comes from."""
    return zip(graph.nodes, graph.origins, strict=True)


@each_solver
def test_no_two_nodes_are_equal_after_intern(path: Path) -> None:
    nodes = [n for n in stages_of(path).graphs["intern"].nodes if n.op != "loop"]
    keys = [(n.op, n.domain, n.type, n.effects, *n.args) for n in nodes]
    assert len(set(keys)) == len(keys)


def effects_of(graph: Graph) -> list[tuple[Node | None, tuple[Node, ...]]]:
    """Each domain that is closed, with the effects that its closer lists; the root is None."""
    closed = [
        (node.args[place], group)
        for node in graph.nodes
        for place, group in zip(CLOSERS.get(node.op, ()), node.effects, strict=True)
    ]
    return [*closed, (None, graph.effects)]


def can_fail(node: Node) -> bool:
    """Whether a node can fail a lane."""
    return is_fallible(node.op, node.args, node.type)


@each_solver
def test_effects_can_fail_and_are_in_order(path: Path) -> None:
    graph = stages_of(path).graphs["flatten"]
    place = {node: k for k, node in enumerate(graph.nodes)}
    for domain, group in effects_of(graph):
        assert all(can_fail(node) and node.domain is domain for node in group)
        assert [place[node] for node in group] == sorted({place[node] for node in group})


@each_solver
def test_every_failure_is_reported_by_an_effect(path: Path) -> None:
    graph = stages_of(path).graphs["flatten"]
    for domain, group in effects_of(graph):
        reported = set(group)
        for node in reversed([n for n in graph.nodes if n.domain is domain]):
            if node in reported:
                reported.update(a for a in node.args if isinstance(a, Node))
        missing = [n for n in graph.nodes if n.domain is domain and can_fail(n)]
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
    assert prune([a, b, a]) == (a, b)
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
