"""What of a file is no part of any solver, in one line."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from pipeline.diagnostics import NOTE, Diagnostic, Span
from pipeline.frontend.margin import Start

_MOST_NAMED: Final = 4

_KINDS: Final = {
    ast.If: "an if statement",
    ast.For: "a loop",
    ast.While: "a loop",
    ast.Try: "a try statement",
    ast.With: "a with statement",
    ast.Assert: "an assertion",
    ast.Delete: "a `del` statement",
    ast.Raise: "a `raise` statement",
}


def passed_over(path: str, starts: Sequence[Start]) -> list[Diagnostic]:
    """What none of the solvers of a file uses, as one note; none for imports and docstrings."""
    found = [(start, _kind(start)) for start in starts if not start.is_misplaced]
    told = [(start.line + 1, kind) for start, kind in found if kind and not start.is_bad_name]
    if not told:
        return []
    parts = [f"{kind} (line {line})" for line, kind in told[:_MOST_NAMED]]
    more = len(told) - len(parts)
    if more:
        parts.append(f"and {more} more")
    message = f"passed over: {', '.join(parts)}"
    return [Diagnostic(Span(path, told[0][0], 1), "passed-over", message, (), NOTE)]


def _kind(start: Start) -> str:
    """What a statement is called; empty where it says nothing."""
    if start.function:
        return repr(start.function)
    kinds = [_kind_of(node) for node in start.nodes]
    return next(filter(None, kinds), "")


def _kind_of(node: ast.stmt) -> str:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return ""
    if isinstance(node, ast.Expr):
        if isinstance(node.value, ast.Constant):
            return ""
        return "a call" if isinstance(node.value, ast.Call) else "an expression"
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return repr(target.id) if isinstance(target, ast.Name) else "an assignment"
    return _KINDS.get(type(node), "a statement")
