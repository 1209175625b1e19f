"""Small kernels of three threads for `team_watch`, most of them with a fault that it must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

Wait = Callable[[Any], None]
Claim = Callable[[Any, int, int], int]


@dataclass(frozen=True, slots=True)
class Words:
    """What a thread sees."""

    heap: Any
    colours: Any
    rank: int

    @property
    def other(self) -> int:
        """The thread beside it."""
        return (self.rank + 1) % 3


def _waits_between(m: Words, wait: Wait, claim: Claim) -> None:
    m.heap[m.rank] = m.rank
    wait(m)
    m.heap[m.rank + 8] = m.heap[m.other]
    wait(m)
    m.heap[m.other] = m.rank


def _writes_the_same(m: Words, wait: Wait, claim: Claim) -> None:
    m.heap[0] = 7


def _adds(m: Words, wait: Wait, claim: Claim) -> None:
    claim(m, 0, m.rank)
    claim(m, 0, 1)
    wait(m)
    m.heap[8 + m.rank] = m.heap[0]


def _writes_halves(m: Words, wait: Wait, claim: Claim) -> None:
    m.colours[m.rank] = m.rank


def _two_write(m: Words, wait: Wait, claim: Claim) -> None:
    m.heap[0] = m.rank


def _reads_what_is_written(m: Words, wait: Wait, claim: Claim) -> None:
    m.heap[m.rank] = m.rank
    m.heap[m.rank + 8] = m.heap[m.other]


def _writes_what_is_read(m: Words, wait: Wait, claim: Claim) -> None:
    word = m.heap[m.other]
    wait(m)
    m.heap[8 + m.rank] = word
    word = m.heap[m.other]
    m.heap[m.rank] = word


def _reads_a_sum(m: Words, wait: Wait, claim: Claim) -> None:
    claim(m, 0, 1)
    m.heap[8 + m.rank] = m.heap[0]


def _writes_a_sum(m: Words, wait: Wait, claim: Claim) -> None:
    m.heap[0] = 0
    claim(m, 0, 1)


def _reads_a_half(m: Words, wait: Wait, claim: Claim) -> None:
    m.heap[m.rank] = 5
    m.heap[m.rank + 8] = m.colours[2 * m.other + 1]


def _waits_elsewhere(m: Words, wait: Wait, claim: Claim) -> None:
    if m.rank == 0:
        wait(m)
    else:
        wait(m)


def _leaves(m: Words, wait: Wait, claim: Claim) -> None:
    if m.rank != 1:
        wait(m)


SOUND: Final = {
    "waits between writing and reading": _waits_between,
    "the same value written": _writes_the_same,
    "sums": _adds,
    "halves of a word": _writes_halves,
}
PLANTED: Final = SOUND | {
    "two writers": _two_write,
    "a reader after a writer": _reads_what_is_written,
    "a writer after a reader": _writes_what_is_read,
    "a sum that is read": _reads_a_sum,
    "a sum that is written": _writes_a_sum,
    "a word of which a half is read": _reads_a_half,
    "waits in two places": _waits_elsewhere,
    "a wait that one does not come to": _leaves,
}
