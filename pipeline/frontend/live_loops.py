"""Loops over lists that they change, written as Python runs them: by place.

Python goes through a list by place and looks at what is there at each turn, so `for j, v in
enumerate(row): row[j + 1] = v` sees what it has put. Lists are values here, so such a loop is read
as one over the places; and an element that is a list itself stands for its place in the list, so
that `for row in g: row[0] = 1` changes `g`. Where the loop makes the list longer or shorter it is a
`while`, as then only each turn tells whether there is another.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.frontend.fresh import Making
from pipeline.frontend.reading import placed_at
from pipeline.frontend.scoping import inner_reads, reads

_RESIZED: Final = frozenset(
    ("append", "appendleft", "clear", "extend", "insert", "pop", "popleft", "remove")
)
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_REORDERED: Final = frozenset(("reverse", "sort"))


@dataclass(frozen=True, slots=True)
class _Walk:
    """A loop over a list: the list, the name at its root and all that it needs, and what the index
    and the element are assigned to.
    """

    container: ast.expr
    root: str
    needs: set[str]
    index: ast.expr | None
    element: ast.expr


def live_loop(
    node: ast.For,
    made: Callable[[str], Making | None],
    spare: Callable[[], str],
    function: list[ast.AST],
) -> list[ast.stmt] | None:
    """What a loop over a list that it changes is read as; None for any other loop. So is one whose
    elements are changed elsewhere in the function, as its elements are not to have other names.

    made: the list that a name has and nobody else.
    """
    walk = _walk_of(node)
    whole = None if walk is None else made(walk.root)
    if walk is None or whole is None or whole.kind != "list":
        return None
    container = walk.container
    if isinstance(container, ast.Subscript) and not _is_known(container.slice):
        if not any(_changes(node.body, walk.root)):
            return None
        place = spare()
        first = ast.copy_location(ast.Assign([ast.Name(place, ast.Store())], container.slice), node)
        named = ast.Subscript(container.value, ast.Name(place, ast.Load()), ast.Load())
        loop = _over(node, placed_at(ast.copy_location(named, container), container))
        live = live_loop(loop, made, spare, function)
        return None if live is None else [placed_at(first, node), *live]
    stored = _stored([*node.body, ast.Expr(node.target)])
    depth = int(isinstance(walk.container, ast.Subscript))
    has_lists = whole.has_lists
    row = walk.element.id if isinstance(walk.element, ast.Name) else ""
    by_row = has_lists and not depth and any(_changes(node.body, row))
    changes = set(_changes(node.body, walk.root))
    by_row |= has_lists and not depth and any(at > 0 for at, _ in _changes(function, walk.root))
    if (not changes and not by_row) or (depth and not has_lists) or walk.needs & stored:
        return None
    if by_row or any(at > depth for at, _ in changes):
        is_other = row in _stored(node.body) or any(at == depth for at, _ in changes)
        is_other |= depth > 0 or not row or _is_read_behind(function, row)
        return None if is_other else _written(node, walk, spare(), row=row)
    if any(at < depth for at, _ in changes):
        return None
    return _written(node, walk, spare(), resized=(depth, "size") in changes)


LAZY: Final = frozenset(("enumerate", "zip", "map", "filter", "reversed"))
"""Functions of Python that go on looking at what they are given."""
_LAZY_TOO: Final = frozenset(("accumulate", "chain", "groupby", "islice", "takewhile"))


def is_lazy(node: ast.expr) -> bool:
    """Whether it is the call of such a function, if its name is Python's."""
    is_named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return is_named and _called_name(node) in LAZY


def gone_through(node: ast.expr) -> set[str]:
    """The names of what a loop over an expression goes through turn by turn."""
    if isinstance(node, ast.Starred):
        return gone_through(node.value)
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.GeneratorExp):
        return gone_through(node.generators[0].iter) | asked_later(node)
    if not is_lazy(node):
        return set()
    assert isinstance(node, ast.Call)
    return asked_later(node).union(*map(gone_through, node.args))


def rows_gone_through(node: ast.expr) -> set[str]:
    """The names of the lists, rows of which a loop over an expression goes through."""
    if isinstance(node, ast.Starred):
        return rows_gone_through(node.value)
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        inner = node.value
        while isinstance(inner, ast.Subscript):
            inner = inner.value
        return {inner.id} if isinstance(inner, ast.Name) else set()
    if isinstance(node, ast.GeneratorExp):
        return rows_gone_through(node.generators[0].iter)
    if not is_lazy(node):
        return set()
    assert isinstance(node, ast.Call)
    return set().union(*map(rows_gone_through, node.args))


def asked_later(node: ast.expr) -> set[str]:
    """The names that an iterator reads anew for each element that it gives."""
    if isinstance(node, ast.GeneratorExp):
        return inner_reads(node) | asked_later(node.generators[0].iter)
    name = _called_name(node)
    if name not in LAZY | _LAZY_TOO:
        return set()
    assert isinstance(node, ast.Call)
    functions = (a for a in node.args if isinstance(a, ast.Lambda))
    return reads(functions).union(*map(asked_later, node.args))


def _called_name(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return str(name).removeprefix("%")


def walked_row(node: ast.For) -> str:
    """The name of the list of which a loop goes through a row that it changes; empty for none."""
    walk = _walk_of(node)
    if walk is None or not isinstance(walk.container, ast.Subscript):
        return ""
    return walk.root if any(_changes(node.body, walk.root)) else ""


def walked(node: ast.For) -> ast.Subscript | None:
    """The row that a loop goes through, if it goes through one of a list that has a name."""
    walk = _walk_of(node)
    return walk.container if walk and isinstance(walk.container, ast.Subscript) else None


def _is_known(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Constant)


def _over(node: ast.For, container: ast.expr) -> ast.For:
    """The loop over another container."""
    if isinstance(node.iter, ast.Call):
        container = ast.copy_location(ast.Call(node.iter.func, [container], []), node.iter)
    return ast.copy_location(ast.For(node.target, container, node.body, node.orelse), node)


def _walk_of(node: ast.For) -> _Walk | None:
    """The list that a loop goes through, if that is a name or a row of one."""
    container, index, element = node.iter, None, node.target
    if isinstance(container, ast.Call):
        is_numbered = isinstance(container.func, ast.Name) and container.func.id == "enumerate"
        is_pair = isinstance(element, ast.Tuple) and len(element.elts) == 2
        if not (is_numbered and is_pair and len(container.args) == 1) or container.keywords:
            return None
        assert isinstance(element, ast.Tuple)
        container, (index, element) = container.args[0], element.elts
    whole = container.value if isinstance(container, ast.Subscript) else container
    if not isinstance(whole, ast.Name):
        return None
    if isinstance(container, ast.Subscript) and isinstance(container.slice, ast.Slice | ast.Tuple):
        return None
    needs = {part.id for part in ast.walk(container) if isinstance(part, ast.Name)}
    return _Walk(container, whole.id, needs, index, element)


def row_named(
    node: ast.stmt,
    rest: list[ast.stmt],
    made: Callable[[str], Making | None],
    spare: Callable[[], str],
    function: list[ast.AST],
) -> list[ast.stmt] | None:
    """`row = g[i]`, where rows of `g` are changed in the function, and the rest of its block: the
    place under a spare name, a look at what is there, which must be something, and the rest with
    `g[place]` for `row`. None for anything else.
    """
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return None
    target, part = node.targets[0], node.value
    if not isinstance(target, ast.Name) or not isinstance(part, ast.Subscript):
        return None
    if not isinstance(part.value, ast.Name) or isinstance(part.slice, ast.Slice):
        return None
    whole, root = made(part.value.id), part.value.id
    if whole is None or not whole.has_lists:
        return None
    changes = {*_changes(function, root)}
    is_changed = any(at > 0 for at, _ in changes) or any(_changes(rest, target.id))
    is_moved = root in _stored(rest) or any(at == 0 for at, _ in _changes(rest, root))
    is_elsewhere = bool(_places(function, target.id) - _places([node, *rest], target.id))
    if not is_changed or is_moved or is_elsewhere or target.id in _stored(rest):
        return None
    place = spare()
    element = ast.Subscript(part.value, ast.Name(place, ast.Load()), ast.Load())
    begin = ast.Assign([ast.Name(place, ast.Store())], part.slice)
    standing = _Standing(target.id, element)
    look = ast.Expr(ast.Compare(copy.deepcopy(element), [ast.Is()], [ast.Constant(None)]))
    first = [placed_at(ast.copy_location(part, node), node) for part in (begin, look)]
    return [*first, *(standing.visit(copy.deepcopy(part)) for part in rest)]


def _changes(nodes: Sequence[ast.AST], root: str) -> Iterator[tuple[int, str]]:
    """How a block changes what a name has: how deep in it, and whether the size of that may be
    another.
    """
    for node in _parts(nodes):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            is_size = isinstance(node.ctx, ast.Del) or isinstance(node.slice, ast.Slice)
            depth = _depth(node.value, root)
            if depth is not None:
                yield depth, "size" if is_size else "item"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, depth = node.func.attr, _depth(node.func.value, root)
            if depth is not None and name in _RESIZED | _REORDERED:
                yield depth, "size" if name in _RESIZED else "item"


def _depth(node: ast.expr, root: str) -> int | None:
    """How many parts a chain of them has that begins with this name; None for another."""
    depth = 0
    while isinstance(node, ast.Subscript):
        node, depth = node.value, depth + 1
    return depth if isinstance(node, ast.Name) and node.id == root else None


def _parts(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        yield from ast.walk(node)


def _is_read_behind(function: Sequence[ast.AST], name: str) -> bool:
    """Whether a name is read where it may still be what a loop gave it that is over."""
    inside: set[tuple[int, int]] = set()
    for node in _parts(function):
        if isinstance(node, ast.For) and name in _stored([node.target]):
            inside |= _places([node.target, *node.body], name)
        elif isinstance(node, _COMPREHENSIONS):
            targets = [clause.target for clause in node.generators]
            if name in _stored(targets):
                inside |= _places([node], name)
    stored = [n for n in _parts(function) if isinstance(n, ast.Name) and n.id == name]
    return any(
        isinstance(n.ctx, ast.Load) and (n.lineno, n.col_offset) not in inside for n in stored
    )


def _places(nodes: Sequence[ast.AST], name: str) -> set[tuple[int, int]]:
    """Where a name stands."""
    named = (node for node in _parts(nodes) if isinstance(node, ast.Name) and node.id == name)
    return {(node.lineno, node.col_offset) for node in named}


def _stored(nodes: Sequence[ast.AST]) -> set[str]:
    """The names that are assigned anywhere in these."""
    return {
        node.id
        for node in _parts(nodes)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }


def _written(
    node: ast.For, walk: _Walk, place: str, resized: bool = False, row: str = ""
) -> list[ast.stmt]:
    """The loop over places. row: the element's name, which stands for its place in the list."""

    def at() -> ast.expr:
        return ast.Name(place, ast.Load())

    def container() -> ast.expr:
        return copy.deepcopy(walk.container)

    count = ast.Call(ast.Name("len", ast.Load()), [container()], [])
    element = ast.Subscript(container(), at(), ast.Load())
    body: list[ast.stmt] = [] if row else [ast.Assign([walk.element], element)]
    if walk.index is not None:
        body.append(ast.Assign([walk.index], at()))
    inner = [_Standing(row, element).visit(copy.deepcopy(part)) for part in node.body]
    if resized:
        ahead = ast.AugAssign(ast.Name(place, ast.Store()), ast.Add(), ast.Constant(1))
        test = ast.Compare(at(), [ast.Lt()], [count])
        begin = ast.Assign([ast.Name(place, ast.Store())], ast.Constant(0))
        made: list[ast.stmt] = [begin, ast.While(test, [*body, ahead, *inner], node.orelse)]
    else:
        places = ast.Call(ast.Name("range", ast.Load()), [count], [])
        target = ast.Name(place, ast.Store())
        made = [ast.For(target, places, [*body, *inner], node.orelse)]
    for part in made:
        ast.copy_location(part, node)
    return [placed_at(part, node) for part in made]


class _Standing(ast.NodeTransformer):
    """Puts an element of a list in the place of a name."""

    def __init__(self, name: str, element: ast.Subscript) -> None:
        self.name = name
        self.element = element

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id != self.name:
            return node
        return placed_at(ast.copy_location(copy.deepcopy(self.element), node), node)
