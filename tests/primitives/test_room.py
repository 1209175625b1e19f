"""Row functions write only where they said they would, and nowhere else."""

from __future__ import annotations

import random
from typing import Any

from pipeline.ir.status import DEFAULT_LIMITS, Failure
from pipeline.kernels.heap import HEADER
from pipeline.primitives.row import Primitive, Signature, run_row
from pipeline.primitives.words import has_failed
from tests.memory import UNTOUCHED, PlainMemory
from tests.native import each_share
from tests.values import random_call

CALLS = 12


def result_of(row: Primitive, args: tuple[Any, ...]) -> Any:
    """What the reference gives; of a failure the reason."""
    try:
        return run_row(row, args, DEFAULT_LIMITS)
    except Failure as failure:
        return failure.reason


def run_plain(row: Primitive, memory: PlainMemory, words: list[int]) -> tuple[int, int]:
    """The result's word, and how many words the row may have written."""
    native, out = row.native, memory.top
    assert native is not None
    if native.words is None:
        return native.fill(memory.m, *words), 0
    room = native.words(memory.m, *words)
    if has_failed(room):
        return room, 0
    word, end = native.fill(memory.m, out, *words)
    assert out <= end <= out + room
    return word, room


@each_share
def test_a_row_keeps_to_the_words_that_it_asked_for(
    row: Primitive, worker: Primitive, overloads: tuple[Signature, ...]
) -> None:
    rng = random.Random(f"room {row.name}")
    for _ in range(CALLS):
        args, types = random_call(row, rng, rng.choice((1, 2, 3, 5)), overloads)
        memory = PlainMemory(words=1 << 13)
        words = [memory.put(value, type_) for value, type_ in zip(args, types, strict=True)]
        before, made = memory.copy(), memory.top - HEADER
        word, room = run_plain(worker, memory, words)
        result = memory.heap.decode(word)
        found = result.reason if isinstance(result, Failure) else result
        assert found == result_of(row, args), (row.name, args)
        after = memory.copy()
        assert after[:made] == before[:made], (row.name, args)
        assert set(after[made + room :]) <= {UNTOUCHED}, (row.name, args)
