"""Which first-order rows take which types: the table, asked as `passes.infer` asks it, cached."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from pipeline.ir.coerce import FALLIBLE, bind, cost, substitute
from pipeline.ir.types import UNIONS, Type
from pipeline.passes.infer import Mismatch, choose
from pipeline.primitives.row import FunctionType, Primitive
from pipeline.primitives.table import BY_NAME, ROWS

FIRST_ORDER: Final = tuple(row for row in ROWS if row.expand is None)
LONGEST: Final = 40
"""Types whose text is longer are not made: they say little that shorter ones don't."""


@cache
def row_result(name: str, arguments: tuple[Type, ...]) -> tuple[Type, bool] | None:
    """What a row gives for these types, and whether an argument must be converted fallibly; None
    if it takes them not.
    """
    row = BY_NAME[name]
    if not any(_may_take(s.parameters, arguments) for s in row.overloads):
        return None
    try:
        _, targets, result = choose(row, arguments)
    except Mismatch:
        return None
    if len(result.text) > LONGEST:
        return None
    prices = [cost(a, t) or 0 for a, t in zip(arguments, targets, strict=True)]
    return result, max(prices) >= FALLIBLE


def _may_take(parameters: tuple[Any, ...], arguments: tuple[Type, ...]) -> bool:
    """A quick answer for most that do not fit: `choose` is slower, as it words its refusal."""
    return all(map(_may_be, parameters, arguments))


@cache
def _may_be(parameter: Any, argument: Type) -> bool:
    if not isinstance(parameter, Type) or argument in UNIONS:
        return True
    return bind(parameter, argument, {}) and (
        parameter.has_variables or cost(argument, parameter) is not None
    )


@cache
def rows_taking(arguments: tuple[Type, ...]) -> tuple[tuple[str, Type], ...]:
    """The first-order rows that take exactly these types, none converted fallibly, with their
    results.
    """
    found = []
    for row in FIRST_ORDER:
        if row.arity == len(arguments):
            answer = row_result(row.name, arguments)
            if answer is not None and not answer[1]:
                found.append((row.name, answer[0]))
    return tuple(found)


@cache
def fits(parameter: Type, argument: Type) -> bool:
    """Whether an argument of this type can always be a parameter's, its variables bound to
    anything.
    """
    bindings: dict[str, Type] = {}
    if not bind(parameter, argument, bindings):
        return False
    price = cost(argument, substitute(parameter, bindings))
    return price is not None and price < FALLIBLE


@cache
def places_taking(argument: Type, count: int) -> tuple[tuple[Primitive, int, int], ...]:
    """The rows of more than `count` parameters of which one takes this type, with room for so many
    from there.

    Given are the row, the overload and the place.
    """
    return tuple(
        (row, k, place)
        for row in FIRST_ORDER
        if row.arity > count
        for k, signature in enumerate(row.overloads)
        for place, parameter in enumerate(signature.parameters)
        if place + count <= row.arity
        and not isinstance(parameter, FunctionType)
        and fits(parameter, argument)
    )
