"""The command `submission`: the matrix, the battery and what searches found in, a file for the ARC
Prize out.

The matrix says which programs are right on all train samples of a task. Only these are run again,
on the task's test inputs, because the matrix keeps verdicts and no grids.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.battery.attempts import (
    Answers,
    Candidate,
    best_two,
    faults,
    read,
    score,
    to_json,
    to_text,
)
from pipeline.battery.batteries import CompiledBattery, ReferenceBattery, battery_of
from pipeline.battery.devices import is_no_device
from pipeline.battery.opening import battery_for, battery_on_kernels
from pipeline.codegen.graph_text import write_graph
from pipeline.codegen.link import link
from pipeline.config import paths
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.data.arc import SOURCES, load_tasks
from pipeline.data.tasks import Sample, Task
from pipeline.engine.image import Image, image_of_graphs
from pipeline.frontend.parse import parse_text
from pipeline.incremental.keys import are_no_data_sets
from pipeline.ir.graph import Graph
from pipeline.ir.status import Failure, Limits
from pipeline.passes import run_passes
from pipeline.report.submission_text import print_faults, print_submission
from pipeline.search.search_store import FoundProgram, found_programs
from pipeline.system.atomic import write_atomic
from pipeline.system.problem import Problem


class NoMatrix(Problem):
    """There is no matrix to make a submission from; the text says why, and how to get it."""

    status = 2

    def __init__(self, why: str, sets: Iterable[str]) -> None:
        super().__init__(f"{why}: run `doit matrix --data {','.join(sets)}` first")


def submit(
    context: Context, data: str, is_current: Callable[[tuple[str, ...]], bool], device: str = ""
) -> int:
    """Write the submission for a data set, and print what it scores. 0 if it is written; 2 if
    there is no matrix to make it from.

    is_current: whether the matrix on these data sets is that of the present battery.
    """
    if are_no_data_sets([data]) or is_no_device(device):
        return 2
    try:
        fitting = _fitting(context, data, is_current)
    except NoMatrix as error:
        print(error, file=sys.stderr)
        return error.status
    config = context.config
    started = time.perf_counter()
    tasks = load_tasks(data, config.cache.folder)
    battery = battery_for(context, device)
    found = [program for program in found_programs(config) if program.task in tasks]
    speakers: list[tuple[CompiledBattery, Mapping[str, Sequence[str]]]] = [(battery, fitting)]
    if found:
        speakers.append(found_battery(config, found))
    answers = answer(tasks, speakers, config.budget)
    write_atomic(context.at(paths.SUBMISSION), to_text(answers).encode())
    seconds = time.perf_counter() - started
    scored = score(to_json(answers), tasks)
    by_task = {row.task: row for row in answers}
    print_submission(
        data, scored, by_task, paths.SUBMISSION, f"({battery.backend}, {seconds:.1f} s)"
    )
    return 0


def validate(context: Context, data: str, path: str) -> int:
    """Print every fault of a submission for a data set, or what it scores. 0 if it has none, 2 if
    it can't be read."""
    if are_no_data_sets([data]):
        return 2
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        print(f"{path}: {error.strerror or error}", file=sys.stderr)
        return 2
    tasks = load_tasks(data, context.config.cache.folder)
    plain, found = read(text)
    if plain is not None or not found:
        found = [*found, *faults(plain, tasks)]
    if found:
        print_faults(path, found, _other_set(context, plain, data))
        return 1
    print_submission(data, score(plain, tasks), {}, path, "valid")
    return 0


def answer(
    tasks: Mapping[str, Task],
    speakers: Iterable[tuple[CompiledBattery, Mapping[str, Sequence[str]]]],
    limits: Limits,
) -> list[Answers]:
    """The attempts at every test input of every task, by the programs that fit the task: those of
    each battery.
    """
    said: dict[tuple[str, int], list[Candidate]] = {}
    for battery, fitting in speakers:
        for place, candidates in candidates_for(battery, tasks, fitting, limits).items():
            said.setdefault(place, []).extend(candidates)
    return [
        Answers(ident, tuple([best_two(said.get((ident, k), ())) for k in range(len(task.test))]))
        for ident, task in tasks.items()
    ]


def candidates_for(
    battery: CompiledBattery,
    tasks: Mapping[str, Task],
    fitting: Mapping[str, Sequence[str]],
    limits: Limits,
) -> dict[tuple[str, int], list[Candidate]]:
    """What programs that fit make of test inputs, by task and place."""
    samples: list[Sample] = []
    wanted: list[list[int]] = [[] for _ in battery.solvers]
    numbers = {name: k for k, name in enumerate(battery.solvers)}
    speakers: list[tuple[tuple[str, int], list[int]]] = []
    for ident, task in tasks.items():
        solvers = [numbers[name] for name in fitting.get(ident, ())]
        for at, sample in enumerate(task.test):
            for k in solvers:
                wanted[k].append(len(samples))
            speakers.append(((ident, at), solvers))
            samples.append(sample)
    lanes = battery.outcomes(samples, wanted, limits) if any(wanted) else []
    found = {
        (k, place): outcome
        for k, places in enumerate(wanted)
        for place, outcome in zip(places, lanes[k] if lanes else (), strict=True)
    }
    return {
        key: list(_candidates(battery.image, {k: found[k, place] for k in solvers}))
        for place, (key, solvers) in enumerate(speakers)
    }


def found_battery(
    config: Config, programs: Iterable[FoundProgram]
) -> tuple[CompiledBattery, dict[str, list[str]]]:
    """What searches found as a battery, and which programs are for which task."""
    graphs: list[Graph] = []
    fitting: dict[str, list[str]] = {}
    for program in programs:
        parsed, wrong = parse_text(program.text, found_name(program))
        graph = None if parsed is None or wrong else run_passes(parsed, config.program.max_nodes)[0]
        if graph is not None:
            graphs.append(graph)
            fitting.setdefault(program.task, []).append(graph.name)
    spoken = partial(_linked_text, graphs)
    return battery_on_kernels(image_of_graphs(graphs), config, spoken), fitting


def _linked_text(graphs: Sequence[Graph]) -> ReferenceBattery:
    """The same battery on the reference runtime."""
    return battery_of(link([(graph.name, write_graph(graph)) for graph in graphs]).code)


def outputs_of(
    config: Config, programs: Sequence[FoundProgram], tasks: Mapping[str, Task]
) -> dict[tuple[str, str], list[Any]]:
    """What programs that were found give for the test inputs of their tasks, None for nothing, by
    task and text.
    """
    battery, _ = found_battery(config, programs)
    numbers = {name: k for k, name in enumerate(battery.solvers)}
    samples: list[Sample] = []
    wanted: list[list[int]] = [[] for _ in battery.solvers]
    rows: list[tuple[FoundProgram, int]] = []
    for program in programs:
        number = numbers.get(found_name(program))
        if number is not None:
            test = tasks[program.task].test
            wanted[number] = list(range(len(samples), len(samples) + len(test)))
            samples += test
            rows.append((program, number))
    lanes = battery.outcomes(samples, wanted, config.budget) if samples else []
    return {
        (program.task, program.text): [
            None if isinstance(outcome, Failure) else outcome for outcome in lanes[number]
        ]
        for program, number in rows
    }


def found_name(program: FoundProgram) -> str:
    """What a program that was found is called among solvers."""
    return f"found/{program.task}__{program.id}"


def _candidates(image: Image, outcomes: Mapping[int, Any]) -> Iterable[Candidate]:
    """What became a grid, of solvers that are the same program once: copies don't agree with each
    other, they are one opinion."""
    programs: set[tuple[bytes, int]] = set()
    for k in sorted(outcomes, key=image.solvers.__getitem__):
        program = image.program_of(k)
        if program not in programs and not isinstance(outcomes[k], Failure):
            programs.add(program)
            yield Candidate(image.solvers[k], len(image.instructions_of(k)), outcomes[k])


def _fitting(
    context: Context, data: str, is_current: Callable[[tuple[str, ...]], bool]
) -> dict[str, tuple[str, ...]]:
    """For each task of a data set the programs that are right on its train samples, as the matrix
    has them; NoMatrix if it has not."""
    try:
        facts = json.loads(context.at(paths.MATRIX_FACTS).read_bytes())
        sets = tuple(row["data"] for row in facts["data"])
        rows = [row for row in facts["tasks"] if row["data"] == data]
        fitting = {row["task"]: tuple(row["right_on_train"]) for row in rows}
    except FileNotFoundError:
        raise NoMatrix("there is no matrix", [data]) from None
    except (ValueError, KeyError, TypeError):
        raise NoMatrix(f"{paths.MATRIX_FACTS} is damaged", [data]) from None
    if data not in sets:
        raise NoMatrix(f"the matrix is of {', '.join(sets)} only", [*sets, data])
    if not is_current(sets):
        raise NoMatrix("the matrix is not of the present battery, data and settings", sets)
    return fitting


def _other_set(context: Context, plain: Any, data: str) -> str:
    """A hint at the data set that a submission without a single task of this one may be for."""
    cache = context.config.cache.folder
    if not isinstance(plain, dict) or not plain.keys().isdisjoint(load_tasks(data, cache)):
        return ""
    for name in SOURCES:
        if not plain.keys().isdisjoint(load_tasks(name, cache)):
            return f"it has tasks of {name}: `--data {name}`?"
    return ""
