"""The command `report`: run the battery, gather what there is, write one HTML file."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pipeline.battery.attempts import faults, score
from pipeline.battery.batteries import CompiledBattery, LinkedBattery
from pipeline.battery.check_workload import lanes_of
from pipeline.battery.closeup import look_closely, with_places
from pipeline.battery.locating import KeptPlaces, Locator
from pipeline.battery.opening import battery_on, tasks_of
from pipeline.commands.submission import outputs_of
from pipeline.config import paths
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.config.solvers import all_units, read_lines
from pipeline.data.arc import SOURCES, load_tasks
from pipeline.data.tasks import DataError, Task
from pipeline.diagnostics import render_problems
from pipeline.engine.engine import TooLarge
from pipeline.frontend.units import Unit
from pipeline.incremental.keys import matrix_key
from pipeline.incremental.linking import is_current
from pipeline.incremental.problems import load_problems
from pipeline.incremental.session import Session
from pipeline.report.html import render_html
from pipeline.report.listing import Listing, listing
from pipeline.report.page_data import Found, ReportFacts, Submitted
from pipeline.report.search_section import SearchSection, search_section
from pipeline.search.search_store import NAME, Store, found_programs, store_folder
from pipeline.system.atomic import write_atomic
from pipeline.system.cores import cores
from pipeline.system.problem import Problem
from pipeline.system.progress import working
from pipeline.system.surroundings import commit_of, processor


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When, of which state of the project and on what machine a report is made, as it says it."""

    made: str = ""
    commit: str = ""
    machine: str = ""


NOTHING: Final = Circumstances()


def report_session(session: Session) -> int:
    """Write the report of a build's session."""
    plan = session.plan
    texts = {row.name: row.problems for row in plan.current.values() if row.problems is not None}
    texts |= dict(zip(plan.doubled, plan.doubles, strict=True))
    problems = {name: render_problems(load_problems(text)) for name, text in texts.items()}
    context = session.context
    facts = _json(context.at(paths.MATRIX_FACTS))
    about = Circumstances(
        datetime.fromtimestamp(context.clock(), UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit_of(context.root),
        f"{processor()}, {cores()} cores, Python {platform.python_version()}",
    )
    if facts is None:
        return report(context, problems, about=about, kept=session.places)
    key = matrix_key(session, tuple(row["data"] for row in facts["data"]))
    is_present = is_current(session, "matrix", key)
    return report(context, problems, is_present, about, session.places)


def report(
    context: Context,
    problems: Mapping[str, str] | None = None,
    matrix_is_current: bool = True,
    about: Circumstances = NOTHING,
    kept: KeptPlaces | None = None,
) -> int:
    """Write the report; 0: what solvers get wrong is in it.

    problems: of each solver that is broken, what is wrong with it. kept: where places are kept.
    """
    config = context.config
    started = time.perf_counter()
    tasks = tasks_of(config)
    units = all_units(config)
    battery = battery_on(config.backend, context)
    with working(f"running {len(battery.solvers):,} solvers on the samples of their tasks"):
        begun = time.perf_counter()
        found = look_closely(battery, tasks, config.budget)
        ran = time.perf_counter() - begun
        found = with_places(found, Locator(units.get, config.budget, kept))
        costs, untimed = _milliseconds(config, battery, tasks)
    broken = dict(problems or {})
    names = [row.solver for row in found] + list(broken)
    facts = _facts(context, battery, ran)
    matrix, matrix_tasks = _matrix(context, matrix_is_current)
    gathered = Found(
        facts=replace(facts, untimed=untimed, **asdict(about)),
        solvers=found,
        tasks=tasks,
        listings=_listings(context, units, names, broken),
        problems=broken,
        milliseconds=costs,
        matrix=matrix,
        matrix_tasks=matrix_tasks,
        profile=_json(context.at(paths.PROFILE)),
        stress=_json(context.at(paths.STRESS)),
        diagnosis=_json(context.at(paths.DIAGNOSIS)),
        submission=_submission(context),
        known=config.known_failures,
        search=_search(config),
        old=_old(context),
    )
    page = render_html(gathered).encode()
    path = context.at(paths.REPORT)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, page)
    print(_said(gathered, len(page), time.perf_counter() - started))
    return 0


def _milliseconds(
    config: Config, battery: LinkedBattery, tasks: dict[str, Task]
) -> tuple[dict[str, float], str]:
    """What each solver costs on one thread of the CPU; nothing, and why, where that can't be
    measured."""
    if not isinstance(battery, CompiledBattery):
        return {}, "plain Python measures none"
    samples, wanted = lanes_of(battery.solvers, tasks, range(len(battery.solvers)))
    if not samples:
        return {}, ""
    try:
        costs = battery.profile(samples, wanted, config.budget).solvers
    except TooLarge as error:
        return {}, str(error)
    return {cost.name: 1e3 * cost.seconds for cost in costs}, ""


def _listings(
    context: Context, units: Mapping[str, Unit], names: Iterable[str], broken: Mapping[str, str]
) -> dict[str, Listing]:
    lines: dict[str, list[str]] = {}
    found = {}
    for name in names:
        unit = units.get(name)
        if unit is None:
            continue
        if unit.path not in lines:
            lines[unit.path] = read_lines(unit.path)
        code = "" if name in broken else _text(context.at(paths.code_path(name)))
        source_map = "" if name in broken else _text(context.at(paths.map_path(name)))
        found[name] = listing(unit, lines[unit.path], code if source_map else "", source_map)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""


def _json(path: Path) -> Any:
    """What is in a file of results; None where there is none, or it is damaged."""
    text = _text(path)
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _facts(context: Context, battery: LinkedBattery, seconds: float) -> ReportFacts:
    groups = (_json(context.at(paths.BATTERY_FACTS)) or {}).get("groups", 0)
    device = str(battery.device["device"])
    return ReportFacts(battery.backend, device, context.config.data, battery.nodes, groups, seconds)


def _search(config: Config) -> SearchSection | None:
    """What searches found, with what the programs give for the tests."""
    found = found_programs(config)
    if not (store_folder(config) / NAME).exists():
        return None
    store = Store(store_folder(config))
    runs = [(state, store.curve(state.id)) for state in store.runs()]
    names = {name for state, _ in runs for name in state.asked.get("data", ())}
    store.close()
    tasks: dict[str, Task] = {}
    for name in sorted(names):
        with suppress(DataError):
            tasks |= load_tasks(name, config.cache.folder)
    known = [program for program in found if program.task in tasks]
    return search_section(runs, found, tasks, outputs_of(config, known, tasks) if known else {})


def _matrix(context: Context, current: bool) -> tuple[dict[str, Any] | None, list[Task | None]]:
    """The matrix and the tasks of its columns, as far as these are there still."""
    import numpy as np

    from pipeline.report.matrix_map import matrix_map

    facts, path = _json(context.at(paths.MATRIX_FACTS)), context.at(paths.MATRIX)
    if facts is None or not path.exists():
        return None, []
    sets = {name: _tasks_in(context, name) for name in {row["data"] for row in facts["tasks"]}}
    found = [_same_task(sets[row["data"]].get(row["task"]), row) for row in facts["tasks"]]
    return matrix_map(facts, np.load(path), current), found


def _same_task(task: Task | None, row: Mapping[str, Any]) -> Task | None:
    """The task of a column, unless it has other samples now."""
    if task is None or (len(task.train), len(task.test)) != (row["train"], row["test"]):
        return None
    return task


def _tasks_in(context: Context, name: str) -> dict[str, Task]:
    try:
        return load_tasks(name, context.config.cache.folder)
    except Problem:
        return {}


def _submission(context: Context) -> Submitted | None:
    """The submission, if it is one for a data set that is known here."""
    plain = _json(context.at(paths.SUBMISSION))
    if not isinstance(plain, dict):
        return None
    for name in dict.fromkeys([*context.config.data, *SOURCES]):
        tasks = _tasks_in(context, name)
        if tasks.keys() == plain.keys() and not any(faults(plain, tasks)):
            return Submitted(name, score(plain, tasks))
    return None


def _old(context: Context) -> frozenset[str]:
    """Which results are older than the battery."""
    made = _changed(context.at(paths.BATTERY))
    files = {
        "stress": paths.STRESS,
        "diagnosis": paths.DIAGNOSIS,
        "submission": paths.SUBMISSION,
        "profile": paths.PROFILE,
    }
    return frozenset(name for name, path in files.items() if _changed(context.at(path)) < made)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _said(found: Found, size: int, seconds: float) -> str:
    samples = sum(len(row.lanes) for row in found.solvers)
    parts = [f"{len(found.solvers) + len(found.problems):,} solvers", f"{samples:,} samples"]
    if found.matrix is None:
        parts.append("no matrix (`doit matrix` makes it)")
    else:
        parts.append("the matrix" if found.matrix["current"] else "an outdated matrix")
    for name in ("profile", "stress", "diagnosis", "submission"):
        if getattr(found, name) is not None:
            parts.append(f"the {name}")
    if found.facts.untimed:
        parts.append(f"no time for each solver ({found.facts.untimed})")
    head = f"report: {paths.REPORT} ({size / 2**20:.1f} MiB)"
    return f"{head}: {', '.join(parts)} ({seconds:.1f} s)"
