"""Calls of Python's own functions, as far as they have a meaning on the values of the DSL.

Each is read by a function of the table `BUILTINS`. What Python gives as an iterator is a tuple.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from pipeline.frontend.constructs import REFUSED, Refused
from pipeline.frontend.program import (
    Call,
    Clause,
    Comprehension,
    Expression,
    Literal,
    Logic,
    TupleLiteral,
    Variable,
    Wrong,
)
from pipeline.frontend.read_fractions import read_float, read_rounded
from pipeline.frontend.read_texts import call_text
from pipeline.frontend.read_values import call_row, comprehension, let
from pipeline.frontend.reading import Reading, Reported

Placed = tuple[ast.AST, Expression]
"""An expression with the node that it was read from."""


def _given(
    reader: Reading, node: ast.Call, least: int, most: int, *words: str
) -> tuple[list[ast.expr], dict[str, ast.expr]]:
    """The arguments of a call: the positional ones and the keywords, which must be among these."""
    name = node.func.id  # type: ignore[attr-defined]
    for part in (*node.args, *node.keywords):
        if isinstance(part, ast.Starred) or (isinstance(part, ast.keyword) and part.arg is None):
            reader.refuse(part, REFUSED["Starred"])
            raise Reported
    for keyword in node.keywords:
        if keyword.arg not in words:
            message = f"{name} has no parameter {keyword.arg!r} here"
            note = f"it takes {', '.join(words)}" if words else "give it positional arguments"
            reader.stop(keyword, "keyword-argument", message, note)
    if not least <= len(node.args) <= most:
        span = str(least) if least == most else f"{least} to {most}"
        expected = f"{span} argument{'' if span == '1' else 's'}"
        message = f"{name} takes {expected}, got {len(node.args)}"
        reader.stop(node, "wrong-arity", message)
    return node.args, {k.arg or "": k.value for k in node.keywords}


def _read(reader: Reading, node: ast.expr) -> Placed:
    return node, reader.expression(node)


def _row(row: str, reader: Reading, node: ast.Call) -> Expression:
    """A function of one argument that is a row."""
    (argument,), _ = _given(reader, node, 1, 1)
    return call_row(reader, row, node, _read(reader, argument))


def _default_or(row: str, empty: Expression, reader: Reading, node: ast.Call) -> Expression:
    """`int()`, `bool()`: what there is without an argument."""
    args, _ = _given(reader, node, 0, 1)
    return call_row(reader, row, node, _read(reader, args[0])) if args else empty


def _container(row: str, reader: Reading, node: ast.Call) -> Expression:
    """`tuple`, `list`, `set`, `frozenset`, empty ones too."""
    args, _ = _given(reader, node, 0, 1)
    if not args or _is_empty_dict(args[0]):
        place = args[0] if args else node
        empty = reader.made(TupleLiteral(()), place)
        return empty if row == "as_tuple" else call_row(reader, row, node, (place, empty))
    kind = "tuple" if row == "as_tuple" else "set"
    if isinstance(args[0], ast.GeneratorExp):
        return comprehension(reader, kind, args[0])
    inner = reader.expression(args[0])
    if isinstance(inner, Comprehension) and inner.kind == kind:
        return inner
    return call_row(reader, row, node, (args[0], inner))


def _is_empty_dict(node: ast.expr) -> bool:
    return isinstance(node, ast.Dict) and not node.keys


def _int(reader: Reading, node: ast.Call) -> Expression:
    """`int(x)`, `int(a / b)`."""
    rounded = read_rounded("trunc", reader, node)
    return _default_or("as_integer", Literal(0), reader, node) if rounded is None else rounded


def _round(reader: Reading, node: ast.Call) -> Expression:
    """`round(x)`, `round(a / b)`."""
    rounded = read_rounded("round", reader, node)
    return _row("as_integer", reader, node) if rounded is None else rounded


def _divmod(reader: Reading, node: ast.Call) -> Expression:
    (a, b), _ = _given(reader, node, 2, 2)
    return call_text(reader, node, "lambda a, b: (a // b, a % b)", a, b)


_KINDS = {
    "bool": "is_boolean",
    "int": "is_integer",
    "tuple": "is_tuple",
    "frozenset": "is_set",
    "set": "is_set",
}


def _isinstance(reader: Reading, node: ast.Call) -> Expression:
    """Whether a value is an integer, a truth value, a tuple, a set, or one of those; a list is a
    tuple.
    """
    (value, kinds), _ = _given(reader, node, 2, 2)
    parts = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
    names = {part.id.removeprefix("%") for part in parts if isinstance(part, ast.Name)}
    rows = {_KINDS.get(name) for name in names - {"list"}}
    if "is_integer" in rows:
        rows.discard("is_boolean")  # a truth value is an integer
    is_known = names - {"list"} and None not in rows and len(names) == len(parts)
    if not is_known or ("list" in names and "tuple" not in names) or any(map(reader.is_own, names)):
        note = "ask for `int`, `tuple`, `frozenset`, or `(list, tuple)`, as a list is a tuple"
        reader.refuse(node, Refused("`isinstance` of such a type", note))
        raise Reported
    name = reader.spare()

    def tested() -> Expression:
        is_one = [
            call_row(reader, row, node, (value, Variable(name)))
            for row in sorted(filter(None, rows))
        ]
        missing = call_row(reader, "is_missing", node, (value, Variable(name)))
        there = call_row(reader, "negation", node, (node, missing))
        either = reader.made(Logic(False, tuple(is_one)), node, *[node] * len(is_one))
        return reader.made(Logic(True, (either, there)), node, node, node)

    return let(reader, node, name, _read(reader, value), tested)


def _pow(reader: Reading, node: ast.Call) -> Expression:
    args, _ = _given(reader, node, 2, 2)
    return call_row(reader, "raised", node, *[_read(reader, a) for a in args])


# -- one of many


def _best(row: str, reader: Reading, node: ast.Call) -> Expression:
    """`max` and `min`, with `key` and `default`, of a container or of several values."""
    args, words = _given(reader, node, 1, 1_000, "key", "default")
    if len(args) > 1:
        if "default" in words:
            reader.stop(node, "keyword-argument", "a default is for one container only")
        whole: Placed = node, reader.made(TupleLiteral(reader.expressions(args)), node, *args)
    else:
        whole = _read(reader, args[0])
    parts = [whole]
    suffix = "_of"
    if "default" in words:
        parts.append(_read(reader, words["default"]))
        suffix = "_or"
    if (key := _key(words)) is not None:
        parts.append(_read(reader, key))
        suffix += "_by"
    return call_row(reader, row + suffix, node, *parts)


def _key(words: dict[str, ast.expr]) -> ast.expr | None:
    """The key that is given, if it is not None."""
    key = words.get("key")
    return None if isinstance(key, ast.Constant) and key.value is None else key


def _sorted(reader: Reading, node: ast.Call) -> Expression:
    """`sorted`, with `key` and `reverse`."""
    args, words = _given(reader, node, 1, 1, "key", "reverse")
    parts = [_read(reader, args[0])]
    row = "sorted"
    if "reverse" in words:
        reverse = reader.expression(words["reverse"])
        if not isinstance(reverse, Literal):
            note = "write `sorted(...) if ... else sorted(..., reverse=True)`"
            reader.stop(words["reverse"], "keyword-argument", "reverse is not a constant", note)
        row += "_down" if reverse.value else ""
    key = _key(words)
    if key is None:
        return call_row(reader, row if row != "sorted" else "sorted_of", node, *parts)
    return call_row(reader, row + "_by", node, *parts, _read(reader, key))


def _sum(reader: Reading, node: ast.Call) -> Expression:
    """`sum`; from an empty tuple it joins tuples."""
    args, words = _given(reader, node, 1, 2, "start")
    whole = _read(reader, args[0])
    start = args[1] if len(args) > 1 else words.get("start")
    if start is None:
        return call_row(reader, "sum_of", node, whole)
    from_ = _read(reader, start)
    if from_[1] == TupleLiteral(()):
        rows = call_row(reader, "as_tuple", args[0], whole)
        return call_row(reader, "merge", node, (args[0], rows))
    return call_row(reader, "sum_from", node, whole, from_)


def _decided(kind: str, row: str, reader: Reading, node: ast.Call) -> Expression:
    """`any` and `all`: of a generator they look no further than they must."""
    (argument,), _ = _given(reader, node, 1, 1)
    if isinstance(argument, ast.GeneratorExp):
        return comprehension(reader, kind, argument)
    if (lazy := _lazily(reader, argument)) is not None:
        return reader.made(lazy._replace(kind=kind), node, node, argument)
    return call_row(reader, row, node, _read(reader, argument))


def _lazily(reader: Reading, node: ast.expr) -> Comprehension | None:
    """What `map` and `filter` give, which are generators; None for anything else."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    if node.func.id not in ("map", "filter") or reader.is_own(node.func.id):
        return None
    found = reader.expression(node)
    return found if isinstance(found, Comprehension) else None


def _next(reader: Reading, node: ast.Call) -> Expression:
    """`next` of a generator or of `iter(x)`, with a default or without."""
    args, _ = _given(reader, node, 1, 2)
    if isinstance(args[0], ast.GeneratorExp):
        found: Comprehension | None = comprehension(reader, "first", args[0])
    else:
        found = _lazily(reader, args[0])
    if found is None:
        found = _of_iterator(reader, node, args[0])
    default = reader.expression(args[1]) if len(args) > 1 else None
    return reader.made(found._replace(kind="first", default=default), node, node, args[0])


def _of_iterator(reader: Reading, node: ast.Call, argument: ast.expr) -> Comprehension:
    """All elements of `iter(x)`."""
    if not (
        isinstance(argument, ast.Call)
        and isinstance(argument.func, ast.Name)
        and argument.func.id == "iter"
        and len(argument.args) == 1
        and not argument.keywords
    ):
        if isinstance(reader.expression(argument), Wrong):
            raise Reported
        note = "write `next(iter(x))`, `first(x)`, or `next(... for x in xs)`"
        reader.refuse(node, Refused("`next` of a value", note))
        raise Reported
    name = reader.spare()
    clause = Clause(name, reader.expression(argument.args[0]), ())
    return Comprehension("first", Variable(name), (clause,))


# -- numbers and several containers


def _range(reader: Reading, node: ast.Call) -> Expression:
    args, _ = _given(reader, node, 1, 3)
    parts: list[Placed] = [_read(reader, a) for a in args]
    if len(parts) == 1:
        parts.insert(0, (node, Literal(0)))
    if len(parts) == 2:
        parts.append((node, Literal(1)))
    return call_row(reader, "range_of", node, *parts)


def _enumerate(reader: Reading, node: ast.Call) -> Expression:
    args, words = _given(reader, node, 1, 2, "start")
    whole = _read(reader, args[0])
    start = args[1] if len(args) > 1 else words.get("start")
    if start is None:
        return call_row(reader, "numbered", node, whole)
    return call_row(reader, "numbered_from", node, whole, _read(reader, start))


def _zip(reader: Reading, node: ast.Call) -> Expression:
    """`zip` of containers, and `zip(*rows)`."""
    if len(node.args) == 1 and isinstance(node.args[0], ast.Starred) and not node.keywords:
        rows = node.args[0].value
        return call_row(reader, "transposed", node, _read(reader, rows))
    args, words = _given(reader, node, 0, 20, "strict")
    if not args:
        return reader.made(TupleLiteral(()), node)
    strict = words.get("strict")
    if strict is None or (isinstance(strict, ast.Constant) and not strict.value):
        return _zipped(reader, node, args)
    names = [f"x{k}" for k in range(len(args))]
    sizes = " == ".join(f"len({name})" for name in names)
    text = (
        f"def zipped({', '.join(names)}):\n    assert {sizes}\n    return zip({', '.join(names)})"
    )
    return call_text(reader, node, text, *args)


def _zipped(reader: Reading, node: ast.Call, args: list[ast.expr]) -> Expression:
    """Tuples of what stands at the same place; of two containers this is a row."""
    first, *rest = [_read(reader, a) for a in args]
    if len(rest) == 1:
        return call_row(reader, "zipped", node, first, rest[0])
    names = [reader.spare() for a in args]
    container, target = first[1], _target(names[0])
    for (place, other), name in zip(rest, names[1:], strict=True):
        container = call_row(reader, "zipped", node, (node, container), (place, other))
        target = (target, name)
    element = reader.made(TupleLiteral(tuple(map(Variable, names))), node, *args)
    clause = Clause(target, container, ())
    return reader.made(Comprehension("tuple", element, (clause,)), node, node, node)


def _target(name: str) -> Any:
    return name


def _map(reader: Reading, node: ast.Call) -> Expression:
    """`map(f, xs, ...)`."""
    (function, *args), _ = _given(reader, node, 2, 20)
    called = reader.expression(function)
    names = [reader.spare() for a in args]
    if len(args) == 1:
        container, target = reader.expression(args[0]), _target(names[0])
    else:
        container, target = _zipped(reader, node, args), tuple(names)
    call = reader.made(Call(called, tuple(map(Variable, names))), node, *args)
    clause = Clause(target, container, ())
    return reader.made(Comprehension("tuple", call, (clause,)), node, node, args[0])


def _filter(reader: Reading, node: ast.Call) -> Expression:
    """`filter(f, xs)`; without a function, the elements that are true."""
    (function, argument), _ = _given(reader, node, 2, 2)
    name = reader.spare()
    test: Expression = Variable(name)
    if not (isinstance(function, ast.Constant) and function.value is None):
        test = reader.made(Call(reader.expression(function), (test,)), node, argument)
    clause = Clause(name, reader.expression(argument), (test,))
    return reader.made(Comprehension("tuple", Variable(name), (clause,)), node, node, argument)


BUILTINS: Final[dict[str, Callable[[Reading, ast.Call], Expression]]] = {
    "len": partial(_row, "size"),
    "abs": partial(_row, "magnitude"),
    "reversed": partial(_row, "reversed_of"),
    "int": _int,
    "float": read_float,
    "round": _round,
    "divmod": _divmod,
    "isinstance": _isinstance,
    "bool": partial(_default_or, "as_boolean", Literal(False)),
    "tuple": partial(_container, "as_tuple"),
    "list": partial(_container, "as_tuple"),
    "deque": partial(_container, "as_tuple"),
    "set": partial(_container, "as_set"),
    "frozenset": partial(_container, "as_set"),
    "pow": _pow,
    "max": partial(_best, "max"),
    "min": partial(_best, "min"),
    "sorted": _sorted,
    "sum": _sum,
    "any": partial(_decided, "any", "any_of"),
    "all": partial(_decided, "all", "all_of"),
    "next": _next,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "map": _map,
    "filter": _filter,
}
"""What reads the call of a function of Python's that no variable hides."""

BUILTINS.update({f"%{name}": read for name, read in BUILTINS.items()})
