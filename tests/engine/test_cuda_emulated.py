"""The code of the GPU's kernels, run on this processor: every kernel, teams of every kind, threads
in any order, and nothing written where nothing was claimed.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from pipeline.data.tasks import Task
from pipeline.engine.cuda import cuda_engine
from pipeline.engine.cuda.faults import DeviceFault
from pipeline.engine.cuda.texts import numbers
from pipeline.engine.engine import Block, Engine
from pipeline.engine.samples import encode_samples
from pipeline.kernels.heap import SCRATCH_WORDS, Heap
from pipeline.kernels.names import STRUCTURAL, instruction_names, row_of
from pipeline.trust.agreement import fuzzing
from pipeline.trust.agreement.engines import compare_engines
from pipeline.trust.agreement.on_device import DeviceRunner, device_backend
from tests.all_solvers import Linked, linked, tasks
from tests.columns import engine_of
from tests.emulator import planted, rows, teams
from tests.emulator.device import (
    EmulatedDevice,
    EmulatorFault,
    Others,
    loaded,
    record_of,
    run_kernel,
)
from tests.mixed_battery import LIMITS, SAMPLES, encoded, image
from tests.ptx import SOME

__all__ = ["linked", "tasks"]

THREADS = (1, 33, 64, 128)
CALLS = 40
"""Of a row, in the largest of several groups: more lanes than threads altogether."""
ORDERS = (teams.ASCENDING, teams.DESCENDING, teams.RANDOM)
MEMORY = 1 << 26
WHOLE = [Block(0, len(SAMPLES), None)]
Ends = dict[tuple[int, int], tuple[int, Any]]


def ends(engine: Engine) -> Ends:
    """How every lane of the battery ends, and its grid."""
    return {
        (solver, sample): (int(outcome.verdicts[k, lane]), outcome.grids.get((k, lane)))
        for outcome in engine.run(encoded(), WHOLE, "all")
        for k, lane, solver, sample in outcome.lanes()
    }


@cache
def expected() -> Ends:
    """The same on the CPU's engine."""
    return ends(engine_of(image(), LIMITS))


def engine_on(device: EmulatedDevice, threads: int) -> cuda_engine.CudaEngine:
    """What runs the battery on a device."""
    return cuda_engine.CudaEngine(image(), numbers(), [device], MEMORY, LIMITS, threads)


@pytest.mark.parametrize(("threads", "order"), [*product(THREADS, ORDERS)])
def test_lanes_end_as_on_the_cpu_whatever_the_team_and_its_order(threads: int, order: int) -> None:
    device = EmulatedDevice(MEMORY, 3, order, seed=threads)
    assert ends(engine_on(device, threads)) == expected()
    assert device.claims > 100
    assert device.rounds > 100


ROWS = sorted(set(instruction_names()) - set(STRUCTURAL))
MANY = pytest.mark.long("some rows, and a few programs, are in the default part")


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(sorted(SOME & set(ROWS)), id="some"),
        pytest.param(ROWS, id="all", marks=MANY),
    ],
)
def test_a_row_gives_what_its_reference_gives(names: list[str], threads: int) -> None:
    compared = 0
    record = record_of(ORDERS[threads % 3], seed=threads)
    loaded(names)
    for name in names:
        count, different = rows.differences(row_of(name), threads, CALLS, threads, record)
        assert different == []
        assert count >= 2 * CALLS
        compared += count
    assert record[teams.CLAIMS] > compared // 4


def test_the_battery_calls_every_structural_kernel() -> None:
    assert set(STRUCTURAL) <= set(image().kernels)


PROGRAMS = 12


@pytest.mark.parametrize(
    ("programs", "threads", "order"),
    [
        (PROGRAMS, 33, teams.RANDOM),
        *(
            pytest.param(500, threads, order, marks=MANY)
            for threads, order in product(THREADS, ORDERS)
        ),
    ],
)
def test_random_programs_agree_with_their_interpretation(
    programs: int, threads: int, order: int
) -> None:
    device = EmulatedDevice(MEMORY, 2, order, seed=programs)
    backend = device_backend(DeviceRunner([device], MEMORY, threads), alone=1 << 30)
    found = fuzzing.FuzzSummary()
    for part in fuzzing.blocks_of(programs):
        fuzzing.run_block(threads + order, part, [backend], found)
    told = [f"{m.number} {m.way}: {m.expected!s:.99} / {m.got!s:.99}" for m in found.mismatches]
    assert told == []
    assert sum(found.compared.values()) > programs


LANES = 100_000


@pytest.mark.long("a small battery is in the default part")
def test_lanes_of_the_matrix_end_as_on_the_cpu(linked: Linked, tasks: dict[str, Task]) -> None:
    solvers = len(linked.image.solvers)
    everything = [sample for task in tasks.values() for sample in task.samples]
    samples = random.Random(1).sample(everything, -(-LANES // solvers))
    device = EmulatedDevice(1 << 28, 2, teams.RANDOM, seed=1)
    gpu = cuda_engine.CudaEngine(linked.image, numbers(), [device], 1 << 28)
    given = encode_samples((sample.input, sample.output) for sample in samples)
    wanted = [range(len(samples))] * solvers
    found = compare_engines(engine_of(linked.image), gpu, given, wanted, "none")
    assert found.lanes >= LANES
    assert found.differences == []


# -- what the emulator sees


def with_faulty(fault: str, threads: int) -> EmulatedDevice:
    """A device whose `hmirror` has a fault; the battery has run on it, or tried."""
    device = EmulatedDevice(MEMORY, others=planted.with_fault("hmirror", fault))
    ends(engine_on(device, threads))
    return device


@pytest.mark.parametrize("threads", [1, 33])
@pytest.mark.parametrize("fault", ["past its claim", "past its column"])
def test_a_word_that_was_not_claimed_is_guarded(fault: str, threads: int) -> None:
    with pytest.raises(EmulatorFault, match=r"^a guard word .*: team 0, in or after loop_hmirror"):
        with_faulty(fault, threads)


def guarded(fault: str, threads: int) -> Ends:
    """How lanes end on a build with guards whose `hmirror` does something."""
    others = {**planted.guarded_main(), **planted.with_fault("hmirror", fault, True)}
    return ends(engine_on(EmulatedDevice(MEMORY, guards=False, others=others), threads))


def test_a_build_with_guards_says_who_writes_past_a_claim() -> None:
    text = r"behind what threads had claimed: in samples \d to \d, (gather|mirror|one_of_two)$"
    for threads in (2, 33):
        assert set(guarded("within its claim", threads)) == set(expected())
        with pytest.raises(DeviceFault, match=text):
            guarded("past its claim", threads)


@pytest.mark.parametrize("fault", ["apart", "at two barriers"])
def test_threads_that_wait_at_different_barriers_are_seen(fault: str) -> None:
    with pytest.raises(EmulatorFault, match=r"^threads of a team wait at different barriers"):
        with_faulty(fault, 33)
    assert with_faulty(fault, 1).rounds > 100


def run_alone(others: Others, threads: int) -> None:
    """Let a team run `hmirror` by itself, on no lane."""
    heap = Heap(4096 + threads * SCRATCH_WORDS, LIMITS)
    at = heap.put_all(np.zeros(64, np.int64))
    heap.words[at] = at + 8
    run_kernel(heap.words, "hmirror", at, 1, threads, record_of(), others)


def test_threads_that_end_while_others_wait_are_seen() -> None:
    others = planted.with_fault("hmirror", "apart")
    run_alone(others, 1)
    with pytest.raises(EmulatorFault, match=r"^threads have ended for which others wait"):
        run_alone(others, 2)


def test_a_kernel_that_does_what_another_does_is_seen() -> None:
    device = EmulatedDevice(MEMORY, others=planted.with_other("hmirror", "vmirror"))
    found = ends(engine_on(device, 33))
    assert {lane for lane in found if found[lane] != expected()[lane]}


def test_a_team_that_is_too_large_is_refused() -> None:
    with pytest.raises(EmulatorFault, match="a team of 1025 threads"):
        ends(engine_on(EmulatedDevice(MEMORY), 1025))


def test_turns_of_threads_are_drawn_with_the_seed() -> None:
    drawn = []
    for seed in (1, 1, 2):
        device = EmulatedDevice(MEMORY, order=teams.RANDOM, seed=seed)
        ends(engine_on(device, 64))
        turns = device.record[teams.TURNS : teams.TURNS + 64].tolist()
        assert sorted(turns) == list(range(64))
        drawn.append(turns)
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] != sorted(drawn[0])
