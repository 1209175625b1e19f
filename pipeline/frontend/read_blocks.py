"""Statements, of a solver and of functions: assignments, choices, loops, functions, returns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from pipeline.diagnostics import Span
from pipeline.frontend.constructs import DECORATOR, OPERATORS, PLACES, SHARED
from pipeline.frontend.fresh import Making, copied, making
from pipeline.frontend.known_lines import MOST_NESTED, WORDS
from pipeline.frontend.live_loops import live_loop, row_named
from pipeline.frontend.program import (
    Assign,
    Block,
    Expression,
    For,
    If,
    Jump,
    Literal,
    Rest,
    Return,
    Target,
    Variable,
    While,
    ends,
)
from pipeline.frontend.read_changes import (
    is_part,
    read_change,
    read_deletion,
    read_part_change,
    read_taking,
    refuse_changes,
)
from pipeline.frontend.read_dicts import known
from pipeline.frontend.read_match import as_choice
from pipeline.frontend.read_values import call_row, read_function, read_target
from pipeline.frontend.reading import Reading, Reported
from pipeline.frontend.scoping import assigned_in, circles_in, functions_in, reads
from pipeline.frontend.symbolic import BINARY

Items = list[Any]
"""The parts of a block that one statement is."""


def read_statement(reader: Reading, node: ast.stmt) -> Items:
    """What a statement is made to; nothing where it says nothing, or was reported."""
    read = STATEMENTS.get(type(node))
    if read is not None:
        return read(reader, node)
    reader.refuse(node)
    return []


def in_turn(reader: Reading, nodes: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block, each once those before it were read, where a row of a list that
    the function changes has no name of its own.
    """
    left = [*nodes]
    while left:
        node, *left = left
        scope = reader.scope.holder
        spare = partial(reader.spare_variable, node)
        found = row_named(node, left, scope.fresh.made.get, spare, scope.nodes)
        if found is not None:
            node, left = found
        scope.fresh.replaced = _replaced(node, left)
        yield node


def _replaced(node: ast.stmt, rest: list[ast.stmt]) -> str:
    """The name that `xs.append(name)` gives away where the next statement gives it a new list."""
    match node, rest:
        case (
            ast.Expr(ast.Call(ast.Attribute(ast.Name(), "append"), [ast.Name(name)], [])),
            [ast.Assign([ast.Name(target)], ast.List() | ast.ListComp() as value), *_],
        ) if target == name and name not in reads([value]):
            return name
    return ""


def read_block(reader: Reading, nodes: Iterable[ast.stmt]) -> Block:
    """The statements of a block; those behind a `return` or a `break` are never reached."""
    found: Items = []
    reader.nesting += 1
    for node in in_turn(reader, nodes):
        if reader.nesting > MOST_NESTED:
            message = f"blocks nest more than {MOST_NESTED} deep"
            reader.wrong(node, "too-deep", message, "make the inner ones functions")
            break
        found += read_statement(reader, node)
        if found and isinstance(found[-1], Return | Jump):
            break
    reader.nesting -= 1
    return tuple(found)


# -- assignments


def _assign(reader: Reading, node: ast.Assign) -> Items:
    unread = _unread_text(reader, node)
    if unread is not None:
        return unread
    if isinstance(node.value, ast.Lambda):
        names = [t for t in node.targets if isinstance(t, ast.Name)]
        refused = [t for t in names if refuse_circle(reader, t.id, reader.source.span(t))]
        if refused:
            return []
    shared = {n.id for n in (*node.targets, node.value) if isinstance(n, ast.Name)}
    fresh = reader.scope.holder.fresh
    is_shared = isinstance(node.value, ast.Name) and fresh.is_list(node.value.id)
    is_shared |= len(node.targets) > 1 and making(node.value, reader.known_names) is not None
    _note_dict(reader, node.targets, node.value)
    taken = read_taking(reader, node.value)
    made = _made(reader, node.value)
    if taken is not None:
        name = reader.spare_variable(node)
        given = ast.copy_location(ast.Name(name, ast.Load()), node.value)
        named = ast.copy_location(ast.Assign(node.targets, given), node)
        element = reader.made(Assign(name, taken[0]), node, node.value)
        return [element, taken[1], *_assign(reader, named)]
    is_swap = _swaps(node)
    if is_swap and isinstance(node.value, ast.Tuple):
        reader.looked_at(*node.value.elts)
    value = reader.expression(node.value)
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
        sorted(ast.dump(part.slice) for part in side.elts if isinstance(part, ast.Subscript))
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
        _assigned(reader, target)
    if len(targets) == 1 and isinstance(targets[0], str):
        reader.scope.holder.fresh.assign(targets[0], fresh)
    return found


def _assigned(reader: Reading, target: Target) -> None:
    if isinstance(target, Rest):
        reader.assign(target.name)
    elif isinstance(target, str):
        reader.assign(target)
    else:
        for part in target:
            _assigned(reader, part)


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


def _annotated(reader: Reading, node: ast.AnnAssign) -> Items:
    if node.value is None:
        return []
    _note_dict(reader, [node.target], node.value)
    made = _made(reader, node.value)
    value = reader.expression(node.value)
    target = read_target(reader, node.target)
    _assigned(reader, target)
    if isinstance(target, str):
        reader.scope.holder.fresh.assign(target, made)
    return [reader.made(Assign(target, value), node, node.value)]


def _augmented(reader: Reading, node: ast.AugAssign) -> Items:
    target = node.target
    if isinstance(target, ast.Attribute):
        reader.refuse(target, PLACES["Attribute"])
        return []
    fresh = reader.scope.holder.fresh
    if isinstance(target, ast.Name) and target.id in fresh.aliases:
        reader.refuse(node, SHARED)
        return []
    made = fresh.made.get(target.id) if isinstance(target, ast.Name) else None
    reader.looked_at(target)
    before = reader.expression(target)
    value = reader.expression(node.value)
    name = BINARY.get(type(node.op))
    if name is None:
        reader.refuse(node, OPERATORS[type(node.op).__name__])
        return []
    call = call_row(reader, name, node, (target, before), (node.value, value))
    if isinstance(target, ast.Subscript):
        return list(read_part_change(reader, target, (node, call)))
    stays = made is not None and fresh.made.get(target.id) is made
    reader.assign(target.id)
    if stays and isinstance(node.op, ast.Add | ast.BitOr | ast.Sub | ast.BitAnd):
        fresh.assign(target.id, made)
    return [reader.made(Assign(target.id, call), node, node)]


def _alone(reader: Reading, node: ast.Expr) -> Items:
    """A value that nobody names; a docstring and `...` say nothing."""
    if isinstance(node.value, ast.Constant):
        return []
    taken = read_taking(reader, node.value)
    if taken is not None:
        return [reader.made(Assign("", taken[0]), node, node.value), taken[1]]
    change = read_change(reader, node.value)
    if change is not None:
        return [*change]
    if _is_print(reader, node.value):
        return _printed(reader, node)
    return [reader.made(Assign("", reader.expression(node.value)), node, node.value)]


def _is_print(reader: Reading, node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and not reader.is_own("print")
    )


def _printed(reader: Reading, node: ast.Expr) -> Items:
    """`print(x, f"{y}")`: nothing is printed, but what is to be is evaluated."""
    assert isinstance(node.value, ast.Call)
    return [
        reader.made(Assign("", reader.expression(part)), node, part)
        for part in map(_unstarred, node.value.args)
        for part in spoken_parts(part)
    ]


def _unstarred(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


def spoken_parts(node: ast.expr) -> list[ast.expr]:
    """What of a text is evaluated, other than names."""
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in spoken_parts(value)]
    if isinstance(node, ast.FormattedValue):
        return spoken_parts(node.value)
    return [] if isinstance(node, ast.Constant | ast.Name) else [node]


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


def _delete(reader: Reading, node: ast.Delete) -> Items:
    """`del xs[k]`, `del d[k]`, `del name`."""
    found: Items = []
    for target in node.targets:
        scope = reader.scope.holder
        if isinstance(target, ast.Name) and target.id in scope.seen and not reader.nesting:
            scope.seen.discard(target.id)
            continue
        change = read_deletion(reader, target) if isinstance(target, ast.Subscript) else None
        if change is None:
            reader.refuse(node)
            return []
        found += change
    return found


def _raise(reader: Reading, node: ast.Raise) -> Items:
    """`raise ...`: the lane fails there, and nothing behind it is reached."""
    call = call_row(reader, "require", node, (node, Literal(False)))
    failing = reader.made(Assign("", call), node, node)
    return [failing, reader.made(Return(Literal(None)), node, node)]


def _assert(reader: Reading, node: ast.Assert) -> Items:
    call = call_row(reader, "require", node, (node.test, reader.expression(node.test)))
    return [reader.made(Assign("", call), node, node)]


def _nothing(reader: Reading, node: ast.stmt) -> Items:
    return []


def _import(reader: Reading, node: ast.ImportFrom) -> Items:
    """`from dsl import name as other`: another name for a word of the DSL. What is imported of the
    standard library is known by its scope, and nothing else is imported.
    """
    found: Items = []
    for alias in node.names:
        if alias.asname is None or alias.asname in reader.scope.holder.library:
            continue
        if alias.name in WORDS:
            reader.odd()
            reader.assign(alias.asname)
            found.append(reader.made(Assign(alias.asname, WORDS[alias.name]), node, node))
        else:
            reader.refuse(node)
    return found


# -- choices and loops


def _if(reader: Reading, node: ast.If) -> Items:
    reader.tested(node.test)
    test = reader.expression(node.test)
    scope = reader.scope.holder
    before, fresh, moved = set(scope.seen), dict(scope.fresh.made), dict(scope.fresh.moved)
    then = read_block(reader, node.body)
    after, scope.seen = scope.seen, before
    made_then, scope.fresh.made = scope.fresh.made, fresh
    moved_then, scope.fresh.moved = scope.fresh.moved, moved
    made = If(test, then, read_block(reader, node.orelse))
    scope.seen |= after
    scope.fresh.join(made_then, moved_then)
    return [reader.made(made, node, node.test)]


def _match(reader: Reading, node: ast.Match) -> Items:
    """`match x:`, as choices."""
    name = reader.spare_variable(node)
    reader.looked_at(node.subject)
    found: Items = [reader.made(Assign(name, reader.expression(node.subject)), node, node.subject)]
    try:
        choice = as_choice(reader, node, name)
    except Reported:
        return []
    return [*found, *read_block(reader, choice)]


def _for(reader: Reading, node: ast.For) -> Items:
    if not any(map(reader.is_own, ("len", "range", "enumerate"))):
        made = reader.scope.holder.fresh.made.get
        spare, nodes = partial(reader.spare_variable, node), reader.scope.holder.nodes
        live = live_loop(node, made, spare, nodes)
        if live is not None:
            return [*read_block(reader, live)]
    fresh = reader.scope.holder.fresh
    name = node.iter.id if isinstance(node.iter, ast.Name) else ""
    reader.looked_at(node.iter)
    reader.walk(node.iter)
    container = reader.expression(node.iter)
    held = fresh.made.pop(name, None)  # it must not change while it is gone through
    target = read_target(reader, node.target)
    _assigned(reader, target)
    body = _repeated(reader, [node.target, *node.body], node.body)
    if held is not None:
        fresh.made.setdefault(name, held)
    made = For(target, container, body, read_block(reader, node.orelse))
    return [reader.made(made, node, node.iter)]


def _while(reader: Reading, node: ast.While) -> Items:
    reader.tested(node.test)
    test = reader.expression(node.test)
    body = _repeated(reader, [node.test, *node.body], node.body)
    made = While(test, body, read_block(reader, node.orelse))
    return [reader.made(made, node, node.test)]


def _repeated(reader: Reading, nodes: list[Any], body: list[ast.stmt]) -> Block:
    """The body of a loop, where what a turn assigns is known to the next."""
    scope = reader.scope.holder
    scope.repeated.append(frozenset(assigned_in(nodes)))
    before, moved = dict(scope.fresh.made), dict(scope.fresh.moved)
    scope.fresh.enter(reads(nodes[:1]))
    block = read_block(reader, body)
    refuse_changes(reader, scope.fresh.leave(before, moved))
    scope.repeated.pop()
    return block


def _jump(reader: Reading, node: ast.Break | ast.Continue) -> Items:
    word = "break" if isinstance(node, ast.Break) else "continue"
    if not reader.scope.holder.repeated:
        reader.wrong(node, "syntax-error", f"`{word}` outside a loop")
        return []
    return [Jump(isinstance(node, ast.Break))]


def _return(reader: Reading, node: ast.Return) -> Items:
    if node.value is None:
        reader.odd()
        return [reader.made(Return(Literal(None)), node, node)]
    if isinstance(node.value, ast.Name) and node.value.id in reader.scope.assigned:
        reader.looked_at(node.value)
    value = reader.expression(node.value)
    return [reader.made(Return(value), node, node.value)]


# -- functions


def _function(reader: Reading, node: ast.FunctionDef) -> Items:
    """A function with a name; one that calls itself is none, and its uses aren't reported again."""
    for decorator in node.decorator_list:
        reader.refuse(decorator, DECORATOR)
    if refuse_circle(reader, node.name, reader.source.name_span(node)):
        return []
    made = read_function(reader, node.name, node, lambda inner: body_of_function(inner, node.body))
    reader.assign(node.name)
    return [reader.made(Assign(node.name, made), node, node)]


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


def body_of_function(reader: Reading, nodes: list[ast.stmt]) -> Block:
    """What a function does; where it comes to its end it gives None."""
    reader.scope.circles = circles_in(functions_in(nodes))
    block = read_block(reader, nodes)
    if block and ends(block[-1]):
        return block
    return (*block, reader.made(Return(Literal(None)), nodes[-1], nodes[-1]))


def read_definition(reader: Reading, node: ast.FunctionDef) -> Expression:
    """A function with a name as a value."""
    return read_function(reader, node.name, node, lambda r: body_of_function(r, node.body))


STATEMENTS: Final[dict[type, Callable[[Reading, Any], Items]]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _alone,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.Raise: _raise,
    ast.Pass: _nothing,
    ast.If: _if,
    ast.Match: _match,
    ast.For: _for,
    ast.While: _while,
    ast.Break: _jump,
    ast.Continue: _jump,
    ast.Return: _return,
    ast.FunctionDef: _function,
    ast.Import: _nothing,
    ast.ImportFrom: _import,
}
"""What reads which statement."""
