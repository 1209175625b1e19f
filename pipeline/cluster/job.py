"""A job and its loads: what is said between this process, a Dask worker and its processes.

A *job* is what all loads have in common (the battery, the limits): it is brought to each worker
once and named by its hash from there on. A *load* is what one task runs. Both are pure values: the
result of a load depends on nothing but the job and the load, so it may be run twice.
"""

from __future__ import annotations

import hashlib
import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol, Self

from pipeline.kernels.shared_kernels import NOT_SHARED, SharedCache
from pipeline.system.fingerprint import fingerprint
from pipeline.system.package import PACKAGE


@cache
def our_version() -> str:
    """Of all our code, as it was when this was first asked: results of others are not taken."""
    return fingerprint(str(PACKAGE), ("",), {})[0][:16]


class Load(Protocol):
    """What one task runs: some lanes, or whatever a job counts."""

    @property
    def lanes(self) -> int:
        """How many these are."""

    def parts(self) -> list[Self]:
        """What to run instead where it ends its process: smaller loads, or the same done with more
        care; none where there is no such thing."""


@dataclass(frozen=True, slots=True)
class Station:
    """Where a job runs: the folder of its kernels there, what memory its values may take by
    default, and what a single lane may take, in bytes. kind: see `Equipment`; threads: how many of
    the same run beside each other there.
    """

    kernels: Path
    share_bytes: int
    most_bytes: int
    kind: str = ""
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Equipment:
    """What runs a job's loads on a machine. kind: GPUs by their names or, where that is empty,
    processors. kernels: which the GPUs need, named as in
    `serving.target_of`. why: why the machine can't be
    used, if so.
    """

    kind: str = ""
    kernels: tuple[str, ...] = ()
    why: str = ""


Run = Callable[[Any], Any]
"""Runs a load."""


@dataclass(frozen=True)
class ClusterJob:
    """What loads are run with.

    start: called in a process of its own with `given` and a place, gives what runs loads. It is a
    function of a module, as it is pickled by name. kernels: those that must be compiled before;
    folder: where they are kept here; shared: where else they may be. memory_mib: see `config.yaml`.
    least, most: lanes of a load, between which it takes about a second. look: called there with
    `given` and the folder of kernels, says what runs its loads; without, processors do. device: as
    in `config.yaml`, which of these may be.
    """

    start: Callable[[Any, Station], Run]
    given: Any
    kernels: tuple[str, ...]
    folder: Path
    memory_mib: int = 0
    least: int = 20_000
    most: int = 80_000
    shared: SharedCache = NOT_SHARED
    look: Callable[[Any, Path], Equipment] | None = None
    device: str = "cpu"

    @cached_property
    def data(self) -> bytes:
        """What starts it, as bytes."""
        return packed((self.start, self.given, self.look))

    @cached_property
    def key(self) -> str:
        """The hash of it and of our code."""
        return key_of(self.data)


def key_of(data: bytes) -> str:
    """The name of a job that is these bytes."""
    return hashlib.blake2b(our_version().encode() + data, digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class FailedLoad:
    """What became of a load that can't be parted further, in place of a result.

    status: with which its process ended; None where it asked for more memory than there was.
    """

    status: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answers.

    results: of the load, or of parts of it, which are then beside them. seconds: of processor time
    that took. ready: whether the worker knew the job; without, there is no result. wrong: what it
    can't do anything about (a full disk), in words.
    """

    worker: str
    results: tuple[tuple[Any, Any], ...] = ()
    seconds: float = 0.0
    ready: bool = True
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker says of itself, asked about a job.

    machine: equal for workers that share `folder`, in which these kernels are missing. version: of
    its code; where that is not ours nothing else is said. kind, why: see `Equipment`.
    """

    version: str
    python: tuple[int, int] = (0, 0)
    machine: str = ""
    folder: str = ""
    missing: tuple[str, ...] = field(default=())
    kind: str = ""
    why: str = ""


def packed(value: Any) -> bytes:
    """A value as bytes: small ones, as grids hold few colours."""
    return zlib.compress(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), 1)


def unpacked(data: bytes) -> Any:
    """The value."""
    return pickle.loads(zlib.decompress(data))
