"""The driver: runs a list of instructions, a kernel call for each run of one operation.

Compiled like the kernels, so that a call costs nanoseconds: how the instructions are grouped
matters little here, and small batches are as good as large ones.
"""

from __future__ import annotations

from pipeline.kernels.heap import BASE, DONE, FULL, JUMP, NEXT, SLOTS, TOP
from pipeline.kernels.instruction import (
    B_COUNT,
    B_DONE,
    B_GRIDS,
    B_INSTRUCTIONS,
    B_OUT,
    B_ROOT,
    B_SCORES,
    B_SLOTS,
    B_SOLVERS,
    B_WORDS,
    CODE,
    D_SIZE,
    D_SOURCE_B,
    FINISHED,
    GROUP,
    KEEP_NONE,
    KEEP_WRONG,
    NO_GRIDS,
    W_COUNT,
    W_GRIDS,
    W_GRIDS_END,
    W_KEEP,
    W_NEXT,
    W_TABLE,
)
from pipeline.kernels.scoring import SCORE_WORDS, put_score
from pipeline.kernels.structure.places import slot_at
from pipeline.kernels.team import BROKEN, claim, clock, guards_stand, wait
from pipeline.primitives.row import compiled
from pipeline.primitives.words import (
    FAILED,
    Memory,
    grid_words,
    has_failed,
    height,
    start,
    width,
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
        group = heap[instruction + GROUP]
        many = 1
        while k + many < count and heap[heap[at + k + many] + GROUP] == group:
            many += 1
        run_code(m, code, at + k, many)
        wait(m)
        full = heap[m.state + FULL]
        k += many + heap[m.state + JUMP]
        wait(m)
        if full != 0:
            return
        if m.rank == 0:
            heap[m.state + JUMP] = 0


@compiled
def drive_blocks(m: Memory, at: int, count: int) -> None:
    """Run the blocks that are listed at a place, each from the same free memory; stops where the
    heap is full, and says how many are done.
    """
    heap = m.heap
    for k in range(count):
        heap[DONE] = k
        if not run_block(m, at + k * B_WORDS):
            return
    heap[DONE] = count


@compiled
def run_block(m: Memory, block: int) -> bool:
    """Run a block from free memory to its verdicts and, where they are wanted, its scores; False if
    the heap is too small for it.
    """
    heap = m.heap
    if m.rank == 0:
        heap[m.state + TOP] = heap[m.state + BASE]
        heap[m.state + FULL] = 0
        heap[m.state + JUMP] = 0
        heap[heap[m.state + SLOTS]] = heap[block + B_ROOT]
    wait(m)
    drive(m, heap[block + B_INSTRUCTIONS], heap[block + B_COUNT])
    if heap[m.state + FULL] != 0:
        return False
    _put_verdicts(m, block)
    if heap[block + B_SCORES] != 0:
        _put_scores(m, block)
    return True


@compiled
def run_work(m: Memory, work: int) -> None:
    """Run blocks from a list that many teams share, until none is left; what each takes stands
    behind the list.
    """
    heap = m.heap
    count = heap[work + W_COUNT]
    spent = heap[work + W_TABLE] + count * B_WORDS
    while True:
        if m.rank == 0:
            heap[m.state + NEXT] = claim(m, work + W_NEXT, 1)
        wait(m)
        number = heap[m.state + NEXT]
        if number >= count:
            return
        block = heap[work + W_TABLE] + number * B_WORDS
        begin = clock(m)
        if run_block(m, block):
            if m.rank == 0:
                heap[block + B_DONE] = FINISHED
            wait(m)
            if m.rank == 0:
                heap[spent + number] = clock(m) - begin
            if heap[work + W_KEEP] != KEEP_NONE:
                _keep_grids(m, work, block)
        wait(m)
        if m.rank == 0 and not guards_stand(m):
            heap[block + B_DONE] = BROKEN


@compiled
def _keep_grids(m: Memory, work: int, block: int) -> None:
    """Copy the output grids that are asked for to where the next block does not overwrite them."""
    heap = m.heap
    lanes = heap[heap[block + B_ROOT] + D_SIZE]
    wrong_only = heap[work + W_KEEP] == KEEP_WRONG
    for k in range(heap[block + B_SOLVERS]):
        column = slot_at(m, heap[heap[block + B_SLOTS] + k])
        for lane in range(m.rank, lanes, m.team):
            place = heap[block + B_GRIDS] + k * lanes + lane
            word = heap[column + lane]
            heap[place] = 0
            if has_failed(word) or (wrong_only and heap[column + lanes + lane] == 1):
                continue
            words = grid_words(height(m, word), width(m, word))
            out = claim(m, work + W_GRIDS, words)
            if out + words > heap[work + W_GRIDS_END]:
                heap[block + B_DONE] = NO_GRIDS
                continue
            heap[place] = out
            for i in range(words):
                heap[out + i] = heap[start(word) - 1 + i]


@compiled
def _put_verdicts(m: Memory, block: int) -> None:
    """Write out how each lane ended: 1 right, 0 wrong, a negative number for a failure."""
    heap = m.heap
    lanes = heap[heap[block + B_ROOT] + D_SIZE]
    for k in range(heap[block + B_SOLVERS]):
        column = slot_at(m, heap[heap[block + B_SLOTS] + k])
        out = heap[block + B_OUT] + k * lanes
        for lane in range(m.rank, lanes, m.team):
            word = heap[column + lane]
            if has_failed(word):
                heap[out + lane] = word - FAILED
            else:
                heap[out + lane] = heap[column + lanes + lane]


@compiled
def _put_scores(m: Memory, block: int) -> None:
    """Write out the score of each lane."""
    heap = m.heap
    root = heap[block + B_ROOT]
    lanes, expected = heap[root + D_SIZE], heap[root + D_SOURCE_B]
    for k in range(heap[block + B_SOLVERS]):
        column = slot_at(m, heap[heap[block + B_SLOTS] + k])
        out = heap[block + B_SCORES] + k * lanes * SCORE_WORDS
        for lane in range(m.rank, lanes, m.team):
            put_score(m, out + lane * SCORE_WORDS, heap[column + lane], heap[expected + lane])
