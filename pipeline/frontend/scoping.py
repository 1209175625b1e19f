"""Which names belong to which function, by Python's rules, and which functions call themselves.

A function's own names are its parameters and those that it assigns anywhere; a comprehension's are
its targets. Every other name is that of the scope around it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pipeline.frontend.fresh import Making, Unshared
from pipeline.frontend.python_library import MODULES, Key, imported

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class DictKind(NamedTuple):
    """What makes a dict, and what `d[k]` gives in it where the key is missing (None: nothing, it
    fails). is_strict: whether reading it there would be noticed, as the dict would get the key.
    """

    maker: str
    default: ast.expr | None = None
    is_strict: bool = False


class DictParameter(NamedTuple):
    """A parameter that is a dict; has_parts: whether its function asks for `d[k]`, so that it must
    be a plain one, which fails where the key is missing.
    """

    place: int
    has_parts: bool


class DictUse(NamedTuple):
    """What a function has to do with dicts: the parameters that are some, and what it gives."""

    parameters: dict[str, DictParameter]
    gives: DictKind | None


@dataclass(slots=True, eq=False)
class NameScope:
    """The names of a file, a function or a comprehension while it is read.

    assigned: its own names, each with the line of the file that assigns it first. seen: those of
    them that were assigned so far. wrong: those whose value was reported, so that their uses are
    not. repeated: those that each loop around the place at hand assigns. functions: the parameters
    of functions that have a name for good. circles: the functions that come back to themselves.
    hidden: of a file, the names that the solver has for itself, which its functions don't see.
    fresh: the lists and sets that may change. constants: the names that are assigned once. dicts:
    those that are dicts (see `read_dicts`). library: what was imported of the standard library.
    nodes: the statements of the function. given: what each of its returns gives, if that is a list
    or a set of its own. gives: what functions of the scope give so. uses: those that are given
    dicts, or give one; gives_dict: whether the function itself does. rows_of: of a comprehension,
    the names that stand for the elements of a list, and what that is called.
    """

    assigned: dict[str, int]
    parent: NameScope | None = None
    kind: str = "function"
    seen: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)
    repeated: list[frozenset[str]] = field(default_factory=list)
    functions: dict[str, ast.arguments] = field(default_factory=dict)
    circles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    constants: set[str] = field(default_factory=set)
    dicts: dict[str, DictKind] = field(default_factory=dict)
    fresh: Unshared = field(default_factory=Unshared)
    library: dict[str, Key] = field(default_factory=dict)
    nodes: list[ast.AST] = field(default_factory=list)
    rows_of: dict[str, str] = field(default_factory=dict)
    given: list[Making | None] = field(default_factory=list)
    gives: dict[str, Making] = field(default_factory=dict)
    uses: dict[str, DictUse] = field(default_factory=dict)
    gives_dict: bool = False

    @property
    def gives_always(self) -> Making | None:
        """The list or set that the function gives wherever it ends, which nobody else has."""
        first, *rest = self.given or [None]
        if first is None or any(one is None or one.kind != first.kind for one in rest):
            return None
        every = [one for one in (first, *rest) if one is not None]
        holds = {one.holds for one in every} - {""}
        has_rows = all(one.has_rows for one in every) and len(holds) < 2
        return Making(first.kind, has_rows, "".join(holds) if has_rows else "")

    @property
    def unread(self) -> set[str]:
        """Its names that nothing reads."""
        return self.assigned.keys() - reads(self.nodes)

    def spoken(self, name: str) -> str:
        """What a name of the scope is called in the program, where each name is there once."""
        return f"%{name}" if name in self.hidden else name

    @property
    def holder(self) -> NameScope:
        """The function, or the file, that the scope is in: where `:=` assigns."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope


def parameters_of(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters of a function, `*args` and `**options` too."""
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*plain, *filter(None, (arguments.vararg, arguments.kwarg))]


def placed_parameters(arguments: ast.arguments) -> tuple[list[ast.arg], list[ast.expr]]:
    """The parameters but for `*args` and `**options` in an order in which all that have defaults
    come last, and those: what a keyword alone can give stands behind its like.
    """
    plain = [*arguments.posonlyargs, *arguments.args]
    words = [*zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    first = len(plain) - len(arguments.defaults)
    needed = [*plain[:first], *(word for word, default in words if default is None)]
    given = [(word, default) for word, default in words if default is not None]
    defaults = [*arguments.defaults, *(default for _, default in given)]
    return [*needed, *plain[first:], *(word for word, _ in given)], defaults


def body_of(function: Function) -> list[ast.stmt] | list[ast.expr]:
    """What runs when the function is called."""
    return [function.body] if isinstance(function, ast.Lambda) else function.body


_LEAVES: Final = frozenset(
    (ast.Name, ast.Constant, ast.Load, ast.Store, ast.Eq, ast.Add, ast.Sub, ast.Lt, ast.And)
)
"""The most frequent nodes that have nothing inside them, or no more than how they are used."""


def own_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes that run in the scope of these, in the order of the text: of a function only what
    runs where it stands, of a comprehension its first container and what it assigns by `:=`; what
    is written of types is not among them.
    """
    stack = [*nodes][::-1]
    while stack:
        node = stack.pop()
        yield node
        if type(node) in _LEAVES:
            continue
        if isinstance(node, _FUNCTIONS):
            inner: list[ast.AST] = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
            inner += getattr(node, "decorator_list", [])
        elif isinstance(node, ast.ClassDef):
            inner = [*node.bases, *node.decorator_list]
        elif isinstance(node, COMPREHENSIONS):
            inner = [node.generators[0].iter]
            yield from (n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
        elif isinstance(node, ast.AnnAssign):
            inner = [node.target, *filter(None, (node.value,))]
        else:
            inner = [*ast.iter_child_nodes(node)]
        stack.extend(reversed(inner))


def assigned_in(nodes: Iterable[ast.AST]) -> dict[str, ast.AST]:
    """The names that belong to the scope of these statements, with the first node of each."""
    found: dict[str, ast.AST] = {}
    for node in own_nodes(nodes):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update({name: node for name in _other_names(node) if name not in found})
        elif isinstance(node, ast.Lambda | ast.alias):
            continue
        elif isinstance(name := _name_of(node), str):
            found.setdefault(name, node)
    return found


def sure_parts(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that are evaluated once whatever their values are."""
    yield node
    if isinstance(node, _FUNCTIONS | COMPREHENSIONS):
        return
    inner: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.IfExp):
        inner = [node.test]
    elif isinstance(node, ast.BoolOp):
        inner = [node.values[0]]
    elif isinstance(node, ast.Compare):
        inner = [node.left, node.comparators[0]]
    for part in inner:
        yield from sure_parts(part)


def with_part(node: Any, part: ast.AST, other: ast.AST) -> Any:
    """The same statement with another part in the place of one."""
    if node is part:
        return other
    if isinstance(node, list):
        return [with_part(item, part, other) for item in node]
    if not isinstance(node, ast.AST):
        return node
    fields = {name: with_part(value, part, other) for name, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**fields), node)


def dumped(node: Any) -> str:
    """What is equal for nodes that say the same, wherever they stand.

    `ast.dump` leaves a circle behind, which only the collector finds.
    """
    if isinstance(node, list):
        return f"[{', '.join(map(dumped, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [dumped(value) for _, value in ast.iter_fields(node)]
    return f"{type(node).__name__}({', '.join(fields)})"


def changed_names(node: ast.AST) -> set[str]:
    """The names that a statement of a file assigns, or whose values it changes; of an import only
    other names for words of the DSL, and what matters of the standard library.
    """
    if isinstance(node, ast.Import | ast.ImportFrom):
        return _other_names(node) | imported([node]).keys()
    found = set(assigned_in([node]))
    for part in own_nodes([node]):
        if isinstance(part, ast.Subscript | ast.Attribute):
            inner = part.value
            is_changed = isinstance(part.ctx, ast.Store) or isinstance(node, ast.Expr)
            if isinstance(inner, ast.Name) and is_changed:
                found.add(inner.id)
    return found


def _other_names(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The names that an import gives to words of the DSL."""
    if isinstance(node, ast.Import) or node.module in MODULES:
        return set()
    return {alias.asname for alias in node.names if alias.asname}


def _name_of(node: ast.AST) -> str | None:
    """The name that a node other than a variable gives: a function, a class, `except ... as`."""
    return getattr(node, "name", None) or getattr(node, "rest", None)


def reads(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that these read from their own scope or from around it, functions in them too."""
    found: set[str] = set()
    for node in own_nodes(nodes):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                found.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, _FUNCTIONS):
            found |= reads_when_called(node)
        elif isinstance(node, ast.ClassDef):
            found |= reads(node.body)
        elif isinstance(node, COMPREHENSIONS):
            found |= inner_reads(node)
    return found


def reads_when_called(function: Function) -> set[str]:
    """The names from around a function that its body reads."""
    body = body_of(function)
    own = {parameter.arg for parameter in parameters_of(function.args)}
    return reads(body) - own - assigned_in(body).keys()


def inner_reads(node: ast.expr) -> set[str]:
    """The names from around a comprehension that it reads for each element."""
    first, *rest = node.generators  # type: ignore[attr-defined]
    parts = [getattr(node, part, None) for part in ("elt", "key", "value")]
    inner = [*filter(None, parts), *first.ifs]
    targets = [first.target]
    for clause in rest:
        inner += [clause.iter, *clause.ifs]
        targets.append(clause.target)
    names = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return reads(inner) - names


def functions_in(nodes: Iterable[ast.AST]) -> dict[str, list[Function]]:
    """The functions that have names in the scope of these statements."""
    found: dict[str, list[Function]] = {}
    for node in own_nodes(nodes):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Assign | ast.NamedExpr) and isinstance(node.value, ast.Lambda):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return found


def signatures_in(nodes: Iterable[ast.AST]) -> dict[str, ast.arguments]:
    """The parameters of the functions whose names are assigned nothing else."""
    nodes = [*nodes]
    times: dict[str, int] = {}
    for node in own_nodes(nodes):
        name = node.id if isinstance(node, ast.Name) and not _is_read(node) else _name_of(node)
        if isinstance(name, str):
            times[name] = times.get(name, 0) + 1
    found = functions_in(nodes)
    return {name: f[0].args for name, f in found.items() if len(f) == times.get(name) == 1}


def added_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The names that get other values by `+=` and its like before any value of their own."""
    own: set[str] = set()
    for node in own_nodes(nodes):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            if node.target.id not in own:
                yield node.target.id
        elif isinstance(node, ast.Assign):
            own |= {t.id for t in node.targets if isinstance(t, ast.Name)}


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def circles_in(functions: Mapping[str, list[Function]]) -> dict[str, tuple[str, ...]]:
    """The functions that come back to themselves, each with the names along the way."""
    calls = {
        name: sorted(set().union(*map(reads_when_called, made)) & functions.keys())
        for name, made in functions.items()
    }
    return {name: way for name in calls if (way := _way_back(calls, name))}


def _way_back(calls: Mapping[str, list[str]], start: str) -> tuple[str, ...]:
    """The shortest way from a function to itself, without its end; empty if there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for name in calls[way[-1]]:
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
