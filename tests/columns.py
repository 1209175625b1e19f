"""What a column of hand-written code holds, on the reference runtime and on compiled kernels.

    def sizes(rt):
        d = rt.lanes(0)
        return rt.size(d, rt.palette(d, rt.input(d)))

    on_both(sizes, [((1, 2),), ((1, 1),)])      # [2, 1]

Values are plain; a failure is the text `error EMPTY`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pipeline.engine.cpu import CpuEngine, CpuWorker
from pipeline.engine.engine import Block
from pipeline.engine.image import Image
from pipeline.engine.samples import encode_samples
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.kernels.heap import SLOTS
from pipeline.oracle.reference import ReferenceRuntime
from tests.by_hand import ByHand
from tests.compiled import compiled_kernels

Evaluate = Callable[[Any], Any]


def engine_of(image: Image, limits: Limits = DEFAULT_LIMITS, memory_mib: int = 16) -> CpuEngine:
    """What runs a program."""
    return CpuEngine(image, compiled_kernels(), limits, memory_mib)


def image_by_hand(evaluate: Evaluate, names: tuple[str, ...] = ("test",)) -> Image:
    """The program of hand-written code, for solvers of these names."""
    made = ByHand()
    evaluate(made)
    return made.image(names)


def said(value: Any) -> Any:
    """A value as it is, a failure as text."""
    if isinstance(value, Failure):
        return f"{value.kind} {value.reason}"
    return value


def on_reference(
    evaluate: Evaluate, grids: Iterable[Any], limits: Limits = DEFAULT_LIMITS
) -> list[Any]:
    """What the column holds on the reference runtime."""
    values: list[Any] = evaluate(ReferenceRuntime(list(grids), limits)).values
    return [said(value) for value in values]


def on_cpu(evaluate: Evaluate, grids: Iterable[Any], limits: Limits = DEFAULT_LIMITS) -> list[Any]:
    """What the column holds on compiled kernels."""
    made = ByHand()
    slot = made.slot_of(evaluate(made))
    engine = engine_of(made.image(), limits)
    samples = encode_samples([(grid, None) for grid in grids])
    worker = CpuWorker(engine, samples, "none")
    assert len(list(worker.run([Block(0, len(samples), None)]))) == 1
    words = worker.heap.words
    place = int(words[words[SLOTS] + slot])
    column = words[place : place + len(samples)].tolist()
    return [said(worker.heap.decode(word)) for word in column]


def run_compiled(
    evaluate: Evaluate, grids: Iterable[Any], limits: Limits = DEFAULT_LIMITS
) -> list[Any]:
    """How each lane of the first solver ends on compiled kernels: the grid, or the failure."""
    engine = engine_of(image_by_hand(evaluate), limits)
    samples = encode_samples([(grid, None) for grid in grids])
    ends: list[Any] = [None] * len(samples)
    for outcome in engine.run(samples, [Block(0, len(samples), None)], keep="all"):
        for k, lane, _, sample in outcome.lanes():
            code = int(outcome.verdicts[k, lane])
            ends[sample] = said(outcome.grids[k, lane] if code >= 0 else engine.failure(code))
    return ends


def on_both(evaluate: Evaluate, grids: Iterable[Any], limits: Limits = DEFAULT_LIMITS) -> list[Any]:
    """What the column holds; the two must agree."""
    expected = on_reference(evaluate, grids, limits)
    found = on_cpu(evaluate, grids, limits)
    assert found == expected
    for a, b in zip(found, expected, strict=True):
        assert _kinds(a) == _kinds(b), (a, b)
    return expected


def _kinds(value: Any) -> Any:
    """Where a value has sets and where tuples."""
    if isinstance(value, frozenset):
        return frozenset(map(_kinds, value)), "set"
    return tuple(map(_kinds, value)) if isinstance(value, tuple) else 0
