"""What tests of a battery in memory share: small samples, random programs, small limits."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

from pipeline.config.config import Cache, Config
from pipeline.data.tasks import Grid
from pipeline.engine.cpu import Room
from pipeline.ir.status import Limits
from pipeline.trust.programs.expressions import small_grid
from pipeline.trust.programs.writer import random_program
from tests.compiled import compiled_kernels

LIMITS = Limits(elements=20, cells=40, integer=40, total=60, turns=3)
"""So small that a good part of random lanes runs into each."""

TINY = Room(constants=400, extras=2_000, instructions=600, slots=900)
"""Room for a dozen random programs."""


def config_of(threads: int = 1, limits: Limits = LIMITS, memory_mib: int = 0) -> Config:
    """A configuration; the kernels, all compiled, are those of the repository."""
    cache = Cache(dir=str(compiled_kernels().parent))
    return Config(threads=threads, memory_mib=memory_mib, budget=limits, cache=cache)


@cache
def drawn(count: int, seed: str = "in memory") -> tuple[str, ...]:
    """Random programs of 2 to 6 lines."""
    return tuple(random_program(random.Random(f"{seed} {k}"), 2 + k % 5) for k in range(count))


@cache
def grid_pairs(count: int) -> tuple[tuple[Grid, Grid | None], ...]:
    """Small grids with their mirror images, with others, and with no output, in turns."""
    source = random.Random(7)
    grids = [grid for grid in (small_grid(source) for _ in range(3 * count)) if grid and grid[0]]
    outputs = [(grid[::-1], other, None) for grid, other in pairwise(grids)]
    return tuple((grids[k], outputs[k][k % 3]) for k in range(count))


def solver(*lines: str) -> str:
    """A solver's text from its statements, the last one an expression that is returned."""
    *statements, result = lines
    body = "".join(f"    {line}\n" for line in statements)
    return f"def solve_0a1b2c3d(I):\n{body}    return {result}\n"
