"""Faults of a device: which lane it fails in, and in which operation, found by trials.

A trial is a launch in a process of its own (see `trial`), so each may fail. A launch that failed is
tried again, then ever smaller parts of it, down to one lane, and of that one ever fewer
instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.engine.engine import Block, Engine, halves
from pipeline.kernels import instruction as fields
from pipeline.system.problem import Problem

Fails = Callable[[Sequence[Block], int], str]
"""How blocks fail, run to their ends (0) or for so many instructions; empty where they do not."""


class DeviceFault(Problem):
    """A device failed; block and operation: of which lanes, and in which, if that is known."""

    def __init__(self, text: str, block: Block | None = None, operation: str = "") -> None:
        super().__init__(text)
        self.block = block
        self.operation = operation


def fault_of(
    engine: Engine, blocks: Sequence[Block], error: Exception, fails: Fails
) -> DeviceFault:
    """The fault of a launch of blocks that failed with an error."""
    said = fails(blocks, 0)
    if not said:
        return DeviceFault(f"the GPU failed, but not when the same was tried again: {error}")
    part = list(blocks)
    while True:
        smaller = _halves(engine, part)
        if not smaller:
            break
        failing = next(((half, text) for half in smaller if (text := fails(half, 0))), None)
        if failing is None:
            return _together(part, said)
        part, said = failing
    (block,) = part
    numbers = engine.instructions_of(block.solvers)
    good, bad = 0, len(numbers)
    while bad - good > 1:
        middle = (good + bad) // 2
        if fails(part, middle):
            bad = middle
        else:
            good = middle
    image = engine.image
    operation = image.kernels[int(image.table[numbers[bad - 1], fields.CODE])]
    return _named(engine, block, operation, said)


def guard_fault(engine: Engine, block: Block) -> DeviceFault:
    """The fault of a block in which somebody wrote behind what was claimed."""
    names = ", ".join(engine.image.solvers[k] for k in engine.solvers_of(block.solvers))
    where = f"samples {block.first} to {block.last - 1}, {names}"
    return DeviceFault(f"a word was written behind what threads had claimed: in {where}", block)


def _halves(engine: Engine, blocks: list[Block]) -> list[list[Block]]:
    """Blocks in two parts, one in two as well; none where there is but one lane."""
    if len(blocks) > 1:
        return [blocks[: len(blocks) // 2], blocks[len(blocks) // 2 :]]
    if engine.lanes(blocks[0]) == 1:
        return []
    return [[half] for half in halves(blocks[0], engine.image.solvers)]


def _together(blocks: Sequence[Block], said: str) -> DeviceFault:
    first, last = min(b.first for b in blocks), max(b.last for b in blocks) - 1
    where = f"{len(blocks)} blocks of samples {first} to {last}"
    return DeviceFault(f"the GPU failed in {where}, but in no half of them by itself: {said}")


def _named(engine: Engine, block: Block, operation: str, said: str) -> DeviceFault:
    name = engine.image.solvers[engine.solvers_of(block.solvers)[0]]
    text = f"the GPU failed in {operation} of sample {block.first}, {name}: {said}"
    return DeviceFault(text, block, operation)
