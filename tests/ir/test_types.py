"""Types: their text, and the laws of converting, joining and binding them."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ir.coerce import FALLIBLE, SEEN_AS_SET, bind, cost, join, substitute
from pipeline.ir.types import (
    CELL,
    GRID,
    INDICES,
    NOTHING,
    OBJECT,
    OBJECTS,
    PAIR,
    UNIONS,
    VARIABLES,
    Type,
    make,
    parse_type,
    set_of,
    tuple_of,
    two,
)

LEAVES = ("Boolean", "Integer", "Grid", "Patch", "Numerical", "Nothing")
NAMED = {
    "Pair": two(make("Integer"), make("Integer")),
    "Cell": two(make("Integer"), PAIR),
    "Indices": set_of(PAIR),
    "Object": set_of(CELL),
    "Objects": set_of(OBJECT),
}


def types(*leaves: str) -> st.SearchStrategy[Type]:
    """Types of at most a few parts, made of these."""
    return st.recursive(
        st.sampled_from([make(leaf) for leaf in leaves] + [*NAMED.values()]),
        lambda inner: inner.map(tuple_of) | inner.map(set_of) | st.builds(two, inner, inner),
        max_leaves=5,
    )


CONCRETE = types(*LEAVES)
ANY = types(*LEAVES, *VARIABLES)


@given(ANY)
def test_text_and_type_are_inverse(type_: Type) -> None:
    assert parse_type(str(type_)) is type_


@pytest.mark.parametrize("text", [*LEAVES, *NAMED, "a", "Tuple[Set[a]]", "(Grid, (a, Boolean))"])
def test_a_type_prints_as_it_is_written(text: str) -> None:
    assert str(parse_type(text)) == text


@pytest.mark.parametrize("name", NAMED)
def test_named_types_are_their_definition(name: str) -> None:
    assert parse_type(name) is NAMED[name]


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "Foo", "grid", "g", "Tuple", "Tuple[]", "Tuple[Grid", "Tuple(Grid)", "Set[a]]"),
        *("(Grid)", "(Grid, Grid", "(Grid, Grid, Grid)", "Grid Grid", "[Grid]", ",", "->"),
    ],
)
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a type"):
        parse_type(text)


@given(ANY)
def test_equal_types_are_one_object_in_every_process(type_: Type) -> None:
    assert pickle.loads(pickle.dumps(type_)) is type_
    assert copy.deepcopy(type_) is type_
    assert make(type_.head, type_.args) is type_


@given(CONCRETE, CONCRETE)
def test_only_equal_types_convert_for_nothing(a: Type, b: Type) -> None:
    assert cost(a, a) == 0
    assert (cost(a, b) == 0) == (a is b)


@given(CONCRETE)
def test_the_element_of_an_empty_container_is_anything(type_: Type) -> None:
    price = cost(set_of(NOTHING), set_of(type_))
    assert price is not None
    assert price < SEEN_AS_SET
    assert join(NOTHING, type_) is type_


@given(CONCRETE, CONCRETE)
def test_a_join_is_the_same_from_both_sides(a: Type, b: Type) -> None:
    assert join(a, b) is join(b, a)


@given(CONCRETE)
def test_a_join_with_itself_changes_nothing(a: Type) -> None:
    assert join(a, a) is a


@given(CONCRETE, CONCRETE)
def test_both_always_convert_to_their_join(a: Type, b: Type) -> None:
    joined = join(a, b)
    if joined is None:
        return
    for part in (a, b):
        price = cost(part, joined)
        assert price is not None
        assert price < SEEN_AS_SET
        assert join(part, joined) is joined


@given(CONCRETE, CONCRETE)
def test_the_join_of_types_of_which_one_always_converts_to_the_other(a: Type, b: Type) -> None:
    price = cost(a, b)
    if price is not None and price < SEEN_AS_SET:
        assert join(a, b) is not None


@given(st.sampled_from(["a", "Tuple[a]", "Set[a]", "(a, b)"]), CONCRETE)
def test_an_argument_converts_to_what_its_parameter_was_bound_to(
    parameter: str, argument: Type
) -> None:
    if argument.head == "Two" and join(*argument.args) is None:
        return
    bindings: dict[str, Type] = {}
    if bind(parse_type(parameter), argument, bindings):
        target = substitute(parse_type(parameter), bindings)
        assert not target.has_variables
        assert cost(argument, target) is not None


@given(CONCRETE, CONCRETE)
def test_a_variable_that_is_there_twice_is_bound_to_the_join(a: Type, b: Type) -> None:
    bindings: dict[str, Type] = {}
    parameter = make("a")
    joined = join(a, b)
    if bind(parameter, a, bindings) and bind(parameter, b, bindings) and joined is not None:
        assert bindings["a"] is joined


@given(ANY)
def test_a_parameter_that_is_met_exactly_is_bound_exactly(parameter: Type) -> None:
    known = dict(zip(sorted(VARIABLES), [GRID, PAIR, INDICES, OBJECT, OBJECTS, CELL], strict=True))
    argument = substitute(parameter, known)
    bindings: dict[str, Type] = {}
    assert bind(parameter, argument, bindings)
    assert substitute(parameter, bindings) is argument


TABLE = {
    "Boolean as Integer": "always",
    "Integer as Boolean": "never",
    "Pair as Tuple[Integer]": "always",
    "Tuple[Integer] as Pair": "fallible",
    "Grid as Tuple[Tuple[Integer]]": "always",
    "Tuple[Tuple[Integer]] as Grid": "fallible",
    "Pair as Grid": "never",
    "Tuple[Pair] as Grid": "fallible",
    "Indices as Grid": "never",
    "Tuple[Boolean] as Set[Boolean]": "as a set",
    "Pair as Set[Integer]": "as a set",
    "(Pair, Pair) as Indices": "as a set",
    "Tuple[Pair] as Patch": "never",
    "Set[Integer] as Tuple[Integer]": "never",
    "Indices as Patch": "always",
    "Object as Patch": "always",
    "Objects as Patch": "never",
    "Integer as Numerical": "always",
    "Pair as Numerical": "always",
    "Numerical as Integer": "never",
    "Set[Boolean] as Set[Integer]": "always",
    "Tuple[Tuple[Integer]] as Tuple[Set[Integer]]": "never",
    "Set[Indices] as Set[Patch]": "always",
    "Grid as Integer": "never",
    "(Boolean, Pair) as Cell": "always",
}


@pytest.mark.parametrize("case", TABLE)
def test_what_converts_to_what(case: str) -> None:
    source, target = map(parse_type, case.split(" as "))
    price = cost(source, target)
    kinds = [("always", SEEN_AS_SET), ("as a set", FALLIBLE), ("fallible", 1 << 30)]
    assert TABLE[case] == (
        "never" if price is None else next(kind for kind, limit in kinds if price < limit)
    )


JOINS = {
    ("Boolean", "Integer"): "Integer",
    ("Indices", "Object"): "Patch",
    ("Patch", "Object"): "Patch",
    ("Integer", "Pair"): "Numerical",
    ("Boolean", "Pair"): None,
    ("Set[Boolean]", "Set[Integer]"): "Set[Integer]",
    ("Pair", "Tuple[Integer]"): "Tuple[Integer]",
    ("(Boolean, Integer)", "Tuple[Integer]"): "Tuple[Integer]",
    ("Grid", "Tuple[Tuple[Integer]]"): "Tuple[Tuple[Integer]]",
    ("Grid", "Tuple[Grid]"): None,
    ("Grid", "Integer"): None,
    ("Tuple[Integer]", "Set[Integer]"): None,
    ("Set[Nothing]", "Objects"): "Objects",
    ("Set[Indices]", "Objects"): "Set[Patch]",
    ("(Indices, Integer)", "(Object, Pair)"): "(Patch, Numerical)",
}


@pytest.mark.parametrize("pair", JOINS, ids=" and ".join)
def test_what_joins_to_what(pair: tuple[str, str]) -> None:
    joined = join(*map(parse_type, pair))
    assert (None if joined is None else str(joined)) == JOINS[pair]


def test_unions_are_of_types_that_have_no_other_join() -> None:
    for union, (a, b) in UNIONS.items():
        assert cost(a, b) is None
        assert cost(b, a) is None
        assert join(a, b) is union
