"""Statements, of a solver and of functions: assignments, choices, loops, functions, returns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from pipeline.frontend.constructs import CHANGING, DECORATOR, Refused
from pipeline.frontend.fresh import Making, making
from pipeline.frontend.known_lines import MOST_NESTED, WORDS
from pipeline.frontend.live_loops import (
    asked_later,
    gone_through,
    live_loop,
    row_named,
    rows_gone_through,
    walked,
    walked_row,
)
from pipeline.frontend.program import (
    Assign,
    Block,
    Expression,
    For,
    If,
    Jump,
    Literal,
    Return,
    While,
    ends,
)
from pipeline.frontend.put_in import ChangingFunction
from pipeline.frontend.read_assignments import (
    Items,
    note_assigned,
    read_annotated,
    read_assign,
    read_augmented,
    refuse_circle,
    spoken_parts,
)
from pipeline.frontend.read_changes import (
    read_change,
    read_deletion,
    read_taking,
    refuse_changes,
)
from pipeline.frontend.read_dicts import is_dict, known
from pipeline.frontend.read_match import as_choice
from pipeline.frontend.read_values import call_row, read_function, read_target
from pipeline.frontend.reading import Reading, Reported
from pipeline.frontend.scoping import (
    assigned_in,
    circles_in,
    functions_in,
    reads,
    sure_parts,
    with_part,
)


def read_statement(reader: Reading, node: ast.stmt) -> Items:
    """What a statement is made to; nothing where it says nothing, or was reported."""
    read = STATEMENTS.get(type(node))
    if read is not None:
        first, node = _taken_first(reader, node)
        return [*first, *read(reader, node)]
    reader.refuse(node)
    return []


def _taken_first(reader: Reading, node: ast.stmt) -> tuple[Items, ast.stmt]:
    """`f(xs.pop())` as `x = xs.pop()` and `f(x)`, where the statement is sure to take the element
    and names the list at that place only.
    """
    fresh = reader.scope.holder.fresh
    if not fresh.made or not isinstance(node, _SIMPLE) or not reader.source.may_take:
        return [], node
    whole = node.value if isinstance(node, ast.Assign | ast.Expr) else None
    parts = (n for n in sure_parts(node) if n is not whole)
    calls = [n for n in parts if isinstance(n, ast.Call) and _is_taking(n)]
    bases = [n.func.value.id for n in calls]  # type: ignore[attr-defined]
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    if any(isinstance(n, ast.NamedExpr) for n in ast.walk(node)):
        return [], node
    if len(calls) != 1 or bases[0] not in fresh.made or names.count(bases[0]) != 1:
        return [], node
    name = reader.spare_variable(node)
    taken = ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], calls[0]), node)
    given = ast.copy_location(ast.Name(name, ast.Load()), calls[0])
    return read_assign(reader, taken), with_part(node, calls[0], given)


_SIMPLE: Final = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)


def _is_taking(node: ast.Call) -> bool:
    """Whether it is `xs.pop()`, `xs.popleft()`."""
    function = node.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in ("pop", "popleft")
        and isinstance(function.value, ast.Name)
    )


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
            node, *left = found
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


# -- other statements


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
        scope = reader.scope.holder
        spare = partial(reader.spare_variable, node)
        live = live_loop(node, scope.fresh.made.get, spare, scope.nodes)
        if live is not None:
            return [*read_block(reader, live)]
    fresh = reader.scope.holder.fresh
    fresh.keep_rows(walked_row(node))
    if not asked_later(node.iter).isdisjoint(assigned_in(node.body)):
        note = "make all of it before the loop: `for x in tuple(...)`"
        reader.refuse(node.iter, Refused("an iterator that reads what its loop assigns", note))
        return []
    row = walked(node)
    if row is not None:
        reader.looked_at(row)
    names = gone_through(node.iter)
    reader.consume(node.iter)
    reader.walk(node.iter)
    container = reader.expression(node.iter)
    held = fresh.hold(names)
    named = (fresh.made.get(name) for name in rows_gone_through(node.iter))
    wholes = [made for made in named if made is not None and not made.is_held]
    for whole in wholes:
        whole.is_held = True  # nor may what a row has, where that is gone through
    target = read_target(reader, node.target)
    note_assigned(reader, target)
    if names & fresh.aliases or any(made.has_rows for made in held.values()):
        fresh.aliases |= {target} if isinstance(target, str) else set()
    body = _repeated(reader, [node.target, *node.body], node.body)
    for whole in wholes:
        whole.is_held = False
    fresh.release(held, assigned_in([node.target, *node.body]).keys())
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
    scope = reader.scope.holder
    scope.given.append(_returned(reader, node.value))
    if node.value is None:
        reader.odd()
        return [reader.made(Return(Literal(None)), node, node)]
    if isinstance(node.value, ast.Name) and node.value.id in reader.scope.assigned:
        reader.looked_at(node.value)
    if scope.gives_dict and is_dict(reader, node.value):
        known(reader, node.value, keeps_values=True)
    value = reader.expression(node.value)
    return [reader.made(Return(value), node, node.value)]


def _returned(reader: Reading, node: ast.expr | None) -> Making | None:
    """The list or the set that a function gives and that nobody else has."""
    if node is None:
        return None
    if isinstance(node, ast.Name):
        made = reader.scope.holder.fresh.made.get(node.id)
        return None if made is None else Making(made.kind, made.has_rows, made.holds)
    return making(node, reader.known_names)


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


def _refuse_changing(reader: Reading, node: ChangingFunction) -> Items:
    """A function that changes what others have, and is used where it can't be put in."""
    if not refuse_circle(reader, node.name, reader.source.name_span(node)):
        reader.refuse(node.used, CHANGING)
    reader.scope.holder.wrong.add(node.name)
    return []


def body_of_function(reader: Reading, nodes: list[ast.stmt]) -> Block:
    """What a function does; where it comes to its end it gives None."""
    reader.scope.circles = circles_in(functions_in(nodes))
    block = read_block(reader, nodes)
    if block and ends(block[-1]):
        return block
    reader.scope.given.append(None)
    return (*block, reader.made(Return(Literal(None)), nodes[-1], nodes[-1]))


def read_definition(reader: Reading, node: ast.FunctionDef) -> Expression:
    """A function with a name as a value."""
    return read_function(reader, node.name, node, lambda r: body_of_function(r, node.body))


STATEMENTS: Final[dict[type, Callable[[Reading, Any], Items]]] = {
    ast.Assign: read_assign,
    ast.AnnAssign: read_annotated,
    ast.AugAssign: read_augmented,
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
    ChangingFunction: _refuse_changing,
    ast.Import: _nothing,
    ast.ImportFrom: _import,
}
"""What reads which statement."""
