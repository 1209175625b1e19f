"""Runs row functions as the compiled backends do: one loop over a column of arguments a call.

    run_native(numbers.add.row, [((1, 2), (INTEGER, INTEGER))])        # [3]

A result is the plain value or the Failure.
"""

from __future__ import annotations

import ctypes
from typing import Any

from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.ir.types import Type
from pipeline.primitives.row import Primitive
from pipeline.runtime import instruction as fields
from pipeline.runtime import kernels
from pipeline.runtime.heap import FULL, SLOTS, TOP, Heap
from tests.compiled import compiled_kernels

LOOP = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, use_errno=False
)

Call = tuple[tuple[Any, ...], tuple[Type, ...]]


def loop_of(row: Primitive) -> Any:
    """The row's loop."""
    return LOOP(kernels.kernels_in(compiled_kernels()).load([row.name])[row.name])


def run_native(
    row: Primitive, calls: list[Call], limits: Limits = DEFAULT_LIMITS, words: int = 1 << 22
) -> list[Any]:
    """What the row gives for each call, each in a scope of its own."""
    heap = Heap(words, limits)
    size = len(calls)
    columns = []
    for k in range(row.arity):
        column = [heap.encode(args[k], types[k]) for args, types in calls]
        columns.append(heap.put_all(column))
    scopes = heap.put_all(list(range(size)))
    domain = heap.put_all([size, scopes, *[0] * (fields.D_WORDS - 2)])
    slots = heap.put_all([domain, 0, *columns])
    instruction = heap.take(fields.STRIDE)
    heap.words[instruction : instruction + fields.STRIDE] = 0
    heap.words[instruction + fields.DEST] = 1
    for k in range(row.arity):
        heap.words[instruction + fields.ARGS + k] = 2 + k
    at = heap.put_all([instruction])
    heap.words[SLOTS] = slots
    guard = int(heap.words[TOP])
    before = heap.words[:guard].copy()
    loop_of(row)(heap.words.ctypes.data, heap.colours.ctypes.data, at, 1)
    if heap.words[FULL]:
        raise MemoryError(f"{row.name} found no room in {words} words")
    before[[TOP, slots + 1]] = heap.words[[TOP, slots + 1]]
    before[16:80] = heap.words[16:80]
    assert (before == heap.words[:guard]).all(), f"{row.name} writes outside of its place"
    column = int(heap.words[slots + 1])
    return [heap.decode(w) for w in heap.words[column : column + size]]
