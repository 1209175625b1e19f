"""The whole way from data and source text to verdicts, in this process, each phase on a clock.

    data      the ARC tasks read from disk
    generate  the solvers compiled from their text, one after another, in memory
    link      the battery's text and image, written
    load      what runs made from it: the image read, or the text compiled by Python
    kernels   compiled kernels loaded, GPUs opened; not where the backend is the reference
    run       the check's lanes, to their outcomes
    compare   outcomes with what is expected

It is what a build from nothing and a check do, without doit, records, the cache of finished work
and the files of solvers. Python's garbage collector runs as it does there; what it takes is one of
the steps of `generate`, so that no solver is charged with it.
"""

from __future__ import annotations

import ast
import gc
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from pipeline.battery.batteries import CompiledBattery, LinkedBattery, load_battery
from pipeline.battery.check_workload import run_check
from pipeline.battery.devices import choose, compile_missing, kernel_folder
from pipeline.battery.opening import tasks_of
from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import link
from pipeline.config.config import Config
from pipeline.config.solvers import all_units
from pipeline.engine.image import load_image, write_image
from pipeline.frontend.units import Unit
from pipeline.kernels.names import DRIVER
from pipeline.kernels.processor import Kernels
from pipeline.passes import forget
from pipeline.system.cores import cores

STEPS: Final = ("read", "parse", "passes", "emit", "collect")
"""Of the phase `generate`: reading the sources, what is done to each solver, garbage collection."""

_FIXED: Final = "".join(f"x{k} = f(x{k - 1}, {k}, g(y, x{k // 2}))\n" for k in range(300))
"""What the yardstick parses."""


class Changed(Exception):
    """The sources are not those of the battery any more."""


@dataclass(slots=True)
class Run:
    """One way through. steps: seconds of `generate` by step; solvers: for each, by step."""

    whole: float = 0.0
    phases: dict[str, float] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    solvers: dict[str, dict[str, float]] = field(default_factory=dict)
    device: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""


def run_chain(config: Config, names: Sequence[str]) -> Run:
    """Go the whole way for these solvers; raises Changed if one does not compile any more."""
    run = Run()
    gc.collect()
    gc.freeze()  # what is left of earlier runs must not weigh on this one, nor help it
    forget()
    try:
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            _go(run, config, names, Path(folder))
            run.whole = time.perf_counter() - begin
    finally:
        gc.unfreeze()
    return run


def _go(run: Run, config: Config, names: Sequence[str], folder: Path) -> None:
    def timed(phase: str, function: Callable[..., Any], *args: Any) -> Any:
        begin = time.perf_counter()
        result = function(*args)
        run.phases[phase] = time.perf_counter() - begin
        return result

    tasks = timed("data", tasks_of, config)
    graphs = timed("generate", _generate, run, config, names)
    path = timed("link", _link, run, graphs, folder)
    battery = timed("load", _load, config, path)
    if isinstance(battery, CompiledBattery):
        timed("kernels", _load_kernels, config, battery)
    try:
        results = run_check(battery, tasks, config.budget)
    finally:
        _close(battery)
    run.phases |= {phase: results.seconds[phase] for phase in ("run", "compare")}
    run.device = results.device


# -- from text to battery


def _generate(run: Run, config: Config, names: Sequence[str]) -> list[tuple[str, str]]:
    """The text of each solver's graph."""
    with _collections() as collected:
        laps = _Laps(collected)
        units = all_units(config)
        read = laps.lap()
        graphs = []
        for name in names:
            spent = run.solvers[name] = dict.fromkeys(STEPS[1:-1], 0.0)
            text = _compile(units.get(name), config.program.max_nodes, laps, spent)
            if text is None:
                raise Changed(name)
            graphs.append((name, text))
        run.steps = {"read": read}
        for step in STEPS[1:-1]:
            run.steps[step] = sum(spent[step] for spent in run.solvers.values())
        run.steps["collect"] = collected.seconds
    return graphs


def _compile(
    unit: Unit | None, most_nodes: int, laps: _Laps, spent: dict[str, float]
) -> str | None:
    """The text of a solver's graph, None if there is none; each step is charged to its name."""
    if unit is None:
        return None

    def done(step: str) -> None:
        spent[step] += laps.lap()

    return compile_unit(unit, most_nodes, done).graph or None


def _link(run: Run, graphs: list[tuple[str, str]], folder: Path) -> Path:
    linked = link(graphs)
    run.code = linked.code
    path = folder / "batt.py"
    path.write_text(run.code, "utf-8")
    write_image(linked.image, path)
    return path


# -- from battery to verdicts


def _load(config: Config, path: Path) -> LinkedBattery:
    if config.backend == "reference":
        return load_battery(path)
    threads = config.threads or cores()
    image = load_image(path)
    spoken = partial(load_battery, path)
    kernels = kernel_folder(config)
    return CompiledBattery(image, kernels, config.memory_mib, threads, spoken=spoken)


def _load_kernels(config: Config, battery: CompiledBattery) -> Kernels:
    """Load the kernels as if they had not been loaded, and open the GPUs that are used.

    What was loaded is given back, so that the caller gets rid of it, on no clock.
    """
    names, folder = [*battery.image.kernels, DRIVER], kernel_folder(config)
    compile_missing(folder, names)
    loaded = Kernels(folder)
    loaded.load(names)
    battery.accelerated = choose(config).accelerated
    return loaded


def _close(battery: LinkedBattery) -> None:
    if isinstance(battery, CompiledBattery) and battery.accelerated is not None:
        for device in battery.accelerated.devices:
            device.close()


# -- clocks


@dataclass(slots=True)
class _Collected:
    """Seconds in Python's garbage collector."""

    seconds: float = 0.0
    began: float = 0.0

    def __call__(self, phase: str, info: Mapping[str, int]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self.began = now
        else:
            self.seconds += now - self.began


@contextmanager
def _collections() -> Iterator[_Collected]:
    collected = _Collected()
    gc.callbacks.append(collected)
    try:
        yield collected
    finally:
        gc.callbacks.remove(collected)


class _Laps:
    """A clock that tells the seconds since it was last asked, without those of the collector."""

    def __init__(self, collected: _Collected) -> None:
        self._collected = collected
        self._last = time.perf_counter()
        self._before = collected.seconds

    def lap(self) -> float:
        """Seconds since the last lap."""
        now, before = time.perf_counter(), self._collected.seconds
        spent = now - self._last - (before - self._before)
        self._last, self._before = now, before
        return spent


def yardstick() -> tuple[float, float]:
    """Seconds of a fixed piece of work, like that of a compiler, and in how many of them it was at
    work: how fast the machine is just now, and what else it has to do.
    """
    gc.disable()  # what there is to collect differs
    begin, worked = time.perf_counter(), time.thread_time()
    uses: dict[str, int] = {}
    for node in ast.walk(ast.parse(_FIXED)):
        if isinstance(node, ast.Name):
            uses[node.id] = uses.get(node.id, 0) + 1
    found = time.perf_counter() - begin, time.thread_time() - worked
    gc.enable()
    return found
