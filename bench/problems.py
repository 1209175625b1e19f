"""What much that is wrong costs: `doit bench problems`, which writes bench/results/problems.json.

One file of 41,500 lines with 2,855 diagnostics, and 20,000 files of which 2,800 fail in the check.
That no part of it is quadratic shows where half of each is measured in the same turn: what grows
with the size of what is wrong takes twice as long for twice as much, and 4 times if it is
quadratic. What a command pays for it is a multiple of the same command where nothing is wrong.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.build import PROJECT, machine, settle, timed, tree, turns
from pipeline.battery.locating import locator_of
from pipeline.battery.results import FirstFailure
from pipeline.config.config import Config, Corpus
from pipeline.data.tasks import Sample
from pipeline.diagnostics import Diagnostic, Span, render_problems

RESULTS = PROJECT / "bench/results/problems.json"
LINES, PROBLEMS = 41_500, 2_855
FILES, FAILURES = 20_000, 2_800
BARS: Final = {
    "render_growth": {"unit": "x the seconds for 2 x as much", "bar": 2.6, "aim": 2.0},
    "locate_growth": {"unit": "x the seconds for 2 x as much", "bar": 2.6, "aim": 2.0},
    "told": {"unit": "x the command without", "bar": 2.0, "aim": 1.3},
}
BROKEN = "def solve_{:08x}(I):\n    x1 = nothing_of_this_name(I)\n    return x1\n"
FAILING = (
    "def solve_{:08x}(I):\n    x1 = first(difference(asindices(I), asindices(I)))\n    return I\n"
)
RIGHT = "def solve_{:08x}(I):\n    x1 = hmirror(I)\n    return x1\n"


def main() -> int:
    """Measure, write the results, and say which bars are missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5, help="runs of each")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), chosen.runs)
    results = {"machine": machine(), "runs": chosen.runs, "figures": figures}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    for name, figure in figures.items():
        print(f"{name:14} {figure['value']:8.2f} {figure['unit']:30} bar {figure['bar']}")
    print(f"written to {RESULTS.relative_to(PROJECT)}")
    return 1 if any(figure["value"] > figure["bar"] for figure in figures.values()) else 0


def measure(folder: Path, runs: int) -> dict[str, Any]:
    """All figures."""
    pairs: dict[str, list[Callable[[], float]]] = {
        "render_growth": [
            partial(rendered, folder, LINES // 2, PROBLEMS // 2),
            partial(rendered, folder, LINES, PROBLEMS),
        ],
        "locate_growth": [
            partial(located, files(folder / "half", FILES // 2), FAILURES // 2),
            partial(located, files(folder / "whole", FILES), FAILURES),
        ],
        "told": [
            partial(told, built(folder / "right", RIGHT), 0),
            partial(told, built(folder / "broken", BROKEN), 1),
        ],
    }
    figures = {}
    for name, steps in pairs.items():
        base, taken = turns(steps, runs)
        value = statistics.median(b / a for a, b in zip(base, taken, strict=True))
        seconds = {
            "base_seconds": [round(value, 4) for value in base],
            "seconds": [round(value, 4) for value in taken],
        }
        figures[name] = {"value": round(value, 3), **BARS[name], **seconds}
    return figures


def rendered(folder: Path, lines: int, problems: int) -> float:
    """Seconds to show all diagnostics of a file of so many lines."""
    path = folder / f"{lines}.py"
    path.write_text("    x1 = nothing_of_this_name(I)\n" * lines)
    step = lines // problems
    spans = [Span(path.as_posix(), 1 + k * step, 10, 20) for k in range(problems)]
    found = [Diagnostic(span, "unknown-name", "it is not defined here") for span in spans]
    begin = time.perf_counter()
    text = render_problems(found)
    taken = time.perf_counter() - begin
    assert text.endswith(f"{problems:,} errors")
    return taken


def files(folder: Path, count: int) -> Path:
    """A folder with so many solvers, a file each, that all fail when they run."""
    (folder / "solvers").mkdir(parents=True)
    for k in range(count):
        (folder / "solvers" / f"{k:08x}.py").write_text(FAILING.format(k))
    return folder


def located(folder: Path, failures: int) -> float:
    """Seconds to find where so many of the solvers fail."""
    failure = FirstFailure("train[0]", "error", "", reason="EMPTY", operation="first")
    begin = time.perf_counter()
    with chdir(folder):
        locate = locator_of(Config(corpora=(Corpus("own", "solvers"),)))
        grid = ((1, 2), (3, 4))
        sample = Sample(grid, grid)
        found = [locate(f"own/{k:08x}", sample, failure) for k in range(failures)]
    taken = time.perf_counter() - begin
    assert {place.line for place in found} == {2}
    return taken


def built(place: Path, text: str) -> Path:
    """A tree with one file of as many solvers as there are to be diagnostics, built."""
    tree(place, 0, None)
    lines = LINES // PROBLEMS - text.count("\n")
    parts = [text.format(k) + "\n" * lines for k in range(PROBLEMS)]
    (place / "solvers/all.py").write_text("".join(parts))
    settle(place, status=None)
    return place


def told(place: Path, status: int) -> float:
    """Seconds of a null build, which says what is wrong."""
    return timed(place, "-m", "doit", "generate", status=status)


if __name__ == "__main__":
    sys.exit(main())
