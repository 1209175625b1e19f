"""Programs of a folder, compiled and run here: on the engine, and by the direct interpreter."""

from __future__ import annotations

from collections.abc import Sequence

from bench.endings import Ours
from pipeline.battery.devices import kernel_folder
from pipeline.config.config import Config
from pipeline.data.tasks import Grid, TrainPairs
from pipeline.frontend.units import Unit
from pipeline.trust.agreement.answers import Built, build_unit, direct, together
from pipeline.trust.agreement.runners import ApartRunner, ImageRunner

Given = tuple[Unit, tuple[Grid, ...], TrainPairs]
"""A program, its grids, and the train pairs of its task."""


def run_part(
    config: Config, part: tuple[int, Sequence[Given]], careful: bool
) -> tuple[int, list[Ours]]:
    """What a process does: some programs at once; careful: each apart, as one ended the process."""
    number, given = part
    if careful:
        return number, [ours for one in given for ours in _run(config, [one], careful)]
    return number, _run(config, given, careful)


def _run(config: Config, given: Sequence[Given], careful: bool) -> list[Ours]:
    built = [build_unit(unit) for unit, _, _ in given]
    places = [k for k, one in enumerate(built) if one.graph is not None]
    lanes_known: dict[tuple[Grid, TrainPairs], int] = {}
    wanted = []
    for k in places:
        _, grids, shown = given[k]
        wanted.append([lanes_known.setdefault((g, shown), len(lanes_known)) for g in grids])
    runner = ImageRunner(kernels=kernel_folder(config))
    answers = together(
        [built[k] for k in places],
        [grid for grid, _ in lanes_known],
        [sorted(set(lanes)) for lanes in wanted],
        config.budget,
        ApartRunner(runner) if careful else runner,
        [shown for _, shown in lanes_known],
    )
    ours = {k: [a[g] for g in lanes] for k, a, lanes in zip(places, answers, wanted, strict=True)}
    return [
        Ours(ours[k], [direct(built[k], grid, config.budget, shown) for grid in grids])
        if k in ours
        else _without(built[k], len(grids))
        for k, (_, grids, shown) in enumerate(given)
    ]


def _without(built: Built, lanes: int) -> Ours:
    """A program that was not compiled."""
    if built.broken is not None:
        return Ours([built.broken] * lanes, [built.broken] * lanes)
    first = built.diagnostics[0]
    return Ours([], [], (first.code, first.message))
