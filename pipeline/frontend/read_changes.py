"""`xs.append(x)`, `xs[k] = x` and their like: a new value for a variable that is fresh."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from pipeline.frontend.constructs import METHODS, PLACES, Refused
from pipeline.frontend.fresh import making
from pipeline.frontend.program import (
    Assign,
    Expression,
    Literal,
    SetLiteral,
    TupleLiteral,
    Variable,
)
from pipeline.frontend.read_dicts import with_pair
from pipeline.frontend.read_values import call_row, refuse_place
from pipeline.frontend.reading import Reading, placed_at

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
    reader.asked(base)
    before = reader.name(base, base.id)
    if not isinstance(before, Variable):
        return None
    value = CHANGES[made.kind][method](reader, node, before)
    if scope.fresh.made.get(base.id) is not made:
        return None
    if method in ("append", "appendleft", "extend", "insert"):
        _note_rows(reader, base.id, node.args[-1], is_many=method == "extend")
    return reader.made(Assign(base.id, value), node, node)


def read_taking(reader: Reading, node: ast.expr) -> tuple[Expression, Assign] | None:
    """`xs.pop()`, `xs.pop(0)`, `xs.popleft()` of a list that nobody else has: the element, and the
    list without it. None for anything else.
    """
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    base, method = node.func.value, node.func.attr
    place = _place_taken(node, method)
    fresh = reader.scope.holder.fresh
    if place is None or not isinstance(base, ast.Name) or base.id not in fresh.made:
        return None
    made = fresh.change(base.id, node)
    if made is None or made.kind != "list":
        return None
    at = ast.Subscript(base, ast.Constant(place), ast.Load())
    element = reader.expression(placed_at(at, node))
    reader.asked(base)
    before = node, reader.expression(base)
    none, here, after = (node, Literal(None)), (node, Literal(place)), (node, Literal(place + 1))
    head = call_row(reader, "cut", node, before, none, here, none)
    tail = call_row(reader, "cut", node, before, after, none, none)
    rest = head if place == -1 else tail
    if place not in (-1, 0):
        rest = call_row(reader, "plus", node, (node, head), (node, tail))
    return element, reader.made(Assign(base.id, rest), node, node)


def _place_taken(node: ast.Call, method: str) -> int | None:
    """The place of the element that a call takes out of a list; None if only data tells."""
    if method not in ("pop", "popleft") or node.keywords or len(node.args) > (method == "pop"):
        return None
    if not node.args:
        return -1 if method == "pop" else 0
    argument, sign = node.args[0], 1
    if isinstance(argument, ast.UnaryOp) and isinstance(argument.op, ast.USub):
        argument, sign = argument.operand, -1
    is_number = isinstance(argument, ast.Constant) and type(argument.value) is int
    return sign * argument.value if is_number else None  # type: ignore[attr-defined]


def _fits(node: ast.Call, method: str) -> bool:
    """Whether the arguments are those of the method: positional, as many as it takes."""
    count = {"insert": 2, "clear": 0, "reverse": 0, "sort": 0}.get(method, 1)
    return (
        (not node.keywords or method == "sort") and len(node.args) == count and not _has_star(node)
    )


def _note_rows(reader: Reading, name: str, node: ast.AST, is_many: bool = False) -> None:
    """What is put into a list is no row of its own, but where it is made for it."""
    made = making(node, reader.is_own) if isinstance(node, ast.expr) else None
    if made is None or made.kind != "list" or (is_many and not made.has_rows):
        reader.scope.holder.fresh.keep_rows(name)


def _has_star(node: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in node.args)


def refuse_changes(reader: Reading, nodes: list[ast.AST]) -> None:
    """Report changes of what an earlier turn of a loop gave to others."""
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            reader.refuse(node.func, Refused("an attribute", METHODS[node.func.attr]))
        else:
            reader.refuse(node, PLACES["Subscript"])


def is_part(node: ast.AST) -> bool:
    """Whether what is assigned to is a part of something, as `xs[k]`."""
    return isinstance(node, ast.Subscript)


def read_part_change(
    reader: Reading, node: ast.Subscript, value: tuple[ast.AST, Expression]
) -> list[Assign]:
    """`xs[k] = value` and `g[i][j] = value`, of a list that nobody else has, as its new value."""
    chain: list[ast.Subscript] = [node]
    while isinstance(chain[-1].value, ast.Subscript):
        chain.append(chain[-1].value)
    base = chain[-1].value
    scope = reader.scope.holder
    if isinstance(base, ast.Name) and reader.is_dict(base.id):
        return _read_pair_change(reader, node, base, value)
    is_known = isinstance(base, ast.Name) and base.id in scope.assigned and len(chain) <= 2
    if not is_known or any(isinstance(part.slice, ast.Slice | ast.Tuple) for part in chain):
        refuse_place(reader, node)
        return []
    assert isinstance(base, ast.Name)
    made = scope.fresh.change(base.id, node, inside=len(chain) == 2)
    if made is not None and made.kind == "list":
        changed = _with_part(reader, base, chain, value)
        if scope.fresh.made.get(base.id) is made:
            if len(chain) == 1:
                _note_rows(reader, base.id, value[0])
            return [reader.made(Assign(base.id, changed), node, node)]
    refuse_place(reader, node)
    return []


def _read_pair_change(
    reader: Reading, node: ast.Subscript, base: ast.Name, value: tuple[ast.AST, Expression]
) -> list[Assign]:
    """`d[key] = value`."""
    made = reader.scope.holder.fresh.change(base.id, node)
    is_own = base.id in reader.scope.holder.assigned
    if node.value is not base or made is None or not is_own:
        reader.refuse(node, PLACES["Subscript"])
        return []
    return [reader.made(Assign(base.id, with_pair(reader, node, value)), node, node)]


def _with_part(
    reader: Reading,
    base: ast.expr,
    chain: list[ast.Subscript],
    value: tuple[ast.AST, Expression],
) -> Expression:
    """The new value of the variable `base`; `chain` are its parts, the innermost first."""
    last, *_ = chain
    for part in chain:
        reader.asked(part.value)
    whole = last.value, reader.expression(last.value)
    place = last.slice, reader.expression(last.slice)
    changed = call_row(reader, "put_at", last, whole, place, value)
    if len(chain) == 1:
        return changed
    return _with_part(reader, base, chain[1:], (last, changed))


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
    assert isinstance(node.func, ast.Attribute)
    name = ast.copy_location(ast.Name("sorted", ast.Load()), node.func)
    call = ast.copy_location(ast.Call(name, [node.func.value], node.keywords), node)
    return reader.builtins["sorted"](reader, call)


def _append_left(reader: Reading, node: ast.Call, before: Variable) -> Expression:
    argument = node.args[0]
    new = reader.made(TupleLiteral((reader.expression(argument),)), node, argument)
    return call_row(reader, "plus", node, (node, new), (node, before))


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
        "appendleft": _append_left,
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
