"""The IR as text: names in order, a line a node, domains indented, effects in braces."""

from __future__ import annotations

from pipeline.ir.graph import Const
from pipeline.ir.text import names_of, print_graph
from tests.ir.small_graphs import Hand, rows_counted

WHOLE = """\
graph own/a
  n0: Grid = input()  # x0
  n1: Tuple[Tuple[Integer]] = convert(n0)  # x1
  d1 = each(n1)  # x2
    n2: Tuple[Integer] = item(d1)  # x3
    n3: Grid = spread(d1, n0)  # x4
    n4: Integer = size(n2)  # x5
    n5: Integer = add(n4, n4)  # x6
  n6: Tuple[Integer] = tuple_of(d1, n5) {n5}  # x7
  n7: Integer = maximum(n6)  # x8
  n8: Grid = mirror(n0)  # x9
  return n8 {n7 n8}"""

UNTYPED = """\
graph own/a
  n0 = input()  # x0
  d1 = where(True)  # x1
    n1 = canvas(-3, (1, 2))  # x2
  d2 = unless(True)  # x3
  n2 = select(True, d1, n1, d2, n0) {} {n0}  # x4
  return n2"""


def test_a_flat_graph() -> None:
    hand, named = rows_counted()
    assert print_graph(hand.graph(named["result"], named["most"], named["result"])) == WHOLE


def test_a_graph_without_types_and_with_literals() -> None:
    hand = Hand()
    grid = hand.node("input")
    taken = hand.node("where", Const(True))
    canvas = hand.node("canvas", Const(-3), Const((1, 2)), domain=taken)
    other = hand.node("unless", Const(True))
    result = hand.node("select", Const(True), taken, canvas, other, grid)
    result.effects = ((), (grid,))
    assert print_graph(hand.graph(result)) == UNTYPED


def test_a_node_that_is_not_in_the_graph_is_a_question_mark() -> None:
    hand = Hand()
    grid = hand.node("input", type_="Grid")
    result = hand.node("rot90", Hand().node("input"), type_="Grid")
    hand.nodes.remove(grid)
    assert print_graph(hand.graph(result)).split("\n")[1] == "  n0: Grid = rot90(?)  # x1"


def test_openers_and_columns_are_counted_apart() -> None:
    hand, named = rows_counted()
    names = names_of(tuple(hand.nodes))
    assert " ".join(names[n] for n in hand.nodes) == "n0 n1 d1 n2 n3 n4 n5 n6 n7 n8"
    assert names[named["each"]] == "d1"


def test_literals_know_their_type() -> None:
    kinds = {True: "Boolean", 3: "Integer", -1: "Integer", (0, 1): "Pair"}
    assert {value: str(Const(value).type) for value in kinds} == kinds
