"""The names of libraries, as programs have them, in Python's tree of a text that uses them.

Only a name that the text takes from around it is a library's: what a function assigns is its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.frontend.scoping import assigned_in, body_of, parameters_of

_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Renaming(ast.NodeTransformer):
    """Gives names, and modules' names behind a dot, what they are called in the program.

    A statement that is changed has the attribute `is_translated`.
    """

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self.meanings = meanings
        self.own: list[set[str]] = []
        self.changes = 0

    def visit(self, node: ast.AST) -> Any:
        """A node with other names; a statement also knows whether it was changed."""
        before = self.changes
        made = super().visit(node)
        if isinstance(node, ast.stmt) and self.changes != before:
            made.is_translated = True
        return made

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A variable."""
        node.id = self._spoken(node.id) or node.id
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """`shapes.largest`, where `shapes` is imported."""
        spoken = self._spoken(_dotted(node))
        if spoken is None:
            return self.generic_visit(node)
        return ast.copy_location(ast.Name(spoken, node.ctx), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function: its name is of the scope around it."""
        node.name = self._spoken(node.name) or node.name
        return self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """A class, which no solver has: its name is told as others are."""
        node.name = self._spoken(node.name) or node.name
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        """An import of names, or of modules: what is of libraries is there without it."""
        return self._import(node)

    def visit_Import(self, node: ast.Import) -> ast.AST:
        """The same of whole modules."""
        return self._import(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> ast.AST:
        for alias in node.names:
            name = alias.asname or alias.name
            is_name = self.meanings.get(name, "").endswith(f".{alias.name}")
            if not is_name and not any(m.startswith(f"{name}.") for m in self.meanings):
                return self.generic_visit(node)
        return self._nothing(node)

    def _nothing(self, node: ast.stmt) -> ast.AST:
        self.changes += 1
        return ast.copy_location(ast.Pass(), node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """A function without a name."""
        return self._function(node)

    def visit_alias(self, node: ast.alias) -> ast.AST:
        """`from dsl import name as other`, in a library."""
        if node.asname:
            node.asname = self._spoken(node.asname) or node.asname
        return node

    def _function(self, node: Any) -> ast.AST:
        spec: ast.arguments = node.args
        spec.defaults = [self.visit(part) for part in spec.defaults]
        spec.kw_defaults = [part and self.visit(part) for part in spec.kw_defaults]
        names = [p.arg for p in parameters_of(spec)]
        self.own.append({*names, *_assigned(body_of(node))})
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        else:
            node.body = [self.visit(part) for part in node.body]
        self.own.pop()
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Any other node; the targets of a comprehension are its own."""
        if not isinstance(node, _COMPREHENSIONS):
            return super().generic_visit(node)
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        targets = [n for g in node.generators for n in ast.walk(g.target)]
        self.own.append({n.id for n in targets if isinstance(n, ast.Name)})
        for k, clause in enumerate(node.generators):
            clause.iter = self.visit(clause.iter) if k else clause.iter
            clause.ifs = [self.visit(part) for part in clause.ifs]
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                setattr(node, part, self.visit(getattr(node, part)))
        self.own.pop()
        return node

    def _spoken(self, name: str) -> str | None:
        """What a name is called in the program; None for one that is no library's here."""
        spoken = self.meanings.get(name)
        if spoken is None or any(name.split(".")[0] in own for own in self.own):
            return None
        self.changes += 1
        return spoken


def _dotted(node: ast.expr) -> str:
    """`a.b.c` as it is written; empty for anything else."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


def _assigned(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that a function assigns, imports aside: those that libraries have are theirs."""
    imports = ast.Import | ast.ImportFrom
    return {name for name, node in assigned_in(nodes).items() if not isinstance(node, imports)}
