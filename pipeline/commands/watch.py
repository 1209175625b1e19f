"""The command `watch`: wait for saves, look at what changed, print it, until Ctrl-C.

An event of the file system only wakes: what changed is found by content (see `recheck`). So it
does not matter in what steps an editor saves, and two saves in quick succession are one look or
two. Folders are watched one by one, not whole trees: the tree's own folder holds what builds write.

Measured with 539 solvers on two busy cores, from a save to its verdict on the screen: 0.10 s in
the middle of 40 saves, 0.35 s at most; 0.04 s of it are `STEP`, twice.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final

from pipeline.battery.opening import tasks_of
from pipeline.commands.recheck import Stale, Watched
from pipeline.config.config import Config
from pipeline.config.discovery import folders_of, is_hidden
from pipeline.config.settings import CONFIG, path_of
from pipeline.config.solvers import read_lines
from pipeline.data.files import is_path
from pipeline.diagnostics import Invalid
from pipeline.incremental.session import Session
from pipeline.report.watch_text import round_text, sum_text
from pipeline.system.problem import Problem
from pipeline.system.standard import is_lost
from pipeline.system.terminal import say

STEP: Final = 20
"""Milliseconds without a further event after which a save counts as done; also how often to see
whether there is one."""

REST: Final = 500
"""Milliseconds after which a watch on folders that are new is known to have begun."""


def watch(session: Session, stop: threading.Event | None = None) -> int:
    """Build and check what is saved until Ctrl-C, or until `stop` is set. 0 at the end; 2 where
    Ctrl-C could not end it."""
    if stop is None and threading.current_thread() is not threading.main_thread():
        print("`doit watch` can't run beside other tasks: leave out -n", file=sys.stderr)
        return 2
    compiler = session.compiler
    session.edit()  # its plan is history, and so are the problems that it would end with
    session.close()  # others may build while this waits
    config = session.context.config
    watched = Watched(config, tasks_of(config), compiler, session.most_shown)
    stop = stop or threading.Event()
    try:
        with _until_interrupted(stop):
            for _ in watched.look(first=True):
                pass  # what is wrong, the build before it has said
            _say(f"watch: {len(watched):,} solvers; Ctrl-C ends it")
            for _ in wakes(config, stop):
                _look(watched, config)
                if is_lost():  # nobody reads what is said
                    stop.set()
    except Stale as stale:
        _say(f"watch: {stale}: start `doit watch` again")
        return 0
    _say("watch: ended")
    return 0


def _look(watched: Watched, config: Config) -> None:
    """One look; what a user can cause is printed, and the next save may mend it."""
    started = time.perf_counter()
    try:
        rounds = []
        for found in watched.look():
            if found:
                rounds.append(found)
                if text := round_text(found, config.known_failures, cache(read_lines)):
                    _say(text)
        if rounds:
            _say(sum_text(rounds, time.perf_counter() - started))
    except Invalid as error:
        _say(error.told)
    except (Problem, OSError) as error:
        _say(f"watch: {error}")


@contextlib.contextmanager
def _until_interrupted(stop: threading.Event) -> Iterator[None]:
    """Let Ctrl-C set `stop`, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: stop.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# -- waking


def wakes(config: Config, stop: threading.Event) -> Iterator[None]:
    """Yield whenever something may have changed, until `stop` is set."""
    from watchfiles import watch as events

    while not stop.is_set():
        folders = watched_folders(config)
        looked = False
        for found in events(
            *sorted(folders),
            watch_filter=concerns,
            step=STEP,
            stop_event=stop,
            rust_timeout=REST,
            yield_on_timeout=True,
            recursive=False,
        ):
            news = bool(found) or not looked  # what changed before the watch began, once
            if news:
                looked = True
                settle([path for _, path in found], stop.wait)
                yield
            made_anew = any(path in folders for _, path in found)
            if stop.is_set() or made_anew or (news and watched_folders(config) != folders):
                break


def settle(paths: Iterable[str], wait: Callable[[float], object]) -> None:
    """Wait while one of these files is empty, a second at most: a writer that has cut a file off
    is about to fill it, and an empty one would be a round of its own."""
    for path in paths:
        for _ in range(20):
            with contextlib.suppress(OSError):
                if not os.path.getsize(path):
                    wait(0.05)
                    continue
            break


def watched_folders(config: Config) -> set[str]:
    """The folders whose files are watched: this one, those of the data, of rows, of libraries and
    of corpora, what holds them, and where links among their files lead: a change there makes no
    event here.
    """
    found = {os.getcwd()}
    given = [*filter(is_path, config.data), *config.primitives]
    libraries = [path for corpus in config.corpora for path in config.libraries_of(corpus.name)]
    given += [folder for path in libraries for folder in _folders_below(path)]
    for path in map(os.path.abspath, given):
        found |= {path, os.path.dirname(path), os.path.dirname(os.path.realpath(path))}
    for corpus in config.corpora:
        path = os.path.abspath(path_of(config, corpus))
        found |= {os.path.dirname(path), os.path.dirname(os.path.realpath(path))}
        for folder, files in folders_of(path) if os.path.isdir(path) else ():
            found.add(folder)
            found |= {os.path.dirname(os.path.realpath(p)) for p in files if os.path.islink(p)}
    return {folder for folder in found if os.path.isdir(folder)}


def _folders_below(path: str) -> list[str]:
    return [path, *(folder for folder, _ in folders_of(path))] if os.path.isdir(path) else [path]


def concerns(change: object, path: str) -> bool:
    """Whether an event at a path may concern a solver, a task or the configuration: it is a file of
    Python or JSON or the configuration, or looks like a folder."""
    name = os.path.basename(path)
    if name.endswith((".py", ".json")):
        return not name.startswith(".")
    return name == CONFIG or ("." not in name and not is_hidden(name))


def _say(text: str) -> None:
    say(text)
