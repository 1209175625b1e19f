"""`match` statements, as the `if` statements that they stand for."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from pipeline.frontend.constructs import Refused
from pipeline.frontend.reading import Reading, Reported, placed_at

_PATTERNS: Final = "write values, names, `_`, `|` and tuples of such"


def as_choice(reader: Reading, node: ast.Match, subject: str) -> list[ast.stmt]:
    """The statements of a match whose subject is a variable; raises Reported for a pattern that no
    solver has.
    """
    rest: list[ast.stmt] = []
    for case in reversed(node.cases):
        tests, names = _taken_apart(reader, case.pattern, _name(subject))
        if case.guard is not None:
            tests += [_bound(name, part) for name, part in names]
            tests.append(case.guard)
            names = []
        body = [*(_assign(name, part) for name, part in names), *case.body]
        if not tests:
            rest = body
            continue
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
        rest = [ast.If(test, body, rest)]
    return [placed_at(statement, node) for statement in rest]


Bindings = list[tuple[str, ast.expr]]
"""Names with what they are given."""


def _taken_apart(
    reader: Reading, pattern: ast.pattern, subject: ast.expr
) -> tuple[list[ast.expr], Bindings]:
    """What must hold for a pattern, and the names that it gives."""
    if isinstance(pattern, ast.MatchValue):
        return [ast.Compare(subject, [ast.Eq()], [pattern.value])], []
    if isinstance(pattern, ast.MatchSingleton):
        return [ast.Compare(subject, [ast.Is()], [ast.Constant(pattern.value)])], []
    if isinstance(pattern, ast.MatchAs):
        tests: list[ast.expr] = []
        names: Bindings = []
        if pattern.pattern is not None:
            tests, names = _taken_apart(reader, pattern.pattern, subject)
        return tests, names if pattern.name is None else [*names, (pattern.name, subject)]
    if isinstance(pattern, ast.MatchOr):
        return _alternatives(reader, pattern, subject)
    if isinstance(pattern, ast.MatchSequence):
        return _parts(reader, pattern.patterns, subject)
    if isinstance(pattern, ast.MatchClass) and not (pattern.patterns or pattern.kwd_patterns):
        return [_call("isinstance", subject, pattern.cls)], []
    reader.refuse(pattern, Refused("this pattern", _PATTERNS))
    raise Reported


def _alternatives(
    reader: Reading, pattern: ast.MatchOr, subject: ast.expr
) -> tuple[list[ast.expr], Bindings]:
    found: list[ast.expr] = []
    for inner in pattern.patterns:
        tests, names = _taken_apart(reader, inner, subject)
        if names:
            reader.refuse(inner, Refused("a name in an alternative", _PATTERNS))
            raise Reported
        if not tests:
            return [], []
        found.append(tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests))
    return [ast.BoolOp(ast.Or(), found)], []


def _parts(
    reader: Reading, patterns: Sequence[ast.pattern], subject: ast.expr
) -> tuple[list[ast.expr], Bindings]:
    """A tuple of so many parts."""
    if any(isinstance(part, ast.MatchStar) for part in patterns):
        star = next(part for part in patterns if isinstance(part, ast.MatchStar))
        reader.refuse(star, Refused("a star in a pattern", _PATTERNS))
        raise Reported
    count = ast.Compare(_call("len", subject), [ast.Eq()], [ast.Constant(len(patterns))])
    tests: list[ast.expr] = [_call("isinstance", subject, ast.Name("%tuple", ast.Load())), count]
    names: Bindings = []
    for k, part in enumerate(patterns):
        place = ast.Subscript(subject, ast.Constant(k), ast.Load())
        more, inner = _taken_apart(reader, part, place)
        tests += more
        names += inner
    return tests, names


def _bound(name: str, value: ast.expr) -> ast.expr:
    """What gives a name a value, and holds."""
    given = ast.NamedExpr(ast.Name(name, ast.Store()), value)
    missing = ast.Compare(given, [ast.Is()], [ast.Constant(None)])
    return ast.BoolOp(ast.Or(), [missing, ast.Constant(True)])


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(f"%{name}", ast.Load()), [*args], [])


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())
