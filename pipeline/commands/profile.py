"""The command `profile`: where the time of the whole pipeline goes, and what changed since last
time.

What is compared with, unless another file is named, is the profile of the last time, which stays as
`profile.previous.json`. Nothing is written before all is measured.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.battery.batteries import LinkedBattery
from pipeline.battery.devices import compile_missing, kernel_folder
from pipeline.battery.opening import battery_on, compiled_battery, is_empty
from pipeline.config import paths
from pipeline.config.context import Context
from pipeline.engine.image import load_image
from pipeline.kernels.names import DRIVER
from pipeline.measuring.chain import Changed
from pipeline.measuring.changes import Known, ProfilesCompared, compare, read_profile
from pipeline.measuring.python_profile import profile_python
from pipeline.measuring.repeats import Workload, measure, tasks_in
from pipeline.measuring.timings import KernelsCompiled, Measured, sizes_to_measure
from pipeline.report.profile_svg import draw_profile
from pipeline.report.whole_profile_text import (
    print_comparison,
    print_functions,
    print_whole_profile,
    summary,
)
from pipeline.system.atomic import write_atomic
from pipeline.system.progress import working


@dataclass(frozen=True, slots=True)
class ProfileAsked:
    """What is asked for. sizes: numbers of tasks as text; against: a file, else the last one."""

    repeats: int = 3
    sizes: str = "10,25,50,100,200"
    against: str = ""
    cprofile: bool = False


def profile(context: Context, asked: ProfileAsked = ProfileAsked()) -> int:
    """Measure, compare, write, print; 0 if all could be measured."""
    started = time.perf_counter()
    sizes, against = _sizes(asked.sizes), asked.against or paths.PROFILE
    if sizes is None or _is_wrong(asked):
        return 2
    try:
        known = _known(context, against)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no profile that can be compared"
        print(f"{against}: {why}", file=sys.stderr)
        if asked.against:
            return 2
        known = None
    battery, compiled = _battery(context)
    if is_empty(battery):
        return 2
    sizes = sizes_to_measure(sizes, len(tasks_in(battery)))
    try:
        found = measure(Workload(context, battery, asked.repeats, sizes, compiled))
    except Changed:
        print("the sources changed while they were measured: run again", file=sys.stderr)
        return 1
    compared = compare(known, read_profile(found.to_json()), against) if known else None
    _write(context, found, compared)
    print_whole_profile(found)
    print_comparison(compared)
    if asked.cprofile:
        _profile_python(context, battery)
    print()
    _draw(context)
    print(summary(found, compared, paths.PROFILE, time.perf_counter() - started))
    return 0


def _sizes(text: str) -> list[int] | None:
    """The numbers of tasks in a list like `10,50`; None, said, if it is none."""
    try:
        sizes = [int(word) for word in text.split(",") if word.strip()]
    except ValueError:
        sizes = [0]
    if all(size > 0 for size in sizes):
        return sizes
    print(f"--sizes must be numbers of tasks, like 10,50,200, not {text!r}", file=sys.stderr)
    return None


def _is_wrong(asked: ProfileAsked) -> bool:
    if asked.repeats < 1:
        print(f"--repeats must be at least 1, not {asked.repeats}", file=sys.stderr)
    return asked.repeats < 1


def _known(context: Context, path: str) -> Known | None:
    """The profile in a file; None if it is the last one and there is none yet."""
    try:
        data = (context.at(path) if path == paths.PROFILE else Path(path)).read_bytes()
    except FileNotFoundError:
        if path == paths.PROFILE:
            return None
        raise
    return read_profile(json.loads(data))


def _battery(context: Context) -> tuple[LinkedBattery, KernelsCompiled | None]:
    """The linked battery; its kernels, if they had to be compiled."""
    config = context.config
    if config.backend == "reference":
        return battery_on(config.backend, context), None
    image = load_image(context.at(paths.BATTERY))
    started = time.perf_counter()
    count = compile_missing(kernel_folder(config), [*image.kernels, DRIVER])
    compiled = KernelsCompiled(count, time.perf_counter() - started) if count else None
    return compiled_battery(context), compiled


def _write(context: Context, found: Measured, compared: ProfilesCompared | None) -> None:
    """Write the profile; the last one stays beside it, unless it was damaged."""
    path = context.at(paths.PROFILE)
    with contextlib.suppress(OSError, ValueError):
        _known(context, paths.PROFILE)
        write_atomic(context.at(paths.PROFILE_BEFORE), path.read_bytes())
    raw = {**found.to_json(), "comparison": compared and compared.to_json()}
    write_atomic(path, (json.dumps(raw, indent=1) + "\n").encode())


def _profile_python(context: Context, battery: LinkedBattery) -> None:
    with working("generating and linking once more under cProfile"):
        costs = profile_python(context.config, battery.solvers, context.at(paths.PROFILE_PYTHON))
    print_functions(costs, paths.PROFILE_PYTHON)


def _draw(context: Context) -> None:
    """Draw the profile that was written; what there is nothing to draw of any more goes."""
    raw = json.loads(context.at(paths.PROFILE).read_bytes())
    try:
        with working("drawing the plots"):
            drawn = draw_profile(raw)
    except ImportError:
        print("no plots, as matplotlib is not installed: pip install -e '.[plots]'")
        drawn = {}
    for name, path in paths.PLOTS.items():
        if name in drawn:
            write_atomic(context.at(path), drawn[name].encode())
        else:
            context.at(path).unlink(missing_ok=True)
    if drawn:
        first, *_ = paths.PLOTS.values()
        print(f"plots: {first.rpartition('-')[0]}-{{{','.join(drawn)}}}.svg")
