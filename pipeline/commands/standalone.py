"""Run a generated file by itself: `python generated/batt.py`, or one solver's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.battery.batteries import ReferenceBattery
from pipeline.battery.check_workload import run_check
from pipeline.battery.opening import tasks_of
from pipeline.battery.results import unexpected
from pipeline.config.context import Context
from pipeline.config.paths import GENERATED
from pipeline.data.tasks import DataError
from pipeline.diagnostics import Invalid
from pipeline.report.check_text import print_check


def main(solve: Callable[..., None], name: str) -> None:
    """Check one generated solver on the samples of its task; exits with 1 if it is not right."""
    main_battery(solve, (name,))


def _root_of(function: Callable[..., Any]) -> Path:
    """The project that a generated file belongs to, wherever it is run from; this folder where it
    is in none."""
    path = Path(function.__code__.co_filename).absolute()
    found = (folder.parent for folder in path.parents if folder.name == GENERATED)
    root = next(found, Path())
    return root if root != Path.cwd() else Path()


def main_battery(evaluate: Callable[[Any], None], solvers: tuple[str, ...]) -> None:
    """Check a battery on the samples of its solvers' tasks; exits with 1 if something is wrong."""
    try:
        config = Context.of(_root_of(evaluate)).config
        tasks = tasks_of(config)
        results = run_check(ReferenceBattery(solvers, evaluate), tasks, config.budget)
    except (Invalid, DataError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    print_check(results, config.known_failures)
    raise SystemExit(1 if unexpected(results, config.known_failures) else 0)
