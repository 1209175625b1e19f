"""Runs on devices that are none: how much memory they have, and into what it is divided."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.engine.cuda import cuda_engine
from pipeline.engine.engine import Block

MEMORY = 16 << 20
"""Bytes of a device that has enough for every lane."""

SIZES = {"HEAP_WORDS": 1 << 16, "LEAST_HEAP_WORDS": 1 << 14, "GRID_WORDS": 1 << 15}
"""Constants of `cuda_engine` with which several teams have room."""

Stretches = list[tuple[int, int, list[int] | None]]
"""Blocks as plain data: first and last sample, and solvers, all if None."""


def blocks_in(stretches: Stretches) -> list[Block]:
    """The blocks."""
    return [Block(first, last, None if s is None else tuple(s)) for first, last, s in stretches]


@contextmanager
def with_sizes(sizes: dict[str, int]) -> Iterator[None]:
    """SIZES and these constants for the engine."""
    before = {name: getattr(cuda_engine, name) for name in SIZES | sizes}
    try:
        for name, size in (SIZES | sizes).items():
            setattr(cuda_engine, name, size)
        yield
    finally:
        for name, size in before.items():
            setattr(cuda_engine, name, size)
