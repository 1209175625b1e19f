"""What runs inside the processes of `tests.simulated`: functions of texts that give plain data."""

from __future__ import annotations

import json
import random
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from typing import Any, Final

import numpy as np

from pipeline.engine.cuda import cuda_engine, texts
from pipeline.engine.cuda.driver import CudaError, LaunchTiming
from pipeline.engine.engine import Block
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import FULL, SCRATCH_WORDS, SLOTS, Heap
from pipeline.kernels.names import STRUCTURAL, instruction_names, row_of
from pipeline.primitives.row import Primitive, measure, run_row
from pipeline.system.problem import Problem
from pipeline.trust.agreement import fuzzing
from pipeline.trust.agreement.on_device import DeviceRunner, device_backend
from tests import simulated_device
from tests.columns import engine_of
from tests.mixed_battery import LIMITS, encoded, image
from tests.planted_kernels import PLANTED, Words
from tests.simulated import MEMORY, SIZES, Case, Launched
from tests.team_watch import WATCH, install
from tests.values import random_call

# -- random programs


def fuzz(
    seed: str,
    programs: str,
    first: str = "0",
    threads: str = "3",
    teams: str = "2",
    watch: str = "",
) -> dict[str, Any]:
    """Compare random programs with their direct interpretation; watch: the threads are watched."""
    WATCH.begin(is_strict=bool(watch))

    device = simulated_device.SimulatedDevice(MEMORY, int(teams))
    runner = DeviceRunner([device], MEMORY, int(threads))
    backend = device_backend(runner, alone=1 << 30)
    found = fuzzing.FuzzSummary()
    for numbers in fuzzing.blocks_of(int(programs), int(first)):
        fuzzing.run_block(int(seed), numbers, [backend], found)
    return {
        "programs": found.programs,
        "compared": sum(found.compared.values()),
        "lanes": {f"{limits} {what}": n for (limits, what), n in sorted(found.lanes.items())},
        "mismatches": [
            f"{m.number} {m.way}: {m.expected!s:.200} / {m.got!s:.900}" for m in found.mismatches
        ],
        "kernels": sorted(WATCH.called),
        "found": list(WATCH.found),
    }


# -- runs of the battery


class Device(simulated_device.SimulatedDevice):
    """A device that says what it was launched with, and fails where it is told to.

    After a failure it fails until it is reset. The simulator runs one launch at a time.
    """

    turn = threading.Lock()

    def __init__(self, number: int, case: Case, launches: list[Launched]) -> None:
        super().__init__(case.memory, case.processors)
        self.number = number
        self.case = case
        self.launches = launches
        self.resets = 0
        self.is_broken = False
        numbers = texts.numbers()
        self.faults = {numbers[name] for name in case.faults}

    def reset(self) -> None:
        """Begin anew after an error."""
        super().reset()
        self.resets += 1
        self.is_broken = False

    def run(
        self,
        words: np.ndarray,
        size: int,
        work: int,
        teams: int,
        threads: int,
        reads: Sequence[tuple[int, int]],
    ) -> tuple[list[np.ndarray], LaunchTiming]:
        """Launch: see `driver.Device.run`."""
        with Device.turn:
            is_late = len(self.launches) >= self.case.failing
            fails = self.is_broken or not is_late or not self.faults.isdisjoint(_codes(words, work))
            heap_words = int(words[work + fields.W_HEAP_WORDS])
            made = len(_blocks(words, work)), _lanes(words, work), teams, threads, heap_words
            self.launches.append(Launched(self.number, *made, fails))
            if fails:
                self.is_broken = True
                raise CudaError("cuEventSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS (planted)")
            return super().run(words, size, work, teams, threads, reads)


def _blocks(words: np.ndarray, work: int) -> np.ndarray:
    """The records of a launch's blocks."""
    at, count = words[work + fields.W_TABLE], words[work + fields.W_COUNT]
    return words[at : at + count * fields.B_WORDS].reshape(-1, fields.B_WORDS)


def _lanes(words: np.ndarray, work: int) -> int:
    blocks = _blocks(words, work)
    sizes = words[blocks[:, fields.B_ROOT] + fields.D_SIZE]
    return int((sizes * blocks[:, fields.B_SOLVERS]).sum())


def _codes(words: np.ndarray, work: int) -> set[int]:
    """The kernels that a launch's instructions call."""
    found: set[int] = set()
    for block in _blocks(words, work):
        at, count = block[fields.B_INSTRUCTIONS], block[fields.B_COUNT]
        found.update(words[words[at : at + count] + fields.CODE].tolist())
    return found


@contextmanager
def _sizes(sizes: dict[str, int]) -> Iterator[None]:
    """Other constants for the engine."""
    before = {name: getattr(cuda_engine, name) for name in sizes}
    try:
        for name, size in sizes.items():
            setattr(cuda_engine, name, size)
        yield
    finally:
        for name, size in before.items():
            setattr(cuda_engine, name, size)


def cases(text: str) -> list[dict[str, Any]]:
    """Run the battery as each case says."""
    return [_run(Case(**case)) for case in json.loads(text)]


def _run(case: Case) -> dict[str, Any]:
    launches: list[Launched] = []
    devices = [Device(k, case, launches) for k in range(case.devices)]
    spare = (lambda: engine_of(image(), LIMITS)) if case.spare else None
    numbers, memory = texts.numbers(), case.memory
    engine = cuda_engine.CudaEngine(image(), numbers, devices, memory, LIMITS, case.threads, spare)
    blocks = [Block(first, last, None if s is None else tuple(s)) for first, last, s in case.blocks]
    lanes: list[Any] = []
    scores: list[list[int]] = []
    outcomes, error = 0, {}
    WATCH.begin(case.pauses, case.watch)
    with _sizes(SIZES | case.sizes):
        try:
            for outcome in engine.run(encoded(), blocks, case.keep, case.scores):
                outcomes += 1
                for k, lane, solver, sample in outcome.lanes():
                    if outcome.scores is not None:
                        words = np.array([outcome.scores[k, lane]]).view(np.int64)
                        scores.append([solver, sample, *words.tolist()])
                    grid = outcome.grids.get((k, lane))
                    lanes.append((solver, sample, int(outcome.verdicts[k, lane]), grid))
        except (RuntimeError, OSError, Problem) as fault:
            error = _told(fault)
    usage = {name: getattr(engine.usage, name) for name in ("launches", "lanes", "again", "on_cpu")}
    return {
        "lanes": lanes,
        "scores": scores,
        "outcomes": outcomes,
        "launches": [asdict(launch) for launch in launches],
        "usage": usage,
        "resets": sum(device.resets for device in devices),
        "error": error,
        "kernels": sorted(WATCH.called),
        "order": WATCH.order,
        "found": list(WATCH.found),
    }


def _told(fault: Exception) -> dict[str, Any]:
    """An exception as plain data."""
    told: dict[str, Any] = {"name": type(fault).__name__, "text": str(fault)}
    for name in ("solver", "sample", "operation"):
        if hasattr(fault, name):
            told[name] = getattr(fault, name)
    if isinstance(fault, cuda_engine.DeviceFault):
        block = fault.block
        told["block"] = [block.first, block.last, block.solvers]
    return told


# -- rows by themselves

TINY: Final = Limits(elements=5, cells=20, integer=12, total=14, turns=3)
HEAP_WORDS: Final = 1 << 16
_ROW: Final = """
def run_row(heap, colours, number, at, count):
    KERNELS[number](heap, colours, 0, thread(), threads(), at, count)
"""


@cache
def _row_kernel() -> Any:
    """A kernel that runs one group of instructions in a heap that begins at place 0."""
    from numba import cuda as numba_cuda

    scope = simulated_device._main().fn.__globals__
    exec(compile(_ROW, "<one row>", "exec"), scope)
    return numba_cuda.jit(scope["run_row"])


def rows(seed: str, calls: str, threads: str) -> dict[str, Any]:
    """Run every row on random arguments by a team; gives where it differs from the reference."""
    different: list[str] = []
    compared = 0
    WATCH.begin(is_strict=True)
    for name in instruction_names():
        if name in STRUCTURAL:
            continue
        row = row_of(name)
        for limits in (DEFAULT_LIMITS, TINY):
            rng = random.Random(f"{seed} {name}")
            sizes = [0, *(rng.randint(0, int(calls)) for _ in range(3)), int(calls)]
            groups = [[random_call(row, rng, scale=5) for _ in range(size)] for size in sizes]
            found = _on_a_team(row, groups, limits, int(threads))
            for group, results in zip(groups, found, strict=True):
                expected = _by_reference(row, [args for args, _ in group], limits)
                compared += len(group)
                for (args, _), end, result in zip(group, expected, results, strict=True):
                    if not _same(end, result):
                        different.append(f"{name}{args}: {result!r}, expected {end!r}")
    return {
        "compared": compared,
        "different": different,
        "kernels": sorted(WATCH.called),
        "found": list(WATCH.found),
    }


def _on_a_team(
    row: Primitive, groups: list[list[Any]], limits: Limits, threads: int
) -> list[list[Any]]:
    """What a row gives for calls in several instructions; each two lanes are of one scope."""
    heap = Heap(HEAP_WORDS, limits)
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
    arrays = simulated_device._Array(heap.words), simulated_device._Array(heap.colours)
    number = texts.numbers()[row.name]
    _row_kernel()[1, threads](*arrays, number, at, len(groups))
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
        is_over = amount > 0 and total > limits.total
        ends.append(Failure("TOTAL") if is_over else result)
    return ends


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Failure) or isinstance(b, Failure):
        return isinstance(a, Failure) and isinstance(b, Failure) and a.reason == b.reason
    return bool(a == b) and isinstance(a, frozenset) == isinstance(b, frozenset)


# -- what the watch sees

_PLANTED: Final = """
def planted(heap, colours):
    function(Words(heap, colours, thread()), wait, claim)
"""


def planted() -> dict[str, list[str]]:
    """What the watch finds in each of some small kernels of three threads."""
    from numba import cuda as numba_cuda

    found: dict[str, list[str]] = {}
    for name, function in PLANTED.items():
        scope = simulated_device._main().fn.__globals__
        scope |= {"function": function, "Words": Words}
        exec(compile(_PLANTED, "<planted>", "exec"), scope)
        words = np.zeros(64, np.int64)
        WATCH.begin(is_strict=True)
        arrays = simulated_device._Array(words), simulated_device._Array(words.view(np.int32))
        numba_cuda.jit(scope["planted"])[1, 3](*arrays)
        found[name] = list(WATCH.found)
    return found


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "fuzz": fuzz,
    "cases": cases,
    "rows": rows,
    "planted": planted,
}

if __name__ == "__main__":
    install()
    print(json.dumps(FUNCTIONS[sys.argv[1]](*sys.argv[2:])))
