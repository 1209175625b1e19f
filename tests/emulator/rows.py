"""A row by itself: a team runs it on calls in several instructions, compared with the reference."""

from __future__ import annotations

import random
from typing import Any, Final

import numpy as np

from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import FULL, SCRATCH_WORDS, SLOTS, Heap
from pipeline.primitives.row import Primitive, measure, run_row
from tests.emulator.device import run_kernel
from tests.values import random_call

TINY: Final = Limits(elements=5, cells=20, integer=12, total=14, turns=3)
UNDECIDED: Final = object()
HEAP_WORDS: Final = 1 << 16


def differences(
    row: Primitive, seed: int, calls: int, threads: int, record: np.ndarray
) -> tuple[int, list[str]]:
    """How many calls of a row a team was given, and where it does not give what the reference
    does.
    """
    different: list[str] = []
    compared = 0
    for limits in (DEFAULT_LIMITS, TINY):
        rng = random.Random(f"{seed} {row.name}")
        sizes = [0, *(rng.randint(0, calls) for _ in range(3)), calls]
        groups = [[random_call(row, rng, scale=5) for _ in range(size)] for size in sizes]
        found = _on_a_team(row, groups, limits, threads, record)
        for group, results in zip(groups, found, strict=True):
            expected = _by_reference(row, [args for args, _ in group], limits)
            compared += len(group)
            for (args, _), end, result in zip(group, expected, results, strict=True):
                if not _same(end, result):
                    different.append(f"{row.name}{args}: {result!r}, expected {end!r}")
    return compared, different


def _on_a_team(
    row: Primitive, groups: list[list[Any]], limits: Limits, threads: int, record: np.ndarray
) -> list[list[Any]]:
    """What a row gives for calls in several instructions; each two lanes are of one scope."""
    heap = Heap(HEAP_WORDS + threads * SCRATCH_WORDS, limits)
    heap.take((threads - 1) * SCRATCH_WORDS)
    slots = heap.take(len(groups) * (2 + row.arity))
    heap.words[SLOTS] = slots
    places: list[int] = []
    for k, group in enumerate(groups):
        slot = k * (2 + row.arity)
        scopes = heap.put_all([lane // 2 for lane in range(len(group))])
        domain = heap.put_all([len(group), scopes, *[0] * (fields.D_WORDS - 2)])
        heap.words[slots + slot] = domain
        instruction = np.zeros(fields.STRIDE, np.int64)
        instruction[[fields.DEST, fields.DOMAIN, fields.OPERATION]] = slot + 1, slot, 32 * (k + 1)
        for i in range(row.arity):
            column = heap.put_all([heap.encode(args[i], types[i]) for args, types in group])
            heap.words[slots + slot + 2 + i] = column
            instruction[fields.ARGS + i] = slot + 2 + i
        places.append(heap.put_all(instruction))
    at = heap.put_all(places)
    run_kernel(heap.words, row.name, at, len(groups), threads, record)
    assert not heap.words[FULL], row.name
    found = []
    for k, group in enumerate(groups):
        column = heap.words[slots + k * (2 + row.arity) + 1]
        found.append([heap.decode(word) for word in heap.words[column : column + len(group)]])
    return found


def _by_reference(row: Primitive, calls: list[Any], limits: Limits) -> list[Any]:
    """What the reference gives, lane after lane, each two of one scope."""
    ends: list[Any] = []
    total = 0
    for lane, args in enumerate(calls):
        total = 0 if lane % 2 == 0 else total
        try:
            result = run_row(row, args, limits)
        except Failure as failure:
            ends.append(failure)
            continue
        amount = measure(row, args, result) if row.makes_container else 0
        total += amount
        if total > limits.total:
            # What adds nothing to totals that are too large already: its scope fails anyhow.
            ends.append(Failure("TOTAL") if amount > 0 else UNDECIDED)
        else:
            ends.append(result)
    return ends


def _same(a: Any, b: Any) -> bool:
    if a is UNDECIDED:
        return True
    if isinstance(a, Failure) or isinstance(b, Failure):
        return isinstance(a, Failure) and isinstance(b, Failure) and a.reason == b.reason
    return bool(a == b) and isinstance(a, frozenset) == isinstance(b, frozenset)
