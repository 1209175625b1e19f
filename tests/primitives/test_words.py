"""Words: each is one kind of value, ascends with it, and can be taken apart again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ir.status import DEFAULT_LIMITS, REASONS, Limits
from pipeline.ir.types import CELL, GRID, PAIR, parse_type
from pipeline.primitives import words as w
from pipeline.primitives.canonical import ordered
from tests.memory import UNTOUCHED, PlainMemory

MOST = DEFAULT_LIMITS.integer
LIMIT_VALUES = (-MOST, 1 - MOST, -1, 0, 1, 9, MOST - 1, MOST)
MEMORY = PlainMemory()
M = MEMORY.m

integers = st.integers(-MOST, MOST) | st.sampled_from(LIMIT_VALUES)
pairs = st.tuples(integers, integers)
cells = st.tuples(integers, pairs)

KINDS: dict[str, Callable[[int], Any]] = {
    "integer": w.is_integer,
    "pair": w.is_pair,
    "cell": w.is_cell,
    "missing": lambda word: w.is_missing(word) and not w.has_failed(word),
    "nil": lambda word: word == w.NIL,
    "failure": w.has_failed,
    "reference": w.is_reference,
}


def kinds(word: int) -> list[str]:
    """All that a word claims to be."""
    return [name for name, holds in KINDS.items() if holds(word)]


def word_of(value: Any) -> int:
    """The word of an integer, a pair or a cell."""
    if isinstance(value, int):
        return w.integer(M, value)
    if isinstance(value[1], int):
        return w.pair(M, *value)
    return w.cell(M, value[0], *value[1])


# -- one kind each


@given(integers, pairs, cells)
def test_a_value_is_of_its_own_kind_and_of_no_other(
    number: int, pair: tuple[int, int], cell: Any
) -> None:
    found = [kinds(word_of(value)) for value in (number, pair, cell)]
    assert found == [["integer"], ["pair"], ["cell"]]


@pytest.mark.parametrize("operation", [0, 1, 1_000, 1_000_000])
@pytest.mark.parametrize("reason", REASONS)
def test_a_failure_of_any_operation_is_a_failure(reason: str, operation: int) -> None:
    word = w.FAILED - w.REASON_CODES[reason] - 32 * operation
    assert kinds(word) == ["failure"]
    assert (w.FAILED - word) & 31 == w.REASON_CODES[reason]
    assert (w.FAILED - word) >> 5 == operation


def test_every_reason_has_a_code_of_five_bits_and_a_name_here() -> None:
    assert w.REASON_CODES.keys() == REASONS.keys()
    codes = list(w.REASON_CODES.values())
    assert len(set(codes)) == len(codes)
    assert all(0 < code < 32 for code in codes)
    named = {reason: w.FAILED - getattr(w, reason) for reason in REASONS}
    assert named == w.REASON_CODES


@pytest.mark.parametrize("place", [0, 1, 80, 1 << 20, 1 << 40])
def test_a_place_in_the_heap_is_a_reference(place: int) -> None:
    assert kinds(w.REFERENCES - place) == ["reference"]
    assert w.start(w.REFERENCES - place) == place + 1
    assert w.origin(w.REFERENCES - place) == 2 * (place + 1)


def test_the_ranges_meet_nowhere() -> None:
    ends = [word_of(value) for value in (-MOST, MOST, (-MOST, -MOST), (MOST, MOST))]
    ends += [word_of((-MOST, (-MOST, -MOST))), word_of((MOST, (MOST, MOST)))]
    least = w.FAILED - 31 - 32 * (1 << 24)
    assert sorted(ends) == ends
    assert ends[-1] < 1 << 63
    assert w.FAILURES_END < least < w.FAILED < w.MISSING < w.NO_PAIR < ends[0] < ends[1] < w.NIL
    assert ends[2] > w.NIL
    assert kinds(w.MISSING) == ["missing"]
    assert kinds(w.NIL) == ["nil"]


@given(integers)
def test_a_pair_with_a_part_missing_is_a_word_of_its_own(number: int) -> None:
    for a, b in ((None, number), (number, None), (None, None)):
        x, y = (w.MISSING if part is None else part for part in (a, b))
        word, _ = w.put_two(M, 0, x, y)
        assert kinds(word) == ["missing"]
        assert (w.first_of_two(M, word), w.second_of_two(M, word)) == (x, y)


@given(pairs)
def test_a_cell_may_have_no_colour(pair: tuple[int, int]) -> None:
    location = word_of(pair)
    word, _ = w.put_two(M, 0, w.MISSING, location)
    assert kinds(word) == ["cell"]
    assert (w.colour_of(word), w.location_of(word)) == (w.MISSING, location)
    assert w.with_colour(location, w.MISSING) == word
    assert word < w.with_colour(location, -MOST)


# -- taking apart


@given(pairs)
def test_a_pair_is_unpacked_again(pair: tuple[int, int]) -> None:
    word = word_of(pair)
    assert (w.row_of(word), w.column_of(word)) == pair
    assert w.location_of(word) == word
    assert (w.first_of_two(M, word), w.second_of_two(M, word)) == pair
    assert MEMORY.heap.decode(word) == pair
    assert MEMORY.heap.encode(pair, PAIR) == word


@given(cells)
def test_a_cell_is_unpacked_again(cell: Any) -> None:
    colour, location = cell
    word = word_of(cell)
    assert w.colour_of(word) == colour
    assert w.location_of(word) == word_of(location)
    assert (w.row_of(word), w.column_of(word)) == location
    assert (w.first_of_two(M, word), w.second_of_two(M, word)) == (colour, word_of(location))
    assert w.with_colour(word_of(location), colour) == word
    assert MEMORY.heap.decode(word) == cell
    assert MEMORY.heap.encode(cell, CELL) == word


@pytest.mark.parametrize("limits", [DEFAULT_LIMITS, Limits(integer=12), Limits(integer=0)])
def test_what_is_over_the_limit_is_a_failure_wherever_it_stands(limits: Limits) -> None:
    m, most = PlainMemory(limits, 1_000).m, limits.integer
    for fine in {-most, 0, most}:
        assert w.integer(m, fine) == fine
        assert w.is_pair(w.pair(m, fine, -fine))
        assert w.is_cell(w.cell(m, fine, -fine, fine))
    for over in (-most - 1, most + 1, 1 << 40, -(1 << 40)):
        found = {w.integer(m, over), w.pair(m, over, 0), w.pair(m, 0, over)}
        found |= {w.cell(m, over, 0, 0), w.cell(m, 0, over, 0), w.cell(m, 0, 0, over)}
        assert found == {w.INTEGER}


# -- order


@given(integers | pairs | cells, integers | pairs | cells)
def test_words_ascend_in_canonical_order(a: Any, b: Any) -> None:
    if a == b:
        assert word_of(a) == word_of(b)
        return
    first, second = ordered(frozenset((a, b)))
    assert word_of(first) < word_of(second)


# -- what lies in the heap


@pytest.mark.parametrize("kind", [w.TUPLE, w.SET])
@pytest.mark.parametrize("count", [0, 1, 2, 50_000])
def test_a_container_knows_its_kind_and_length(kind: int, count: int) -> None:
    memory = PlainMemory(words=60_000)
    place = memory.top
    word, end = w.put_list(memory.m, place, kind, count)
    assert (w.kind_of(memory.m, word), w.length(memory.m, word)) == (kind, count)
    assert w.start(word) == place + 1
    assert end == place + w.list_words(count)
    assert not w.is_grid(memory.m, word)
    assert memory.words(place + 1, count) == [UNTOUCHED] * count


@pytest.mark.parametrize("shape", [(0, 0), (1, 0), (3, 0), (1, 1), (3, 3), (2, 4), (1, 10_000)])
def test_a_grid_knows_its_shape(shape: tuple[int, int]) -> None:
    height, width = shape
    memory = PlainMemory()
    place = memory.top
    word, end = w.put_grid(memory.m, place, height, width)
    assert (w.height(memory.m, word), w.width(memory.m, word)) == shape
    assert w.is_grid(memory.m, word)
    assert w.kind_of(memory.m, word) == w.GRID
    assert w.area(memory.m, word) == height * max(1, width)
    assert end == place + w.grid_words(height, width)
    for k in range(height * width):
        memory.m.colours[w.origin(word) + k] = 9
    assert memory.words(end, 3) == [UNTOUCHED] * 3
    assert memory.heap.decode(word) == ((9,) * width,) * height


def test_only_grids_are_grids() -> None:
    memory = PlainMemory()
    grid = memory.put(((1, 2),), GRID)
    others = [
        3,
        w.MISSING,
        w.EMPTY,
        word_of((1, 2)),
        memory.put(((1, 2),), parse_type("Tuple[Pair]")),
    ]
    assert w.is_grid(memory.m, grid)
    assert [bool(w.is_grid(memory.m, other)) for other in others] == [False] * 5


TWO_PARTS: dict[str, tuple[Any, int]] = {
    "Pair": ((1, -2), 0),
    "Cell": ((-MOST, (MOST, 0)), 0),
    "(Boolean, Integer)": ((True, 7), 0),
    "(Boolean, Pair)": ((False, (1, 2)), 0),
    "(Pair, Integer)": (((1, 2), 3), 3),
    "(Pair, Pair)": (((1, 2), (3, 4)), 3),
    "(Integer, Cell)": ((5, (6, (7, 8))), 3),
    "(Cell, Integer)": (((6, (7, 8)), 5), 3),
    "(Integer, Grid)": ((5, ((1, 2), (3, 4))), 3),
    "(Indices, Tuple[Integer])": ((frozenset({(1, 2)}), (1, 2)), 3),
    "((Integer, Grid), Integer)": (((5, ((1,),)), 6), 3),
}


@pytest.mark.parametrize("kind", TWO_PARTS)
def test_a_two_tuple_lies_in_the_heap_only_if_it_is_no_pair_or_cell(kind: str) -> None:
    value, taken = TWO_PARTS[kind]
    memory = PlainMemory()
    type_ = parse_type(kind)
    a, b = (memory.put(part, t) for part, t in zip(value, type_.args, strict=True))
    place = memory.top
    word, end = w.put_two(memory.m, place, a, b)
    assert end - place == taken
    assert w.is_reference(word) == (taken > 0)
    assert (w.first_of_two(memory.m, word), w.second_of_two(memory.m, word)) == (a, b)
    assert memory.heap.decode(word) == value
    again = memory.put(value, type_)
    assert memory.heap.decode(again) == value
    assert w.is_reference(again) == w.is_reference(word)


def test_a_missing_part_stays_missing() -> None:
    memory = PlainMemory()
    word, _ = w.put_two(memory.m, memory.top, 1, w.MISSING)
    assert memory.heap.decode(word) == (1, None)
