"""The heap: every plain value goes in and comes out the same, or there is no room."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.data.drawn.packed import Packed, pack_sample
from pipeline.engine.samples import encode_drawn, encode_samples
from pipeline.ir.status import DEFAULT_LIMITS, REASONS, Failure, Limits
from pipeline.ir.types import BOOLEAN, GRID, INTEGER, Type, parse_type
from pipeline.kernels import heap as h
from pipeline.kernels.heap import Heap
from pipeline.primitives.words import EMPTY, FAILED, MISSING, REFERENCES, SET, TUPLE
from tests.memory import drawn
from tests.primitives.test_sorting import MIXED, TYPES
from tests.values import conforms

GRIDS = ((), ((),), ((), (), ()), ((7,),), ((1, 2, 3),), ((1,), (2,), (3,)), ((1, 2), (3, 4)))


def typed(value: Any) -> Any:
    """The value with every set, tuple and integer named, as truth values are integers in a heap."""
    if isinstance(value, frozenset):
        return ("set", frozenset(map(typed, value)))
    if isinstance(value, tuple):
        return ("tuple", *map(typed, value))
    return int(value)


@pytest.mark.parametrize("type_", TYPES + MIXED, ids=str)
def test_a_value_comes_out_as_it_went_in(type_: Type) -> None:
    rng = random.Random(f"heap {type_.text}")
    heap = Heap(1 << 16, DEFAULT_LIMITS)
    values = [drawn(rng, type_, rng.choice((1, 3, 5))) for _ in range(25)]
    words = [heap.encode(value, type_) for value in values]
    for value, word in zip(values, words, strict=True):
        assert typed(heap.decode(word)) == typed(value)


@pytest.mark.parametrize("type_", [t for t in TYPES if "Boolean" not in t.text], ids=str)
def test_what_comes_out_is_of_the_type(type_: Type) -> None:
    rng = random.Random(f"heap type {type_.text}")
    heap = Heap(1 << 16, DEFAULT_LIMITS)
    for _ in range(10):
        assert conforms(heap.decode(heap.encode(drawn(rng, type_), type_)), type_)


@pytest.mark.parametrize("grid", GRIDS)
def test_a_grid_comes_out_as_it_went_in(grid: Any) -> None:
    heap = Heap(2_000, DEFAULT_LIMITS)
    assert heap.decode(heap.encode(grid, GRID)) == grid
    assert heap.encode_grid(grid) < REFERENCES


def test_the_extremes_of_integers_come_out_as_they_went_in() -> None:
    heap, most = Heap(2_000, DEFAULT_LIMITS), DEFAULT_LIMITS.integer
    for type_, value in (
        ("Integer", -most),
        ("Pair", (-most, most)),
        ("Cell", (most, (-most, most))),
        ("Tuple[Integer]", (-most, most)),
        ("(Pair, Integer)", ((most, most), -most)),
    ):
        assert heap.decode(heap.encode(value, parse_type(type_))) == value
    large = ((most, -most), (0, most))
    assert heap.decode(heap.encode(large, GRID)) == large


@pytest.mark.parametrize("reason", REASONS)
def test_a_failure_comes_out_with_its_reason(reason: str) -> None:
    heap = Heap(1_000, DEFAULT_LIMITS)
    word = heap.encode(Failure(reason, "fill"), GRID)
    assert word > REFERENCES
    assert heap.decode(word).reason == reason
    assert heap.decode(word - 32 * 77).reason == reason


def test_a_missing_value_comes_out_as_none() -> None:
    heap = Heap(1_000, DEFAULT_LIMITS)
    assert heap.encode(None, INTEGER) == MISSING
    assert heap.decode(MISSING) is None
    assert heap.decode(EMPTY).reason == "EMPTY"
    assert EMPTY < FAILED


def test_truth_values_are_integers() -> None:
    heap = Heap(1_000, DEFAULT_LIMITS)
    assert [heap.encode(value, BOOLEAN) for value in (False, True)] == [0, 1]


def test_a_set_lies_there_in_canonical_order() -> None:
    heap = Heap(2_000, DEFAULT_LIMITS)
    place = REFERENCES - heap.encode(frozenset({9, -4, 2, 0}), parse_type("Set[Integer]"))
    assert heap.words[place : place + 5].tolist() == [4 << 2 | SET, -4, 0, 2, 9]
    place = REFERENCES - heap.encode((9, -4, 2), parse_type("Tuple[Integer]"))
    assert heap.words[place : place + 4].tolist() == [3 << 2 | TUPLE, 9, -4, 2]


def test_a_new_heap_has_its_limits_and_its_header() -> None:
    limits = Limits(1, 2, 3, 4, 5)
    heap = Heap(1_000, limits)
    words = heap.words
    assert (words[h.TOP], words[h.END], words[h.FULL], words[h.JUMP]) == (h.HEADER, 1_000, 0, 0)
    assert words[h.LIMITS : h.LIMITS + 5].tolist() == [1, 2, 3, 4, 5]
    places = (h.TOP, h.END, h.FULL, h.SLOTS, *range(h.LIMITS, h.LIMITS + 5), h.CONSTANTS, h.JUMP)
    assert len(set(places)) == len(places)
    assert max(places) < h.SCRATCH < h.HEADER


def test_what_is_taken_is_nobody_elses() -> None:
    heap = Heap(h.HEADER + 10, DEFAULT_LIMITS)
    assert [heap.take(3), heap.take(0), heap.take(4)] == [h.HEADER, h.HEADER + 3, h.HEADER + 3]
    assert heap.put_all([5, 6]) == h.HEADER + 7
    assert heap.words[h.HEADER + 7 : h.HEADER + 9].tolist() == [5, 6]


@pytest.mark.parametrize(
    ("value", "type_", "words"),
    [
        (((1, 2), (3, 4)), "Grid", 3),
        ((), "Grid", 1),
        ((1, 2, 3), "Tuple[Integer]", 4),
        (frozenset({(0, 0), (0, 1)}), "Indices", 3),
        (((1, 2), 3), "(Pair, Integer)", 3),
        (frozenset({frozenset({(1, (2, 3))})}), "Objects", 4),
    ],
)
def test_what_does_not_fit_is_refused(value: Any, type_: str, words: int) -> None:
    fits = Heap(h.HEADER + words, DEFAULT_LIMITS)
    assert fits.decode(fits.encode(value, parse_type(type_))) == value
    with pytest.raises(MemoryError, match="the heap is full"):
        Heap(h.HEADER + words - 1, DEFAULT_LIMITS).encode(value, parse_type(type_))
    with pytest.raises(MemoryError, match="the heap is full"):
        fits.take(1)


# -- samples


def test_samples_are_encoded_as_a_heap_would() -> None:
    pairs = [(grid, GRIDS[k - 1] if k % 3 else None) for k, grid in enumerate(GRIDS)]
    samples = encode_samples(pairs)
    assert len(samples) == len(pairs)
    heap = Heap(4_000, DEFAULT_LIMITS)
    place = heap.put_all(samples.words)
    for k, pair in enumerate(pairs):
        for grid, at in zip(pair, (samples.inputs[k], samples.outputs[k]), strict=True):
            assert (at < 0) == (grid is None)
            if grid is not None:
                assert heap.decode(REFERENCES - place - at) == grid
                assert samples.starts[k] <= at < samples.starts[k + 1]
    assert samples.starts[-1] == len(samples.words)


def test_samples_may_hold_any_colour() -> None:
    grids = [((0, 9),), ((255, 256),), ((-1, 70_000),)]
    samples = encode_samples((grid, None) for grid in grids)
    heap = Heap(1_000, DEFAULT_LIMITS)
    place = heap.put_all(samples.words)
    assert [heap.decode(REFERENCES - place - at) for at in samples.inputs] == grids
    assert samples.outputs.tolist() == [-1, -1, -1]


def test_there_may_be_no_samples() -> None:
    samples = encode_samples([])
    assert (len(samples), len(samples.words), samples.starts.tolist()) == (0, 0, [0])


@pytest.mark.parametrize("counts", [(), (0,), (1,), (3, 0, 2)])
def test_drawn_samples_are_encoded_like_others(counts: tuple[int, ...]) -> None:
    rng = random.Random(str(counts))
    parts, pairs = [], []
    for count in counts:
        packed = [pack_sample(drawn_grid(rng), drawn_grid(rng)) for _ in range(count)]
        part = Packed().then(packed)
        parts.append(part.arrays())
        pairs += [(sample.input, sample.output) for sample in part.samples()]
    found, expected = encode_drawn(parts), encode_samples(pairs)
    for name in ("words", "inputs", "outputs", "starts"):
        assert (getattr(found, name) == getattr(expected, name)).all()
        assert getattr(found, name).dtype.name == "int64"


def drawn_grid(rng: random.Random) -> tuple[tuple[int, ...], ...]:
    """A grid as the generators draw them."""
    wide = rng.randint(1, 7)
    return tuple(tuple(rng.randint(0, 9) for _ in range(wide)) for _ in range(rng.randint(1, 7)))
