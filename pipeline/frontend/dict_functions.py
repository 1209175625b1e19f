"""Which functions are given dicts, and which give one.

A dict is no value (see `read_dicts`), so this too is told by the text alone: a parameter is a dict
where its function asks it what only dicts are asked, or its annotation says so, and a function
gives a dict where each of its returns does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Final

from pipeline.frontend.dict_names import dicts_in, is_dict_given, kind_given, kind_key
from pipeline.frontend.scoping import (
    DictKind,
    DictParameter,
    DictUse,
    functions_in,
    own_nodes,
    signatures_in,
)

_ASKED: Final = frozenset(("get", "items", "keys", "values", "most_common"))
_ANNOTATED: Final = frozenset(("dict", "Dict", "Mapping", "Counter", "DefaultDict", "defaultdict"))


def dict_functions(nodes: Iterable[ast.AST], around: Mapping[str, DictUse]) -> dict[str, DictUse]:
    """The functions with names for good in the scope of these statements that have to do with
    dicts; around: those of the scopes around it.
    """
    nodes = [*nodes]
    found: dict[str, DictUse] = {}
    if not any(isinstance(node, ast.FunctionDef) for node in nodes):
        return found
    functions = functions_in(nodes)
    for name in signatures_in(nodes):
        function = functions[name][0]
        if not isinstance(function, ast.FunctionDef):
            continue
        parameters = dict_parameters(function)
        gives = _given_by(function, {**around, **found})
        if parameters and not _is_only_called(name, nodes):
            parameters = {}
        if parameters or gives is not None:
            found[name] = DictUse(parameters, gives)
    return found


def dict_parameters(function: ast.FunctionDef) -> dict[str, DictParameter]:
    """The parameters of a function that are dicts: those that have no defaults and are given
    nothing else.
    """
    spec = function.args
    plain = [*spec.posonlyargs, *spec.args]
    places = {p.arg: k for k, p in enumerate(plain[: len(plain) - len(spec.defaults)])}
    found = {p.arg for p in plain if p.annotation is not None and _says_dict(p.annotation)}
    parted: set[str] = set()
    stored: set[str] = set()
    for node in (part for statement in function.body for part in ast.walk(statement)):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name):
            if isinstance(node, ast.Subscript):
                parted.add(node.value.id)
            elif node.attr in _ASKED:
                found.add(node.value.id)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored.add(node.id)
    names = found & places.keys() - stored
    return {name: DictParameter(places[name], name in parted) for name in sorted(names)}


def _says_dict(node: ast.expr) -> bool:
    """Whether an annotation is that of a dict, as `Dict[int, int]`."""
    whole = node.value if isinstance(node, ast.Subscript) else node
    name = whole.id if isinstance(whole, ast.Name) else getattr(whole, "attr", "")
    return name in _ANNOTATED


def _given_by(function: ast.FunctionDef, around: Mapping[str, DictUse]) -> DictKind | None:
    """The kind of dict that a function gives wherever it ends; None if it is none."""
    if not isinstance(function.body[-1], ast.Return):
        return None
    returned = [n.value for n in own_nodes(function.body) if isinstance(n, ast.Return)]
    gives = {name: use.gives for name, use in around.items() if use.gives is not None}
    if not all(isinstance(v, ast.Name) or is_dict_given(v, gives) for v in returned):
        return None
    own = dicts_in(function.body, gives)
    kinds: dict[tuple[str, str], DictKind] = {}
    for value in filter(None, returned):
        kind = own.get(value.id) if isinstance(value, ast.Name) else kind_given(value, gives)
        if kind is None:
            return None
        kinds[kind_key(kind)] = kind
    return next(iter(kinds.values())) if len(kinds) == 1 else None


def _is_only_called(name: str, nodes: list[ast.AST]) -> bool:
    """Whether a name is read as what is called only."""
    every = [part for node in nodes for part in ast.walk(node)]
    called = {id(part.func) for part in every if isinstance(part, ast.Call)}
    return not any(
        isinstance(part, ast.Name)
        and part.id == name
        and isinstance(part.ctx, ast.Load)
        and id(part) not in called
        for part in every
    )
