"""What a launch costs by itself, and how fast words go to a device and come back."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pipeline.engine.cuda.cuda_engine import THREADS, Accelerator
from pipeline.engine.cuda.layout import ALIGNMENT
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import SCRATCH, SCRATCH_WORDS

WORDS: Final = 1 << 25
"""Words that are sent, 256 MiB: so many that what a copy costs by itself does not show."""

LAUNCHES: Final = 100
COPIES: Final = 5


@dataclass(frozen=True, slots=True)
class Probe:
    """What was measured of a device; rates in bytes a second, 0 where its clock shows no time.

    launch: seconds of a kernel that finds no work, by the device's clock; call: seconds of the
    whole call around it, with its small copies, by the host's.
    """

    up: float
    down: float
    launch: float
    call: float

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "upload_bytes_per_second": self.up,
            "download_bytes_per_second": self.down,
            "launch_seconds": self.launch,
            "call_seconds": self.call,
        }


SHARE_OF_FREE: Final = 64
"""A copy is of an eighth of the memory that is free at most, where that is little."""


def probe(
    device: Accelerator,
    words: int = WORDS,
    launches: int = LAUNCHES,
    copies: int = COPIES,
    threads: int = THREADS,
) -> Probe:
    """Measure a device: medians of so many launches and copies."""
    small = idle_work(0)
    kernel, call = [], []
    for _ in range(launches + 1):
        begin = time.perf_counter()
        _, timing = _run(device, small, 0, threads)
        call.append(time.perf_counter() - begin)
        kernel.append(timing.kernel)
    large = idle_work(min(words, device.free_bytes() // SHARE_OF_FREE))
    timings = [_run(device, large, len(large), threads)[1] for _ in range(copies + 1)]
    return Probe(
        up=_rate(large.nbytes, statistics.median(t.upload for t in timings[1:])),
        down=_rate(large.nbytes, statistics.median(t.download for t in timings[1:])),
        launch=statistics.median(kernel[1:]),
        call=statistics.median(call[1:]),
    )


def idle_work(more: int) -> np.ndarray:
    """A record of work with no block, and `more` words."""
    words = np.ones(fields.W_WORDS + more, np.int64)  # zeros may not be in memory yet
    words[: fields.W_WORDS] = 0
    words[fields.W_HEAPS] = -(-len(words) // ALIGNMENT) * ALIGNMENT
    words[fields.W_TABLE] = fields.W_WORDS
    return words


def _run(device: Accelerator, words: np.ndarray, read: int, threads: int) -> Any:
    """Let one team find no work, and read so many words."""
    heap = SCRATCH + threads * SCRATCH_WORDS + ALIGNMENT
    words[fields.W_HEAP_WORDS] = heap
    size = int(words[fields.W_HEAPS]) + heap
    return device.run(words, size, 0, 1, threads, [(0, read)])


def _rate(size: int, seconds: float) -> float:
    return size / seconds if seconds else 0.0
