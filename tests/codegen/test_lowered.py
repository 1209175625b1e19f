"""The image of a battery does what its text says, lane for lane: what engines run, and what people
read and the reference runtime runs, are made of the same graphs in two ways.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline.battery.batteries import CompiledBattery, battery_of
from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import Linked, link
from pipeline.data.tasks import Sample
from pipeline.frontend.units import Unit
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.trust.programs.expressions import small_grid
from pipeline.trust.programs.writer import random_program
from tests.codegen.test_emit import SOLVERS, compiled_at, unit_at
from tests.compiled import compiled_kernels
from tests.extracted import training

TINY = Limits(elements=12, cells=60, integer=500, total=60, turns=3)


def compare(linked: Linked, samples: list[Sample], wanted: list[list[int]], limits: Limits) -> Any:
    """How lanes end, in kinds; both must end alike, and fail in the same operation."""
    text = battery_of(linked.code)
    image = CompiledBattery(linked.image, compiled_kernels(), memory_mib=256)
    assert image.solvers == text.solvers
    expected = text.outcomes(samples, wanted, limits)
    found = image.outcomes(samples, wanted, limits)
    told = [[str(e) if isinstance(e, Failure) else e for e in ends] for ends in found]
    assert told == [[str(e) if isinstance(e, Failure) else e for e in ends] for ends in expected]
    kinds = [end.kind if isinstance(end, Failure) else "ok" for ends in found for end in ends]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def test_our_solvers_on_a_sample_of_their_own_and_on_others() -> None:
    tasks = training()
    linked = link((unit_at(path).name, compiled_at(path).graph) for path in SOLVERS)
    names = battery_of(linked.code).solvers
    samples = [tasks[name.partition("/")[2]].samples[0] for name in names]
    count = len(samples)
    wanted = [[k, *sorted({(k + 7) % count, (k + 40) % count})] for k in range(count)]
    kinds = compare(linked, samples, wanted, DEFAULT_LIMITS)
    assert kinds["ok"] > 2 * count
    assert kinds["error"] > 0


@pytest.mark.parametrize("limits", [DEFAULT_LIMITS, TINY], ids=["default", "tiny"])
def test_random_programs(limits: Limits) -> None:
    rng = random.Random("lowered")
    graphs = []
    while len(graphs) < 150:
        text = random_program(rng, rng.randint(2, 6))
        compiled = compile_unit(Unit(f"r/{len(graphs):03}", "r.py", 1, text))
        if compiled.graph:
            graphs.append((f"r/{len(graphs):03}", compiled.graph))
    samples = [Sample(small_grid(rng), ((0,),)) for _ in range(8)]
    wanted = [sorted(rng.sample(range(8), 3)) for _ in graphs]
    kinds = compare(link(graphs), samples, wanted, limits)
    assert set(kinds) == {"ok", "error"} | ({"over_budget"} if limits is TINY else set())
