"""The commands `check_batt` and `ir`: configuration and files in, results and text out."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.battery.batteries import Battery, CompiledBattery, load_battery
from pipeline.battery.check_workload import lanes_of, run_check, task_of
from pipeline.battery.devices import battery_for, is_no_device, require_use
from pipeline.battery.opening import tasks_of
from pipeline.battery.results import FirstFailure, Results, SolverResult
from pipeline.config.config import DEVICES, Config, load_config
from pipeline.config.paths import BATTERY, BATTERY_FACTS, CHECK
from pipeline.config.solvers import find_units, read_lines
from pipeline.data.arc import Grid, Task
from pipeline.diagnostics import render_all
from pipeline.frontend.parse import parse_unit
from pipeline.ir.text import print_graph
from pipeline.oracle.interpret import locate
from pipeline.passes import STAGES, run_passes
from pipeline.report.check_text import print_check, unexpected
from pipeline.report.profile_text import print_profile
from pipeline.system.atomic import write_atomic
from pipeline.system.progress import working

BACKENDS = ("compiled", "cpu", "cuda", "reference")
"""What `--backend` takes: as in config.yaml, or compiled kernels on a device."""


@dataclass(frozen=True)
class Chosen:
    """Which solvers to check: what is empty, or 0, chooses nothing away."""

    solver: str = ""
    task: str = ""
    corpus: str = ""
    limit: int = 0

    def of(self, names: Sequence[str]) -> set[str]:
        """Those of these solvers."""
        chosen = [name for name in names if self._takes(name)]
        return set(chosen[: self.limit] if self.limit else chosen)

    def _takes(self, name: str) -> bool:
        corpus, _, ident = name.rpartition("/")
        return (
            (not self.solver or self.solver in (name, ident))
            and (not self.task or self.task == task_of(name))
            and (not self.corpus or self.corpus == corpus)
        )

    def __str__(self) -> str:
        return self.solver or self.task or self.corpus


def check(
    chosen: Chosen = Chosen(),
    broken: Sequence[str] = (),
    backend: str = "",
    profile: bool = False,
    device: str = "",
) -> int:
    """Check the battery, or a part of it; write and print the results. 0 if nothing unexpected is
    wrong.

    Only a whole check is written: a part would pass for the whole.
    """
    config = load_config()
    started = time.perf_counter()
    tasks = tasks_of(config)
    backend = backend or config.backend
    if backend not in BACKENDS:
        print(f"no backend {backend!r}; there are {', '.join(BACKENDS)}", file=sys.stderr)
        return 2
    if is_no_device(device):
        return 2
    if backend in DEVICES:
        backend, device = "compiled", device or backend
    battery = battery_on(backend, config, device)
    loaded = time.perf_counter() - started
    names = [*battery.solvers, *broken]
    kept = chosen.of(names)
    if not kept:
        print(f"no solver in the battery matches {str(chosen)!r}", file=sys.stderr)
        return 2
    with working(f"checking {len(kept):,} solvers on the samples of their tasks"):
        results = run_check(battery, tasks, config.budget, kept.__contains__, broken, loaded)
    rows = tuple(located_row(config, tasks, row) for row in results.solvers)
    results = replace(results, solvers=rows)
    if isinstance(battery, CompiledBattery):
        require_use(battery)
    if len(kept) == len(names):
        write_results(results, Path(CHECK))
    print_check(results, config.known_failures, read_lines)
    if profile:
        _print_profile(battery, tasks, kept, config)
    return 1 if unexpected(results, config.known_failures) else 0


def _print_profile(
    battery: Battery, tasks: dict[str, Task], kept: set[str], config: Config
) -> None:
    if not isinstance(battery, CompiledBattery):
        print("the reference backend has no profile: use --backend cpu", file=sys.stderr)
        return
    picked = [k for k, name in enumerate(battery.solvers) if name in kept]
    samples, wanted = lanes_of(battery.solvers, tasks, picked)
    print_profile(battery.profile(samples, wanted, config.budget))


def battery_on(backend: str, config: Config, device: str = "") -> Battery:
    """The linked battery on a backend; kernels that are missing are compiled."""
    if backend == "reference":
        facts = json.loads(Path(BATTERY_FACTS).read_bytes())
        return load_battery(Path(BATTERY), facts["nodes"])
    return battery_for(config, device)


def write_results(results: Results, path: Path) -> None:
    """Write the results as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results.to_json(), indent=1)
    write_atomic(path, (text + "\n").encode())


def located_row(config: Config, tasks: dict[str, Task], row: SolverResult) -> SolverResult:
    """The row with the place in the source where its first failing sample failed."""
    failure = row.first_failure
    if failure is None or not failure.reason:
        return row
    grid = _sample_input(tasks[row.task], failure)
    return replace(row, first_failure=located(config, row.solver, grid, failure))


def located(config: Config, solver: str, grid: Grid, failure: FirstFailure) -> FirstFailure:
    """The failure on a grid with its place in the source, if that can be found.

    The place comes from interpreting that one sample again: generated code and interpretation agree
    on how a lane ends, and the interpreter knows the statement.
    """
    unit = next(iter(find_units(config, solver)), None)
    program = parse_unit(unit)[0] if unit is not None else None
    span = locate(program, grid, config.budget) if program is not None else None
    if span is None:
        return failure
    return replace(failure, path=span.path, line=span.line, column=span.column, width=span.width)


def _sample_input(task: Task, failure: FirstFailure) -> Grid:
    part, _, place = failure.sample.rstrip("]").partition("[")
    samples = task.train if part == "train" else task.test
    return samples[int(place)].input


def print_ir(solver: str, after: str) -> int:
    """Print a solver's IR after a pass; 0 if there is one."""
    if not solver:
        print("which solver? `doit ir --solver CORPUS/ID`", file=sys.stderr)
        return 2
    if after and after not in STAGES:
        print(f"no pass {after!r}; there are {', '.join(STAGES)}", file=sys.stderr)
        return 2
    config = load_config()
    units = find_units(config, solver)
    if not units:
        print(f"no solver {solver!r} in the corpora of config.yaml", file=sys.stderr)
        return 2
    program, found = parse_unit(units[0])
    graph = None
    if program is not None:
        graph, found = run_passes(program, config.program.max_nodes, after or STAGES[-1])
    if graph is None:
        path = units[0].path
        print(render_all(found, {path: read_lines(path)}), file=sys.stderr)
        return 1
    print(print_graph(graph))
    return 0
