"""Graphs as texts: what is read is what was written, equal nodes of all that is read are one."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from pipeline.codegen.emit import emit
from pipeline.codegen.graph_text import GraphReader, write_graph
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.units import Unit
from pipeline.ir.graph import Graph
from pipeline.ir.verify import verify
from pipeline.passes import run_passes
from pipeline.trust.programs.writer import random_program
from tests.codegen.test_emit import SOLVERS, unit_at
from tests.programs_text import graph_of, program_of

LOOP = "n = height(I); f = power(rbind(hupscale, n), n); f(hmirror(I))"
NESTED = (
    "a = subtract(height(I), ONE); f = power(rbind(shift, UNITY), a); g = power(f, a); "
    "x = g(asindices(I)); fill(I, TWO, x)"
)


def graphs() -> list[Graph]:
    """Our solvers and random programs, flattened and interned."""
    units = [unit_at(path) for path in SOLVERS]
    for seed in range(300):
        rng = random.Random(f"text {seed}")
        units.append(Unit(f"r/{seed}", "r.py", 1, random_program(rng, rng.randint(2, 7))))
    parsed = [parse_unit(unit)[0] for unit in units]
    made = [run_passes(program, 20_000, verified=True)[0] for program in parsed if program]
    return [graph for graph in made if graph is not None]


def test_what_is_read_is_what_was_written() -> None:
    reader = GraphReader()
    found = graphs()
    assert sum(any(node.op == "loop" for node in graph.nodes) for graph in found) > 10
    for graph in found:
        text = write_graph(graph)
        again = reader.read(graph.name, text)
        verify(again, "intern")
        assert emit(replace(again, origins=graph.origins)) == emit(graph)
        assert write_graph(again) == text


def test_a_text_says_all_of_a_node() -> None:
    assert graph_of("fill(I, FOUR, ofcolor(I, THREE))") == (
        '[3,[3],"input|Grid|",[0],"ofcolor|Indices|_;3",[0,1],"fill|Grid|_;4;_",[0,1,2]]'
    )
    assert (
        graph_of("canvas(THREE, UNITY)") == '[2,[2],"input|Grid|",[0],"canvas|Grid|3;(1, 1)",[0]]'
    )


def test_equal_nodes_of_all_texts_are_one() -> None:
    reader = GraphReader()
    one = reader.read("a", graph_of("x = rot90(I); hmirror(x)"))
    two = reader.read("b", graph_of("x = rot90(I); y = hmirror(x); vmirror(y)"))
    assert two.nodes[:3] == one.nodes
    assert reader.read("c", graph_of("hmirror(rot90(I))")).nodes == one.nodes


@pytest.mark.parametrize("body", [LOOP, NESTED])
def test_loops_with_equal_bodies_are_one(body: str) -> None:
    reader = GraphReader()
    one = reader.read("a", graph_of(body))
    two = reader.read("b", graph_of(f"w = rot90(I); {body}"))
    ends = [[n for n in graph.nodes if n.op in ("loop", "looped")] for graph in (one, two)]
    assert ends[0] == ends[1]
    verify(two, "intern")


def test_a_reader_makes_what_the_passes_make() -> None:
    graph, _ = run_passes(program_of(NESTED), 20_000)
    assert graph is not None
    again = GraphReader().read(graph.name, write_graph(graph))
    assert [n.op for n in again.nodes] == [n.op for n in graph.nodes]
    assert [n.type for n in again.nodes] == [n.type for n in graph.nodes]
