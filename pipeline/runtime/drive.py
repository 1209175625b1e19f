"""The driver: runs a list of instructions, a kernel call for each run of one operation.

Compiled like the kernels, so that a call costs nanoseconds: how the instructions are grouped
matters little here, and small batches are as good as large ones.
"""

from __future__ import annotations

from pipeline.primitives.row import compiled
from pipeline.primitives.words import Memory
from pipeline.runtime.heap import FULL, JUMP
from pipeline.runtime.instruction import ALONE, CODE


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
