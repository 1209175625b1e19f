"""Each case compiles and is right on all samples of its task, interpreted and compiled."""

from __future__ import annotations

import pytest

from pipeline.battery.arguments import load_tasks
from pipeline.diagnostics import NOTE
from pipeline.frontend.candidates import task_of
from pipeline.frontend.units import split_units
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.trust.agreement.answers import Crash, build_unit, direct, generated
from pipeline.trust.agreement.runners import ImageRunner
from tests.compiled import compiled_kernels
from tests.programs.dsl_cases import CASES

SENSIBLE = {"truthy_mfilter", "interval_range"}
"""Those that the published DSL does not solve: any ending but a fault of ours is fine."""

BARE = {"return_name_only_solve": "67a3c6ac"}
"""Those whose file is called by the task."""


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_right(name: str) -> None:
    path = f"{BARE.get(name, name)}.py"
    units, found = split_units("cases", path, CASES[name].encode())
    assert [d.message for d in found if d.severity != NOTE] == []
    tasks = load_tasks("arc1-train")
    for unit in units:
        samples = tasks[task_of(unit.name)].samples
        built = build_unit(unit)
        assert built.broken is None, built.broken
        if built.rejected:
            assert name in SENSIBLE, built.diagnostics
            continue
        grids = [sample.input for sample in samples]
        answers = generated(built, grids, DEFAULT_LIMITS, ImageRunner(kernels=compiled_kernels()))
        interpreted = [direct(built, grid, DEFAULT_LIMITS) for grid in grids]
        assert not any(isinstance(answer, Crash) for answer in (*answers, *interpreted))
        if name not in SENSIBLE:
            assert answers == interpreted == [sample.output for sample in samples]
