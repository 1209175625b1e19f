"""Programs made of others: one edit of a program, and one program after another.

Both are texts, and what is made of a text follows from it and the random numbers alone. Nothing
looks at types: most edits fit where they are made, as a primitive is replaced by one of as many
arguments, and what does not fit shows how a program that is wrong ends.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache

from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import TABLE

_AFTER = "_then"
"""What the names of the second of two programs end in."""

_ATTEMPTS = 20


def variant(rng: random.Random, text: str, name: str) -> str:
    """The function in a text with one edit, called by a name; ValueError where none can be made."""
    for _ in range(_ATTEMPTS):
        function = _function(text)
        edit = rng.choice(_EDITS)
        if edit(rng, function) and ast.unparse(function) != ast.unparse(_function(text)):
            return _named(function, name)
    raise ValueError(f"no edit of {name} changes it")


def composition(first: str, second: str, name: str) -> str:
    """One function of what another returns, as one function, called by a name."""
    before, after = _function(first), _function(second)
    given = after.args.args[0].arg
    own = {given} | _assigned(after)
    for node in ast.walk(after):
        if isinstance(node, ast.Name) and node.id in own:
            node.id += _AFTER
    last = before.body.pop()
    assert isinstance(last, ast.Return)
    assert last.value is not None
    passed = ast.Assign([ast.Name(given + _AFTER, ast.Store())], last.value)
    before.body += [passed, *after.body]
    return _named(before, name)


def _function(text: str) -> ast.FunctionDef:
    node = ast.parse(text).body[-1]
    assert isinstance(node, ast.FunctionDef)
    return node


def _named(function: ast.FunctionDef, name: str) -> str:
    function.name = name
    return ast.unparse(ast.fix_missing_locations(function)) + "\n"


def _assigned(node: ast.AST) -> set[str]:
    """The names that are assigned in a function or a statement."""
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


# -- edits: each changes a function and says whether it could


@cache
def _alike(row: Primitive) -> list[str]:
    """The other published primitives of as many arguments."""
    rows = (r for r in TABLE.values() if r.published and r.arity == row.arity)
    return [r.name for r in rows if r is not row]


def _loaded(function: ast.FunctionDef) -> Iterator[ast.Name]:
    """All names that are read."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node


def _replace_primitive(rng: random.Random, function: ast.FunctionDef) -> bool:
    nodes = [n for n in _loaded(function) if n.id in TABLE and _alike(TABLE[n.id])]
    if nodes:
        node = rng.choice(nodes)
        node.id = rng.choice(_alike(TABLE[node.id]))
    return bool(nodes)


def _swap_arguments(rng: random.Random, function: ast.FunctionDef) -> bool:
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call) and len(n.args) > 1]
    if calls:
        args = rng.choice(calls).args
        j, k = rng.sample(range(len(args)), 2)
        args[j], args[k] = args[k], args[j]
    return bool(calls)


def _change_constant(rng: random.Random, function: ast.FunctionDef) -> bool:
    nodes = [n for n in _loaded(function) if n.id in CONSTANTS]
    if nodes:
        node = rng.choice(nodes)
        kind = type(CONSTANTS[node.id])
        alike = [name for name, value in CONSTANTS.items() if type(value) is kind]
        node.id = rng.choice(alike if rng.random() < 0.9 else list(CONSTANTS))
    return bool(nodes)


def _change_variable(rng: random.Random, function: ast.FunctionDef) -> bool:
    """Read another variable that is assigned before."""
    known = [function.args.args[0].arg]
    uses: list[tuple[ast.Name, list[str]]] = []
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id in known and len(known) > 1:
                uses.append((node, [name for name in known if name != node.id]))
        known += sorted(_assigned(statement) - set(known))
    if uses:
        use, others = rng.choice(uses)
        use.id = rng.choice(others)
    return bool(uses)


def _delete_line(rng: random.Random, function: ast.FunctionDef) -> bool:
    """Leave out a line; who reads it reads one of the variables that it was made of."""
    lines = [s for s in function.body if isinstance(s, ast.Assign)]
    if not lines:
        return False
    line = rng.choice(lines)
    target = line.targets[0]
    assert isinstance(target, ast.Name)
    parameter = function.args.args[0].arg
    known = {parameter, *_assigned(function)}
    parts = [n.id for n in ast.walk(line.value) if isinstance(n, ast.Name) and n.id in known]
    stand_in = rng.choice(parts or [parameter])
    function.body.remove(line)
    for node in _loaded(function):
        if node.id == target.id:
            node.id = stand_in
    return True


def _insert_call(rng: random.Random, function: ast.FunctionDef) -> bool:
    """Put a variable that is read through a primitive of one argument."""
    known = {function.args.args[0].arg, *_assigned(function)}
    nodes = [n for n in _loaded(function) if n.id in known]
    if not nodes:
        return False
    node = rng.choice(nodes)
    one = [row.name for row in TABLE.values() if row.published and row.arity == 1]
    call = ast.Call(ast.Name(rng.choice(one), ast.Load()), [deepcopy(node)], [])
    _Exchange(node, call).visit(function)
    return True


class _Exchange(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, or what stands for it."""
        return self.new if node is self.old else self.generic_visit(node)


_EDITS: tuple[Callable[[random.Random, ast.FunctionDef], bool], ...] = (
    _replace_primitive,
    _replace_primitive,
    _swap_arguments,
    _change_constant,
    _change_variable,
    _delete_line,
    _insert_call,
)
