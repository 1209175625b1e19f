"""Functions that are written out in the language of solvers, put in for what Python has."""

from __future__ import annotations

import ast

from pipeline.frontend.program import Call, Expression, Wrong
from pipeline.frontend.python_library import definition
from pipeline.frontend.reading import WRONG, Reading


def read_text(reader: Reading, text: str, node: ast.expr) -> Expression:
    """The function that a text is, at a node."""
    made = definition(text, node)
    if isinstance(made, ast.Expr):
        return reader.expression(made.value)
    return reader.values[ast.FunctionDef](reader, made)


def call_text(reader: Reading, node: ast.expr, text: str, *arguments: ast.expr) -> Expression:
    """The call of the function that a text is, in the place of another call."""
    values = reader.expressions(arguments)
    return apply_text(reader, node, text, *zip(arguments, values, strict=True))


def apply_text(
    reader: Reading, node: ast.expr, text: str, *arguments: tuple[ast.AST, Expression]
) -> Expression:
    """The same with arguments that were read."""
    reader.odd()
    function = read_text(reader, text, node)
    values = tuple([value for _, value in arguments])
    if any(isinstance(value, Wrong) for value in values):
        return WRONG
    return reader.made(Call(function, values), node, *[place for place, _ in arguments])
