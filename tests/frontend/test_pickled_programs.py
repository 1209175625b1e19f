"""A program that was pickled, or copied, is the program that it was, places included."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.frontend import known_lines
from pipeline.frontend.parse import parse
from pipeline.frontend.program import Call, Expression, Program, TupleLiteral
from pipeline.trust.programs.writer import random_program

GENERAL = """\
def solve_0a1b2c3d(I):
    x1 = fill(
        I,
        value=2,
        patch=(  # spread over lines
            (0, 1),
            compose(first, last)(((1, 2), 3)),
        ),
    ); x2 = hmirror(x1)
    return vmirror(x2)
"""


def parts(value: Expression) -> Iterator[Expression]:
    """All calls and tuples in an expression, outermost first."""
    if isinstance(value, Call | TupleLiteral):
        yield value
        inner = value.arguments if isinstance(value, Call) else value.elements
        for part in inner:
            yield from parts(part)


def said(program: Program) -> list[Any]:
    """All that is to be known of a program."""
    statements: list[Any] = []
    for k, statement in enumerate(program.statements):
        places = [
            (program.place(k, part), program.argument_places(k, part))
            for part in parts(statement.value)
        ]
        content = statement.target, statement.value, statement.names
        statements.append((content, program.place(k), places))
    return [program.name, program.parameter, program.path, program.lines, statements]


def pickled(program: Program) -> Program:
    """There and back."""
    found: Program = pickle.loads(pickle.dumps(program))
    return found


@pytest.mark.parametrize("way", [pickled, copy.deepcopy])
def test_it_says_the_same(way: Callable[[Program], Program]) -> None:
    texts = [random_program(random.Random(k), 6) for k in range(60)]
    for text in [*texts, GENERAL]:
        program = parse(text)
        assert said(way(program)) == said(program)


@pytest.mark.parametrize("way", [pickled, copy.deepcopy])
def test_its_lines_are_those_that_are_known(way: Callable[[Program], Program]) -> None:
    program = parse(random_program(random.Random(1), 8))
    copied = way(program)
    assert all(a is b for a, b in zip(copied.statements, program.statements, strict=True))
    assert copied.statements[0].value is program.statements[0].value


def test_where_its_lines_are_unknown_they_are_known_from_then_on() -> None:
    text = random_program(random.Random(2), 8)
    program = parse(text)
    data, before = pickle.dumps(program), said(program)
    known_lines.forget()
    loaded = pickle.loads(data)
    assert said(loaded) == before
    again = parse(text)
    assert all(a is b for a, b in zip(again.statements, loaded.statements, strict=True))
