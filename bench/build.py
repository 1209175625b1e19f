"""How long builds take: `doit bench`, which writes bench/results/build.json.

Each figure is the median of whole processes. Null builds are given as multiples of
`python -c 'import doit'`, each of the one before it, because a shared machine's speed changes
within seconds. Solvers are synthetic and made in a temporary folder; the published verifiers are
measured too where `doit corpora` has fetched them.

A null build is `doit link`: configuration, sources, outputs and battery are all looked at.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
VERIFIERS = PROJECT / ".cache/corpora/re-arc.py"
RESULTS = PROJECT / "bench/results/build.json"
SIZES = (400, 4_000, 20_000)
BARS = {
    "null_400": {"unit": "x import doit", "bar": 1.6, "aim": 1.3},
    "null_4000": {"unit": "x import doit", "bar": 4.5, "aim": 2.5},
    "null_20000": {"unit": "x import doit", "bar": 22.0, "aim": 8.0},
    "cold_n1": {"unit": "s", "bar": 3.0, "aim": 1.0},
    "cold_n8": {"unit": "s", "bar": 3.0, "aim": 1.0},
    "one_changed": {"unit": "s", "bar": 1.0, "aim": 0.4},
}
IMPORT = ("-c", "import doit")


def main() -> int:
    """Measure, write the results, and say which bars are missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=7, help="runs of each, at least 5")
    options.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="of null builds")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder), max(5, chosen.runs), chosen.sizes)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    for name, figure in results["figures"].items():
        print(f"{name:12} {figure['value']:8.2f} {figure['unit']:14} bar {figure['bar']}")
    print(f"written to {RESULTS.relative_to(PROJECT)}")
    missed = [name for name, f in results["figures"].items() if f["value"] > f["bar"]]
    return 1 if missed else 0


def measure(folder: Path, runs: int, sizes: tuple[int, ...]) -> dict[str, Any]:
    """All figures."""
    figures: dict[str, Any] = {}
    corpus = VERIFIERS if VERIFIERS.exists() else None
    first = tree(folder / "cold", 400, corpus)
    cold = {"cold_n1": ("-n", "1"), "cold_n8": ("-n", "8")}
    steps = [
        functools.partial(timed, first, "-m", "doit", *words, "generate") for words in cold.values()
    ]
    for name, taken in zip(cold, turns(steps, runs, lambda: forget(first)), strict=True):
        figures[name] = figure(name, taken)
    for size in sizes:
        place = tree(folder / f"null-{size}", size, None)
        settle(place)
        steps = [
            functools.partial(timed, folder, *IMPORT),
            functools.partial(timed, place, "-m", "doit", "link"),
        ]
        base, taken = turns(steps, runs)
        figures[f"null_{size}"] = figure(f"null_{size}", taken, base)
        if size == 400:
            figures["one_changed"] = figure("one_changed", changes(place, runs))
    return {"machine": machine(), "runs": runs, "cold": _cold(corpus), "figures": figures}


def figure(name: str, taken: list[float], base: list[float] | None = None) -> dict[str, Any]:
    """One figure: the median of seconds, or of the multiples of the base measured in the same turn;
    and what it is made of.
    """
    bar = BARS.get(name, {"unit": "x import doit", "bar": 99.0, "aim": 99.0})
    parts = {"seconds": [round(value, 4) for value in taken]}
    values = taken
    if base is not None:
        values = [value / unit for value, unit in zip(taken, base, strict=True)]
        parts["base_seconds"] = [round(value, 4) for value in base]
    median = round(statistics.median(taken), 4)
    return {"value": round(statistics.median(values), 3), **bar, "median_seconds": median, **parts}


def turns(
    steps: Sequence[Callable[..., float]], runs: int, before: Callable[[], None] = lambda: None
) -> list[list[float]]:
    """What each step takes, all of them in turns."""
    taken: list[list[float]] = [[] for _ in steps]
    for _ in range(runs):
        for step, times in zip(steps, taken, strict=True):
            before()
            times.append(step())
    return taken


def changes(place: Path, runs: int) -> list[float]:
    """From a changed solver to the linked battery."""
    solver = sorted((place / "solvers").iterdir())[0]
    taken = []
    for k in range(runs):
        solver.write_text(text(solver.stem, 100 + k))
        taken.append(timed(place, "-m", "doit", "link"))
    return taken


def tree(place: Path, count: int, corpus: Path | None) -> Path:
    """A working tree with this many synthetic solvers, or with the solvers of a file."""
    skip = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(PROJECT / "pipeline", place / "pipeline", ignore=skip)
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, place / name)
    (place / "config.yaml").write_text("corpora:\n  own: {path: solvers}\nknown_failures: {}\n")
    (place / "solvers").mkdir()
    if corpus is not None:
        shutil.copy(corpus, place / "solvers/all.py")
        return place
    for k in range(count):
        ident = f"{0x10000000 + k * 7919:08x}"
        (place / "solvers" / f"{ident}.py").write_text(text(ident, k))
    return place


def text(ident: str, k: int) -> str:
    """A solver of a dozen lines, like the published ones, that differs from all others."""
    lines = [f"    x{j} = replace(x{j - 1}, {(k >> j) % 10}, {(k + j) % 10})" for j in range(2, 11)]
    body = "\n".join(["    x1 = hmirror(I)", *lines, "    O = vmirror(x10)"])
    return f"def solve_{ident}(I):\n{body}\n    return O\n"


def settle(place: Path, status: int | None = 0) -> None:
    """Build, then build nothing: the first null build reads all new outputs once more; status: how
    builds must end, None for in any way.
    """
    for words in (("-n", "8", "link"), ("link",), ("link",)):
        timed(place, "-m", "doit", *words, status=status)


def forget(place: Path) -> None:
    """Leave nothing of earlier builds but the compiled Python modules."""
    for name in ("generated", ".cache"):
        shutil.rmtree(place / name, ignore_errors=True)
    for path in place.glob(".doit.db*"):
        path.unlink()


def timed(place: Path, *words: str, status: int | None = 0) -> float:
    """Seconds that a Python process takes; it must end with this status, unless that is None."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words], cwd=place, env=environment, capture_output=True, text=True
    )
    taken = time.perf_counter() - begin
    if status is not None and done.returncode != status:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return taken


def machine() -> dict[str, Any]:
    """Where this was measured."""
    import doit

    model = platform.processor() or platform.machine()
    lines = (
        Path("/proc/cpuinfo").read_text().splitlines() if os.path.exists("/proc/cpuinfo") else []
    )
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else model,
        "cpus": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "doit": doit.__version__,
    }


def _cold(corpus: Path | None) -> str:
    return "the 400 published verifiers" if corpus else "400 synthetic solvers"


if __name__ == "__main__":
    sys.exit(main())
