"""A draft made readable: what the laws of the primitives say is the same, in fewer words.

Rows have laws, equations over the primitives' names that a test proves on random values. One whose
right side is smaller than its left one is a rule here; nothing else is believed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from pipeline.frontend.program import Builtin, Call, Expression, Literal, Variable
from pipeline.primitives.table import ROWS, TABLE
from pipeline.search.drafts import Draft, weight
from pipeline.search.edits import LineChange, apply
from pipeline.search.typed_lines import Shapes, register_of
from pipeline.search.vocabulary import Vocabulary


class Law(NamedTuple):
    """`left` is `right`, whatever the variables are."""

    left: Expression
    right: Expression
    text: str


@cache
def rules() -> tuple[Law, ...]:
    """The laws that make a program smaller, in the order of the rows."""
    found = []
    for row in ROWS:
        for text in row.laws:
            law = _read(text)
            if law is not None and weight(law.right) < weight(law.left):
                found.append(law)
    return tuple(found)


def _read(text: str) -> Law | None:
    """The law that a text is; None where it is no equation of calls."""
    tree = ast.parse(text, mode="eval").body
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        return None
    if not isinstance(tree.ops[0], ast.Eq):
        return None
    left, right = _pattern(tree.left), _pattern(tree.comparators[0])
    if left is None or right is None or left.__class__ is not Call:
        return None
    return Law(left, right, text) if _names(right) <= _names(left) else None


def _pattern(node: ast.expr) -> Expression | None:
    if isinstance(node, ast.Name):
        return Builtin(TABLE[node.id]) if node.id in TABLE else Variable(node.id)
    if isinstance(node, ast.Call) and not node.keywords:
        parts = [_pattern(part) for part in (node.func, *node.args)]
        if None in parts:
            return None
        return Call(parts[0], tuple(parts[1:]))  # type: ignore[arg-type]
    try:
        return Literal(ast.literal_eval(node))
    except ValueError:
        return None


def _names(value: Any) -> set[str]:
    if value.__class__ is Variable:
        return {value.name}
    if value.__class__ is Call:
        return set().union(*map(_names, (value.function, *value.arguments)))
    return set()


def simplified(draft: Draft, shapes: Shapes) -> Draft:
    """The draft after all rules that apply, one after another."""
    vocabulary = Vocabulary(shapes, {})
    while True:
        smaller = next(_smaller(draft, vocabulary), None)
        if smaller is None:
            return draft
        draft = smaller


def _smaller(draft: Draft, vocabulary: Vocabulary) -> Iterator[Draft]:
    """What one rule makes of a draft, wherever it applies."""
    values = {line.register: line.value for line in draft.lines}
    for place, line in enumerate(draft.lines):
        for law in rules():
            bound: dict[str, Any] = {}
            if not _matches(law.left, line.value, values, bound):
                continue
            changed = apply(LineChange(place, _filled(law.right, bound)), draft, vocabulary)
            if changed is not None and changed.size < draft.size:
                yield changed


def _matches(pattern: Any, value: Any, values: dict[int, Any], bound: dict[str, Any]) -> bool:
    """Whether a value is of a pattern; what its variables are is noted. A register is what its line
    says.
    """
    if pattern.__class__ is Variable:
        known = bound.setdefault(pattern.name, value)
        return bool(known == value)
    if value.__class__ is Variable:
        inner = values.get(register_of(value.name))
        return inner is not None and _matches(pattern, inner, values, bound)
    if pattern.__class__ is not Call:
        return bool(pattern == value)
    if value.__class__ is not Call or len(pattern.arguments) != len(value.arguments):
        return False
    parts = zip(
        (pattern.function, *pattern.arguments), (value.function, *value.arguments), strict=True
    )
    return all(_matches(p, v, values, bound) for p, v in parts)


def _filled(pattern: Any, bound: dict[str, Any]) -> Any:
    if pattern.__class__ is Variable:
        return bound[pattern.name]
    if pattern.__class__ is Call:
        parts = [_filled(part, bound) for part in (pattern.function, *pattern.arguments)]
        return Call(parts[0], tuple(parts[1:]))
    return pattern
