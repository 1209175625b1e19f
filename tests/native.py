"""Runs row functions as the compiled backends do: one loop over a column of arguments a call.

    run_native(numbers.add.row, [((1, 2), (INTEGER, INTEGER))])        # [3]

A result is the plain value or the Failure.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.ir.types import Type
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import END, FULL, HEADER, SCRATCH, SLOTS, TOP, Heap
from pipeline.kernels.processor import kernels_in
from pipeline.primitives.row import Primitive, Signature
from pipeline.primitives.table import BY_NAME
from tests.compiled import compiled_kernels

LOOP = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, use_errno=False
)

UNTOUCHED = 0x5A5A5A5A5A5A5A5A
"""What nothing that a row makes looks like."""

Call = tuple[tuple[Any, ...], tuple[Type, ...]]


def shares(row: Primitive) -> list[tuple[Primitive, Primitive, tuple[Signature, ...]]]:
    """The row, which row does its work, and for which overloads."""
    found: dict[str, list[Signature]] = {}
    for signature, name in zip(row.overloads, row.same_as, strict=False):
        found.setdefault(name or row.name, []).append(signature)
    found = found or {row.name: list(row.overloads)}
    return [(row, BY_NAME[name], tuple(overloads)) for name, overloads in found.items()]


SHARES = [
    share for row in BY_NAME.values() if row.native or any(row.same_as) for share in shares(row)
]
each_share = pytest.mark.parametrize(
    ("row", "worker", "overloads"),
    SHARES,
    ids=lambda part: "" if isinstance(part, tuple) else part.name,
)


def loop_of(row: Primitive) -> Any:
    """The row's loop."""
    return LOOP(kernels_in(compiled_kernels()).load([row.name])[row.name])


def run_native(
    row: Primitive, calls: list[Call], limits: Limits = DEFAULT_LIMITS, words: int = 1 << 22
) -> list[Any]:
    """What the row gives for each call, each in a scope of its own."""
    heap, at = prepared(row, calls, limits, words)
    slot = int(heap.words[SLOTS]) + 1
    guard = int(heap.words[TOP])
    before = heap.words[:guard].copy()
    if not _run(row, heap, at):
        raise MemoryError(f"{row.name} found no room in {words} words")
    before[[TOP, slot]] = heap.words[[TOP, slot]]
    before[SCRATCH:HEADER] = heap.words[SCRATCH:HEADER]
    assert (before == heap.words[:guard]).all(), f"{row.name} writes outside of its place"
    column = int(heap.words[slot])
    return [heap.decode(w) for w in heap.words[column : column + len(calls)]]


def prepared(row: Primitive, calls: list[Call], limits: Limits, words: int) -> tuple[Heap, int]:
    """A heap with the calls in it, and where their instruction is listed."""
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
    return heap, at


def _run(row: Primitive, heap: Heap, at: int) -> bool:
    """Run the instruction; False where the heap is too small for it."""
    loop_of(row)(heap.words.ctypes.data, heap.colours.ctypes.data, at, 1)
    return not heap.words[FULL]


def check_room(row: Primitive, call: Call, words: int = 1 << 14) -> None:
    """Whether the row writes no more words than it asks for, in the least heap that it accepts:
    what lies behind that one's end must stay as it is.
    """
    heap, at = prepared(row, [call], DEFAULT_LIMITS, words)
    start = int(heap.words[TOP])
    fresh = heap.words.copy()
    fresh[start:] = UNTOUCHED

    def fits(end: int) -> bool:
        heap.words[:] = fresh
        heap.words[END] = end
        done = _run(row, heap, at)
        behind = heap.words[max(end, start) :]
        assert (behind == UNTOUCHED).all(), f"{row.name}{call[0]} writes more than it asks for"
        return done

    low, high = start, words
    if not fits(high):
        return
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    fits(high)
