"""What a place in a written program can name: variables with their types, functions, and words that
mean something else there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pipeline.ir.types import (
    BOOLEAN,
    CELL,
    GRID,
    INDICES,
    INTEGER,
    OBJECT,
    OBJECTS,
    PAIR,
    Type,
    set_of,
    tuple_of,
)

ROW: Final = tuple_of(INTEGER)
INTS: Final = set_of(INTEGER)
PAIRS: Final = tuple_of(PAIR)
GRIDS: Final = tuple_of(GRID)

TYPES: Final = (INTEGER, BOOLEAN, PAIR, GRID, ROW, INTS, PAIRS, INDICES, OBJECT, OBJECTS, GRIDS)
"""What variables are of."""

ELEMENTS: Final = {
    ROW: INTEGER,
    INTS: INTEGER,
    PAIRS: PAIR,
    INDICES: PAIR,
    OBJECT: CELL,
    OBJECTS: OBJECT,
    GRIDS: GRID,
    GRID: ROW,
}
"""What is met in a container when it is iterated."""


@dataclass(frozen=True, slots=True)
class WrittenFunction:
    """The types of a written function's parameters, of which the last ones may be left out, and of
    its result.
    """

    parameters: tuple[Type, ...]
    result: Type
    optional: int = 0


@dataclass(slots=True)
class InScope:
    """The names of a function, or of an expression in it, and those around it.

    taken: words of the DSL or of Python that are something else here. fixed: variables that must
    keep their value or type. result: what the function returns.
    """

    result: Type = GRID
    variables: dict[str, Type] = field(default_factory=dict)
    functions: dict[str, WrittenFunction] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)

    def inner(self, variables: dict[str, Type], result: Type | None = None) -> InScope:
        """A scope in this one, where these variables hide others of their names."""
        hidden = variables.keys()
        return InScope(
            result or self.result,
            {**self.variables, **variables},
            {name: s for name, s in self.functions.items() if name not in hidden},
            self.taken | hidden,
            set(self.fixed),
        )

    def of_type(self, type_: Type) -> list[str]:
        """The variables of a type."""
        return [name for name, each in self.variables.items() if each is type_]
