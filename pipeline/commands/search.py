"""The command `search`: configuration, tasks and solvers in, programs in the store out."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from pipeline.cluster.connecting import HERE, Where, asked_for
from pipeline.config.config import Config
from pipeline.config.context import Context
from pipeline.data.arc import load_tasks
from pipeline.data.tasks import Task
from pipeline.incremental.keys import are_no_data_sets
from pipeline.report.search_text import SearchLine, print_search
from pipeline.search.crew import crew_of
from pipeline.search.evidence import Checker
from pipeline.search.islands import World
from pipeline.search.loop import ISLANDS, Search, SearchAsked, key_of_run
from pipeline.search.puzzles import Puzzle, puzzles_of
from pipeline.search.search_store import RunState, Store, store_folder
from pipeline.search.seeds import seeds_of
from pipeline.search.typed_lines import Shapes
from pipeline.system.cores import cores
from pipeline.system.problem import Problem

UNITS: Final = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3_600.0}


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What `doit search` was asked, as words."""

    data: tuple[str, ...]
    task: str = ""
    time: str = ""
    programs: int = 0
    seed: int = 0
    resume: bool = False
    threads: int = 0
    islands: int = 0
    device: str = ""
    where: Where = HERE


def search(context: Context, options: SearchOptions) -> int:
    """Search for programs; says what was found. 0 if it ran, whatever it found; 2 for a question
    without an answer; 130 after Ctrl-C, which loses a step at most.
    """
    seconds = seconds_in(options.time)
    if are_no_data_sets(options.data) or _is_unfit(options, seconds):
        return 2
    config = context.config
    cluster = asked_for(options.where, config.cluster)
    puzzles = _puzzles(config, options)
    if not puzzles:
        print(f"no task of {', '.join(options.data)} is {options.task!r}", file=sys.stderr)
        return 2
    seeds = seeds_of(config, Shapes())
    islands = options.islands or ISLANDS
    asked = SearchAsked(options.data, tuple(puzzles), options.programs, options.seed, islands)
    store = store_of(config)
    state = _state(store, key_of_run(asked, seeds, puzzles), options, context.clock())
    world = World(puzzles, seeds.names, seeds.texts, options.seed)
    line = SearchLine(seconds or 0.0)
    status = 0
    try:
        with (
            closing(Checker(config)) as checker,
            crew_of(world, config, options.threads or cores(), cluster) as crew,
        ):
            Search(store, state, asked, world, crew, checker).go(seconds or 0.0, line.tell)
    except KeyboardInterrupt:
        status = 130
    except Problem as error:
        line.end()
        print_search(store, state.id, len(puzzles))
        raise error
    line.end()
    print_search(store, state.id, len(puzzles))
    store.close()
    return status


def seconds_in(text: str) -> float | None:
    """The seconds that `90`, `90s`, `20m` or `1h` says, 0 for none; None for what is no time."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in UNITS and text[-1:] else (text, "")
    try:
        found = float(number or "0") * UNITS[unit]
    except ValueError:
        return None
    return found if 0 <= found < float("inf") else None


def store_of(config: Config) -> Store:
    """The store of a project's searches."""
    return Store(store_folder(config))


def _is_unfit(options: SearchOptions, seconds: float | None) -> bool:
    """Whether an option has a value that makes no sense; says so."""
    wrong = ""
    if seconds is None:
        wrong = f"--time {options.time}: a number of seconds, or one with s, m or h"
    elif options.programs < 0 or options.threads < 0 or options.islands < 0:
        wrong = "--programs, --threads and --islands take a number from 0 on"
    elif not seconds and not options.programs:
        wrong = "say how long: --time 10m, --programs 100000, or both"
    elif options.device not in ("", "auto", "cpu"):
        wrong = f"--device {options.device}: a search runs on the CPU"
    if wrong:
        print(wrong, file=sys.stderr)
    return bool(wrong)


def _puzzles(config: Config, options: SearchOptions) -> dict[str, Puzzle]:
    tasks: dict[str, Task] = {}
    for name in options.data:
        tasks.update(load_tasks(name, config.cache.folder))
    if options.task:
        wanted = [name.strip() for name in options.task.split(",")]
        tasks = {ident: task for ident, task in tasks.items() if ident in wanted}
    return puzzles_of(tasks)


def _state(store: Store, key: str, options: SearchOptions, now: float) -> RunState:
    """The run to go on with, or a new one."""
    known = store.run_of(key) if options.resume else None
    if known is not None:
        return known
    if options.resume:
        print("search: there is nothing to go on with, so it begins anew", file=sys.stderr)
    asked = {
        "data": options.data,
        "task": options.task,
        "programs": options.programs,
        "seed": options.seed,
        "began": time.strftime("%Y-%m-%d %H:%M", time.localtime(now)),
    }
    return store.begin(key, asked, now)
