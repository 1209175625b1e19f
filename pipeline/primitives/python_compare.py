"""What Python's comparisons mean; rows that no solver can name.

Tuples compare part by part, and sets by inclusion: of two sets neither need be the greater.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.sorting import are_equal, compare
from pipeline.primitives.words import (
    NIL,
    SET,
    SHAPE,
    Memory,
    first_of_two,
    is_grid,
    is_integer,
    is_reference,
    kind_of,
    length,
    second_of_two,
    start,
)

_TWO_OF_A_KIND: Final = (
    "Integer Integer -> Boolean",
    "(a, b) (a, b) -> Boolean",
    "Tuple[a] Tuple[a] -> Boolean",
    "Set[a] Set[a] -> Boolean",
    "Set[a] Set[b] -> Boolean",
)
_NEITHER: Final = 2
_UNLIKE: Final = 3
"""What `_relation` gives besides -1, 0 and 1."""


def _compared(operation: Callable[[Any, Any], bool], a: Any, b: Any) -> bool:
    try:
        return operation(a, b)
    except TypeError:
        raise Failure("SHAPE") from None


@compiled
def _relation(m: Memory, a: int, b: int) -> int:
    """-1, 0 or 1 where a is less than b, equal or greater; _NEITHER, or _UNLIKE.

    As Python does, it follows the first parts that differ, so no stack is needed.
    """
    while not are_equal(m, a, b):
        if is_grid(m, a) or is_grid(m, b):
            return compare(m, a, b)
        if is_integer(a) or is_integer(b):
            return _UNLIKE if is_integer(a) != is_integer(b) else (-1 if a < b else 1)
        if _is_set(m, a) or _is_set(m, b):
            return _inclusion(m, a, b) if _is_set(m, a) and _is_set(m, b) else _UNLIKE
        count_a, count_b = _parts(m, a), _parts(m, b)
        k = 0
        while k < min(count_a, count_b) and are_equal(m, _part(m, a, k), _part(m, b, k)):
            k += 1
        if k == min(count_a, count_b):
            return -1 if count_a < count_b else 1
        a, b = _part(m, a, k), _part(m, b, k)
    return 0


@compiled
def _is_set(m: Memory, word: int) -> bool:
    return is_reference(word) and kind_of(m, word) == SET


@compiled
def _inclusion(m: Memory, a: int, b: int) -> int:
    """-1 where set a lies in set b, which is another, 1 where b lies in a, else _NEITHER."""
    count_a, count_b = length(m, a), length(m, b)
    both = _common(m, a, b)
    if both == count_a:
        return -1
    return 1 if both == count_b else _NEITHER


@compiled
def _common(m: Memory, a: int, b: int) -> int:
    """How many elements two sets have in common."""
    heap, found = m.heap, 0
    p, p_end = start(a), start(a) + length(m, a)
    q, q_end = start(b), start(b) + length(m, b)
    while p < p_end and q < q_end:
        order = compare(m, heap[p], heap[q])
        p += int(order <= 0)
        q += int(order >= 0)
        found += int(order == 0)
    return found


@compiled
def _parts(m: Memory, word: int) -> int:
    """How many parts a tuple has, which may be packed."""
    if is_reference(word):
        return length(m, word)
    return 0 if word == NIL else 2


@compiled
def _part(m: Memory, word: int, k: int) -> int:
    if is_reference(word):
        return m.heap[start(word) + k]
    return first_of_two(m, word) if k == 0 else second_of_two(m, word)


@primitive(
    *_TWO_OF_A_KIND,
    examples=(
        "less(1, 2) == True",
        "less((1, 2), (1, 2, 0)) == True",
        "less(frozenset({1}), frozenset({2, 3})) == False",
    ),
    laws=("not (less(a, b) and less(b, a))",),
    published=False,
)
def less(a: Any, b: Any) -> bool:
    """Tell whether the first is less: a smaller integer, an earlier tuple, a part of a set.

    Errors:  SHAPE if parts that differ are an integer and a tuple, say
    """
    return _compared(operator.lt, a, b)


@native(less)
def _less(m: Memory, a: int, b: int) -> int:
    found = _relation(m, a, b)
    return SHAPE if found == _UNLIKE else int(found == -1)


@primitive(
    *_TWO_OF_A_KIND,
    examples=("less_equal(2, 2) == True", "less_equal((1, 3), (1, 2, 0)) == False"),
    laws=("less_equal(a, b) == (less(a, b) or equal(a, b))",),
    published=False,
)
def less_equal(a: Any, b: Any) -> bool:
    """Tell whether the first is less than the second, or equal.

    Errors:  SHAPE if parts that differ are an integer and a tuple, say
    """
    return _compared(operator.le, a, b)


@native(less_equal)
def _less_equal(m: Memory, a: int, b: int) -> int:
    found = _relation(m, a, b)
    return SHAPE if found == _UNLIKE else int(found <= 0)


@primitive(
    *_TWO_OF_A_KIND,
    examples=("exceeds((2,), (1, 5)) == True", "exceeds(frozenset({1, 2}), frozenset()) == True"),
    laws=("exceeds(a, b) == less(b, a)",),
    published=False,
    expand=lambda b, x, y: b.row("less", y, x),
)
def exceeds(a: Any, b: Any) -> bool:
    """Tell whether the first is greater: what `>` gives, of which `greater` is a part.

    Errors:  SHAPE if parts that differ are an integer and a tuple, say
    """
    return _compared(operator.gt, a, b)


@primitive(
    *_TWO_OF_A_KIND,
    examples=("greater_equal(2, 3) == False", "greater_equal((), ()) == True"),
    laws=("greater_equal(a, b) == less_equal(b, a)",),
    published=False,
    expand=lambda b, x, y: b.row("less_equal", y, x),
)
def greater_equal(a: Any, b: Any) -> bool:
    """Tell whether the first is greater than the second, or equal.

    Errors:  SHAPE if parts that differ are an integer and a tuple, say
    """
    return _compared(operator.ge, a, b)
