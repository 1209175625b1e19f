"""Whole processes of ours: the check of a battery that is up to date; `doit` in a fresh clone."""

from __future__ import annotations

import functools
import shutil
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.build import PROJECT, timed, tree
from bench.figures import OURS, PUBLISHED, SINGLE, Effort, figure, take_turns
from pipeline.data.fetch import DOWNLOADS, WHEELS, fetch

DOIT = ("-m", "doit")
CONFIG = "corpora:\n  re-arc: {{builtin: re-arc}}\nthreads: {}\n"


def check_process(folder: Path, effort: Effort, published: Callable[[], float]) -> Any:
    """`doit check_batt` where only the check is not up to date: a whole process each time.

    `published` runs the published check; its process is there already, so ours alone pays for a
    start.
    """
    steps: dict[str, Callable[[], float]] = {}
    for who, threads in ((OURS, 0), (SINGLE, 1)):
        place = _verifiers_tree(folder / f"check-{who}", threads)
        steps[who] = functools.partial(_check_once, place)
    steps[PUBLISHED] = published
    taken = take_turns(steps, effort)
    return figure(
        "check_process",
        statistics.median(taken[OURS]),
        taken,
        note="seconds of a whole process, against the published check without a process's start",
    )


def cold_start(folder: Path, effort: Effort) -> Any:
    """`doit` in a fresh tree, to the result table; the wheels are there, as downloads depend on the
    network.
    """
    clean = not _git("status", "--porcelain")
    commit = _git("rev-parse", "HEAD").strip()
    seconds: list[float] = []

    def once() -> float:
        place = folder / f"cold-{len(seconds)}"
        _fresh_tree(place, clean)
        seconds.append(timed(place, *DOIT))
        shutil.rmtree(place)
        return seconds[-1]

    taken = take_turns({OURS: once}, effort)
    return figure(
        "cold_start",
        statistics.median(taken[OURS]),
        taken,
        tree=f"a clone of {commit}" if clean else f"a copy of the changed tree on {commit}",
        note="installed packages, empty caches; the two wheels are there: downloads are not timed",
    )


def _verifiers_tree(place: Path, threads: int) -> Path:
    """A working tree whose battery is the 400 verifiers, everything up to date."""
    tree(place, 0, None)
    (place / "config.yaml").write_text(CONFIG.format(threads))
    _copy_wheels(place)
    kernels = PROJECT / ".cache/kernels"
    if kernels.exists():
        shutil.copytree(kernels, place / ".cache/kernels")
    for _ in range(2):  # the second run settles what the first has written
        timed(place, *DOIT)
    return place


def _check_once(place: Path) -> float:
    (place / "generated/results/check.json").unlink()
    return timed(place, *DOIT, "check_batt")


def _fresh_tree(place: Path, clean: bool) -> None:
    """A clone, or the same with what is changed and not yet committed."""
    if clean:
        _git("clone", "--quiet", str(PROJECT), str(place))
    else:
        for name in _git("ls-files", "-coz", "--exclude-standard").split("\0"):
            if name and (PROJECT / name).is_file():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(PROJECT / name, place / name)
    _copy_wheels(place)


def _copy_wheels(place: Path) -> None:
    cache = place / ".cache"
    (cache / DOWNLOADS).mkdir(parents=True)
    for name in WHEELS:
        shutil.copy(fetch(name, PROJECT / ".cache"), cache / DOWNLOADS)


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, text=True, check=True)
    return done.stdout
