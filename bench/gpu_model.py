"""What `matrix` would take on a GPU, by a model: `python -m bench.gpu_model`.

It writes bench/results/gpu_model.json. No GPU is asked. The kernels' code for a GPU is run on this
processor (`tests/emulator`) for a sample of the lanes, each block of lanes in a launch of its own,
and it is counted what the longest thread does between each two barriers: instructions and loads; so
the counts are the same on every machine. They stand for a team's time by constants that nobody has
calibrated on a device (`ASSUMPTIONS`): good for comparing one version of the code with another, or
one way to cut work with another, and for no promise.

What is compared: a lane's costs in blocks of several shapes (many samples of one program, as blocks
are cut now; few samples of many programs, as the CPU's are), and, with all lanes cut into blocks by
what is known of their costs, when the last team would end.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.build import PROJECT
from bench.engine import SINGLE, linked
from pipeline.battery.matrix_workload import lay_out
from pipeline.data.arc import extract_data, load_tasks
from pipeline.engine.cuda import layout
from pipeline.engine.cuda.cuda_engine import THREADS, CudaEngine
from pipeline.engine.cuda.cutting import SAMPLES, cut_blocks, weight
from pipeline.engine.cuda.texts import numbers
from pipeline.engine.engine import Block, blocks_of
from pipeline.engine.samples import Samples, encode_samples
from tests.emulator import teams
from tests.emulator.device import EmulatedDevice

RESULTS: Final = PROJECT / "bench/results/gpu_model.json"
SEED: Final = 0
HEAP_WORDS: Final = 1 << 25
ASSUMPTIONS: Final[dict[str, Any]] = {
    "calibrated": False,
    "hertz": 1.755e9,
    "processors": 132,
    "cycles_an_instruction": 3.5,
    "cycles_a_load": 80,
    "cycles_a_barrier": 30,
    "warp_instructions_a_cycle_and_processor": 3.2,
    "instructions": "LLVM's, weighed as tests/emulator/counted.py says",
}
"""Of an H200: a block takes its longest threads' instructions, loads and barriers, one after
another; teams run beside one another undisturbed, unless all processors issue all the time."""

SHAPES: Final = {"64 x 1": (64, 1, 1), "8 x 1": (8, 1, 8), "1 x 1": (1, 1, 8), "4 x 40": (4, 40, 4)}
"""Samples and programs of a block, and of how many such blocks one is counted, if each lane of the
first is taken once for each program."""

TEAMS: Final = (4, 10, 16)
"""A processor's, by how many registers a thread has: 213, 96 or 64 (see `bench.registers`)."""


@dataclass(frozen=True)
class Counted:
    """What blocks were counted to take: a row each, of barriers, instructions and loads of the
    longest threads, and instructions of all warps.
    """

    blocks: list[Block]
    table: np.ndarray

    @property
    def seconds(self) -> np.ndarray:
        """What each block takes a team."""
        prices = ("cycles_a_barrier", "cycles_an_instruction", "cycles_a_load")
        cycles = self.table[:, :3] @ np.array([ASSUMPTIONS[price] for price in prices])
        return np.asarray(cycles / ASSUMPTIONS["hertz"])

    @property
    def lanes(self) -> np.ndarray:
        """How many each block has."""
        return np.array([(b.last - b.first) * len(b.solvers or ()) for b in self.blocks])


class Model:
    """The battery of the 400 verifiers on all samples of their tasks, for an emulated device."""

    def __init__(self, folder: Path) -> None:
        extract_data(PROJECT / ".cache")
        tasks = load_tasks("arc1-train", PROJECT / ".cache")
        samples = lay_out({"arc1-train": tasks}).samples
        self.samples: Samples = encode_samples((s.input, s.output) for s in samples)
        self.device = EmulatedDevice(guards=False)
        image = linked(folder)[SINGLE].image
        self.engine = CudaEngine(image, numbers(), [self.device], 1 << 30)
        self.no_room = 0

    def chosen(self, samples: int, programs: int, every: int, turns: int) -> list[Block]:
        """Random blocks: so many samples of so many programs, a few for each program."""
        drawn = random.Random(SEED)
        firsts = range(0, len(self.samples) - samples + 1, samples)
        everyone = self.engine.everyone
        groups = [everyone[k : k + programs] for k in range(0, len(everyone), programs)]
        if programs == 1:
            groups = groups[::every]
        else:
            turns *= every
        return [
            Block(first, first + samples, group)
            for group in groups
            for first in drawn.sample(firsts, turns)
        ]

    def count(self, blocks: Iterable[Block]) -> Counted:
        """Run blocks, each by itself; those that find no room are left out."""
        kept, rows = [], []
        for block in blocks:
            found = self._count(block)
            if found is None:
                self.no_room += 1
                continue
            kept.append(block)
            rows.append(found)
        return Counted(kept, np.array(rows))

    def _count(self, block: Block) -> list[float] | None:
        """What a block takes; None if it finds no room."""
        record = self.device.record
        words = [teams.ROUNDS, teams.INSTRUCTIONS, teams.LOADS, teams.ISSUED]
        front = layout.lay_out(
            self.engine, self.engine.loaded, self.samples, [block], "none", 0, False
        )
        launch = front.with_heaps(1, HEAP_WORDS)
        before = record[words].copy()
        reads = [(launch.work, launch.grids)]
        (results,), _ = self.device.run(launch.words, launch.size, launch.work, 1, THREADS, reads)
        if layout.read(launch, results, np.zeros(0, np.int64)).no_room:
            return None
        barriers, instructions, loads, issued = (record[words] - before).tolist()
        return [barriers, instructions / 2, loads, issued / 2]


def main() -> int:
    """Count, play the schedules through, write the results and show them."""
    options = argparse.ArgumentParser(prog="bench.gpu_model", description=__doc__)
    options.add_argument("--turns", type=int, default=2, help="blocks of each shape a program")
    options.add_argument("--output", type=Path, default=RESULTS, help="where to write")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Model(Path(folder)), max(1, chosen.turns))
    chosen.output.write_text(json.dumps(results, indent=1) + "\n")
    for name, shape in results["a_lane"].items():
        print(f"{name:8} {shape['instructions']:10,.0f} instructions {shape['loads']:8,.0f} loads")
    for played in results["schedules"]:
        print(
            f"{played['costs']:15} {played['teams_a_processor']:3} teams a processor "
            f"{played['seconds']:7.3f} s, longest block {played['longest_block']:7.3f} s"
        )
    print(f"written to {chosen.output}")
    return 0


def measure(model: Model, turns: int) -> dict[str, Any]:
    """All figures."""
    counted = {}
    for name, (samples, programs, every) in SHAPES.items():
        print(f"counting blocks of {name} ...", flush=True)
        counted[name] = model.count(model.chosen(samples, programs, every, turns))
    return {
        "assumptions": ASSUMPTIONS,
        "lanes": len(model.samples) * len(model.engine.everyone),
        "threads_a_team": THREADS,
        "blocks_without_room": model.no_room,
        "a_lane": {name: _a_lane(found) for name, found in counted.items()},
        "schedules": list(_schedules(model, counted[f"{SAMPLES} x 1"])),
    }


def _a_lane(found: Counted) -> dict[str, float]:
    """What a lane takes a team in such blocks."""
    names = ("barriers", "instructions", "loads", "instructions_of_warps")
    a_lane = found.table.sum(axis=0) / found.lanes.sum()
    whole = {"blocks": len(found.blocks), "lanes": int(found.lanes.sum())}
    figures = {name: round(float(x), 1) for name, x in zip(names, a_lane, strict=True)}
    micro = 1e6 * found.seconds.sum() / found.lanes.sum()
    return {**whole, **figures, "team_microseconds": round(float(micro), 2)}


def _schedules(model: Model, found: Counted) -> Iterable[dict[str, Any]]:
    """When the last team ends, with blocks cut by what is known of costs: nothing, what the table
    of instructions says, what the first block counted of each program took, as an earlier run
    measures it, or what its others took, which is what all of them are taken to.
    """
    everyone = model.engine.everyone
    starts = model.samples.starts.tolist()
    seen: dict[int, list[float]] = {solver: [] for solver in everyone}
    for block, seconds in zip(found.blocks, found.seconds.tolist(), strict=True):
        for solver in block.solvers or ():
            seen[solver].append(seconds / weight(starts, block.first, block.last))
    first = np.array([max(seen[solver][:1], default=0.0) for solver in everyone])
    others = [seen[solver][1:] or seen[solver] for solver in everyone]
    real = np.array([max(taken, default=0.0) for taken in others])
    issued = found.table[:, 3].sum() / found.lanes.sum() * len(model.samples) * len(everyone)
    all_cycles = issued / ASSUMPTIONS["warp_instructions_a_cycle_and_processor"]
    bound = all_cycles / ASSUMPTIONS["processors"] / ASSUMPTIONS["hertz"]
    known = {
        "nothing": np.ones(len(real)),
        "the table": model.engine.costs.by_instructions,
        "measured before": first,
        "counted": real,
    }
    whole = blocks_of(len(model.samples), 4)
    for name, costs in known.items():
        for count in TEAMS:
            at_once = count * ASSUMPTIONS["processors"]
            blocks = cut_blocks(whole, at_once, costs, everyone, model.samples.starts)
            taken = [_seconds(block, real, starts) for block in blocks]
            yield {
                "costs": name,
                "teams_a_processor": count,
                "blocks": len(blocks),
                "seconds": round(max(bound, last_end(taken, at_once)), 4),
                "mean_of_teams": round(sum(taken) / at_once, 4),
                "longest_block": round(max(taken), 4),
                "if_all_issue_all_the_time": round(bound, 4),
            }


def _seconds(block: Block, real: np.ndarray, starts: Sequence[int]) -> float:
    """What a block takes."""
    words = weight(starts, block.first, block.last)
    return float(real[list(block.solvers or ())].sum()) * words


def last_end(taken: Sequence[float], count: int) -> float:
    """When the last of so many teams ends, if each takes the next block when it has done one."""
    ends = [0.0] * count
    for seconds in taken:
        heapq.heapreplace(ends, ends[0] + seconds)
    return max(ends)


if __name__ == "__main__":
    sys.exit(main())
