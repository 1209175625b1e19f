"""What a team does together: threads of Python stand for its threads."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.kernels import team
from pipeline.kernels.binding import Binder
from pipeline.kernels.heap import SCRATCH_WORDS
from pipeline.kernels.together import is_large, merge_together, put_set_together
from pipeline.primitives.words import REFERENCES, SET, TUPLE, Memory, length, start

OUT = 20_000
"""Where results go: behind the scratch of all threads and what a test writes."""


def run(threads: int, heap: list[int], function: Any, *args: int) -> list[Any]:
    """What each thread of a team gets from a function."""
    barrier, lock = threading.Barrier(threads), threading.Lock()
    found: list[Any] = [None] * threads

    def wait(m: Memory) -> None:
        barrier.wait(10)

    def claim(m: Memory, at: int, amount: int) -> int:
        with lock:
            before: int = m.heap[at]
            m.heap[at] = before + amount
            return before

    replaced: dict[Any, Callable[..., Any]] = {team.wait: wait, team.claim: claim}
    bound = Binder(lambda made: made, replaced.get).of(function)

    def thread(rank: int) -> None:
        limits = (10_000, 1_000, 1_000, 10_000, 10)
        m = Memory(heap, heap, rank * SCRATCH_WORDS, *limits, 0, rank, threads)
        found[rank] = bound(m, *args)

    made = [threading.Thread(target=thread, args=(rank,)) for rank in range(threads)]
    for one in made:
        one.start()
    for one in made:
        one.join()
    return found


def heap_of(words: dict[int, list[int]]) -> list[int]:
    """A heap with words at some places."""
    heap = [-7] * (2 * OUT)
    for place, parts in words.items():
        heap[place : place + len(parts)] = parts
    return heap


def elements(heap: list[int], word: int) -> list[int]:
    """What is in a container."""
    nobody: Any = None
    m = Memory(heap, nobody, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    return heap[start(word) : start(word) + length(m, word)]


WAYS: dict[str, Callable[[random.Random], list[int]]] = {
    "any order": lambda rng: [rng.randrange(-900, 900) for _ in range(300)],
    "repeated": lambda rng: [rng.randrange(5) for _ in range(101)],
    "ascending": lambda rng: list(range(64)),
    "ascending and repeated": lambda rng: sorted(rng.randrange(40) for _ in range(99)),
    "descending": lambda rng: list(range(77, 0, -1)),
    "all equal": lambda rng: [3] * 50,
    "few": lambda rng: [2, 1],
    "none": lambda rng: [],
}


@pytest.mark.parametrize("threads", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("way", WAYS)
def test_a_team_makes_the_set_that_a_thread_makes(way: str, threads: int) -> None:
    words = WAYS[way](random.Random(threads))
    heap = heap_of({OUT + 1: words})
    ((word, end),) = set(run(threads, heap, put_set_together, OUT, len(words)))
    assert elements(heap, word) == sorted(set(words))
    assert end == OUT + 1 + len(set(words))
    assert heap[OUT + 1 + 2 * len(words) :] == [-7] * (len(heap) - OUT - 1 - 2 * len(words))


@pytest.mark.parametrize("threads", [2, 3, 5])
@pytest.mark.parametrize("kind", [SET, TUPLE])
@pytest.mark.parametrize("count", [1, 2, 4, 9, 40])
def test_a_team_merges_containers(count: int, kind: int, threads: int) -> None:
    rng = random.Random(count)
    parts = [sorted({rng.randrange(90) for _ in range(rng.randrange(12))}) for _ in range(count)]
    at = threads * SCRATCH_WORDS
    placed: dict[int, list[int]] = {}
    words: list[int] = []
    for part in parts:
        placed[at] = [len(part) << 2 | kind, *part]
        words.append(REFERENCES - at)
        at += 1 + len(part)
    heap = heap_of(placed | {at: [count << 2 | kind, *words]})
    total = sum(map(len, parts))
    ((word, _),) = set(run(threads, heap, merge_together, OUT, REFERENCES - at, total))
    joined = [e for part in parts for e in part]
    assert elements(heap, word) == (sorted(set(joined)) if kind == SET else joined)
    assert heap[OUT] & 3 == kind


def test_few_elements_are_for_a_thread() -> None:
    nobody: Any = None
    for threads in (1, 2, 64):
        m = Memory(nobody, nobody, 0, 0, 0, 0, 0, 0, 0, 0, threads)
        assert not is_large(m, 2 * threads)
        assert is_large(m, 100 * threads) == (threads > 1)
