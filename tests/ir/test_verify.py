"""Every breach of the rules of the IR is found, named, and printed with the pass and the graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.ir.graph import Const, Graph, Node
from pipeline.ir.types import GRID, INTEGER
from pipeline.ir.verify import STAGES, Broken, verify
from tests.ir.small_graphs import Hand, rows_counted

Nodes = dict[str, Node]


def moved(hand: Hand, node: Node, place: int) -> None:
    """Put a node at another place of the program's order."""
    hand.nodes.remove(node)
    hand.nodes.insert(place, node)


def set_args(node: Node, *args: object) -> None:
    """Give a node other arguments."""
    node.args = args


def break_order(hand: Hand, n: Nodes) -> None:
    moved(hand, n["rows"], 9)


def break_order_of_domain(hand: Hand, n: Nodes) -> None:
    moved(hand, n["each"], 9)
    n["row"].args = (Const(1),)


def break_missing(hand: Hand, n: Nodes) -> None:
    hand.nodes.remove(n["size"])


def break_self(hand: Hand, n: Nodes) -> None:
    set_args(n["most"], n["most"])


def break_domain(hand: Hand, n: Nodes) -> None:
    n["most"].domain = n["rows"]


def break_column_for_domain(hand: Hand, n: Nodes) -> None:
    set_args(n["row"], n["rows"])


def break_domain_for_column(hand: Hand, n: Nodes) -> None:
    set_args(n["most"], n["each"])


def break_type(hand: Hand, n: Nodes) -> None:
    n["most"].type = None


def break_domain_type(hand: Hand, n: Nodes) -> None:
    n["each"].type = INTEGER


def break_scope(hand: Hand, n: Nodes) -> None:
    set_args(n["most"], n["size"])


def break_spread(hand: Hand, n: Nodes) -> None:
    inner = Node("each", (n["row"],), n["each"])
    deep = Node("spread", (inner, n["grid"]), inner, GRID)
    hand.nodes[6:6] = [inner, deep]


def break_spread_home(hand: Hand, n: Nodes) -> None:
    n["wide"].domain = None


def break_closed_domain(hand: Hand, n: Nodes) -> None:
    set_args(n["sizes"], n["each"], n["grid"])


def break_no_effects(hand: Hand, n: Nodes) -> None:
    n["sizes"].effects = ()


def break_effects_of_none(hand: Hand, n: Nodes) -> None:
    n["most"].effects = ((n["rows"],),)


def break_foreign_effect(hand: Hand, n: Nodes) -> None:
    n["sizes"].effects = ((n["rows"],),)


def break_later_effect(hand: Hand, n: Nodes) -> None:
    late = hand.node("size", n["row"], type_="Integer", domain=n["each"])
    n["sizes"].effects = ((late,),)


BREACHES: dict[Callable[[Hand, Nodes], None], tuple[str, str]] = {
    break_order: ("resolve", "each: uses a node before it is made"),
    break_order_of_domain: ("resolve", "item: uses a node before it is made"),
    break_missing: ("intern", "add: uses a node before it is made"),
    break_self: ("infer", "maximum: uses a node before it is made"),
    break_domain: ("resolve", "maximum: its domain is no opener"),
    break_column_for_domain: (
        "resolve",
        "item: takes a domain for a column, or a column for a domain",
    ),
    break_domain_for_column: (
        "infer",
        "maximum: takes a domain for a column, or a column for a domain",
    ),
    break_type: ("infer", "maximum: has no type"),
    break_domain_type: ("flatten", "each: has no type"),
    break_scope: ("resolve", "maximum: uses a value of a domain that does not enclose it"),
    break_spread: ("flatten", "spread: spreads by more than one level"),
    break_spread_home: ("flatten", "spread: spreads by more than one level"),
    break_closed_domain: ("flatten", "tuple_of: argument 2 is of another domain"),
    break_no_effects: ("flatten", "tuple_of: its effects are missing"),
    break_effects_of_none: ("intern", "maximum: its effects are missing"),
    break_foreign_effect: ("flatten", "tuple_of: an effect is not of the domain that it closes"),
    break_later_effect: ("intern", "tuple_of: an effect is not of the domain that it closes"),
}


@pytest.mark.parametrize("broken", BREACHES, ids=lambda f: f.__name__.removeprefix("break_"))
def test_a_breach_names_the_pass_and_the_node(broken: Callable[[Hand, Nodes], None]) -> None:
    hand, named = rows_counted()
    broken(hand, named)
    stage, message = BREACHES[broken]
    with pytest.raises(Broken) as caught:
        verify(hand.graph(named["result"]), stage)
    first, graph, *_ = str(caught.value).split("\n")
    assert first == f"after {stage}: {message}"
    assert graph == "graph own/a"


@pytest.mark.parametrize("stage", STAGES)
def test_a_graph_without_a_breach_passes_at_every_stage(stage: str) -> None:
    hand, named = rows_counted()
    verify(hand.graph(named["result"], named["most"]), stage)


def test_before_flatten_outer_values_are_used_as_they_are() -> None:
    hand, named = rows_counted()
    set_args(named["add"], named["size"], named["most"])
    moved(hand, named["most"], 6)
    set_args(named["most"], named["rows"])
    verify(hand.graph(named["result"]), "infer")
    with pytest.raises(Broken, match="add: argument 2 is of another domain"):
        verify(hand.graph(named["result"]), "flatten")


def test_before_infer_nothing_needs_a_type() -> None:
    hand, named = rows_counted()
    for node in hand.nodes:
        node.type = None
    verify(hand.graph(named["result"]), "resolve")


def result_inside(hand: Hand, n: Nodes) -> Graph:
    return hand.graph(n["size"])


def result_elsewhere(hand: Hand, n: Nodes) -> Graph:
    return hand.graph(Hand().node("input", type_="Grid"))


def result_of_another_type(hand: Hand, n: Nodes) -> Graph:
    return hand.graph(n["most"])


def effect_inside(hand: Hand, n: Nodes) -> Graph:
    return hand.graph(n["result"], n["size"])


RESULTS = {
    result_inside: "the result is not a node of the root",
    result_elsewhere: "the result is not a node of the root",
    result_of_another_type: "the result is no grid",
    effect_inside: "an effect is not of the root",
}


@pytest.mark.parametrize("wrong", RESULTS, ids=lambda f: f.__name__)
def test_the_result_is_a_grid_of_the_root_as_are_its_effects(
    wrong: Callable[[Hand, Nodes], Graph],
) -> None:
    with pytest.raises(Broken) as caught:
        verify(wrong(*rows_counted()), "intern")
    assert str(caught.value).split("\n")[0] == f"after intern: {RESULTS[wrong]}"
