"""The driver: runs a list of instructions, a kernel call for each run of one operation.

Compiled like the kernels, so that a call costs nanoseconds: how the instructions are grouped
matters little here, and small batches are as good as large ones.
"""

from __future__ import annotations

from pipeline.primitives.row import compiled
from pipeline.primitives.words import FAILED, Memory, has_failed
from pipeline.runtime.heap import BASE, DONE, FULL, JUMP, SLOTS, TOP
from pipeline.runtime.instruction import (
    ALONE,
    B_COUNT,
    B_INSTRUCTIONS,
    B_OUT,
    B_ROOT,
    B_SLOTS,
    B_SOLVERS,
    B_WORDS,
    CODE,
    D_SIZE,
)


@compiled
def run_code(m: Memory, code: int, at: int, count: int) -> None:
    """Call the kernel whose machine code is at an address; a backend puts its own call here."""
    raise NotImplementedError


@compiled
def drive(m: Memory, at: int, count: int) -> None:
    """Run the instructions that are listed at a place; stops where the heap is full."""
    heap = m.heap
    k = 0
    while k < count:
        instruction = heap[at + k]
        code = heap[instruction + CODE]
        many = 1
        if heap[instruction + ALONE] == 0:
            while k + many < count and heap[heap[at + k + many] + CODE] == code:
                many += 1
        run_code(m, code, at + k, many)
        if heap[FULL] != 0:
            return
        k += many + heap[JUMP]
        heap[JUMP] = 0


@compiled
def drive_blocks(m: Memory, at: int, count: int) -> None:
    """Run the blocks that are listed at a place, each from the same free memory; stops where the
    heap is full, and says how many are done.
    """
    heap = m.heap
    for k in range(count):
        heap[DONE] = k
        block = at + k * B_WORDS
        heap[TOP] = heap[BASE]
        heap[heap[SLOTS]] = heap[block + B_ROOT]
        drive(m, heap[block + B_INSTRUCTIONS], heap[block + B_COUNT])
        if heap[FULL] != 0:
            return
        _put_verdicts(m, block)
    heap[DONE] = count


@compiled
def _put_verdicts(m: Memory, block: int) -> None:
    """Write out how each lane ended: 1 right, 0 wrong, a negative number for a failure."""
    heap = m.heap
    lanes = heap[heap[block + B_ROOT] + D_SIZE]
    out = heap[block + B_OUT]
    for k in range(heap[block + B_SOLVERS]):
        column = heap[heap[SLOTS] + heap[heap[block + B_SLOTS] + k]]
        for lane in range(lanes):
            word = heap[column + lane]
            if has_failed(word):
                heap[out] = word - FAILED
            else:
                heap[out] = heap[column + lanes + lane]
            out += 1
