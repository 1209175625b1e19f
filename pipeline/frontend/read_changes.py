"""`xs.append(x)` and its like, as statements: a new value for a variable that is fresh."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from pipeline.frontend.constructs import METHODS, Refused
from pipeline.frontend.program import (
    Assign,
    Expression,
    Literal,
    SetLiteral,
    TupleLiteral,
    Variable,
)
from pipeline.frontend.read_values import call_row
from pipeline.frontend.reading import Reading

Change = Callable[[Reading, ast.Call, Variable], Expression]
"""The new value of the variable, from the call of the method."""


def read_change(reader: Reading, node: ast.expr) -> Assign | None:
    """The assignment that a call of a method is; None where it is none, and is read like any call.

    A change of what another name may have is reported.
    """
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    base, method = node.func.value, node.func.attr
    changes = {kind for kind in ("list", "set") if method in CHANGES[kind]}
    if not changes or not isinstance(base, ast.Name) or not _fits(node, method):
        return None
    scope = reader.scope.holder
    made = scope.fresh.change(base.id, node)
    if base.id not in scope.assigned or made is None or made.kind not in changes:
        return None
    reader.looked_at(base)
    before = reader.name(base, base.id)
    if not isinstance(before, Variable):
        return None
    value = CHANGES[made.kind][method](reader, node, before)
    if scope.fresh.made.get(base.id) is not made:
        return None
    return reader.made(Assign(base.id, value), node, node)


def _fits(node: ast.Call, method: str) -> bool:
    """Whether the arguments are those of the method: positional, as many as it takes."""
    count = {"insert": 2, "clear": 0, "reverse": 0, "sort": 0}.get(method, 1)
    return not node.keywords and len(node.args) == count and not _has_star(node)


def _has_star(node: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in node.args)


def refuse_changes(reader: Reading, nodes: list[ast.AST]) -> None:
    """Report changes of what an earlier turn of a loop gave to others."""
    for node in nodes:
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Attribute)
        reader.refuse(node.func, Refused("an attribute", METHODS[node.func.attr]))


def _append(reader: Reading, node: ast.Call, before: Variable) -> Expression:
    argument = node.args[0]
    more = reader.made(TupleLiteral((reader.expression(argument),)), node, argument)
    return call_row(reader, "plus", node, (node, before), (node, more))


def _extend(reader: Reading, node: ast.Call, before: Variable) -> Expression:
    argument = node.args[0]
    reader.looked_at(argument)
    more = call_row(reader, "as_tuple", node, (argument, reader.expression(argument)))
    return call_row(reader, "plus", node, (node, before), (node, more))


def _insert(reader: Reading, node: ast.Call, before: Variable) -> Expression:
    place, argument = node.args
    at = reader.expression(place)
    none = node, Literal(None)
    new = reader.made(TupleLiteral((reader.expression(argument),)), node, argument)
    head = call_row(reader, "cut", node, (node, before), none, (place, at), none)
    tail = call_row(reader, "cut", node, (node, before), (place, at), none, none)
    begin = call_row(reader, "plus", node, (node, head), (node, new))
    return call_row(reader, "plus", node, (node, begin), (node, tail))


def _reverse(reader: Reading, node: ast.Call, before: Variable) -> Expression:
    return call_row(reader, "reversed_of", node, (node, before))


def _sort(reader: Reading, node: ast.Call, before: Variable) -> Expression:
    return call_row(reader, "sorted_of", node, (node, before))


def _clear(reader: Reading, node: ast.Call, before: Variable) -> Expression:
    reader.odd()
    return reader.made(TupleLiteral(()), node)


def _clear_set(reader: Reading, node: ast.Call, before: Variable) -> Expression:
    return call_row(reader, "as_set", node, (node, _clear(reader, node, before)))


def _one(row: str) -> Change:
    """A change of a set by one element."""

    def change(reader: Reading, node: ast.Call, before: Variable) -> Expression:
        argument = node.args[0]
        more = reader.made(SetLiteral((reader.expression(argument),)), node, argument)
        return call_row(reader, row, node, (node, before), (node, more))

    return change


def _many(row: str) -> Change:
    """A change of a set by all elements of a container."""

    def change(reader: Reading, node: ast.Call, before: Variable) -> Expression:
        argument = node.args[0]
        reader.looked_at(argument)
        more = call_row(reader, "as_set", node, (argument, reader.expression(argument)))
        return call_row(reader, row, node, (node, before), (node, more))

    return change


CHANGES: Final[dict[str, dict[str, Change]]] = {
    "list": {
        "append": _append,
        "extend": _extend,
        "insert": _insert,
        "reverse": _reverse,
        "sort": _sort,
        "clear": _clear,
    },
    "set": {
        "add": _one("either_bits"),
        "discard": _one("minus"),
        "update": _many("either_bits"),
        "clear": _clear_set,
    },
}
"""What changes a list, and what changes a set."""
