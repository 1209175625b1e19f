"""Small programs on all sides: the direct interpreter, the reference runtime, compiled kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.trust.agreement.answers import Built, agree, build, direct, generated, label
from pipeline.trust.agreement.fuzzing import CPU, REFERENCE
from tests.compiled import compiled_kernels

GRIDS: Final = (
    ((1, 2), (3, 4)),
    ((0, 0, 0), (0, 1, 0), (2, 0, 1)),
    ((5, 5), (5, 5), (0, 5)),
    ((0, 3, 0),),
    ((0,),),
    (),
)
"""Square ones, a portrait one and a wide one, one cell, none."""


def text_of(statements: str) -> str:
    """A solver of statements separated by semicolons, the last of which returns."""
    lines = [f"    {line.strip()}\n" for line in statements.split(";")]
    return "def solve_xxxxxxxx(I):\n" + "".join(lines)


def built(text: str) -> Built:
    """The program compiled; it must be one."""
    found = build(text)
    assert found.broken is None, found.broken
    assert not found.rejected, found.diagnostics
    return found


def ends(
    text: str, grids: Sequence[Any] = GRIDS, limits: Limits = DEFAULT_LIMITS
) -> list[str | Any]:
    """How a program ends on each grid, in a word; all sides must agree."""
    compiled_kernels()
    program = built(text)
    expected = [direct(program, grid, limits) for grid in grids]
    for backend in (REFERENCE, CPU):
        found = generated(program, list(grids), limits, backend.runner)
        for grid, wanted, got in zip(grids, expected, found, strict=True):
            assert agree(wanted, got), (backend.name, grid, wanted, got)
    return [label(value) for value in expected]
