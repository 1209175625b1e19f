"""The command `diagnose`: why accuracy is not what one expects, step by step."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from pipeline.battery import opening
from pipeline.battery.batteries import LinkedBattery, battery_of, load_battery
from pipeline.battery.check_workload import lanes_of, place_of
from pipeline.battery.devices import choose
from pipeline.battery.opening import battery_on_kernels
from pipeline.commands.asked import Chosen
from pipeline.commands.check_batt import nothing_to_check
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.config.paths import BATTERY, DIAGNOSIS, GENERATED, MAP
from pipeline.config.solvers import all_units, read_lines
from pipeline.data.tasks import Task
from pipeline.engine.image import BadImage, load_image
from pipeline.frontend.candidates import corpus_of, task_of
from pipeline.ir.status import Limits
from pipeline.report.diagnose_text import diagnosis_lines
from pipeline.system.apart import Died, apart
from pipeline.system.atomic import write_atomic
from pipeline.system.cores import cores
from pipeline.system.progress import progress, working
from pipeline.system.spread import spread
from pipeline.trust.diagnosis import judging
from pipeline.trust.diagnosis.module import (
    BATTERY_SIGNATURE,
    Fault,
    Place,
    Unusable,
    function_of,
    load_module,
)
from pipeline.trust.diagnosis.solver import SolverSeen, Subject, disagreement, look_at
from pipeline.trust.diagnosis.steps import BatterySeen, ComparisonSeen, Looked, diagnose

FEW: Final = 16
"""So many solvers are looked at right here: processes take longer to start."""

PART: Final = 5
"""Solvers that a process looks at before it tells."""


EVERY: Final = Chosen()


def diagnosis(
    context: Context, chosen: Chosen = EVERY, broken: Sequence[str] = (), generated: str = ""
) -> int:
    """Diagnose the solvers chosen, or the generated files of another folder; print the steps and
    write them. 0 if all pass, 1 if not, 2 for a question without an answer.
    """
    started = time.perf_counter()
    config = context.config
    folder = Path(generated) if generated else context.at(GENERATED)
    if not folder.is_dir():
        print(f"there is no folder {folder}", file=sys.stderr)
        return 2
    linked = solvers_in(context.at(BATTERY).read_text("utf-8"))
    kept = chosen.of(linked)
    names = [name for name in linked if name in kept]
    lost = sorted(chosen.of(broken))
    if not names and not lost:
        print(chosen.nothing_of([*linked, *broken]), file=sys.stderr)
        return 2
    tasks = opening.tasks_of(config)
    if not lost and not tasks.keys() & set(map(task_of, names)):
        print(nothing_to_check(config, names), file=sys.stderr)
        return 2
    seen = list(_look(_subjects(config, folder, names, tasks), config.budget))
    seen.sort(key=lambda s: names.index(s.name))
    wanted = {ident: tasks[ident] for ident in map(task_of, names) if ident in tasks}
    is_copy = folder.resolve() != context.at(GENERATED).resolve()
    with working("asking the battery and the comparison"):
        linked_seen = _look_at_battery(config, folder / "batt.py", linked, seen, tasks)
        compared = _compare(config, wanted)
    found = diagnose(
        Looked(
            *(seen, lost, linked_seen, compared, folder.as_posix(), is_copy),
            name_of=lambda name, k: place_of(tasks[task_of(name)], k),
            known=lambda name: task_of(name) in config.known_failures.get(corpus_of(name), ()),
        )
    )
    seconds = time.perf_counter() - started
    asked = {"solver": chosen.solver, "task": chosen.task, "corpus": chosen.corpus}
    _write(
        context, {**asked, "generated": folder.as_posix(), **found.to_json(), "seconds": seconds}
    )
    print("\n".join(diagnosis_lines(found, seconds, cache(read_lines))))
    return 1 if found.failed else 0


def solvers_in(text: str) -> list[str]:
    """The solvers that the text of a battery names."""
    found = re.search(r"^SOLVERS = \((.*?)\)$", text, re.MULTILINE | re.DOTALL)
    return re.findall(r'"([^"]+)"', found[1]) if found else []


def _write(context: Context, plain: dict[str, Any]) -> None:
    path = context.at(DIAGNOSIS)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, (json.dumps(plain, indent=1) + "\n").encode())


# -- solvers


def _subjects(
    config: Config, folder: Path, names: Sequence[str], tasks: dict[str, Task]
) -> Iterator[Subject]:
    units = all_units(config)
    for name in names:
        path = folder / "solvers" / f"{name}.py"
        task = tasks.get(task_of(name))
        samples = task.samples if task is not None else ()
        yield Subject(name, path, path.with_suffix(MAP), units.get(name), samples)


@dataclass(frozen=True, slots=True)
class _Part:
    """Solvers that are looked at in one go; their text is not for a traceback."""

    subjects: tuple[Subject, ...] = field(repr=False)
    names: tuple[str, ...]


def _look(subjects: Iterable[Subject], limits: Limits) -> Iterator[SolverSeen]:
    """Look at each, on all cores if there are many."""
    chosen = list(subjects)
    size = PART if len(chosen) > FEW else 1
    chunks = [tuple(chosen[k : k + size]) for k in range(0, len(chosen), size)]
    parts = [_Part(chunk, tuple(s.name for s in chunk)) for chunk in chunks]
    work = partial(_look_at_part, limits=limits)
    with progress("diagnose", len(chosen), "solvers") as advance:
        if len(chosen) <= FEW:
            results: Iterator[list[SolverSeen]] = (work(part, False) for part in parts)
            for found in results:
                advance(len(found))
                yield from found
            return
        with closing(spread(work, parts, cores())) as several:
            for found in several:
                advance(len(found))
                yield from found


def _look_at_part(part: _Part, careful: bool, limits: Limits) -> list[SolverSeen]:
    """careful: each in a process of its own, as one has ended the process of a part."""
    if not careful:
        return [look_at(subject, limits) for subject in part.subjects]
    found = []
    for subject in part.subjects:
        try:
            found.append(apart(partial(look_at, subject, limits)))
        except Died as error:
            every = tuple(range(len(subject.samples)))
            place = Place(subject.path.as_posix(), 0)
            fault = Fault(f"it ends its process: {error}", place, every, "exception")
            found.append(SolverSeen(subject.name, len(every), failing=[fault]))
    return found


# -- the battery


def _look_at_battery(
    config: Config,
    path: Path,
    names: Sequence[str],
    seen: Sequence[SolverSeen],
    tasks: dict[str, Task],
) -> BatterySeen:
    """Load the battery, run it on the lanes of the check, and compare with the interpreter."""
    found = BatterySeen()
    try:
        scope = load_module(path)
    except Unusable as error:
        found.load = error.fault
        return found
    try:
        function_of(scope, path, "evaluate", BATTERY_SIGNATURE)
        _require_solvers(scope.get("SOLVERS"), names, path)
    except Unusable as error:
        found.signature = error.fault
        return found
    try:
        battery = _battery(config, path)
        _compare_lanes(battery, found, seen, tasks, config.budget)
    except (AttributeError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        text = f"{type(error).__name__}: {error}"
        found.crash = Fault(text, Place(path.as_posix(), 0), code="exception")
    return found


def _require_solvers(there: Any, names: Sequence[str], path: Path) -> None:
    """Unusable if the battery has not just these solvers."""
    if isinstance(there, tuple) and list(there) == list(names):
        return
    place = Place(path.as_posix(), 0)
    if not isinstance(there, tuple):
        kind = "missing" if there is None else f"of type {type(there).__name__}"
        raise Unusable(Fault(f"SOLVERS, a tuple of names, is {kind}", place))
    lacks, more = sorted(set(names) - set(there)), sorted(set(there) - set(names))
    texts = [f"SOLVERS lacks {lacks[0]}"] if lacks else []
    texts += [f"SOLVERS has {more[0]}, which the battery of this project has not"] if more else []
    raise Unusable(Fault("; ".join(texts) or "SOLVERS has another order", place))


def _battery(config: Config, path: Path) -> LinkedBattery:
    """The battery in a file as the check would run it; kernels that are missing are compiled. A
    text that was changed has no image, so it is run as it stands.
    """
    if config.backend == "reference":
        return load_battery(path)
    try:
        image = load_image(path)
    except BadImage:
        return load_battery(path)
    spoken = partial(load_battery, path)
    return battery_on_kernels(image, config, spoken, choose(config).accelerated)


def _compare_lanes(
    battery: LinkedBattery,
    found: BatterySeen,
    seen: Sequence[SolverSeen],
    tasks: dict[str, Task],
    limits: Limits,
) -> None:
    answers = {s.name: s.answers for s in seen if s.answers is not None}
    picked = [k for k, name in enumerate(battery.solvers) if name in answers]
    samples, wanted = lanes_of(battery.solvers, tasks, picked)
    outcomes = battery.outcomes(samples, wanted, limits)
    found.backend = battery.backend
    for solver in picked:
        name = battery.solvers[solver]
        found_apart: dict[str, list[int]] = {}
        for k, (expected, got) in enumerate(zip(answers[name], outcomes[solver], strict=True)):
            found.compared += 1
            text = disagreement(expected, got)
            if text:
                found_apart.setdefault(text, []).append(k)
        if found_apart:
            found.differing[name] = [Fault(t, None, tuple(at)) for t, at in found_apart.items()]


# -- the comparison


def _compare(config: Config, tasks: dict[str, Task]) -> ComparisonSeen:
    """Ask the check, on what runs it and on the reference, about each expected output."""
    wrong: list[tuple[str, judging.WrongVerdict]] = []
    linked = judging.returning_input(sorted(tasks))
    batteries: list[LinkedBattery] = [battery_of(linked.code)]
    if config.backend != "reference":
        spoken = partial(battery_of, linked.code)
        chosen = choose(config).accelerated
        compiled = battery_on_kernels(linked.image, config, spoken, chosen)
        batteries.insert(0, compiled)
    for battery in batteries:
        found = judging.wrong_verdicts(battery, tasks, config.budget)
        wrong += [(battery.backend, verdict) for verdict in found]
    outputs = [sample.output for task in tasks.values() for sample in task.samples]
    rejected = sum(len(list(judging.changed(grid))) for grid in outputs)
    backends = tuple(battery.backend for battery in batteries)
    return ComparisonSeen(backends, len(outputs), rejected, tuple(wrong))
