"""Kernels write no word behind the end of their heap, wherever that is, and say so if it is full.

The heap is longer here than its kernels know: what stands behind must stay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.engine.cpu import CpuWorker
from pipeline.engine.engine import Block
from pipeline.engine.samples import encode_samples
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.kernels.heap import BASE, DONE, END, FULL, JUMP, TOP
from tests.by_hand import ByHand
from tests.columns import engine_of
from tests.kernels import test_conversions, test_loops, test_structure
from tests.kernels.test_structure import GRIDS

PROGRAMS: dict[str, Callable[[Any], Any]] = {
    **test_structure.CASES,
    **test_loops.CASES,
    **{f.__doc__ or "": f for f in test_conversions.EXPECTED},
}
ENDS = 23
UNTOUCHED = -987_654_321


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_written_behind_the_end_by(name: str) -> None:
    made = ByHand()
    made.verdict(0, made.lanes(0), PROGRAMS[name](made), after=())
    engine = engine_of(made.image(), DEFAULT_LIMITS)
    samples = encode_samples([(grid, None) for grid in GRIDS])
    worker = CpuWorker(engine, samples, "none")
    words, colours = worker.heap.words, worker.heap.colours
    batch = worker.begin([Block(0, len(samples), None)])
    begin = int(words[BASE])

    def run(end: int) -> list[int]:
        """The heap after a run that may use so much of it."""
        words[begin:] = 0
        words[end:] = UNTOUCHED
        words[[TOP, END, FULL, JUMP, DONE]] = begin, end, 0, 0, 0
        worker.drive(words.ctypes.data, colours.ctypes.data, batch.table, 1)
        assert np.all(words[end:] == UNTOUCHED)
        assert words[FULL] == 1 - words[DONE]
        found: list[int] = words[begin : int(words[TOP])].tolist()
        return found

    whole = run(len(words))
    assert words[FULL] == 0
    for end in sorted({begin + len(whole) * k // ENDS for k in range(1, ENDS)}):
        run(end)
    for fits in range(begin + len(whole) + 1, len(words), 64):
        found = run(fits)
        if not words[FULL]:
            assert found == whole
            return
    raise AssertionError("no heap is large enough")
