"""Which values a row takes, read off the values: the direct interpreter knows no other types."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import Any

from pipeline.ir.types import (
    BOOLEAN,
    CELL,
    GRID,
    INTEGER,
    PAIR,
    ROWS,
    TEXT,
    UNIONS,
    VARIABLES,
    Type,
)
from pipeline.primitives.row import Primitive

_TUPLE = {tuple}
_TWO = {2}
_CONDITIONS = ("branch", "flip")
"""Rows that ask of any value what Python takes it for."""

_NUMBERS = {int, bool, NoneType}
_FIRST, _LAST = itemgetter(0), itemgetter(1)


class Fits:
    """What is known of the values of one lane."""

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: dict[Any, tuple[Any, bool]] = {}

    def takes(self, row: Primitive, args: tuple[Any, ...]) -> bool:
        """Whether one of a row's overloads takes these values."""
        for overload in _asked(row):
            for k, parameter in overload:
                as_set = k in row.set_positions and parameter not in row.keeps_tuples
                if not self._fits(args[k], parameter, as_set):
                    break
            else:
                return True
        return False

    def _fits(self, value: Any, type_: Type, as_set: bool) -> bool:
        if isinstance(value, int):
            return type_ is INTEGER or fits(value, type_)
        if type_ is PAIR and type(value) is tuple and len(value) == 2:
            return _are_integers(value)
        if not isinstance(value, tuple | frozenset):
            return fits(value, type_)
        key = id(value), type_, as_set
        found = self.known.get(key)
        if found is None:  # the value is kept, so that no other one gets its id
            found = self.known[key] = value, fits(value, type_, as_set)
        return found[1]


@cache
def _asked(row: Primitive) -> tuple[tuple[tuple[int, Type], ...], ...]:
    """Of each overload the parameters that don't take everything."""
    return tuple(
        tuple(
            (k, p)
            for k, p in enumerate(overload.parameters)
            if isinstance(p, Type) and p.head not in VARIABLES
            if not (p is BOOLEAN and row.name in _CONDITIONS)
        )
        for overload in (*row.overloads, *row.otherwise)
    )


def fits(value: Any, type_: Type, as_set: bool = False) -> bool:
    """Whether a value can be taken for one of a type; what is missing can for any.

    as_set: a tuple can stand for a set. A tuple of another length than two can be meant for a
    two-tuple, and fails as one.
    """
    if value is None or type_.head in VARIABLES:
        return True
    if type_ in UNIONS:
        return any(fits(value, member, as_set) for member in UNIONS[type_])
    if not type_.args and type_ is not GRID:
        return isinstance(value, str if type_ is TEXT else int)
    if type_.head == "Set":
        return isinstance(value, tuple | frozenset if as_set else frozenset) and _all_fit(
            value, type_.args[0]
        )
    if not isinstance(value, tuple):
        return False
    if type_.head == "Two" and len(value) != 2:
        return all(_all_fit(value, part) for part in type_.args)
    return _fits_inside(value, type_)


def _all_fit(values: Collection[Any], type_: Type) -> bool:
    """Whether each element of a container is of a type, as it is."""
    if type_.head in VARIABLES:
        return True
    if type_ is INTEGER:
        return _are_integers(values)
    if type_ is CELL and values and isinstance(values, tuple) and not any(values):
        return False  # rows of a grid without columns: missing pairs
    if type_ is PAIR and _are_twos(values) and _are_integers(chain.from_iterable(values)):
        return True
    if type_ is CELL and _are_twos(values) and _are_integers(map(_FIRST, values)):
        return _all_fit(list(map(_LAST, values)), PAIR)
    return all(_fits_inside(value, type_) for value in values)


def _are_twos(values: Collection[Any]) -> bool:
    return set(map(type, values)) <= _TUPLE and set(map(len, values)) <= _TWO


def _are_integers(values: Iterable[Any]) -> bool:
    return set(map(type, values)) <= _NUMBERS


def _fits_inside(value: Any, type_: Type) -> bool:
    """Whether an element of a container is of a type, as it is, or missing: `()` is a two-tuple
    that is.
    """
    if value is None or type_.head in VARIABLES:
        return True
    if type_ in UNIONS:
        return any(_fits_inside(value, member) for member in UNIONS[type_])
    if not type_.args and type_ is not GRID:
        return isinstance(value, str if type_ is TEXT else int)
    if type_.head == "Set":
        return isinstance(value, frozenset) and _all_fit(value, type_.args[0])
    if not isinstance(value, tuple):
        return False
    if type_.head == "Two":
        return not value or (len(value) == 2 and all(map(_fits_inside, value, type_.args)))
    return _all_fit(value, (ROWS if type_ is GRID else type_).args[0])
