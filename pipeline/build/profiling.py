"""The command `profile`: where the time of the whole pipeline goes, and what changed since last
time.

What is compared with, unless another file is named, is the profile of the last time, which stays as
`profile.previous.json`. Nothing is written before all is measured.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.battery.backends import Battery
from pipeline.battery.profile_change import Comparison, Known, compare, read_profile
from pipeline.battery.timing import Compiled, Measured, sizes_to_measure
from pipeline.build import outputs
from pipeline.build.chain import Changed
from pipeline.build.checking import battery_on
from pipeline.build.compiling import compile_missing, compiled_battery, image_folder, kernel_folder
from pipeline.build.config import Config, load_config
from pipeline.build.measuring import Workload, measure
from pipeline.data.atomic import write_atomic
from pipeline.report.whole_profile import print_comparison, print_whole_profile, summary
from pipeline.runtime import kernels
from pipeline.runtime.image import load_image


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. sizes: numbers of tasks as text; against: a file, else the last one."""

    repeats: int = 3
    sizes: str = "10,25,50,100,200"
    against: str = ""
    cprofile: bool = False


def profile(asked: Asked = Asked()) -> int:
    """Measure, compare, write, print; 0 if all could be measured."""
    started = time.perf_counter()
    wanted = _sizes(asked.sizes)
    if wanted is None or _is_wrong(asked):
        return 2
    try:
        known = _known(asked.against or outputs.PROFILE)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no profile that this version reads"
        print(f"{asked.against or outputs.PROFILE}: {why}", file=sys.stderr)
        if asked.against:
            return 2
        known = None
    config = load_config()
    battery, compiled = _battery(config)
    if not battery.solvers:
        print("the battery has no solver: see corpora in config.yaml", file=sys.stderr)
        return 2
    work = Workload(config, battery, asked.repeats, (), compiled)
    work = Workload(
        config, battery, asked.repeats, sizes_to_measure(wanted, len(work.idents)), compiled
    )
    try:
        found = measure(work)
    except Changed:
        print("the sources changed while they were measured: run again", file=sys.stderr)
        return 1
    compared = _compared(found, known, asked.against or outputs.PROFILE)
    _write(found, compared)
    print_whole_profile(found)
    print_comparison(compared)
    print()
    print(summary(found, compared, outputs.PROFILE, time.perf_counter() - started))
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


def _is_wrong(asked: Asked) -> bool:
    if asked.repeats < 1:
        print(f"--repeats must be at least 1, not {asked.repeats}", file=sys.stderr)
    return asked.repeats < 1


def _known(path: str) -> Known | None:
    """The profile in a file; None if it is the last one and there is none yet."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        if path == outputs.PROFILE:
            return None
        raise
    return read_profile(json.loads(data))


def _battery(config: Config) -> tuple[Battery, Compiled | None]:
    """The linked battery; its kernels, if they had to be compiled."""
    if config.backend == "reference":
        return battery_on(config.backend, config), None
    image = load_image(Path(outputs.BATTERY), image_folder(config))
    started = time.perf_counter()
    count = compile_missing(kernel_folder(config), [*image.kernels, kernels.DRIVER])
    compiled = Compiled(count, time.perf_counter() - started) if count else None
    return compiled_battery(config), compiled


def _compared(found: Measured, known: Known | None, path: str) -> Comparison | None:
    return compare(known, read_profile(found.to_json()), path) if known is not None else None


def _write(found: Measured, compared: Comparison | None) -> None:
    """Write the profile; the last one stays beside it, if it was one."""
    path = Path(outputs.PROFILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        write_atomic(outputs.PROFILE_BEFORE, path.read_bytes())
    raw = {**found.to_json(), "comparison": compared and compared.to_json()}
    write_atomic(path, (json.dumps(raw, indent=1) + "\n").encode())
