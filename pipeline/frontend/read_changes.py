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
from pipeline.frontend.read_dict_changes import (
    has_star,
    read_dict_change,
    read_dict_taking,
    without_key,
)
from pipeline.frontend.read_dicts import value_at, with_pair
from pipeline.frontend.read_texts import apply_text
from pipeline.frontend.read_values import call_row, refuse_place
from pipeline.frontend.reading import Reading, placed_at

Change = Callable[[Reading, ast.Call, Variable], Expression]
"""The new value of the variable, from the call of the method."""


def read_change(reader: Reading, node: ast.expr) -> list[Assign] | None:
    """The assignments that a call of a method is; None where it is none, and is read like any call.

    A change of what another name may have is reported.
    """
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    base, method = node.func.value, node.func.attr
    if isinstance(base, ast.Name) and reader.is_dict(base.id):
        changed = read_dict_change(reader, node, base)
        return None if changed is None else [changed]
    if isinstance(base, ast.Subscript | ast.Call):
        return read_row_change(reader, node, base)
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
    return [reader.made(Assign(base.id, value), node, node)]


def read_taking(reader: Reading, node: ast.expr) -> tuple[Expression, Assign] | None:
    """`xs.pop()`, `xs.pop(0)`, `xs.popleft()` of a list that nobody else has: the element, and the
    list without it. None for anything else.
    """
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    base, method = node.func.value, node.func.attr
    place = _place_taken(node, method)
    fresh = reader.scope.holder.fresh
    if not isinstance(base, ast.Name) or base.id not in fresh.made or node.keywords:
        return None
    if reader.is_dict(base.id):
        return read_dict_taking(reader, node, base)
    if place is None and (method != "pop" or len(node.args) > 1):
        return None
    made = fresh.change(base.id, node)
    if made is None or made.kind == "dict":
        return None
    if made.kind == "set" or place is None:
        return _taken(reader, node, base, made.kind)
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


def _taken(
    reader: Reading, node: ast.Call, base: ast.Name, kind: str
) -> tuple[Expression, Assign] | None:
    """`s.pop()` of a set, which takes the first element; `xs.pop(k)` of a list."""
    if kind == "set" and node.args:
        return None
    reader.asked(base)
    whole = node, reader.expression(base)
    if kind == "set":
        first = call_row(reader, "first", node, whole)
        one = reader.made(SetLiteral((first,)), node, node)
        rest: Expression = call_row(reader, "minus", node, whole, (node, one))
    else:
        place = node.args[0], reader.expression(node.args[0])
        first = call_row(reader, "at", node, whole, place)
        rest = apply_text(reader, node, WITHOUT_PLACE, whole, place)
    return first, reader.made(Assign(base.id, rest), node, node)


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
        (not node.keywords or method == "sort") and len(node.args) == count and not has_star(node)
    )


def _note_rows(reader: Reading, name: str, node: ast.AST, is_many: bool = False) -> None:
    """What is put into a list is no row of its own, but where it is made for it."""
    fresh = reader.scope.holder.fresh
    made = None if is_many else fresh.move(node, name)
    if made is None and isinstance(node, ast.expr):
        made = making(node, reader.known_names)
    whole, kind = fresh.made.get(name), "" if made is None else made.kind
    if made is not None and is_many:
        kind = made.holds if made.has_rows else ""
    if kind not in ("list", "set") or whole is None or not whole.hold(kind):
        fresh.keep_rows(name)


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
    reader: Reading, node: ast.Subscript, value: tuple[ast.AST, Expression], is_own: bool = False
) -> list[Assign]:
    """`xs[k] = value` and `g[i][j] = value`, of a list that nobody else has, as its new value.

    is_own: whether the value is an element of that list, which it stays.
    """
    chain: list[ast.Subscript] = [node]
    while isinstance(chain[-1].value, ast.Subscript):
        chain.append(chain[-1].value)
    base = chain[-1].value
    scope = reader.scope.holder
    if isinstance(base, ast.Name) and reader.is_dict(base.id):
        return _read_pair_change(reader, node, base, value)
    is_known = isinstance(base, ast.Name) and base.id in scope.assigned and len(chain) <= 2
    if not is_known or any(isinstance(part.slice, ast.Tuple) for part in chain) or _is_cut(chain):
        refuse_place(reader, node)
        return []
    assert isinstance(base, ast.Name)
    made = scope.fresh.change(base.id, node, inside=len(chain) == 2)
    if made is not None and made.kind == "list":
        changed = _with_part(reader, base, chain, value)
        if scope.fresh.made.get(base.id) is made:
            if len(chain) == 1 and not is_own:
                _note_rows(reader, base.id, value[0])
            return [reader.made(Assign(base.id, changed), node, node)]
    refuse_place(reader, node)
    return []


def _is_cut(chain: list[ast.Subscript]) -> bool:
    """Whether something is assigned to a slice of which only data tells what it does, or in one."""
    last, *others = chain
    is_stepped = isinstance(last.slice, ast.Slice) and last.slice.step is not None
    return is_stepped or any(isinstance(part.slice, ast.Slice) for part in others)


def _read_pair_change(
    reader: Reading, node: ast.Subscript, base: ast.Name, value: tuple[ast.AST, Expression]
) -> list[Assign]:
    """`d[key] = value`."""
    made = reader.scope.holder.fresh.change(base.id, node)
    is_own = base.id in reader.scope.holder.assigned
    if node.value is not base or made is None or not is_own:
        reader.refuse(node, PLACES["Subscript"])
        return []
    changed = with_pair(reader, node, value)
    _note_rows(reader, base.id, value[0])
    return [reader.made(Assign(base.id, changed), node, node)]


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
    if isinstance(last.slice, ast.Slice):
        changed: Expression = _with_slice(reader, last, last.slice, whole, value)
    else:
        place = last.slice, reader.expression(last.slice)
        changed = call_row(reader, "put_at", last, whole, place, value)
    if len(chain) == 1:
        return changed
    return _with_part(reader, base, chain[1:], (last, changed))


def _with_slice(
    reader: Reading,
    node: ast.Subscript,
    part: ast.Slice,
    whole: tuple[ast.AST, Expression],
    value: tuple[ast.AST, Expression],
) -> Expression:
    """What `xs[a:b] = values` makes of a list."""
    start, stop = part.lower or ast.Constant(0), part.upper
    places: list[tuple[ast.AST, Expression]] = [
        (node, reader.expression(placed_at(place, node))) for place in (start, stop) if place
    ]
    text = WITH_SLICE if stop else WITH_TAIL
    return apply_text(reader, node, text, whole, value, *places)


def read_deletion(reader: Reading, node: ast.Subscript) -> list[Assign] | None:
    """`del xs[k]`, `del xs[a:b]`, `del d[k]`, of what nobody else has."""
    base = node.value
    if not isinstance(base, ast.Name) or base.id not in reader.scope.holder.assigned:
        return None
    made = reader.scope.holder.fresh.change(base.id, node)
    if reader.is_dict(base.id):
        if made is None:
            return None
        return [without_key(reader, node, base, (node.slice, reader.expression(node.slice)))]
    is_stepped = isinstance(node.slice, ast.Slice) and node.slice.step is not None
    if made is None or made.kind != "list" or is_stepped:
        return None
    reader.asked(base)
    whole = base, reader.expression(base)
    if isinstance(node.slice, ast.Slice):
        nothing = node, reader.made(TupleLiteral(()), node)
        changed = _with_slice(reader, node, node.slice, whole, nothing)
    else:
        place = node.slice, reader.expression(node.slice)
        changed = apply_text(reader, node, WITHOUT_PLACE, whole, place)
    return [reader.made(Assign(base.id, changed), node, node)]


# -- rows and dicts


def read_row_change(
    reader: Reading, node: ast.Call, base: ast.Subscript | ast.Call
) -> list[Assign] | None:
    """`g[i].append(x)`, `d[k].add(x)`, `d.setdefault(k, []).append(x)`, where nobody else has the
    row; None where it is none of these.
    """
    assert isinstance(node.func, ast.Attribute)
    method = node.func.attr
    whole, key, default = _row_of(reader, base)
    kinds = [kind for kind in ("list", "set") if method in CHANGES[kind]]
    if whole is None or not kinds or not _fits(node, method) or method == "sort":
        return None
    fresh = reader.scope.holder.fresh
    if default is not None:
        _note_rows(reader, whole.id, default)
    made = fresh.change(whole.id, node, inside=True)
    if made is None or made.holds not in kinds or whole.id not in reader.scope.holder.assigned:
        return None
    at, row = reader.spare_variable(node), reader.spare_variable(node)
    found = [reader.made(Assign(at, reader.expression(key)), node, key)]
    place = ast.copy_location(ast.Name(at, ast.Load()), key)
    part = ast.copy_location(ast.Subscript(whole, place, ast.Store()), base)
    reader.asked(part)
    if default is not None:
        value = value_at(reader, part, whole, place, reader.expression(default), False)
    else:
        value = reader.expression(part)
    found.append(reader.made(Assign(row, value), node, base))
    changed = CHANGES[made.holds][method](reader, node, Variable(row))
    if reader.is_dict(whole.id):
        changed = with_pair(reader, part, (node, changed))
    else:
        reader.asked(whole)
        before = whole, reader.expression(whole)
        changed = call_row(reader, "put_at", node, before, (key, Variable(at)), (node, changed))
    return [*found, reader.made(Assign(whole.id, changed), node, node)]


def _row_of(
    reader: Reading, base: ast.Subscript | ast.Call
) -> tuple[ast.Name | None, ast.expr, ast.expr | None]:
    """The variable, the place in it and the default of a row."""
    if isinstance(base, ast.Subscript):
        is_part = isinstance(base.value, ast.Name) and not isinstance(base.slice, ast.Slice)
        return base.value if is_part else None, base.slice, None  # type: ignore[return-value]
    function, args = base.func, base.args
    is_row = isinstance(function, ast.Attribute) and function.attr == "setdefault"
    whole = getattr(function, "value", None)
    if is_row and isinstance(whole, ast.Name) and len(args) == 2 and not base.keywords:
        return (whole, args[0], args[1]) if reader.is_dict(whole.id) else (None, base, None)
    return None, base, None


WITHOUT_PLACE: Final = (
    "def without(xs, k):\n    n = len(xs)\n    assert -n <= k < n\n    k = k % n\n"
    "    return xs[:k] + xs[k + 1:]"
)
WITHOUT_VALUE: Final = "def without(xs, x):\n    k = xs.index(x)\n    return xs[:k] + xs[k + 1:]"
WITHOUT_MEMBER: Final = "def without(s, x):\n    assert x in s\n    return s - {x}"
WITH_TAIL: Final = "lambda xs, ys, a: xs[:a] + tuple(ys)"
WITH_SLICE: Final = (
    "def replaced(xs, ys, a, b):\n    n = len(xs)\n"
    "    i = max(0, min(n, a + n if a < 0 else a))\n"
    "    j = max(i, min(n, b + n if b < 0 else b))\n    return xs[:i] + tuple(ys) + xs[j:]"
)


def _removed(text: str) -> Change:
    """A change of a list or a set by an element that must be in it."""

    def change(reader: Reading, node: ast.Call, before: Variable) -> Expression:
        argument = node.args[0]
        value = argument, reader.expression(argument)
        return apply_text(reader, node, text, (node, before), value)

    return change


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
        "remove": _removed(WITHOUT_VALUE),
    },
    "set": {
        "add": _one("either_bits"),
        "discard": _one("minus"),
        "update": _many("either_bits"),
        "clear": _clear_set,
        "remove": _removed(WITHOUT_MEMBER),
    },
}
"""What changes a list, and what changes a set."""
