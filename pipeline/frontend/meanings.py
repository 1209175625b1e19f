"""What primitives mean for values of types that none of their overloads takes.

The published DSL looks at no types: a grid is a patch whose locations are its rows, a pair is a
grid of numbers, whatever is compared is equal or is not. What follows from that is written here in
the language of solvers, one function for each primitive, by its name behind `any_`. Both answers
run it where they would end with types that don't fit: the direct interpreter calls it, the passes
put it in. So it means the same in both, and costs nothing where types fit.

Parameters behind those of the primitive are rows that ask for types (see `primitives.kinds`).
"""

from __future__ import annotations

from functools import cache
from typing import Final

from pipeline.frontend.meanings_text import TEXT
from pipeline.frontend.parse import parse
from pipeline.frontend.program import Lambda
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import INTERNAL

_BEFORE: Final = "any_"


@cache
def meanings() -> dict[str, Lambda]:
    """The functions, by the names of the primitives."""
    program = parse(f"def solve_0(I):\n{TEXT}\n    return I\n", "meanings")
    return {
        s.target.removeprefix(_BEFORE): s.value
        for s in program.statements
        if isinstance(s.value, Lambda)
    }


def meaning_of(row: Primitive) -> tuple[Lambda, tuple[Primitive, ...]] | None:
    """The function of a primitive, and the rows that it takes behind the arguments, if any."""
    found = meanings().get(row.name)
    if found is None:
        return None
    return found, tuple([INTERNAL[name] for name in found.parameters[row.arity :]])
