"""`match` statements in random programs."""

from __future__ import annotations

from typing import Any

from pipeline.ir.types import GRID, INTEGER, PAIR, Type
from pipeline.trust.programs.in_scope import ROW, TYPES

Lines = list[str]
Pattern = tuple[str, dict[str, Type]]
"""A pattern, and the variables that it binds."""


def match(writer: Any, depth: int) -> Lines:
    """A `match` of a few cases, whose blocks change what was there before or give one name."""
    if not writer.free("index"):
        return []
    kind = writer.rng.choice((INTEGER, INTEGER, PAIR, PAIR, ROW, None))
    subject = _index(writer) if kind is None else writer.expression(kind, 2)
    name = writer.name() if writer.maybe(0.4) else ""
    type_ = writer.rng.choice(TYPES)
    lines = [f"match {subject}:"]
    for _ in range(writer.rng.randint(1, 3)):
        pattern, variables = _pattern(writer, kind)
        with writer.within(variables):
            is_open = pattern.isidentifier() and pattern != "None"
            guard = f" if {writer.condition(1)}" if is_open or writer.maybe(0.3) else ""
        lines += [f"    case {pattern}{guard}:", *_body(writer, depth, variables, name, type_)]
    if name or writer.maybe(0.7):
        lines += ["    case _:", *_body(writer, depth, {}, name, type_)]
    if name:
        writer.scope.variables[name] = type_
    return lines


def _index(writer: Any) -> str:
    return f"index({writer.expression(GRID, 1)}, {writer.expression(PAIR, 1)})"


def _body(writer: Any, depth: int, variables: dict[str, Type], name: str, type_: Type) -> Lines:
    """The block of a case, in which its variables are known."""
    if name:
        with writer.within(variables):
            return [f"        {name} = {writer.expression(type_, 1)}"]
    before = dict(writer.scope.variables)
    writer.scope.variables.update(variables)
    lines = writer.block(depth, False)
    writer.scope.variables = before
    return [f"        {line}" for line in lines] or ["        pass"]


def _pattern(writer: Any, kind: Type | None) -> Pattern:
    a, b = writer.name("m"), writer.name("m")
    numbers = [str(writer.rng.randint(0, 4)) for _ in range(2)]
    ways: dict[Type | None, tuple[Pattern, ...]] = {
        INTEGER: (
            (numbers[0], {}),
            (" | ".join(dict.fromkeys(numbers)), {}),
            ("-1", {}),
            (f"{numbers[0]} as {a}", {a: INTEGER}),
            (a, {a: INTEGER}),
        ),
        PAIR: (
            (f"({numbers[0]}, {b})", {b: INTEGER}),
            (f"({a}, {numbers[1]})", {a: INTEGER}),
            (f"({a}, {b})", {a: INTEGER, b: INTEGER}),
            (f"({numbers[0]}, _) | (_, {numbers[1]})", {}),
            (f"[{numbers[0]} | 7, {b}]", {b: INTEGER}),
        ),
        ROW: (
            ("()", {}),
            (f"({a},)", {a: INTEGER}),
            (f"({a}, {b}, _)", {a: INTEGER, b: INTEGER}),
            (f"({numbers[0]}, {numbers[1]})", {}),
        ),
        None: (("None", {}), (numbers[0], {}), ("True | False", {})),
    }
    pattern, variables = writer.rng.choice(ways[kind])
    return pattern, variables
