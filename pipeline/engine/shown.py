"""The train pairs of tasks as compiled backends take them: encoded once, and put into a heap beside
the samples of a block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np

from pipeline.data.tasks import TrainPairs
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples, encode_samples
from pipeline.kernels.heap import grid_at
from pipeline.primitives.words import REFERENCES, TUPLE

OPERATION: Final = "train_pairs"
"""What an image has where one of its solvers uses them."""

_PAIR_WORDS: Final = 3


class HasShown(Protocol):
    """A sample that knows the train pairs of its task."""

    @property
    def input(self) -> Any:
        """Its grid."""

    @property
    def output(self) -> Any:
        """The expected grid, or None."""

    @property
    def shown(self) -> TrainPairs | None:
        """None where it is of no task."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The train pairs of some tasks.

    pairs: of one task after another; offsets: for each task its first pair, and the end. tasks: for
    each sample the number of its task, -1 for none.
    """

    pairs: Samples
    offsets: np.ndarray
    tasks: np.ndarray

    def part(self, first: int, last: int) -> Shown:
        """What samples first to last - 1 need, by themselves."""
        tasks = self.tasks[first:last]
        there = tasks[tasks >= 0]
        low, high = (int(there.min()), int(there.max()) + 1) if len(there) else (0, 0)
        begin, end = int(self.offsets[low]), int(self.offsets[high])
        return Shown(
            self.pairs.part(begin, end),
            self.offsets[low : high + 1] - begin,
            np.where(tasks < 0, -1, tasks - low),
        )

    def pairs_of(self, sample: int) -> TrainPairs | None:
        """What a sample is shown with, as plain values."""
        task = int(self.tasks[sample])
        if task < 0:
            return None
        places = range(int(self.offsets[task]), int(self.offsets[task + 1]))
        words, pairs = self.pairs.words, self.pairs
        return tuple(
            [
                (grid_at(words, int(pairs.inputs[k])), grid_at(words, int(pairs.outputs[k])))
                for k in places
            ]
        )


def encode_shown(shown: Iterable[TrainPairs | None]) -> Shown:
    """Encode the train pairs of each sample's task, those of a task once."""
    numbers: dict[TrainPairs, int] = {}
    known: dict[int, int] = {}
    tasks: list[int] = []
    kept: list[TrainPairs] = []
    for pairs in shown:
        if pairs is None:
            tasks.append(-1)
            continue
        number = known.get(id(pairs))
        if number is None:
            kept.append(pairs)  # or another could have its id
            number = known[id(pairs)] = numbers.setdefault(pairs, len(numbers))
        tasks.append(number)
    encoded = encode_samples(pair for pairs in numbers for pair in pairs)
    offsets = np.cumsum([0, *map(len, numbers)], dtype=np.int64)
    return Shown(encoded, offsets, np.array(tasks, np.int64))


def uses_shown(image: Image) -> bool:
    """Whether a solver of an image uses train pairs."""
    return OPERATION in image.kernels


def samples_for(image: Image, samples: Sequence[HasShown]) -> Samples:
    """Samples as the solvers of an image need them."""
    encoded = encode_samples([(s.input, s.output) for s in samples])
    return with_shown(encoded, samples) if uses_shown(image) else encoded


def with_shown(encoded: Samples, samples: Iterable[HasShown]) -> Samples:
    """Encoded samples with the train pairs of their tasks."""
    return replace(encoded, shown=encode_shown([sample.shown for sample in samples]))


def put_shown(put: Callable[[np.ndarray], int], shown: Shown) -> int:
    """Write what samples are shown with; gives the place of a column of it, in which a sample of no
    task has 0. put: writes words, and gives their place.
    """
    pairs, offsets = shown.pairs, shown.offsets
    place = put(pairs.words)
    grids = REFERENCES - (np.stack([pairs.inputs, pairs.outputs], axis=1) + place)
    twos = np.full((len(pairs), _PAIR_WORDS), 2 << 2 | TUPLE, np.int64)
    twos[:, 1:] = grids
    place = put(twos.ravel())
    counts = np.diff(offsets)
    starts = offsets[:-1] + np.arange(len(counts))
    words = np.empty(len(pairs) + len(counts), np.int64)
    is_head = np.zeros(len(words), bool)
    is_head[starts] = True
    words[starts] = counts << 2 | TUPLE
    words[~is_head] = REFERENCES - (place + _PAIR_WORDS * np.arange(len(pairs)))
    wholes = np.append(REFERENCES - (put(words) + starts), 0)
    return put(wholes[shown.tasks])
