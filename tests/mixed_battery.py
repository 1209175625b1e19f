"""A small battery whose lanes end in many ways, and samples for it, for tests of engines.

    image()             the solvers, linked and compiled to instructions
    encoded()           the samples as engines take them
    WANTED              for each solver some of the samples

`count_shapes` is the only solver that calls `objects`, so a device can be made to fail there;
`grow` makes by far the largest grids.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from pipeline.codegen.link import Linked, link
from pipeline.data.tasks import Sample, Task
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.engine.shown import samples_for
from pipeline.ir.status import Limits
from tests.programs_text import graph_of

BODIES: Final = {
    "mirror": "hmirror(I)",
    "choose": "branch(square(I), rot90(I), vmirror(I))",
    "divide_by": "x = divide(SIX, subtract(width(I), TWO)); canvas(x, shape(I))",
    "paint_each": "paint(I, apply(rbind(astuple, ORIGIN), palette(I)))",
    "grow": "n = width(I); f = power(rbind(upscale, THREE), n); f(I)",
    "stretch": "x = interval(ZERO, height(I), ONE); canvas(first(x), UNITY)",
    "count_shapes": "x = objects(I, T, F, F); y = apply(size, x); canvas(maximum(y), shape(I))",
    "one_of_two": "f = branch(square(I), hmirror, vmirror); f(I)",
    "divide_each": "x = apply(lbind(divide, SIX), palette(I)); canvas(size(x), shape(I))",
    "gather": "x = papply(astuple, I, I); y = rot90(I); z = papply(astuple, y, y); "
    "a = rapply(initset(hmirror), I); canvas(add(size(x), size(z)), shape(first(a)))",
    "nested": "x = apply(lbind(shift, asindices(I)), asindices(I)); fill(I, EIGHT, merge(x))",
    "shown": "x = apply(last, S); y = mostcommon(merge(apply(palette, x))); "
    "canvas(y, astuple(size(x), size(first(first(S)))))",
    "some_cell": "x = extract(asobject(I), matcher(first, ZERO)); fill(I, FIVE, initset(last(x)))",
}
SOLVERS: Final = tuple(sorted(BODIES))
FAULTY: Final = SOLVERS.index("count_shapes")
LARGE: Final = SOLVERS.index("grow")
EVERYONE: Final = tuple(range(len(BODIES)))
LIMITS: Final = Limits(elements=12, cells=7_000, total=7_000, turns=4)
GRIDS: Final = (
    ((1, 2), (3, 4)),
    ((5, 5, 5),),
    ((0,), (6,), (7,)),
    ((1, 2, 3), (4, 0, 6), (7, 8, 9)),
    ((3, 3, 1, 0), (0, 1, 0, 1)),
    ((2, 2), (2, 0), (0, 1), (1, 1), (0, 0), (1, 0), (3, 3)),
)
_PAIRS: Final = tuple(
    Sample(grid, (grid[::-1], grid, ((9,),))[k % 3]) for k, grid in enumerate(GRIDS)
)
SAMPLES: Final = (
    *Task("a", _PAIRS[:2], _PAIRS[2:3]).samples,
    *Task("b", _PAIRS[3:4], _PAIRS[4:5]).samples,
    _PAIRS[5],
)
"""Those of two tasks, and one of none."""
WANTED: Final = [[s for s in range(len(SAMPLES)) if s * (k + 1) % 4 < 3] for k in EVERYONE]


@cache
def linked() -> Linked:
    """The solvers, linked."""
    return link((name, graph_of(body, f"{k:08x}")) for k, (name, body) in enumerate(BODIES.items()))


def image() -> Image:
    """The solvers as instructions."""
    return linked().image


def encoded() -> Samples:
    """The samples as engines take them."""
    return samples_for(image(), SAMPLES)
