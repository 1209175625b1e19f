"""Python's rows in programs: what comes of them by the interpreter, on the reference runtime and
compiled is what Python makes of the values.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pipeline.codegen.emit import emit
from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    Program,
    Statement,
    StatementPlaces,
    TupleLiteral,
)
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.ir.types import BOOLEAN, GRID, INTEGER, PAIR, Type, set_of, tuple_of, two
from pipeline.passes import run_passes
from pipeline.primitives import python_ordering
from pipeline.primitives.canonical import ordered
from pipeline.primitives.row import Primitive, Signature, rows_of, run_row
from pipeline.primitives.table import BY_NAME, PYTHON_ROWS
from pipeline.trust.agreement.answers import Built, agree, direct, together
from pipeline.trust.agreement.runners import ImageRunner, TextRunner
from tests.compiled import compiled_kernels
from tests.values import KEY_TYPES, instantiate, random_arguments, random_value

DRAWS = 14
GRID_GIVEN = ((1, 2), (3, 4))
ORDERING = {row.name for row in rows_of(python_ordering)}
KEYS = ("identity", "invert", "double")
LIMITS = [DEFAULT_LIMITS, Limits(elements=6, cells=20, integer=12, total=14, turns=3)]


def call(name: str, *arguments: Expression) -> Expression:
    """A call of a row."""
    return Call(Builtin(BY_NAME[name]), arguments)


def written(value: Any, type_: Type) -> Expression:
    """An expression that gives the value as one of this type."""
    if value is None or type_ in (BOOLEAN, INTEGER, PAIR):
        return Literal(value)
    if type_.head == "Two":
        return TupleLiteral(tuple(map(written, value, type_.args)))
    if type_ is GRID:
        rows = written(value, tuple_of(tuple_of(INTEGER)))
        return call("vmirror", call("vmirror", rows))
    element = type_.args[0]
    parts = [written(part, element) for part in ordered(value)]
    if type_.head == "Set":
        return call("as_set", written(tuple(ordered(value)), tuple_of(element)))
    if not parts:
        one = written(random_value(random.Random(1), element, 2), element)
        return call("cut", TupleLiteral((one,)), Literal(0), Literal(0), Literal(1))
    return TupleLiteral(tuple(parts))


def compiled(call_: Expression, result: Any, type_: Type) -> Built:
    """A solver that tells whether the call gives the result, by a grid of 1 or 0; where there is no
    result, whether it gives what it gives.
    """
    expected = call_ if result is None else written(result, type_)
    right = call("branch", call("equality", call_, expected), Literal(1), Literal(0))
    grid = call("canvas", right, Literal((1, 1)))
    parts = {id(part): ((0, 1, 1),) * 30 for part in within(grid)}
    places = StatementPlaces((0, 1, 1), (0, 1, 1), parts)
    statement = Statement("return", grid, (), "", 0, places)
    program = Program("test", "I", (statement,), "test.py", (1,))
    graph, found = run_passes(program, 100_000, verified=True)
    assert graph is not None, (call_, [d.message for d in found])
    return Built(program, emit(graph), graph)


def within(expression: Expression) -> Iterator[Expression]:
    """An expression and all in it."""
    yield expression
    if isinstance(expression, Call):
        for part in expression.arguments:
            yield from within(part)
    if isinstance(expression, TupleLiteral):
        for part in expression.elements:
            yield from within(part)


def typed(row: Primitive, rng: random.Random) -> Signature:
    """An overload of the row for some types; keys are such as have an order."""
    overload = rng.choice(row.overloads)
    if row.name not in ORDERING:
        return instantiate(overload, rng)
    key = rng.choice((INTEGER, PAIR) if row.function_positions else KEY_TYPES)
    kind = overload.parameters[0].head
    container = (tuple_of if kind == "Tuple" else set_of)(key)
    more = [key for p in overload.parameters[1:] if isinstance(p, Type)]
    result = tuple_of(key) if getattr(overload.result, "args", ()) else key
    return Signature((container, *more), result, overload.text)


def standing_in(type_: Type, rng: random.Random) -> Type:
    """The type, or now and then one whose values stand for its own."""
    if rng.random() < 0.7:
        return type_
    if type_ is INTEGER:
        return BOOLEAN
    if type_ is tuple_of(tuple_of(INTEGER)):
        return GRID
    return two(type_.args[0], type_.args[0]) if type_.head == "Tuple" else type_


def drawn(row: Primitive, rng: random.Random) -> tuple[Built, Any]:
    """A program with a call of the row, and what Python makes of that: a grid, or the failure."""
    signature = typed(row, rng)
    given = replace(signature, parameters=tuple(standing_in(p, rng) for p in signature.parameters))
    values = list(random_arguments(given, rng, rng.choice((2, 3, 5))))
    arguments = [written(v, t) for v, t in zip(values, given.parameters, strict=True)]
    for _ in row.function_positions:
        key = BY_NAME[rng.choice(KEYS)]
        arguments.append(Builtin(key))
        values.append(key.reference)
    try:
        result, end = run_row(row, tuple(values), DEFAULT_LIMITS), ((1,),)
    except Failure as failure:
        result, end = None, failure
    assert isinstance(signature.result, Type)
    return compiled(call(row.name, *arguments), result, signature.result), end


@pytest.mark.parametrize("row", PYTHON_ROWS, ids=lambda row: row.name)
def test_what_a_row_gives_in_a_program_is_what_python_makes_of_it(row: Primitive) -> None:
    rng = random.Random(row.name)
    cases = [drawn(row, rng) for _ in range(DRAWS)]
    built = [b for b, _ in cases]
    for limits in LIMITS:
        answers = [direct(b, GRID_GIVEN, limits) for b in built]
        if limits is DEFAULT_LIMITS:
            for (b, end), answer in zip(cases, answers, strict=True):
                assert agree(answer, end), (b.program.statements[0].value, answer, end)
        for runner in (TextRunner(), ImageRunner(kernels=compiled_kernels())):
            found = together(built, [GRID_GIVEN], [[0]] * len(built), limits, runner)
            for b, answer, got in zip(built, answers, found, strict=True):
                assert agree(answer, got[0]), (b.code, answer, got[0])
