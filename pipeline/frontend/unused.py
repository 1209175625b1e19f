"""Which statements of a program give a value that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.frontend.program import Assigned, Program, Variable


def unused_statements(program: Program) -> frozenset[int]:
    """The numbers of the statements whose value is not needed for what the program returns: no
    statement that is needed reads its name, wherever it stands. None where a part is wrong: what it
    needs is not known.
    """
    if program.is_partial:
        return frozenset()
    reads = [frozenset(_names(statement.value)) for statement in program.statements]
    needed = {
        number
        for number, statement in enumerate(program.statements)
        if statement.target in ("return", "") or None in reads[number]
    }
    wanted = {name for number in needed for name in reads[number]}
    grows = True
    while grows:
        found = {n for n, s in enumerate(program.statements) if s.target in wanted} - needed
        needed |= found
        wanted |= {name for number in found for name in reads[number]}
        grows = bool(found)
    return frozenset(range(len(program.statements))) - needed


def _names(part: Any) -> Iterator[str | None]:
    """The variables in an expression; None where it gives another name a value."""
    if isinstance(part, Variable):
        yield part.name
    elif isinstance(part, tuple):
        if isinstance(part, Assigned):
            yield None
        for inner in part:
            yield from _names(inner)
