"""Assignments, of a solver and of functions."""

from __future__ import annotations

import ast
from typing import Any

from pipeline.diagnostics import Span
from pipeline.frontend.constructs import OPERATORS, PLACES, SHARED
from pipeline.frontend.dict_names import taken_apart
from pipeline.frontend.fresh import Making, copied, making
from pipeline.frontend.program import Assign, Expression, Rest, Target, Variable
from pipeline.frontend.read_changes import is_part, read_part_change, read_taking
from pipeline.frontend.read_dicts import known
from pipeline.frontend.read_values import call_row, read_target
from pipeline.frontend.reading import Reading
from pipeline.frontend.scoping import dumped
from pipeline.frontend.symbolic import BINARY

Items = list[Any]
"""The parts of a block that one statement is."""


def read_assign(reader: Reading, node: ast.Assign) -> Items:
    """`a = b = value`, `a, b = value`, `xs[k] = value`."""
    unread = _unread_text(reader, node)
    if unread is not None:
        return unread
    if (single := taken_apart(node)) is not None:
        return [item for one in single for item in read_assign(reader, one)]
    if isinstance(node.value, ast.Lambda):
        names = [t for t in node.targets if isinstance(t, ast.Name)]
        refused = [t for t in names if refuse_circle(reader, t.id, reader.source.span(t))]
        if refused:
            return []
    shared = {n.id for n in (*node.targets, node.value) if isinstance(n, ast.Name)}
    fresh = reader.scope.holder.fresh
    is_shared = _may_be_shared(reader, node.value)
    is_shared |= len(node.targets) > 1 and making(node.value, reader.known_names) is not None
    _note_dict(reader, node.targets, node.value)
    taken = read_taking(reader, node.value)
    made = _made(reader, node.value)
    if taken is not None:
        name = reader.spare_variable(node)
        given = ast.copy_location(ast.Name(name, ast.Load()), node.value)
        named = ast.copy_location(ast.Assign(node.targets, given), node)
        element = reader.made(Assign(name, taken[0]), node, node.value)
        return [element, taken[1], *read_assign(reader, named)]
    is_swap = _swaps(node)
    if is_swap and isinstance(node.value, ast.Tuple):
        reader.looked_at(*node.value.elts)
    value = reader.expression(node.value)
    if isinstance(node.value, ast.Lambda):
        _note_given(reader, node.targets)
    if len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
        return list(read_part_change(reader, node.targets[0], (node.value, value)))
    parts: list[tuple[str, ast.Subscript]] = []
    targets = [_without_parts(reader, target, parts) for target in node.targets]
    found = assignments(reader, node, targets, value, made)
    if is_shared:
        fresh.aliases |= shared
    for name, part in parts:
        given = ast.copy_location(ast.Name(name, ast.Load()), part)
        found += read_part_change(reader, part, (given, Variable(name)), is_own=is_swap)
    return found


def _note_given(reader: Reading, targets: list[ast.expr]) -> None:
    """The names of a function that was just read give what it gives."""
    given = reader.scope.gives.pop("", None)
    for target in targets:
        if given is not None and isinstance(target, ast.Name):
            reader.scope.gives[target.id] = given


def _swaps(node: ast.Assign) -> bool:
    """Whether it is `g[i], g[j] = g[j], g[i]`: elements of one list, each of which it keeps."""
    (target, *others), value = node.targets, node.value
    if others or not isinstance(target, ast.Tuple) or not isinstance(value, ast.Tuple):
        return False
    parts = [part for part in (*target.elts, *value.elts) if isinstance(part, ast.Subscript)]
    if len(parts) < len(target.elts) + len(value.elts):
        return False
    names = {part.value.id for part in parts if isinstance(part.value, ast.Name)}
    is_one = len(names) == 1 and all(isinstance(part.value, ast.Name) for part in parts)
    has_calls = any(isinstance(n, ast.Call | ast.NamedExpr) for p in parts for n in ast.walk(p))
    before, after = (
        sorted(dumped(part.slice) for part in side.elts if isinstance(part, ast.Subscript))
        for side in (target, value)
    )
    return is_one and not has_calls and before == after


def _without_parts(
    reader: Reading, node: ast.expr, parts: list[tuple[str, ast.Subscript]]
) -> Target:
    """A target where parts of lists have names of their own, which `parts` gets with them."""
    if isinstance(node, ast.Subscript):
        name = reader.spare_variable(node)
        parts.append((name, node))
        return name
    if isinstance(node, ast.Tuple | ast.List) and any(map(is_part, ast.walk(node))):
        return tuple([_without_parts(reader, e, parts) for e in node.elts])
    return read_target(reader, node)


def assignments(
    reader: Reading,
    node: ast.Assign,
    targets: list[Target],
    value: Expression,
    fresh: Making | None,
) -> Items:
    """`a = b = value`: one after the other, from the left; fresh: the list that the value makes."""
    nodes = list(node.targets)
    found: Items = []
    if len(targets) > 1 and not isinstance(targets[0], str):
        spare = reader.spare_variable(node)
        targets, nodes = [spare, *targets], [node.targets[0], *nodes]
    for k, (target, place) in enumerate(zip(targets, nodes, strict=True)):
        made = value if not k else Variable(str(targets[0]))
        found.append(reader.made(Assign(target, made), node, node.value if not k else place))
        note_assigned(reader, target)
    if len(targets) == 1 and isinstance(targets[0], str):
        reader.scope.holder.fresh.assign(targets[0], fresh)
    return found


def note_assigned(reader: Reading, target: Target) -> None:
    """Note that the names of a target have values."""
    if isinstance(target, Rest):
        reader.assign(target.name)
    elif isinstance(target, str):
        reader.assign(target)
    else:
        for part in target:
            note_assigned(reader, part)


def _made(reader: Reading, node: ast.expr) -> Making | None:
    """The list or the set that an expression makes, also as a slice of a list."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        whole = reader.scope.holder.fresh.made.get(node.value.id)
        if whole is None or whole.kind != "list" or not isinstance(node.slice, ast.Slice):
            return None
        return Making("list")
    if isinstance(node, ast.BinOp) and (kind := _kind_joined(reader, node)):
        return Making(kind)
    inner = copied(node)
    if isinstance(inner, ast.Name):
        whole = reader.scope.holder.fresh.made.get(inner.id)
        return None if whole is None else Making(whole.kind, whole.has_rows, whole.holds)
    return making(node, reader.known_names)


def _kind_joined(reader: Reading, node: ast.BinOp) -> str:
    """What `a | b` or `a + b` is of variables that are known to be sets or lists; or empty."""
    made = reader.scope.holder.fresh.made
    known = [made.get(n.id) if isinstance(n, ast.Name) else None for n in (node.left, node.right)]
    left, right = ["" if one is None else one.kind for one in known]
    if left == "set" and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.BitXor | ast.Sub):
        return "set"
    return "list" if isinstance(node.op, ast.Add) and "list" in (left, right) else ""


def _note_dict(reader: Reading, targets: list[ast.expr], node: ast.expr) -> None:
    """What is assigned may be a dict, if the name is one."""
    target = targets[0]
    if len(targets) == 1 and isinstance(target, ast.Name) and reader.is_dict(target.id):
        known(reader, node)


def read_annotated(reader: Reading, node: ast.AnnAssign) -> Items:
    """`name: type = value`."""
    if node.value is None:
        return []
    _note_dict(reader, [node.target], node.value)
    made = _made(reader, node.value)
    value = reader.expression(node.value)
    target = read_target(reader, node.target)
    note_assigned(reader, target)
    if isinstance(target, str):
        reader.scope.holder.fresh.assign(target, made)
    return [reader.made(Assign(target, value), node, node.value)]


def read_augmented(reader: Reading, node: ast.AugAssign) -> Items:
    """`name += value`, `xs[k] += value`."""
    target = node.target
    if isinstance(target, ast.Attribute):
        reader.refuse(target, PLACES["Attribute"])
        return []
    fresh = reader.scope.holder.fresh
    name = target.id if isinstance(target, ast.Name) else ""
    is_others = name and name not in fresh.made and isinstance(node.op, ast.Add)
    if name in fresh.aliases or (is_others and _is_list(reader, node.value)):
        reader.refuse(node, SHARED)
        return []
    made = fresh.made.get(target.id) if isinstance(target, ast.Name) else None
    reader.looked_at(target)
    before = reader.expression(target)
    value = reader.expression(node.value)
    row = BINARY.get(type(node.op))
    if row is None:
        reader.refuse(node, OPERATORS[type(node.op).__name__])
        return []
    call = call_row(reader, row, node, (target, before), (node.value, value))
    if isinstance(target, ast.Subscript):
        return list(read_part_change(reader, target, (node, call)))
    stays = made is not None and fresh.made.get(target.id) is made
    reader.assign(target.id)
    if stays and isinstance(node.op, ast.Add | ast.BitOr | ast.Sub | ast.BitAnd):
        fresh.assign(target.id, made)
    return [reader.made(Assign(target.id, call), node, node)]


def _is_list(reader: Reading, node: ast.expr) -> bool:
    """Whether a value is a list: then so is what it is added to, and longer for all who have it."""
    made = making(node, reader.known_names)
    return made is not None and made.kind == "list"


def _may_be_shared(reader: Reading, node: ast.expr) -> bool:
    """Whether a value may be a list that is known by another name, or is in another list."""
    fresh = reader.scope.holder.fresh
    match node:
        case ast.Name(name):
            return fresh.is_list(name)
        case ast.IfExp(_, one, two):
            return _may_be_shared(reader, one) or _may_be_shared(reader, two)
        case ast.BoolOp(_, values):
            return any(_may_be_shared(reader, value) for value in values)
        case ast.Subscript(ast.Name(name), part) if not isinstance(part, ast.Slice):
            return name in fresh.made and bool(fresh.made[name].holds)
    return False


def _unread_text(reader: Reading, node: ast.Assign) -> Items | None:
    """`name = f"{x}"`, where nobody reads the name: what is evaluated; None for any other."""
    is_text = isinstance(node.value, ast.JoinedStr) or (
        isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )
    names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    scope = reader.scope.holder
    if not is_text or len(names) < len(node.targets) or scope.kind == "file":
        return None
    if not scope.unread.issuperset(names):
        return None
    parts = spoken_parts(node.value)
    return [reader.made(Assign("", reader.expression(part)), node, part) for part in parts]


def spoken_parts(node: ast.expr) -> list[ast.expr]:
    """What of a text is evaluated, other than names."""
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in spoken_parts(value)]
    if isinstance(node, ast.FormattedValue):
        return spoken_parts(node.value)
    return [] if isinstance(node, ast.Constant | ast.Name) else [node]


def refuse_circle(reader: Reading, name: str, span: Span) -> bool:
    """Whether a function comes back to itself; of several that call one another one is told."""
    scope = reader.scope.holder
    way = scope.circles.get(name)
    if way is None:
        return False
    scope.wrong.add(name)
    reader.is_wrong = True
    if way:
        scope.circles.update(dict.fromkeys(way, ()))
        others = "".join(f", through {other!r}" for other in way[1:2])
        message = f"{name!r} calls itself{others}: a recursion is not ARC-DSL"
        note = "write a `for` or a `while` loop, or `power(f, n)`"
        reader.report(span, "recursion", message, note)
    return True
