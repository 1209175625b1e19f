"""Which names are dicts, and what makes a dict: as the text alone tells it (see `read_dicts`)."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from pipeline.frontend.scoping import DictKind, dumped, own_nodes, reads


def dicts_in(
    nodes: Iterable[ast.AST], gives: Mapping[str, DictKind] | None = None
) -> dict[str, DictKind]:
    """The names of a scope that are given dicts, all of one kind, by all that assigns them; gives:
    the functions that give dicts.
    """
    gives = gives or {}
    nodes = [*nodes]
    stored: Counter[str] = Counter()
    given: dict[str, list[ast.expr]] = {}
    for node in own_nodes(nodes):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored[node.id] += 1
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            stored[node.name] += 1
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for name, value in _given_in(node, gives):
                given.setdefault(name, []).append(value)
    found = {}
    for name, makers in given.items():
        kinds = {kind_key(kind): kind for kind in (kind_given(m, gives) for m in makers)}
        if len(makers) == stored[name] and len(kinds) == 1:
            (kind,) = kinds.values()
            is_strict = kind.maker == "defaultdict" and _is_noticed(name, nodes)
            found[name] = kind._replace(is_strict=is_strict)
    return found


def _given_in(
    node: ast.Assign | ast.AnnAssign, gives: Mapping[str, DictKind]
) -> list[tuple[str, ast.expr]]:
    """The names to which a statement gives dicts, with these."""
    parts = taken_apart(node) if isinstance(node, ast.Assign) else None
    if parts is not None:
        return [pair for part in parts for pair in _given_in(part, gives)]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if node.value is None or not is_dict_given(node.value, gives) or len(targets) != 1:
        return []
    return [(targets[0].id, node.value)] if isinstance(targets[0], ast.Name) else []


def taken_apart(node: ast.Assign) -> list[ast.Assign] | None:
    """`a, b = [], {}` as `a = []` and `b = {}`, where a value makes a container, and no value asks
    for what those before it are given; None for any other assignment.
    """
    (target, *others), whole = node.targets, node.value
    if others or not isinstance(target, ast.Tuple) or not isinstance(whole, ast.Tuple):
        return None
    names = [part.id for part in target.elts if isinstance(part, ast.Name)]
    values = whole.elts
    if not len(names) == len(set(names)) == len(target.elts) == len(values):
        return None
    if not any(isinstance(value, _MADE) or makes_dict(value) for value in values):
        return None
    if not all(_is_apart(value, set(names[:k])) for k, value in enumerate(values)):
        return None
    pairs = zip(target.elts, values, strict=True)
    return [ast.copy_location(ast.Assign([one], value), node) for one, value in pairs]


_MADE: Final = (ast.List, ast.Set, ast.ListComp, ast.SetComp, ast.Call)
_CALLED: Final = frozenset(("deque", "len", "list", "range", "set", "sorted", "tuple"))


def _is_apart(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression reads none of these names, nor calls what might."""
    called = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    are_known = all(
        isinstance(function, ast.Name) and function.id in (*_CALLED, *MAKERS_OF_DICTS)
        for function in called
    )
    return are_known and names.isdisjoint(reads([node]))


MAKERS_OF_DICTS: Final = ("dict", "defaultdict", "Counter", "OrderedDict")


def makes_dict(node: ast.expr) -> bool:
    """Whether an expression makes a dict, whatever names mean: a display or `dict(...)`."""
    return isinstance(node, ast.Dict | ast.DictComp) or maker_of(node) in MAKERS_OF_DICTS


def is_dict_given(node: ast.expr | None, gives: Mapping[str, DictKind]) -> bool:
    """Whether an expression makes a dict, or calls one of the functions that give one."""
    return node is not None and (makes_dict(node) or _function_called(node) in gives)


def kind_given(node: ast.expr, gives: Mapping[str, DictKind]) -> DictKind:
    """The kind of a dict that such an expression gives."""
    return kind_of(node) if makes_dict(node) else gives[_function_called(node)]


def _function_called(node: ast.expr) -> str:
    is_named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return node.func.id if is_named else ""  # type: ignore[attr-defined]


def maker_of(node: ast.expr) -> str:
    """The name of what is called, also behind `collections.`; that of a display is `dict`."""
    if isinstance(node, ast.Dict | ast.DictComp):
        return "dict"
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr if function.value.id == "collections" else ""
    return function.id if isinstance(function, ast.Name) else ""


_FACTORIES: Final = {"int": "0", "bool": "False", "list": "()", "tuple": "()", "set": "set()"}


def kind_of(node: ast.expr) -> DictKind:
    """The kind of a dict that an expression makes; the makers that differ by nothing are one."""
    maker, default = maker_of(node), _default_of(node)
    return DictKind("dict" if default is None else maker, default)


def kind_key(kind: DictKind) -> tuple[str, str]:
    """What is equal for dicts of one kind."""
    return kind.maker, "" if kind.default is None else dumped(kind.default)


def _default_of(node: ast.expr) -> ast.expr | None:
    """What a dict gives for a key that it has not."""
    maker = maker_of(node)
    if maker == "Counter":
        return ast.Constant(0)
    args = node.args if maker == "defaultdict" and isinstance(node, ast.Call) else []
    if args and isinstance(args[0], ast.Lambda) and not args[0].args.args:
        return args[0].body
    if args and isinstance(args[0], ast.Name) and args[0].id in _FACTORIES:
        return ast.parse(_FACTORIES[args[0].id], mode="eval").body
    return None


def _is_noticed(name: str, nodes: Iterable[ast.AST]) -> bool:
    """Whether it matters which keys a dict has: whether it is read other than by `d[k]`."""
    every = [part for node in nodes for part in ast.walk(node)]
    parts = {id(part.value) for part in every if isinstance(part, ast.Subscript)}
    return any(
        isinstance(part, ast.Name)
        and part.id == name
        and isinstance(part.ctx, ast.Load)
        and id(part) not in parts
        for part in every
    )
