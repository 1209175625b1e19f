"""What Python's comparisons mean; rows that no solver can name.

Tuples compare part by part, and sets by inclusion: of two sets neither need be the greater.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from pipeline.primitives.elements import Container
from pipeline.primitives.key_order import check_order, compare_keys
from pipeline.primitives.row import native, primitive
from pipeline.primitives.sorting import find, find_sorted
from pipeline.primitives.words import TUPLE, Memory, has_failed, kind_of, length, start

_TWO_OF_A_KIND: Final = (
    "Integer Integer -> Boolean",
    "(a, b) (a, b) -> Boolean",
    "Tuple[a] Tuple[a] -> Boolean",
    "Set[a] Set[a] -> Boolean",
    "Set[a] Set[b] -> Boolean",
)


def _compared(operation: Callable[[Any, Any], bool], a: Any, b: Any) -> bool:
    check_order(a, b)
    return operation(a, b)


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

    Errors:  NONE or ORDER if they have no order: see `key_order`
    """
    return _compared(operator.lt, a, b)


@native(less)
def _less(m: Memory, a: int, b: int) -> int:
    found = compare_keys(m, a, b)
    return found if has_failed(found) else int(found == -1)


@primitive(
    *_TWO_OF_A_KIND,
    examples=("less_equal(2, 2) == True", "less_equal((1, 3), (1, 2, 0)) == False"),
    laws=("less_equal(a, b) == (less(a, b) or equal(a, b))",),
    published=False,
)
def less_equal(a: Any, b: Any) -> bool:
    """Tell whether the first is less than the second, or equal.

    Errors:  NONE or ORDER if they have no order: see `key_order`
    """
    return _compared(operator.le, a, b)


@native(less_equal)
def _less_equal(m: Memory, a: int, b: int) -> int:
    found = compare_keys(m, a, b)
    return found if has_failed(found) else int(found <= 0)


@primitive(
    *_TWO_OF_A_KIND,
    examples=("exceeds((2,), (1, 5)) == True", "exceeds(frozenset({1, 2}), frozenset()) == True"),
    laws=("exceeds(a, b) == less(b, a)",),
    published=False,
    expand=lambda b, x, y: b.row("less", y, x),
)
def exceeds(a: Any, b: Any) -> bool:
    """Tell whether the first is greater: what `>` gives, of which `greater` is a part.

    Errors:  NONE or ORDER if they have no order: see `key_order`
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

    Errors:  NONE or ORDER if they have no order: see `key_order`
    """
    return _compared(operator.ge, a, b)


@primitive(
    "a Tuple[a] -> Boolean",
    "a Set[a] -> Boolean",
    otherwise=("a Tuple[b] -> Boolean", "a Set[b] -> Boolean"),
    examples=("within(2, (1, 2)) == True", "within((0, 0), frozenset()) == False"),
    total=True,
    published=False,
)
def within(x: Any, container: Container) -> bool:
    """Tell whether the value is an element of the container, which must not be missing."""
    return x in container


@native(within)
def _within(m: Memory, x: int, container: int) -> int:
    place, count = start(container), length(m, container)
    if kind_of(m, container) == TUPLE:
        return int(find(m, x, place, count) >= 0)
    return int(find_sorted(m, x, place, count) >= 0)
