"""Canonical order: the one order in which a set is ever iterated.

Ascending: integers by value, and a truth value as the integer that it can stand for; pairs by
(i, j); tuples lexicographically; a two-tuple of an integer and a tuple, such as a cell
(colour, (i, j)), by the tuple, then the integer; a set as the ascending tuple of its elements.
A text comes in the place of an integer, and behind all other values where a set holds both.
Where a set holds both, integers come before pairs and indices before objects, and `((1, 2), 0)`
before `(0, (1, 2))`. None comes before integers, in the place of one too; before it come pairs with
None in them: those in whose second place it is, then those in whose first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import chain
from operator import itemgetter
from typing import Any


def ordered(container: Iterable[Any]) -> list[Any] | tuple[Any, ...]:
    """The elements in the order of iteration: canonical for a set, its own for a tuple."""
    if isinstance(container, tuple):
        return container
    values = list(container)
    if len(values) < 2:
        return values
    try:
        values.sort(key=_key_of(values))
    except TypeError:
        values.sort(key=mixed_key)
    return values


def _key_of(values: list[Any]) -> Callable[[Any], Any] | None:
    """The quickest key that gives canonical order for these values.

    It looks at all of them: in a set of more than one kind the first found is an accident, and a
    quick key can compare values of two kinds without complaint, in an order that is not canonical.
    """
    first = values[0]
    if type(first) is int or type(first) is bool:
        return None
    if type(first) is tuple:
        if _are_pairs(values):
            return None
        return _BY_LOCATION if _are_cells(values) else sort_key
    if isinstance(first, frozenset):
        elements = list(chain.from_iterable(values))
        if _are_pairs(elements):
            return sorted
        if _are_cells(elements):
            return _cells_key
    return sort_key


_BY_LOCATION = itemgetter(1, 0)


def _cells_key(value: frozenset[Any]) -> list[Any]:
    return sorted([(location, colour) for colour, location in value])


def sort_key(value: Any) -> Any:
    """A key that orders values of one type canonically; raises TypeError where None is in one."""
    if type(value) is tuple:
        if len(value) == 2 and isinstance(value[0], int | str) and type(value[1]) is tuple:
            return (sort_key(value[1]), _behind(value[0]))
        if all(type(part) is int for part in value):
            return value
        return tuple([sort_key(part) for part in value])
    if isinstance(value, frozenset):
        return tuple([sort_key(part) for part in ordered(value)])
    if value is None:
        raise TypeError
    return value


def mixed_key(value: Any) -> Any:
    """A slower key for values of two kinds in one set; for one kind the order is the same."""
    if isinstance(value, int):
        return (0, value)
    if isinstance(value, str):
        return (3, value)
    if isinstance(value, frozenset):
        return (2, tuple([mixed_key(part) for part in ordered(value)]))
    if value is None:
        return (-2,)
    if type(value) is tuple:
        if len(value) == 2 and (value[0] is None or isinstance(value[0], int | str)):
            if type(value[1]) is tuple:
                colour = (-2, 0) if value[0] is None else (0, _behind(value[0]))
                return (1, (mixed_key(value[1]), colour))
            if None in value and (value[1] is None or isinstance(value[1], int)):
                return _pair_key(*value)
        return (1, tuple([mixed_key(part) for part in value]))
    return value


def _pair_key(first: int | None, second: int | None) -> Any:
    """The key of a pair with None in it."""
    if first is None:
        return (-1,) if second is None else (-3, second)
    return (-4, first)


_BEHIND = 0.5
"""Puts `(0, (1, 2))` behind `((1, 2), 0)`, whose key would be the same: no two values are equal."""


def _behind(first: int | str) -> Any:
    return first if isinstance(first, str) else first + _BEHIND


_INTEGERS = {int}
_TUPLES = {tuple}
_TWO = {2}
_FIRST = itemgetter(0)
_LAST = itemgetter(1)


def _are_pairs(values: Collection[Any]) -> bool:
    """Whether all are tuples of two integers; each pass over them is one call."""
    return (
        set(map(type, values)) == _TUPLES
        and set(map(len, values)) == _TWO
        and set(map(type, chain.from_iterable(values))) == _INTEGERS
    )


def _are_cells(values: Collection[Any]) -> bool:
    """Whether all are tuples of an integer and a pair."""
    return (
        set(map(type, values)) == _TUPLES
        and set(map(len, values)) == _TWO
        and set(map(type, map(_FIRST, values))) == _INTEGERS
        and _are_pairs(list(map(_LAST, values)))
    )
