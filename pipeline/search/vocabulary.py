"""What an edit may put into a program: functions by what they take and give, constants that a task
has, pieces of other solvers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from pipeline.data.tasks import Sample
from pipeline.frontend.program import Literal
from pipeline.ir.coerce import cost
from pipeline.ir.types import BOOLEAN, INTEGER, PAIR, VARIABLES, Type
from pipeline.passes.infer import Mismatch, choose
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import ROWS
from pipeline.search.pieces import PieceColumn
from pipeline.search.typed_lines import Shapes

_PAIRS: Final = ((0, 0), (1, 1), (0, 1), (1, 0), (0, -1), (-1, 0), (-1, -1), (2, 2), (3, 3))
_COUNTS: Final = (1, 2, 3, 0, 4, -1, 5)
MOST_SIZES: Final = 8

FIRST_ORDER: Final = tuple([row for row in ROWS if row.expand is None and row.native is not None])
"""What can be called on data."""


@dataclass(slots=True)
class Vocabulary:
    """What edits draw from. literals: by type, the likeliest first; pieces: by type, the smallest
    first; solvers: whole ones.
    """

    shapes: Shapes
    literals: dict[Type, tuple[Literal, ...]]
    pieces: dict[Type, PieceColumn] = field(default_factory=dict)
    solvers: PieceColumn = field(default_factory=PieceColumn)


def literals_of(samples: Iterable[Sample]) -> dict[Type, tuple[Literal, ...]]:
    """The constants that samples suggest: their colours, the commonest last, as those are drawn
    by rarity; their sizes, what these divide by, and counts; directions and small pairs.
    """
    colours: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    shapes: Counter[tuple[int, int]] = Counter()
    for sample in samples:
        for grid in (sample.input, sample.output):
            colours.update({cell for row in grid for cell in row})
            if grid:
                sizes.update({len(grid), len(grid[0])})
                shapes[len(grid), len(grid[0])] += 1
    common = [size for size, _ in sorted(sizes.items(), key=lambda p: (-p[1], p[0]))][:MOST_SIZES]
    seen = sorted(colours, key=lambda c: (-colours[c], c))
    numbers = dict.fromkeys((*seen, *_COUNTS, *common))
    most = [shape for shape, count in sorted(shapes.items()) if count > 1][:MOST_SIZES]
    pairs = dict.fromkeys((*_PAIRS, *most))
    return {
        INTEGER: tuple(map(Literal, numbers)),
        PAIR: tuple(map(Literal, pairs)),
        BOOLEAN: (Literal(True), Literal(False)),
    }


# -- functions


@cache
def similar(row: Primitive) -> tuple[Primitive, ...]:
    """The rows that can stand in the place of one: first those of which an overload is the same,
    then those that take the same, then those that take and give containers, functions and data
    where this one does.
    """
    ranks = (
        lambda s: s.text,
        lambda s: s.text.rpartition(" -> ")[0],
        lambda s: (*[_kind(p) for p in s.parameters], _kind(s.result)),
    )
    found: dict[Primitive, None] = {}
    for rank in ranks:
        own = {rank(signature) for signature in row.overloads}
        for other in ROWS:
            if other is not row and not own.isdisjoint(map(rank, other.overloads)):
                found[other] = None
    return tuple(found)


def _kind(part: Any) -> str:
    """What a parameter is, by and large: a container is one of whatever it holds."""
    return "any" if part.head in VARIABLES else str(part.head)


@cache
def result_of(row: Primitive, types: tuple[Type, ...]) -> Type | None:
    """What a first-order row gives of values of these types; None where it takes none such."""
    if len(types) != row.arity:
        return None
    try:
        return choose(row, types)[2]
    except Mismatch:
        return None


@cache
def callable_on(types: tuple[Type, ...], wanted: Type | None) -> tuple[Primitive, ...]:
    """The first-order rows that take values of these types, and give the type wanted, or any."""
    return tuple(
        [
            row
            for row in FIRST_ORDER
            if row.arity == len(types)
            and (found := result_of(row, types)) is not None
            and (wanted is None or found is wanted)
        ]
    )


@cache
def fits(source: Type, target: Type) -> bool:
    """Whether a value of a type may stand where one of another does, by and large: the types of
    what uses it decide.
    """
    return source is target or cost(source, target) is not None or cost(target, source) is not None
