"""What stands in a page and can't be run by a test as it stands, and what is run in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class StandIn:
    """The nearest smaller form of a command, why, and how it ends.

    What a page shows of the command is compared with what this prints, numbers aside.
    """

    run: str
    why: str
    status: int = 0


NO_GPU = "needs a GPU: the tests have none, and it says so"
HALF_AN_HOUR = "takes half an hour: only the task itself is looked up"
FETCHES = "would fetch every dependency: tests/faults/test_kaggle_bundle.py does it"
MINUTES = "compiles every kernel twice: tests/commands/test_gpu_first.py runs it with few"
LARGE = "would fetch gigabytes where these packages are not installed"

STAND_INS = {
    "pip install -c constraints.txt -e '.[test]' && doit test": StandIn(
        "pip install --no-deps -c constraints.txt -e '.[test]' && "
        "doit test tests/system/test_progress.py",
        "the whole suite has this very test in it",
    ),
    "doit test": StandIn("doit help test", "the suite has this very test in it"),
    "doit lint": StandIn("doit help lint", "tests/test_lint.py runs the checkers"),
    "doit bench": StandIn("doit help bench", HALF_AN_HOUR),
    "doit bench engine": StandIn("doit help bench", HALF_AN_HOUR),
    "doit gpu_first": StandIn("doit gpu_first", NO_GPU, 1),
    "python -m pipeline.commands.gpu_first": StandIn(
        "python -m pipeline.commands.gpu_first", NO_GPU, 1
    ),
    "doit gpu_carry": StandIn("doit help gpu_carry", MINUTES),
    "doit gpu_report": StandIn("doit gpu_report", NO_GPU, 1),
    "doit calibrate": StandIn("doit calibrate", NO_GPU, 1),
    "doit test_gpu": StandIn("doit test_gpu", NO_GPU, 1),
    "doit test_gpu --lanes N --programs N --seed S": StandIn(
        "doit test_gpu --lanes 20 --programs 20 --seed 1", NO_GPU, 1
    ),
    "doit bench_gpu": StandIn("doit bench_gpu --quick", NO_GPU, 1),
    "doit kaggle_bundle": StandIn("doit help kaggle_bundle", FETCHES),
    "doit kaggle_bundle --python 3.11 --cuda 12 --capability 7.5": StandIn(
        "doit help kaggle_bundle", FETCHES
    ),
    "doit search --data A,B --time T": StandIn(
        "doit search --data arc1-train --task 67a3c6ac --programs 300", "takes as long as one likes"
    ),
    "doit adopt NUMBER": StandIn(
        "doit adopt 67a3c6ac && rm solvers/67a3c6ac__found*.py", "which numbers there are varies"
    ),
    "doit new ID": StandIn(
        "doit new 00576224 && rm solvers/00576224.py", "the other placeholder has a solver"
    ),
    "pip install -e '.[cluster]'": StandIn("pip install --no-deps -e '.[cluster]'", LARGE),
    "pip install -e '.[cuda12]'": StandIn("pip install --no-deps -e '.[cuda12]'", LARGE),
}
"""By the command as it stands in the page."""

LONG = frozenset(
    {
        *("agree", "bench", "bench_gpu", "calibrate", "fuzz", "kaggle_bundle"),
        *("gpu_carry", "gpu_first", "gpu_report"),
        *("lint", "test", "test_gpu"),
    }
)
"""Tasks that take minutes as they are: in a page they stand with a number or words that make them
smaller, or have a stand-in."""

SMALLER = re.compile(
    r"doit (agree|fuzz) .*--(lanes|programs|stress) \d{1,3}\b.*|doit test tests/.+"
)
"""What makes them small enough."""

PLACEHOLDERS = {
    "A,B": "arc1-train,arc1-eval",
    "A": "arc1-train",
    "DIR": "generated",
    "FILE": "generated/submission.json",
    "ID": "67a3c6ac",
    "N": "20",
    "PASS": "flatten",
    "S": "1",
    "TASK": "link",
}
"""What is put in the place of a word in capitals in README's table of tasks."""


def filled(command: str) -> str:
    """The command with its placeholders filled in."""
    names = "|".join(sorted(map(re.escape, PLACEHOLDERS), key=len, reverse=True))
    return re.sub(rf"(?<![\w.,-])({names})(?![\w.,-])", lambda m: PLACEHOLDERS[m[1]], command)


def task_of(command: str) -> str:
    """The task that a command names, if it is one of doit."""
    words = [word for word in command.split() if not re.fullmatch(r"-n|\d+", word)]
    return words[1] if words[0] == "doit" and len(words) > 1 else ""


def is_long(command: str) -> bool:
    """Whether it takes too long as it stands."""
    return any(
        task_of(part.strip()) in LONG and not SMALLER.fullmatch(part.strip())
        for part in command.split("&&")
    )
