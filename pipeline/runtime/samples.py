"""Samples as compiled backends take them: all grids encoded once, in one array."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from pipeline.primitives.words import GRID


@dataclass(frozen=True, slots=True)
class Samples:
    """Input grids, and expected outputs where they are known, encoded once for all blocks.

    words: the encoded grids one after another; inputs, outputs: for each sample where in `words`
    its grid begins, -1 for none; starts: where the words of a sample begin, and the end.
    """

    words: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)


def encode_samples(pairs: Iterable[tuple[Any, Any]]) -> Samples:
    """Encode pairs of an input grid and the expected output, or None."""
    grids = [grid for pair in pairs for grid in pair]
    shapes = np.array([_shape(grid) for grid in grids], np.int64).reshape(-1, 2)
    heights, widths = shapes[:, 0], shapes[:, 1]
    words = np.where(heights < 0, 0, 1 + (heights * widths + 1) // 2)
    ends = np.cumsum(words)
    places = np.where(heights < 0, -1, ends - words)
    encoded = np.zeros(int(ends[-1]) if len(ends) else 0, np.int64)
    there = places >= 0
    encoded[places[there]] = heights[there] << 32 | widths[there] << 2 | GRID
    colours = encoded.view(np.int32)
    for grid, place, height, width in zip(
        grids, (2 * places + 2).tolist(), heights.tolist(), widths.tolist(), strict=True
    ):
        if height * width > 0:
            colours[place : place + height * width] = _cells(grid)
    starts = np.concatenate([np.zeros(1, np.int64), ends[1::2]])
    return Samples(encoded, places[0::2], places[1::2], starts)


def _shape(grid: Any) -> tuple[int, int]:
    """Height and width; -1 and 0 for no grid."""
    if grid is None:
        return -1, 0
    return len(grid), len(grid[0]) if grid else 0


def _cells(grid: Any) -> np.ndarray:
    """The cells of a grid, row by row: by way of bytes, which is quick, where the colours fit."""
    try:
        return np.frombuffer(bytes(chain.from_iterable(grid)), np.uint8)
    except ValueError:
        return np.array(grid, np.int32).ravel()
