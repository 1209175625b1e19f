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
from pipeline.frontend.program import Builtin, Clause, Jump, Literal, Program, Rest, Variable
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
PYTHON = """\
OLD = 6
def turn(g, n=2):
    for k in range(n):
        g = rot90(g) if k else g
    return g
def solve_0a1b2c3d(I):
    xs = [turn(x, n=OLD) for x in (I, I) if 0 < len(x) < 9]
    a, *b = xs[0], xs[1:]
    while (m := len(b)):
        b = b[1:]
    return max(xs, key=lambda x: sum(x[0]), default=I)
"""


def parts(value: Any) -> Iterator[Any]:
    """All in an expression that has a place of its own, outermost first."""
    if isinstance(value, tuple) and not isinstance(value, Variable | Literal | Builtin):
        if type(value) is not tuple and not isinstance(value, Rest | Clause | Jump):
            yield value
        for part in value:
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
    for text in [*texts, GENERAL, PYTHON]:
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
