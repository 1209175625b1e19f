"""Changes of a dict that is fresh, `d.update(other)`, `d.pop(k)`, `del d[k]`: its new value."""

from __future__ import annotations

import ast
from typing import Final

from pipeline.frontend.program import Assign, Expression, TupleLiteral
from pipeline.frontend.read_dicts import is_dict, pairs_of, value_at
from pipeline.frontend.read_texts import apply_text
from pipeline.frontend.read_values import call_row
from pipeline.frontend.reading import Reading

WITHOUT_ANY: Final = "lambda pairs, k: tuple((w, v) for w, v in pairs if w != k)"
WITHOUT_KEY: Final = (
    "def without(pairs, k):\n    assert any(w == k for w, _ in pairs)\n"
    "    return tuple((w, v) for w, v in pairs if w != k)"
)
WITH_DEFAULT: Final = (
    "lambda pairs, k, x: pairs if any(w == k for w, _ in pairs) else pairs + ((k, x),)"
)
_KEYS: Final = "for k in dedupe(tuple(w for w, _ in pairs) + "
COUNTED_TOO: Final = (
    "lambda pairs, more: (lambda xs: tuple((k, sum(n for w, n in pairs if w == k)"
    f" + sum(1 for x in xs if x == k)) {_KEYS} xs)))(tuple(more))"
)
COUNTS_ADDED: Final = (
    "lambda pairs, more: tuple((k, sum(n for w, n in pairs + more if w == k))"
    f" {_KEYS}tuple(w for w, _ in more)))"
)


def has_star(node: ast.Call) -> bool:
    """Whether an argument of a call is a container of arguments."""
    return any(isinstance(argument, ast.Starred) for argument in node.args)


def read_dict_change(reader: Reading, node: ast.Call, base: ast.Name) -> Assign | None:
    """`d.update(other)`, `d.clear()`; None for what is not a change of a dict."""
    assert isinstance(node.func, ast.Attribute)
    method, count = node.func.attr, len(node.args)
    is_known = (method, count) in (("update", 1), ("clear", 0)) and not node.keywords
    if not is_known or has_star(node) or base.id not in reader.scope.holder.assigned:
        return None
    if reader.scope.holder.fresh.change(base.id, node) is None:
        return None
    if method == "clear":
        reader.odd()
        return reader.made(Assign(base.id, reader.made(TupleLiteral(()), node)), node, node)
    reader.scope.holder.fresh.keep_rows(base.id)
    (argument,) = node.args
    before = base, pairs_of(reader, base)
    kind = reader.dict_kind(base.id)
    if is_dict(reader, argument):
        more = argument, pairs_of(reader, argument)
    else:
        reader.looked_at(argument)
        more = argument, reader.expression(argument)
    if kind is not None and kind.maker == "Counter":
        text = COUNTS_ADDED if is_dict(reader, argument) else COUNTED_TOO
        changed = apply_text(reader, node, text, before, more)
    else:
        pairs = call_row(reader, "as_tuple", argument, more)
        joined = call_row(reader, "plus", node, before, (argument, pairs))
        changed = call_row(reader, "as_dict", node, (node, joined))
    return reader.made(Assign(base.id, changed), node, node)


def read_dict_taking(
    reader: Reading, node: ast.Call, base: ast.Name
) -> tuple[Expression, Assign] | None:
    """`d.pop(k)`, `d.pop(k, x)`, `d.setdefault(k, x)`: the value, and the dict after it."""
    assert isinstance(node.func, ast.Attribute)
    method, args = node.func.attr, node.args
    is_known = method in ("pop", "setdefault") and len(args) in (1, 2) and not has_star(node)
    if not is_known or (method == "setdefault" and len(args) == 1):
        return None
    fresh = reader.scope.holder.fresh
    if base.id not in reader.scope.holder.assigned or fresh.change(base.id, node) is None:
        return None
    fresh.keep_rows(base.id)
    default = reader.expression(args[1]) if len(args) == 2 else None
    value = value_at(reader, node, base, args[0], default)
    key = args[0], reader.expression(args[0])
    if method == "pop":
        return value, without_key(reader, node, base, key, is_there=default is None)
    before = base, pairs_of(reader, base)
    assert default is not None
    changed = apply_text(reader, node, WITH_DEFAULT, before, key, (args[1], default))
    return value, reader.made(Assign(base.id, changed), node, node)


def without_key(
    reader: Reading,
    node: ast.expr,
    base: ast.Name,
    key: tuple[ast.AST, Expression],
    is_there: bool = True,
) -> Assign:
    """The dict without a key; is_there: whether it must be there."""
    text = WITHOUT_KEY if is_there else WITHOUT_ANY
    changed = apply_text(reader, node, text, (base, pairs_of(reader, base)), key)
    return reader.made(Assign(base.id, changed), node, node)
