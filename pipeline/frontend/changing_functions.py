"""Functions that change what belongs to their caller or to the function around them.

What a function changes are its parameters and names from around it: those to parts of which it
assigns, whose lists it makes longer or sorts, which it hands to others that do, and those that it
calls `nonlocal`. That a name may stand for a part of another is followed through assignments and
loops. Too much here costs nothing: such a function is put in where it is called (`put_in`), and
what that means is for the reader to say.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pipeline.frontend.reading import Passage
from pipeline.frontend.scoping import (
    assigned_in,
    functions_in,
    own_nodes,
    parameters_of,
    placed_parameters,
    reads,
    signatures_in,
)

Named = ast.FunctionDef | ast.Lambda
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
CHANGING_METHODS: Final = frozenset(
    (
        *("add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert"),
        *("pop", "popitem", "popleft", "remove", "reverse", "rotate", "setdefault", "sort"),
        *("update", "difference_update", "intersection_update", "symmetric_difference_update"),
    )
)
_OF_PARTS: Final = frozenset(("get", "items", "pop", "popleft", "setdefault", "values"))
_THROUGH: Final = frozenset(("enumerate", "zip", "reversed", "next", "iter", "filter"))


@dataclass(eq=False)
class Scope:
    """The names of a file or of a function; functions: those among them that are always one
    function. owner: the function, None for a file.
    """

    names: set[str]
    parent: Scope | None = None
    owner: NamedFunction | None = None
    functions: dict[str, NamedFunction] = field(default_factory=dict)

    def of(self, name: str) -> Scope | None:
        """The scope that a name belongs to; None for a word of the DSL or of Python."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope

    def function(self, name: str) -> NamedFunction | None:
        """The function that a name is for good."""
        scope = self.of(name)
        return None if scope is None else scope.functions.get(name)


@dataclass(eq=False)
class NamedFunction:
    """A function that a name is for good: where it stands, what it does and what it changes.

    body: a copy of what it does, its parameters under other names once they were assigned.
    """

    name: str
    node: Named
    around: Scope
    passage: Passage
    body: list[ast.stmt] = field(init=False)
    scope: Scope = field(init=False)
    _mutated: frozenset[str] | None = None

    def __post_init__(self) -> None:
        node = self.node
        if isinstance(node, ast.Lambda):
            value = copy.deepcopy(node.body)
            self.body = [ast.copy_location(ast.Return(value), node.body)]
        else:
            self.body = [copy.deepcopy(part) for part in node.body]
            for parameter in parameters_of(node.args):
                _split(self.body, parameter.arg)
        names = {*assigned_in(self.body), *self.parameters} - self.declared
        self.scope = Scope(names, self.around, self)
        self.scope.functions = known_in(self.body, self.scope, self.passage)

    @property
    def parameters(self) -> list[str]:
        """The names of all parameters."""
        return [parameter.arg for parameter in parameters_of(self.node.args)]

    @property
    def declared(self) -> set[str]:
        """The names that it calls `nonlocal` or `global`."""
        parts = [n for n in inside(self.body) if isinstance(n, ast.Nonlocal | ast.Global)]
        return {name for part in parts for name in part.names}

    @property
    def mutated(self) -> frozenset[str]:
        """All names whose values it changes, its own too; none yet where it comes to itself."""
        if self._mutated is None:
            self._mutated = frozenset()
            self._mutated = frozenset(self.declared | _mutated(self))
        return self._mutated

    @property
    def changes(self) -> frozenset[str]:
        """Its parameters, and the names from around it, whose values it changes."""
        own = self.scope.names - {*self.parameters}
        return frozenset(self.mutated - own)

    @property
    def free(self) -> set[str]:
        """The names from around it that it reads or assigns."""
        return (reads(self.body) | {*assigned_in(self.body)}) - self.scope.names


def known_in(nodes: Sequence[ast.stmt], scope: Scope, passage: Passage) -> dict[str, NamedFunction]:
    """The functions that names of a scope are for good."""
    once, found = signatures_in(nodes), functions_in(nodes)
    return {
        name: NamedFunction(name, node, scope, passage)
        for name in once
        for node in found[name][:1]
        if isinstance(node, ast.FunctionDef | ast.Lambda) and name in scope.names
    }


def inside(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes but those that run only when a function in them is called."""
    stack = [*nodes]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack += ast.iter_child_nodes(node)


def matched(known: NamedFunction, node: ast.Call) -> dict[str, ast.expr] | None:
    """The arguments of a call by the parameters that get them, in the order in which they are
    evaluated, defaults last; None where they don't fit or only data tells.
    """
    spec = known.node.args
    placed, defaults = placed_parameters(spec)
    names = [parameter.arg for parameter in placed]
    plain = [parameter.arg for parameter in [*spec.posonlyargs, *spec.args]]
    is_star = any(isinstance(argument, ast.Starred) for argument in node.args)
    if spec.vararg or spec.kwarg or is_star or len(node.args) > len(plain):
        return None
    given = dict(zip(plain, node.args, strict=False))
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in given or keyword.arg not in names:
            return None
        given[keyword.arg] = keyword.value
    for name, default in zip(names[len(names) - len(defaults) :], defaults, strict=True):
        given.setdefault(name, default)
    return given if len(given) == len(names) else None


def roots(node: ast.expr | None) -> set[str]:
    """The names whose values an expression may give, or parts of them."""
    match node:
        case ast.Name(name):
            return {name}
        case ast.Subscript(value, part):
            return set() if isinstance(part, ast.Slice) else roots(value)
        case ast.Starred(value) | ast.NamedExpr(_, value):
            return roots(value)
        case ast.Tuple(values) | ast.List(values) | ast.BoolOp(_, values):
            return set().union(*map(roots, values))
        case ast.IfExp(_, one, two):
            return roots(one) | roots(two)
        case ast.Call(ast.Name(name), values) if name in _THROUGH:
            return set().union(*map(roots, values))
        case ast.Call(ast.Attribute(value, name)) if name in _OF_PARTS:
            return roots(value)
    return set()


def _mutated(known: NamedFunction) -> set[str]:
    """The names whose values a body changes, also as parts or under other names."""
    parts = [*inside(known.body)]
    found: set[str] = set()
    for node in parts:
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found |= roots(node.value)
        elif isinstance(node, ast.AugAssign) and adds_list(node):
            found |= roots(node.target)
        elif isinstance(node, ast.Call):
            found |= _changed_by(known, node)
    stands_for = _stands_for(parts)
    todo = [*found]
    for name in todo:
        todo += stands_for.get(name, set()) - found
        found |= stands_for.get(name, set())
    return found


def adds_list(node: ast.AugAssign) -> bool:
    """Whether it is `xs += [x]`, which makes a list longer that others may have."""
    return isinstance(node.op, ast.Add) and isinstance(node.value, ast.List | ast.ListComp)


def _changed_by(known: NamedFunction, node: ast.Call) -> set[str]:
    """The names whose values a call changes."""
    if isinstance(node.func, ast.Attribute):
        return roots(node.func.value) if node.func.attr in CHANGING_METHODS else set()
    called = known.scope.function(node.func.id) if isinstance(node.func, ast.Name) else None
    if called is None or not called.changes:
        return set()
    given = matched(called, node)
    changed = called.changes - {*called.parameters}
    found = {name for name in changed if known.scope.of(name) is called.scope.of(name)}
    values = [*node.args] if given is None else [v for p, v in given.items() if p in called.changes]
    return found.union(*map(roots, values))


def _stands_for(parts: Sequence[ast.AST]) -> dict[str, set[str]]:
    """The names of which another may be a part."""
    found: dict[str, set[str]] = {}
    for node in parts:
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter)]
        else:
            continue
        for target, value in pairs:
            _note(target, value, found)
    return found


def _note(target: ast.expr, value: ast.expr, found: dict[str, set[str]]) -> None:
    tuples = ast.Tuple | ast.List
    is_pair = isinstance(target, tuples) and isinstance(value, tuples)
    if is_pair and len(target.elts) == len(value.elts):  # type: ignore[attr-defined]
        for one, other in zip(target.elts, value.elts, strict=True):  # type: ignore[attr-defined]
            _note(one, other, found)
        return
    for part in ast.walk(target):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.setdefault(part.id, set()).update(roots(value))


def _split(body: list[ast.stmt], name: str) -> None:
    """Give a parameter another name from where it is first assigned, if that is always reached."""
    for k, node in enumerate(body):
        if not any(_is_stored(part, name) for part in ast.walk(node)):
            continue
        is_plain = isinstance(node, ast.Assign) and len(node.targets) == 1
        target = node.targets[0] if is_plain else None  # type: ignore[attr-defined]
        functions = (part for n in body for part in ast.walk(n) if isinstance(part, _SCOPES))
        is_kept = any(name in _named(part) for part in functions)
        if not isinstance(target, ast.Name) or is_kept:
            return
        for part in (n for later in [target, *body[k + 1 :]] for n in ast.walk(later)):
            if isinstance(part, ast.Name) and part.id == name:
                part.id = f"%{name}.0"
        return


def _is_stored(node: ast.AST, name: str) -> bool:
    is_stored = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    other = getattr(node, "name", None) == name or getattr(node, "rest", None) == name
    return (is_stored and node.id == name) or other  # type: ignore[attr-defined]


def _named(node: ast.AST) -> set[str]:
    """All names in a node, whatever they mean."""
    found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return found | {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}


def bound_inside(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that comprehensions and functions in these have for themselves."""
    nodes = [*nodes]
    found: set[str] = set()
    for node in (part for n in nodes for part in ast.walk(n)):
        if isinstance(node, ast.comprehension):
            found |= _named(node.target)
        elif isinstance(node, ast.FunctionDef | ast.Lambda):
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            found |= {p.arg for p in parameters_of(node.args)} | {*assigned_in(body)}
    return found


def is_simple(known: NamedFunction) -> bool:
    """Whether a function has nothing that only a function can have."""
    node = known.node
    odd = (ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.ClassDef, ast.AsyncFunctionDef)
    odd += (ast.Try, ast.With, ast.Import, ast.ImportFrom)  # type: ignore[assignment]
    is_plain = not (node.args.vararg or node.args.kwarg or getattr(node, "decorator_list", []))
    return is_plain and not any(isinstance(part, odd) for part in own_nodes(known.body))
