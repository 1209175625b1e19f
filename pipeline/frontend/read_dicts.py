"""Dicts, which are tuples of pairs (key, value) here, as `dict.items` gives them.

A dict is no value of a solver: it has no type of its own, so that only its text tells that a name
is one. So a name is a *dict* where all that is assigned to it is one, and it is read only by what
is asked of a dict: `d[k]`, `d.get(k, x)`, `k in d`, `d.items()`, a loop over its keys.
"""

from __future__ import annotations

import ast
from typing import Final

from pipeline.frontend.constructs import REFUSED, Refused
from pipeline.frontend.program import Expression, TupleLiteral
from pipeline.frontend.read_values import (
    call_row,
    comprehension,
    let,
    read_lambda,
    read_subscript,
)
from pipeline.frontend.reading import Reading, placed_at
from pipeline.frontend.scoping import makes_dict

AS_VALUE: Final = Refused(
    "a dict as a value", "ask it: `d[k]`, `d.get(k, x)`, `k in d`, `d.items()`, `for k in d`"
)
METHODS_OF_DICTS: Final = ("get", "items", "keys", "values")


def is_dict(reader: Reading, node: ast.expr) -> bool:
    """Whether an expression is a dict."""
    if isinstance(node, ast.Name):
        return reader.is_dict(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return makes_dict(node) and not reader.is_own("dict")
    return isinstance(node, ast.Dict | ast.DictComp)


# -- making


def read_dict(reader: Reading, node: ast.expr) -> Expression:
    """A dict where one may stand: its pairs, or its keys where it is gone through."""
    if id(node) in reader.walked:
        return keys_of(reader, node)
    if id(node) not in reader.dicts:
        return reader.refuse(node, AS_VALUE if isinstance(node, ast.Name) else REFUSED["Dict"])
    if isinstance(node, ast.DictComp):
        pair = ast.Tuple([node.key, node.value], ast.Load())
        made: ast.expr = ast.ListComp(pair, node.generators)
    elif isinstance(node, ast.Dict):
        return _displayed(reader, node)
    else:
        assert isinstance(node, ast.Call)
        return _called(reader, node)
    return call_row(reader, "as_dict", node, (node, reader.expression(placed_at(made, node))))


def _displayed(reader: Reading, node: ast.Dict) -> Expression:
    if None in node.keys:
        return reader.refuse(node, Refused("a dict in a dict", "write its keys and values"))
    pairs = [
        placed_at(ast.Tuple([key, value], ast.Load()), key)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is not None
    ]
    reader.odd()
    made = reader.made(TupleLiteral(reader.expressions(pairs)), node, *pairs)
    keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
    if len(set(keys)) == len(pairs):
        return made
    return call_row(reader, "as_dict", node, (node, made))


def _called(reader: Reading, node: ast.Call) -> Expression:
    """`dict()`, `dict(pairs)`."""
    if len(node.args) > 1 or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
        return reader.refuse(node, REFUSED["Dict"])
    if not node.args:
        reader.odd()
        return reader.made(TupleLiteral(()), node)
    (argument,) = node.args
    if is_dict(reader, argument):
        return pairs_of(reader, argument)
    reader.looked_at(argument)
    return call_row(reader, "as_dict", node, (argument, reader.expression(argument)))


# -- asking


def pairs_of(reader: Reading, node: ast.expr) -> Expression:
    """The pairs of a dict."""
    return reader.expression(known(reader, node))


def known(reader: Reading, node: ast.expr) -> ast.expr:
    """The same node, from now on read as a dict."""
    reader.walked.discard(id(node))
    reader.dicts.add(id(node))
    reader.asked(node)
    return node


def read_part(reader: Reading, node: ast.Subscript) -> Expression:
    """`d[k]` of a dict, or `x[k]` of anything else."""
    if is_dict(reader, node.value):
        return value_at(reader, node, node.value, node.slice, None)
    return read_subscript(reader, node)


def keys_of(reader: Reading, node: ast.expr) -> Expression:
    """The keys of a dict, as a tuple."""
    return _part_of(reader, node, 0)


def _part_of(reader: Reading, node: ast.expr, which: int) -> Expression:
    names = [reader.spare(), reader.spare()]
    clause = _clause(_pair(names), known(reader, node))
    made = ast.GeneratorExp(_name(names[which]), [clause])
    return comprehension(reader, "tuple", placed_at(made, node))


def value_at(
    reader: Reading, node: ast.expr, whole: ast.expr, key: ast.expr, default: Expression | None
) -> Expression:
    """`d[key]`, or `d.get(key, default)`: the value of the pair with this key."""
    wanted, own, value = reader.spare(), reader.spare(), reader.spare()
    sought = key, reader.expression(key)
    same = ast.Compare(_name(own), [ast.Eq()], [_name(wanted)])
    pairs = _clause(_pair([own, value]), known(reader, whole), same)
    made = placed_at(ast.GeneratorExp(_name(value), [pairs]), node)

    def found() -> Expression:
        first = comprehension(reader, "first", made)._replace(default=default)
        return reader.made(first, node, node, whole)

    return let(reader, node, wanted, sought, found)


def read_method(reader: Reading, node: ast.Call, function: ast.Attribute) -> Expression:
    """`d.get(k)`, `d.items()`, `d.keys()`, `d.values()`."""
    whole, args = function.value, node.args
    if function.attr == "get" and len(args) in (1, 2):
        default: ast.expr = args[1] if len(args) == 2 else placed_at(ast.Constant(None), node)
        return value_at(reader, node, whole, args[0], reader.expression(default))
    if args:
        return reader.refuse(node, AS_VALUE)
    if function.attr == "items":
        return pairs_of(reader, whole)
    return _part_of(reader, whole, int(function.attr == "values"))


def read_getter(reader: Reading, node: ast.Attribute) -> Expression:
    """`d.get` as a function of a key."""
    name = reader.spare()
    parameters = ast.arguments([], [ast.arg(name)], None, [], [], None, [])
    call = ast.Call(node, [_name(name)], [])
    return read_lambda(reader, placed_at(ast.Lambda(parameters, call), node))


def with_pair(
    reader: Reading, node: ast.Subscript, value: tuple[ast.AST, Expression]
) -> Expression:
    """The dict that there is after `d[key] = value`."""
    key = node.slice, reader.expression(node.slice)
    pair = reader.made(TupleLiteral((key[1], value[1])), node, key[0], value[0])
    more = reader.made(TupleLiteral((pair,)), node, node)
    joined = call_row(
        reader, "plus", node, (node.value, pairs_of(reader, node.value)), (node, more)
    )
    return call_row(reader, "as_dict", node, (node, joined))


# -- nodes


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _pair(names: list[str]) -> ast.expr:
    return ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())


def _clause(target: ast.expr, container: ast.expr, *conditions: ast.expr) -> ast.comprehension:
    return ast.comprehension(target, container, list(conditions), 0)
