"""Dicts, which are tuples of pairs (key, value) here, as `dict.items` gives them.

A dict is no value of a solver: it has no type of its own, so that only its text tells that a name
is one. So a name is a *dict* where all that is assigned to it is one, and it is read only by what
is asked of a dict: `d[k]`, `d.get(k, x)`, `k in d`, `d.items()`, a loop over its keys.
"""

from __future__ import annotations

import ast
import copy
from typing import Final

from pipeline.frontend.constructs import REFUSED, Refused
from pipeline.frontend.dict_names import kind_of, maker_of, makes_dict
from pipeline.frontend.program import Expression, Literal, TupleLiteral
from pipeline.frontend.read_texts import call_text
from pipeline.frontend.read_values import (
    call_row,
    comprehension,
    let,
    read_lambda,
    read_subscript,
)
from pipeline.frontend.reading import Reading, placed_at
from pipeline.frontend.scoping import DictKind

AS_VALUE: Final = Refused(
    "a dict as a value", "ask it: `d[k]`, `d.get(k, x)`, `k in d`, `d.items()`, `for k in d`"
)
METHODS_OF_DICTS: Final = ("get", "items", "keys", "values", "most_common")

_COUNTED: Final = (
    "lambda xs: (lambda ys: tuple((y, sum(1 for z in ys if z == y)) for y in dedupe(ys)))"
    "(tuple(xs))"
)
"""`Counter(xs)`: how often each element is there, in the order of the first ones."""

_BY_COUNT: Final = "lambda pairs: sorted(pairs, key=lambda pair: pair[1], reverse=True)"


def is_dict(reader: Reading, node: ast.expr) -> bool:
    """Whether an expression is a dict."""
    if isinstance(node, ast.Name):
        return reader.is_dict(node.id)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and given_by(reader, node.func.id) is not None:
            return True
        name = "collections" if isinstance(node.func, ast.Attribute) else maker_of(node)
        return makes_dict(node) and not reader.is_own(name)
    return isinstance(node, ast.Dict | ast.DictComp)


def given_by(reader: Reading, name: str) -> DictKind | None:
    """The kind of dict that a function gives; None if it gives none."""
    use = reader.scope_with(name).uses.get(name)
    return None if use is None else use.gives


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
        return _joined(reader, node)
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


def _joined(reader: Reading, node: ast.Dict) -> Expression:
    """`{**d, k: v}`."""
    whole: Expression = reader.made(TupleLiteral(()), node)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None and not is_dict(reader, value):
            return reader.refuse(node, Refused("a dict in a dict", "write its keys and values"))
        part = value if key is None else placed_at(ast.Dict([key], [value]), key)
        more = pairs_of(reader, part)
        whole = call_row(reader, "plus", node, (node, whole), (part, more))
    return call_row(reader, "as_dict", node, (node, whole))


def _called(reader: Reading, node: ast.Call) -> Expression:
    """`dict()`, `dict(pairs)`, `defaultdict(list)`, `Counter(xs)`."""
    maker = maker_of(node)
    args = node.args[1:] if maker == "defaultdict" else node.args
    is_odd = maker == "defaultdict" and (not node.args or kind_of(node).default is None)
    stars = any(isinstance(a, ast.Starred) for a in node.args)
    if is_odd or len(args) > 1 or node.keywords or stars:
        return reader.refuse(node, REFUSED["Dict"])
    reader.odd()
    if not args:
        return reader.made(TupleLiteral(()), node)
    (argument,) = args
    if is_dict(reader, argument):
        return pairs_of(reader, argument)
    reader.looked_at(argument)
    if maker == "Counter":
        return call_text(reader, node, _COUNTED, argument)
    return call_row(reader, "as_dict", node, (argument, reader.expression(argument)))


# -- asking


def pairs_of(reader: Reading, node: ast.expr) -> Expression:
    """The pairs of a dict."""
    return reader.expression(known(reader, node))


def known(reader: Reading, node: ast.expr, keeps_values: bool = False) -> ast.expr:
    """The same node, from now on read as a dict, of which values may be kept."""
    reader.walked.discard(id(node))
    reader.dicts.add(id(node))
    (reader.looked_at if keeps_values else reader.asked)(node)
    return node


def kind_at(reader: Reading, node: ast.expr) -> DictKind:
    """The kind of dict that an expression is."""
    if isinstance(node, ast.Name):
        kind = reader.dict_kind(node.id)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        kind = given_by(reader, node.func.id) or kind_of(node)
    else:
        kind = kind_of(node)
    assert kind is not None
    return kind


def default_at(reader: Reading, node: ast.expr) -> Expression | None:
    """What a dict has for a missing key; None if it has nothing."""
    default = kind_at(reader, node).default
    return None if default is None else reader.expression(placed_at(copy.deepcopy(default), node))


def read_part(reader: Reading, node: ast.Subscript) -> Expression:
    """`d[k]` of a dict, or `x[k]` of anything else."""
    if not is_dict(reader, node.value):
        return read_subscript(reader, node)
    is_strict = kind_at(reader, node.value).is_strict and isinstance(node.ctx, ast.Load)
    default = None if is_strict else default_at(reader, node.value)
    keeps = id(node) not in reader.passing
    return value_at(reader, node, node.value, node.slice, default, keeps)


def keys_of(reader: Reading, node: ast.expr) -> Expression:
    """The keys of a dict, as a tuple."""
    return _part_of(reader, node, 0)


def _part_of(reader: Reading, node: ast.expr, which: int) -> Expression:
    names = [reader.spare(), reader.spare()]
    clause = _clause(_pair(names), known(reader, node, keeps_values=which == 1))
    made = ast.GeneratorExp(_name(names[which]), [clause])
    return comprehension(reader, "tuple", placed_at(made, node))


def value_at(
    reader: Reading,
    node: ast.expr,
    whole: ast.expr,
    key: ast.expr,
    default: Expression | None,
    keeps_value: bool = True,
) -> Expression:
    """`d[key]`, or `d.get(key, default)`: the value of the pair with this key."""
    wanted, own, value = reader.spare(), reader.spare(), reader.spare()
    sought = key, reader.expression(key)
    same = ast.Compare(_name(own), [ast.Eq()], [_name(wanted)])
    pairs = _clause(_pair([own, value]), known(reader, whole, keeps_value), same)
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
    if function.attr == "most_common" and len(args) < 2:
        known(reader, whole)
        found = call_text(reader, node, _BY_COUNT, whole)
        if not args:
            return found
        parts = (args[0], reader.expression(args[0])), (node, Literal(None))
        return call_row(reader, "cut", node, (node, found), parts[1], parts[0], parts[1])
    if args:
        return reader.refuse(node, AS_VALUE)
    if function.attr == "items":
        return reader.expression(known(reader, whole, keeps_values=True))
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
