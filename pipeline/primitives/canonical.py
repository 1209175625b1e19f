"""Canonical order: the one order in which a set is ever iterated.

Ascending: integers by value, and a truth value as the integer that it can stand for; pairs by
(i, j); tuples lexicographically; a two-tuple of an integer and a tuple, such as a cell
(colour, (i, j)), by the tuple, then the integer; a set as the ascending tuple of its elements.
Where a set holds both, integers come before pairs and indices before objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
        values.sort(key=_mixed_key)
    return values


def _key_of(values: list[Any]) -> Callable[[Any], Any] | None:
    """The quickest key that gives canonical order for values like these."""
    first = values[0]
    if type(first) is int or type(first) is bool or _is_plain_pair(first):
        return None
    if _is_cell(first):
        return _BY_LOCATION
    if isinstance(first, frozenset):
        samples = [next(iter(value)) for value in values if value]
        if all(map(_is_plain_pair, samples)):
            return sorted
        if all(map(_is_cell, samples)):
            return _cells_key
    return sort_key


_BY_LOCATION = itemgetter(1, 0)


def _cells_key(value: frozenset[Any]) -> list[Any]:
    return sorted([(location, colour) for colour, location in value])


def sort_key(value: Any) -> Any:
    """A key that orders values of one type canonically."""
    if type(value) is tuple:
        if len(value) == 2 and isinstance(value[0], int) and type(value[1]) is tuple:
            return (sort_key(value[1]), value[0])
        if all(type(part) is int for part in value):
            return value
        return tuple([sort_key(part) for part in value])
    if isinstance(value, frozenset):
        return tuple([sort_key(part) for part in ordered(value)])
    return value


def _mixed_key(value: Any) -> Any:
    """A key for values of two kinds in one set, slower; on values of one kind the order is the
    same.
    """
    if isinstance(value, int):
        return (0, value)
    if isinstance(value, frozenset):
        return (2, tuple([_mixed_key(part) for part in ordered(value)]))
    if type(value) is tuple:
        if len(value) == 2 and isinstance(value[0], int) and type(value[1]) is tuple:
            value = (value[1], value[0])
        return (1, tuple([_mixed_key(part) for part in value]))
    return value


def _is_plain_pair(value: Any) -> bool:
    return (
        type(value) is tuple and len(value) == 2 and type(value[0]) is int and type(value[1]) is int
    )


def _is_cell(value: Any) -> bool:
    return (
        type(value) is tuple
        and len(value) == 2
        and type(value[0]) is int
        and _is_plain_pair(value[1])
    )
