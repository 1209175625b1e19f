"""The command `gpu_first`: everything about a new machine's GPU, in one go.

What `gpu_report`, `test_gpu` and `bench_gpu` find out, the most important first, each stage in a
process of its own with a time limit: a hang or a fault ends only its stage. It needs no network,
and no compiler where `.carry/` has what `gpu_carry` made.

    python -m pipeline.commands.gpu_first      where doit is not installed
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.config import paths
from pipeline.config.context import Context

SECONDS: Final = 460.0
"""That all of it may take."""

ENOUGH: Final = 8.0
"""Seconds that a stage must have left to be begun."""

SHOWN: Final = 3000
"""The last characters that are shown of what a stage printed; its log has all of them."""

STAGES: Final = "pipeline.commands.gpu_stages"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its name, the seconds it may take, and whether the others need it."""

    name: str
    seconds: float
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class StageResult:
    """How a stage ended: `ok`, `failed`, `hung` or `skipped`; how long it took; what it found."""

    name: str
    end: str
    seconds: float
    facts: dict[str, Any]


PLAN: Final = (
    Stage("unpack", 20, True),
    Stage("machine", 20, True),
    Stage("device", 60, True),
    Stage("few", 60, True),
    Stage("check", 60),
    Stage("matrix", 90),
    Stage("groups", 60),
    Stage("programs", 60),
    Stage("teams", 60),
    Stage("registers", 45),
    Stage("crossover", 45),
    Stage("bench", 120),
)
"""In this order: within two minutes it is known whether lanes are right and how fast they are."""


def gpu_first(
    context: Context,
    plan: Sequence[Stage] = PLAN,
    seconds: float = SECONDS,
    stages: str = STAGES,
) -> int:
    """Run the stages; prints each as it ends, and writes all to generated/results/gpu_first.json.

    0 if all ended well, 1 if not.
    """
    begin = time.monotonic()
    found: list[StageResult] = []
    logs = context.at(paths.GPU_FIRST).with_suffix("")
    logs.mkdir(parents=True, exist_ok=True)
    lost = ""
    for stage in plan:
        left = seconds - (time.monotonic() - begin)
        if lost or left < ENOUGH:
            why = lost or "no time is left"
            result = StageResult(stage.name, "skipped", 0.0, {"why": why})
        else:
            log = logs / f"{stage.name}.log"
            result = _run(context, stage, min(stage.seconds, left), log, stages)
            print(_tail(log), flush=True)
        found.append(result)
        why = f" ({result.facts['why']})" if "why" in result.facts else ""
        print(f"== {stage.name}: {result.end} in {result.seconds:.1f} s{why}", flush=True)
        if result.end != "ok" and stage.is_needed and not lost:
            lost = f"{stage.name} {result.end}"
        _write(context, found)
    return 0 if all(result.end == "ok" for result in found) else 1


def _run(context: Context, stage: Stage, seconds: float, log: Path, stages: str) -> StageResult:
    """Run a stage in a process of its own, which is ended where it takes too long."""
    facts = log.with_suffix(".json")
    facts.unlink(missing_ok=True)
    words = [sys.executable, "-X", "faulthandler", "-m", stages, stage.name, str(facts.absolute())]
    begin = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(
            words,
            cwd=context.root,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        try:
            end = "ok" if process.wait(seconds) == 0 else "failed"
        except subprocess.TimeoutExpired:
            end = "hung"
        finally:
            _end(process)
    taken = time.monotonic() - begin
    told = json.loads(facts.read_bytes()) if facts.exists() else {}
    if end == "hung":
        told["why"] = f"not done after {seconds:.0f} s"
    elif end == "failed" and not told:
        told["why"] = f"status {process.returncode}"
    return StageResult(stage.name, end, round(taken, 2), told)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a stage with all that it began; one that cannot be ended is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-SHOWN:].rstrip()


def _write(context: Context, found: Sequence[StageResult]) -> None:
    stages = [{"stage": r.name, "end": r.end, "seconds": r.seconds, **r.facts} for r in found]
    context.at(paths.GPU_FIRST).write_text(json.dumps({"stages": stages}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(gpu_first(Context.of()))
