"""Make a case on which two answers differ as small as it can be while they still differ.

A case is one program or several, their grids and limits. What is tried, as long as anything helps:
leave out a program, a grid, a statement, a row or a column; give a part of an expression as the
result; put a part of an expression, an earlier variable or a constant in its place. Programs are
changed as text, by way of `ast`, so that nothing of how they were made is needed.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, TypeGuard

from pipeline.ir.status import Limits
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import TABLE

_CONSTANTS = ("I", "ZERO", "ONE", "F", "ORIGIN", "identity", "TWO")


@dataclass(frozen=True, slots=True)
class Case:
    """Programs, the grids, and for each program the places of the grids that it runs on."""

    programs: tuple[str, ...]
    grids: tuple[Any, ...]
    wanted: tuple[tuple[int, ...], ...]
    limits: Limits


Try = Callable[[], Case]


def shrink(case: Case, fails: Callable[[Case], bool], most_tries: int = 4_000) -> Case:
    """The smallest case found that still fails.

    Where a try succeeded the next is the one that now stands in its place, not the first again.
    """
    tries = 0
    found = True
    while found:
        found = False
        for reduce in (_fewer_programs, _fewer_grids, _smaller_grids, _smaller_programs):
            place = 0
            while tries < most_tries:
                candidate = next(islice(reduce(case), place, None), None)
                if candidate is None:
                    break
                tries += 1
                smaller = candidate()
                if smaller != case and fails(smaller):
                    case, found = smaller, True
                else:
                    place += 1
    return case


def _fewer_programs(case: Case) -> Iterator[Try]:
    count = len(case.programs)
    size = count // 2
    while size:
        for start in range(0, count, size):
            keep = [k for k in range(count) if not start <= k < start + size]
            yield partial(_only, case, keep)
        size //= 2


def _only(case: Case, keep: list[int]) -> Case:
    programs = tuple(case.programs[k] for k in keep)
    return replace(case, programs=programs, wanted=tuple(case.wanted[k] for k in keep))


def _fewer_grids(case: Case) -> Iterator[Try]:
    for gone in range(len(case.grids) if len(case.grids) > 1 else 0):
        yield partial(_without_grid, case, gone)
    for k, lanes in enumerate(case.wanted):
        for gone in lanes if len(lanes) > 1 else ():
            fewer = tuple(lane for lane in lanes if lane != gone)
            wanted = (*case.wanted[:k], fewer, *case.wanted[k + 1 :])
            yield partial(replace, case, wanted=wanted)


def _without_grid(case: Case, gone: int) -> Case:
    wanted = tuple(tuple(k - (k > gone) for k in lanes if k != gone) for lanes in case.wanted)
    return replace(case, grids=(*case.grids[:gone], *case.grids[gone + 1 :]), wanted=wanted)


def _smaller_grids(case: Case) -> Iterator[Try]:
    for k, grid in enumerate(case.grids):
        for smaller in _grids_smaller_than(grid):
            grids = (*case.grids[:k], smaller, *case.grids[k + 1 :])
            yield partial(replace, case, grids=grids)


def _smaller_programs(case: Case) -> Iterator[Try]:
    for k, text in enumerate(case.programs):
        for smaller in smaller_programs(text):
            yield partial(_with_program, case, k, smaller)


def _with_program(case: Case, place: int, text: Callable[[], str]) -> Case:
    programs = (*case.programs[:place], text(), *case.programs[place + 1 :])
    return replace(case, programs=programs)


def _grids_smaller_than(grid: Any) -> Iterator[Any]:
    for k in range(len(grid)):
        if len(grid) > 1:
            yield (*grid[:k], *grid[k + 1 :])
    for k in range(len(grid[0]) if grid else 0):
        if len(grid[0]) > 1:
            yield tuple((*row[:k], *row[k + 1 :]) for row in grid)
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            if value:
                yield (*grid[:i], (*row[:j], 0, *row[j + 1 :]), *grid[i + 1 :])


def smaller_programs(text: str) -> Iterator[Callable[[], str]]:
    """Programs that are a little smaller, the most smaller first; not all of them are valid."""
    tree = ast.parse(text)
    places = list(_places(tree, ()))
    statements = [(path, node) for path, node in places if isinstance(node, ast.stmt)]
    for path, node in statements:
        if path != ((BODY, len(tree.body) - 1),) and _is_droppable(tree, path, node):
            yield partial(_changed, tree, path, [])
    for path, compound in statements:
        if isinstance(compound, ast.If | ast.For | ast.While):
            for inner in filter(None, (compound.body, compound.orelse)):
                yield partial(_changed, tree, path, inner)
    last = tree.body[-1]
    assert isinstance(last, ast.FunctionDef)
    for k in range(len(last.body) - 2, 0, -1):
        if isinstance(last.body[k - 1], ast.Assign):
            yield partial(_ending_at, tree, k)
    for k, statement in enumerate(last.body):
        for _, part in _places(statement, ()):
            if isinstance(part, ast.Call) and part is not getattr(statement, "value", None):
                yield partial(_giving, tree, k, part)
    names = [ast.unparse(s.targets[0]) for s in last.body if isinstance(s, ast.Assign)]
    for path, place in places:
        if _is_read(place):
            for part in _parts(place, _weight(place), names):
                yield partial(_changed, tree, path, part)


BODY = "body"
LOAD = ast.Load()
Path = tuple[tuple[str, int], ...]
"""The way to a node: fields, and places in those that are lists, or else -1."""


def _places(node: ast.AST, path: Path) -> Iterator[tuple[Path, ast.AST]]:
    """Every statement and expression below a node, outer ones first."""
    for field, value in ast.iter_fields(node):
        items = list(enumerate(value)) if isinstance(value, list) else [(-1, value)]
        for k, item in items:
            if isinstance(item, ast.AST):
                inner = (*path, (field, k))
                if isinstance(item, ast.stmt | ast.expr):
                    yield inner, item
                yield from _places(item, inner)


def _is_droppable(tree: ast.AST, path: Path, node: ast.AST) -> bool:
    """Whether a statement may be left out: what it assigns is read by none that comes after it."""
    *way, (field, place) = path
    block = getattr(_at(tree, tuple(way)), field)
    if isinstance(node, ast.Return) and len(block) - 1 == place:
        return False
    if not isinstance(node, ast.Assign) or len(path) != 2:
        return len(block) > 1
    target = ast.unparse(node.targets[0])
    return not any(_uses(other, target) for other in block[place + 1 :])


def _uses(tree: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(tree))


def _at(tree: ast.AST, path: Path) -> ast.AST:
    """The node at the end of a way."""
    for field, k in path:
        value = getattr(tree, field)
        tree = value if k < 0 else value[k]
    return tree


def _changed(tree: ast.Module, path: Path, new: ast.AST | list[ast.stmt]) -> str:
    """The program with another node, or other statements, in the place of one."""
    copied = copy.deepcopy(tree)
    *way, (field, k) = path
    around = _at(copied, tuple(way))
    if k < 0:
        setattr(around, field, new)
    elif isinstance(new, list):
        getattr(around, field)[k : k + 1] = new
    else:
        getattr(around, field)[k] = new
    return ast.unparse(ast.fix_missing_locations(copied)) + "\n"


def _ending_at(tree: ast.Module, place: int) -> str:
    """The first statements, and a return of the last one's target."""
    new = copy.deepcopy(tree)
    body = new.body[-1].body  # type: ignore[attr-defined]
    name = ast.unparse(body[place - 1].targets[0])
    body[place:] = [ast.Return(ast.Name(name, ast.Load()))]
    return ast.unparse(ast.fix_missing_locations(new)) + "\n"


def _giving(tree: ast.Module, place: int, part: ast.expr) -> str:
    """The first statements, and a return of a part of the next one."""
    new = copy.deepcopy(tree)
    new.body[-1].body[place:] = [ast.Return(part)]  # type: ignore[attr-defined]
    return ast.unparse(ast.fix_missing_locations(new)) + "\n"


def _weight(node: ast.AST) -> int:
    """How much there is to an expression; every replacement must weigh less."""
    total = 0
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            plain = part.id in CONSTANTS or part.id == "I"
            total += 10 + _CONSTANTS.index(part.id) if part.id in _CONSTANTS else 20
            total += 0 if plain else 20 - 10 * (part.id in TABLE)
        elif isinstance(part, ast.expr | ast.keyword | ast.comprehension):
            total += 30
    return total


def _is_read(node: ast.AST) -> TypeGuard[ast.expr]:
    """Whether it is an expression, and none that is assigned."""
    return isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", LOAD), ast.Load)


def _parts(node: ast.expr, weight: int, names: list[str]) -> Iterator[ast.expr]:
    """What could stand in an expression's place."""
    for _, part in _places(node, ()):
        if _is_read(part) and not isinstance(part, ast.Starred | ast.Slice):
            yield part
    if isinstance(node, ast.Call) and node.keywords:
        yield ast.Call(node.func, [*node.args, *(k.value for k in node.keywords)], [])
    if isinstance(node, ast.Tuple) and len(node.elts) > 2:
        yield ast.Tuple(node.elts[1:], ast.Load())
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        yield from _fewer_clauses(node)
    for name in (*_CONSTANTS, *names):
        simple = ast.Name(name, ast.Load())
        if _weight(simple) < weight:
            yield simple


def _fewer_clauses(node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Iterator[ast.expr]:
    """The comprehension without one of its clauses or conditions."""
    for k, clause in enumerate(node.generators):
        if len(node.generators) > 1:
            left = [*node.generators[:k], *node.generators[k + 1 :]]
            yield type(node)(node.elt, left)
        for j in range(len(clause.ifs)):
            fewer = [*clause.ifs[:j], *clause.ifs[j + 1 :]]
            changed = ast.comprehension(clause.target, clause.iter, fewer, 0)
            yield type(node)(node.elt, [*node.generators[:k], changed, *node.generators[k + 1 :]])
