"""Which statements of a program give a value that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pipeline.frontend.program import Assigned, Lambda, Program, Statement, Variable


def unused_statements(program: Program) -> frozenset[int]:
    """The numbers of the statements whose value no other statement needs, but such as these. None
    where a part is wrong: what it needs is not known.
    """
    if program.is_partial:
        return frozenset()
    facts = [_names_of(statement) for statement in program.statements]
    late = frozenset(name for _, late_names, _ in facts for name in late_names)
    live, unused = set(late), set()
    for number in range(len(facts) - 1, -1, -1):
        target = program.statements[number].target
        names, _, assigns = facts[number]
        if target in ("", "return") or target in live or assigns:
            live -= {target} - late
            live |= names
        else:
            unused.add(number)
    return frozenset(unused)


@lru_cache(maxsize=10_000)
def _names_of(statement: Statement) -> tuple[frozenset[str], frozenset[str], bool]:
    """The names that a statement reads, those that functions in it may read when they are called,
    and whether its expression gives another name a value.
    """
    value = statement.value
    return frozenset(_names(value)), frozenset(_late_names(value)), _assigns(value)


def _parts_of(value: Any) -> Iterator[Any]:
    """An expression or a compound, and all in it."""
    yield value
    if isinstance(value, tuple) and not isinstance(value, Variable):
        for part in value:
            if isinstance(part, tuple):
                yield from _parts_of(part)


def _assigns(value: Any) -> bool:
    """Whether an expression gives another name a value."""
    return any(isinstance(part, Assigned) for part in _parts_of(value))


def _names(value: Any) -> Iterator[str]:
    """The names that are read."""
    return (part.name for part in _parts_of(value) if isinstance(part, Variable))


def _late_names(value: Any) -> Iterator[str]:
    """The names that functions in it may read when they are called."""
    for part in _parts_of(value):
        if isinstance(part, Lambda):
            yield from _names(part.body)
