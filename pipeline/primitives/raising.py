"""Which values of odd types the published DSL is sure to raise for: numbers where containers go."""

from __future__ import annotations

from functools import cache
from typing import Final

from pipeline.ir.types import GRID, PATCH, Type
from pipeline.primitives.row import Primitive

_MAY_NOT_LOOK: Final = frozenset({"product", "difference", "prapply"})
"""Rows that do not come to look at one container where the other one is empty."""
_SUBSCRIPTS: Final = frozenset({"cut", "at"})


@cache
def container_places(row: Primitive) -> frozenset[int]:
    """The arguments of a row for which it raises if they are numbers or truth values."""
    if row.name in _MAY_NOT_LOOK:
        return frozenset()
    signatures = (*row.overloads, *row.otherwise)
    return frozenset(
        k
        for k in range(len(row.parameters))
        if all(_is_container(signature.parameters[k]) for signature in signatures)
    )


def _is_container(parameter: object) -> bool:
    if not isinstance(parameter, Type):
        return False
    is_sequence = parameter.head in ("Tuple", "Set")
    return is_sequence or parameter in (GRID, PATCH)


def set_places(row: Primitive) -> tuple[int, ...]:
    """The arguments of a row for which it raises if they are sets."""
    return (0,) if row.name in _SUBSCRIPTS else ()
