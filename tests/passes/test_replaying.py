"""What is made of what is known, statement by statement, is what the passes make of the program."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.data.corpora import extract_corpus
from pipeline.engine.growing import GrowingProgram
from pipeline.engine.lower import Lowering
from pipeline.frontend.parse import parse_text
from pipeline.frontend.program import Program
from pipeline.frontend.units import split_units
from pipeline.ir.graph import Graph
from pipeline.ir.text import print_graph
from pipeline.passes import Flat, flattened, forget, run_passes
from pipeline.passes.replaying import RECIPES, Recipe
from pipeline.trust.programs.language import language_program
from pipeline.trust.programs.writer import random_program
from tests.in_memory import solver
from tests.project import CACHE

SOLVERS = sorted(Path(__file__).resolve().parents[2].glob("solvers/*.py"))
MOST_NODES = 20_000
MOST_OF_IT = 20
PLACES = ("rot90(J)", "hconcat(J, J)", "first(vsplit(J, ONE))")
PLAIN = re.compile(r"def \w+\((\w+)[^\n]*\n")


def family(text: str) -> list[str]:
    """A program and, where it begins with its solver, the same on what is made of its input: then
    each line has other nodes, and what is known of it is used on them.
    """
    head = PLAIN.match(text)
    if head is None:
        return [text]
    rest = text[head.end() :]
    return [text, *[f"def solve_0(J):\n    {head[1]} = {place}\n{rest}" for place in PLACES]]


def programs_of(texts: Iterable[str]) -> Iterator[Program]:
    """Those of the texts that can be read."""
    for text in texts:
        program, found = parse_text(text, "some")
        if program is not None and not found:
            yield program


def from_nothing(program: Program) -> Graph | None:
    """What the passes make where nothing is known, with each of them checked."""
    forget()
    return run_passes(program, MOST_NODES, verified=True)[0]


def check(texts: Iterable[str]) -> int:
    """What is made of known statements is what the passes make, node by node, and is lowered alike;
    gives how many of the texts are right.
    """
    programs = list(programs_of(text for one in texts for text in family(one)))
    wanted = [from_nothing(program) for program in programs]
    forget()
    for _ in range(2):
        for program, graph in zip(programs, wanted, strict=True):
            flat = flattened(program, MOST_NODES)
            assert (flat is None) == (graph is None), program
            if flat is not None and graph is not None:
                made = replace(flat.graph(), origins=graph.origins)
                assert print_graph(made) == print_graph(graph)
                assert_lowered_alike(flat)
            explained, _ = run_passes(program, MOST_NODES)
            assert (explained and explained.origins) == (graph and graph.origins)
    return sum(graph is not None for graph in wanted)


def assert_lowered_alike(flat: Flat) -> None:
    """What a program is lowered to by its parts is what it is by its graph."""
    growing, low = GrowingProgram(), Lowering(grouped=False)
    lowered, graph = growing.add(flat), flat.graph()
    numbers = low.numbers_of(graph.nodes)
    verdict, slot = low.verdict(graph.result, graph.effects)
    image = growing.image([lowered])
    assert image.table.tolist() == low.table().tolist()
    assert {*image.users.tolist()} == {*numbers, verdict}
    assert image.verdict_slots.tolist() == [slot]


def solvers() -> list[str]:
    """The texts of our own solvers and of the published verifiers."""
    path = extract_corpus(CACHE)
    units = split_units("re-arc", path.name, path.read_bytes())[0]
    return [*[p.read_text() for p in SOLVERS], *[unit.text for unit in units]]


def drawn(count: int) -> list[str]:
    """Random programs, of the DSL and of the language."""
    sources = [random.Random(f"replaying {k}") for k in range(count)]
    plain = [random_program(source, 4 + k % 5) for k, source in enumerate(sources)]
    return [*plain, *[language_program(source, 6) for source in sources]]


def test_what_is_known_is_what_the_passes_make() -> None:
    assert check([*solvers()[::80], *drawn(10)]) > MOST_OF_IT
    assert any(isinstance(recipe, Recipe) for recipe in RECIPES.young.values())


@pytest.mark.long("all solvers, and many random programs")
def test_what_is_known_is_what_the_passes_make_of_everything() -> None:
    texts = [*solvers(), *drawn(400)]
    for begin in range(0, len(texts), 100):
        assert check(texts[begin : begin + 100]) > MOST_OF_IT


TWINS = "compose(rot90, vmirror)"
WHICH = (
    "equality(f, g)",
    "equality((f, g), (f, f))",
    "contained(g, (f, f))",
    "equality(first(t), last(t))",
    "equality(h, f)",
    "equality(size(initset(f)), size(insert(g, initset(f))))",
)


@pytest.mark.parametrize("test", WHICH)
def test_functions_that_were_built_alike_are_not_the_same(test: str) -> None:
    lines = (
        f"t = (f, g)\n    h = branch(portrait(I), f, g)\n    return branch({test}, I, vmirror(I))"
    )
    texts = [
        f"def solve_0(I):\n    f = {TWINS}\n    g = {other}\n    {lines}\n"
        for other in (TWINS, "f", "compose(rot90, hmirror)", "f", TWINS)
    ]
    assert check(texts) == len(texts) * (1 + len(PLACES))
    graphs = {print_graph(graph) for p in programs_of(texts) if (graph := from_nothing(p))}
    assert len(graphs) > 1


LINES = {
    "nodes that are the same": ("a = rot90(I)", "b = rot90(I)", "hconcat(a, b)"),
    "one that a line makes itself": ("a = I", "b = rot90(a)", "hconcat(rot90(a), b)"),
    "literals": ("a = ONE", "b = power(rot90, a)", "b(I)"),
    "functions on data": ("a = lbind(fill, I)", "b = lbind(a, TWO)", "b(asindices(I))"),
    "containers of functions": ("a = (rot90, rot180)", "b = rapply(a, I)", "first(b)"),
    "a choice": ("a = branch(portrait(I), rot90, vmirror)", "a(I)"),
    "types that don't fit": ("a = branch(portrait(I), I, size(I))", "b = size(a)", "I"),
    "a loop": ("a = power(lbind(hconcat, I), height(I))", "a(I)"),
    "a function that is written out": ("a = power(lambda x: rot90(x), 2)", "a(I)"),
    "one of several that are written out": (
        "a = branch(portrait(I), compose(lambda x: rot90(x), hmirror), lambda x: x[::-1])",
        "a(I)",
    ),
    "functions that are written out in a container": (
        "a = repeat(compose(lambda x: rot90(x), hmirror), 2)",
        "rapply(a, I)[0]",
    ),
    "elements": (
        "a = objects(I, T, F, T)",
        "b = mapply(compose(outbox, delta), a)",
        "fill(I, 1, b)",
    ),
}


@pytest.mark.parametrize("lines", LINES.values(), ids=list(LINES))
def test_lines_on_other_nodes(lines: tuple[str, ...]) -> None:
    assert check([solver(*lines)]) == len(PLACES) + 1
