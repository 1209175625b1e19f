"""Run a generated file by itself: `python generated/batt.py`, or one solver's."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from pipeline.battery.batteries import ReferenceBattery
from pipeline.battery.check_workload import run_check
from pipeline.battery.opening import tasks_of
from pipeline.config.config import load_config
from pipeline.data.fetch import PROJECT
from pipeline.data.tasks import DataError
from pipeline.diagnostics import Invalid
from pipeline.report.check_text import print_check, unexpected


def main(solve: Callable[..., None], name: str) -> None:
    """Check one generated solver on the samples of its task; exits with 1 if it is not right."""
    main_battery(solve, (name,))


def main_battery(evaluate: Callable[[Any], None], solvers: tuple[str, ...]) -> None:
    """Check a battery on the samples of its solvers' tasks; exits with 1 if something is wrong."""
    os.chdir(PROJECT)
    try:
        config = load_config()
        tasks = tasks_of(config)
    except (Invalid, DataError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    results = run_check(ReferenceBattery(solvers, evaluate), tasks, config.budget)
    print_check(results, config.known_failures)
    raise SystemExit(1 if unexpected(results, config.known_failures) else 0)
