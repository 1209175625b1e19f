"""What runs inside the processes of `tests.simulated`: functions of texts that give plain data."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from pipeline.engine.cuda import cuda_engine, texts
from pipeline.trust.agreement import fuzzing
from pipeline.trust.agreement.on_device import DeviceRunner, device_backend
from tests import simulated_device
from tests.mixed_battery import LIMITS, encoded, image
from tests.planted_kernels import PLANTED, Words
from tests.simulated import Case
from tests.small_devices import MEMORY, blocks_in, with_sizes
from tests.team_watch import WATCH, install

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


def cases(text: str) -> list[dict[str, Any]]:
    """Run the battery as each case says."""
    return [_run(Case(**case)) for case in json.loads(text)]


def _run(case: Case) -> dict[str, Any]:
    devices = [simulated_device.SimulatedDevice(MEMORY, case.processors)]
    engine = cuda_engine.CudaEngine(image(), texts.numbers(), devices, MEMORY, LIMITS, case.threads)
    WATCH.begin(None, is_strict=True)
    with with_sizes(case.sizes):
        lanes = sum(
            outcome.verdicts.size
            for outcome in engine.run(encoded(), blocks_in(case.blocks), "all")
        )
    return {"lanes": lanes, "found": list(WATCH.found)}


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
    "planted": planted,
}

if __name__ == "__main__":
    install()
    print(json.dumps(FUNCTIONS[sys.argv[1]](*sys.argv[2:])))
