"""Each case compiles and is right on all samples of its task, interpreted and compiled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.diagnostics import NOTE
from pipeline.frontend.candidates import task_of
from pipeline.frontend.units import split_units
from pipeline.ir.status import DEFAULT_LIMITS, OVER_BUDGET, Failure, Limits
from pipeline.trust.agreement.answers import Built, Crash, build_unit, direct, generated
from pipeline.trust.agreement.runners import ImageRunner
from tests.compiled import compiled_kernels
from tests.extracted import training
from tests.programs.dsl_cases import CASES

SENSIBLE = {"truthy_mfilter", "interval_range"}
"""Those that the published DSL does not solve: any ending but a fault of ours is fine."""

LARGE = {"many_shoot": replace(DEFAULT_LIMITS, total=3_000_000)}
"""Those that are over budget by default, and right on the last sample with these limits, where only
the compiled program is run, as the interpreter takes seconds."""

BARE = {"return_name_only_solve": "67a3c6ac"}
"""Those whose file is called by the task."""


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_right(name: str) -> None:
    path = f"{BARE.get(name, name)}.py"
    units, found = split_units("cases", path, CASES[name].encode())
    assert [d.message for d in found if d.severity != NOTE] == []
    tasks = training()
    for unit in units:
        samples = tasks[task_of(unit.name)].samples
        built = build_unit(unit)
        assert built.broken is None, built.broken
        if built.rejected:
            assert name in SENSIBLE, built.diagnostics
            continue
        outputs = [sample.output for sample in samples]
        if name in LARGE:
            samples = samples[-1:]
            ended = answers(built, [samples[0].input], DEFAULT_LIMITS)
            assert all(isinstance(f, Failure) and f.kind == OVER_BUDGET for f in ended)
            ended = compiled(built, [samples[0].input], LARGE[name])
            outputs = outputs[-1:]
        else:
            ended = answers(built, [s.input for s in samples], DEFAULT_LIMITS)
            outputs = outputs * 2
        assert not any(isinstance(answer, Crash) for answer in ended)
        if name not in SENSIBLE:
            assert ended == outputs


def answers(built: Built, grids: list[Any], limits: Limits) -> list[Any]:
    """How the program ends on each grid compiled, and then how interpreted."""
    return [*compiled(built, grids, limits), *[direct(built, grid, limits) for grid in grids]]


def compiled(built: Built, grids: list[Any], limits: Limits) -> list[Any]:
    """How the program ends on each grid on compiled kernels."""
    return generated(built, grids, limits, ImageRunner(kernels=compiled_kernels()))
