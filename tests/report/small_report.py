"""What a report is made of, by hand: a solver for each way to end, a matrix and a profile."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.battery.closeup import CloseUp, LaneCloseUp
from pipeline.battery.results import FirstFailure
from pipeline.codegen.compile import compile_unit
from pipeline.data.tasks import Sample, Task
from pipeline.frontend.units import split_units
from pipeline.report.listing import Listing, listing
from pipeline.report.matrix_map import matrix_map
from pipeline.report.page_data import Found, ReportFacts

RIGHT, WRONG, ERROR, BROKEN = "0a1b2c3d", "11111111", "22222222", "33333333"
SQUARE = ((1, 2), (3, 4))
FLIPPED = ((3, 4), (1, 2))
ODD = ((3, 4), (1, 12))
WIDE = ((0, 5, 0),)
TASKS = {
    RIGHT: Task(RIGHT, (Sample(SQUARE, FLIPPED),), (Sample(FLIPPED, SQUARE),)),
    WRONG: Task(WRONG, (Sample(SQUARE, FLIPPED),), (Sample(WIDE, WIDE),)),
    ERROR: Task(ERROR, (Sample(WIDE, WIDE),), ()),
    BROKEN: Task(BROKEN, (Sample(SQUARE, SQUARE),), ()),
}
TEXTS = {
    f"own/{RIGHT}": "# Upside down. </script>\ndef solve_0a1b2c3d(I):\n"
    "    O = hmirror(I)\n    return O\n",
    f"own/{WRONG}": "def solve_11111111(I):\n    x = hmirror(I)\n    O = x\n    return O\n",
    f"re-arc/{ERROR}": "def solve_22222222(I):\n"
    "    x = first(difference(asindices(I), asindices(I)))  # none\n"
    "    O = fill(I, ONE, initset(x))\n    return O\n",
    f"own/{BROKEN}": "def solve_33333333(I):\n    return hconcat(I)\n",
}
DIFFERS = FirstFailure(
    "train[0]",
    "wrong",
    "1 cell differs, first at (1, 1): expected 2, got 12",
    expected_shape=(2, 2),
    produced_shape=(2, 2),
    differing_cells=1,
    first_difference=(1, 1, 2, 12),
)
SHAPE = FirstFailure("test[0]", "wrong", "a grid of 2x2, expected 1x3")
EMPTY = FirstFailure(
    "train[0]",
    "error",
    "error: first: EMPTY: needs at least one element",
    reason="EMPTY",
    operation="first",
    path=f"re-arc/{ERROR}.py",
    line=2,
    column=9,
    width=45,
)
SOLVERS = (
    CloseUp(
        f"own/{RIGHT}",
        (
            LaneCloseUp("train[0]", TASKS[RIGHT].train[0], FLIPPED),
            LaneCloseUp("test[0]", TASKS[RIGHT].test[0], SQUARE),
        ),
    ),
    CloseUp(
        f"own/{WRONG}",
        (
            LaneCloseUp("train[0]", TASKS[WRONG].train[0], ODD, DIFFERS),
            LaneCloseUp("test[0]", TASKS[WRONG].test[0], SQUARE, SHAPE),
        ),
    ),
    CloseUp(f"re-arc/{ERROR}", (LaneCloseUp("train[0]", TASKS[ERROR].train[0], None, EMPTY),)),
)
PROBLEM = "own/33333333.py:2:12: error[wrong-arity]: hconcat takes 2 arguments, got 1"
VERDICTS = np.array([[1, 1, 1, 0], [0, 1, 0, 0], [-37, -37, -38, -41]], np.int16)
MATRIX = {
    "solvers": [f"own/{RIGHT}", f"own/{WRONG}", f"re-arc/{ERROR}"],
    "over_budget_reasons": [6],
    "tasks": [
        {"data": "set", "task": RIGHT, "first": 0, "train": 1, "test": 1},
        {"data": "set", "task": WRONG, "first": 2, "train": 1, "test": 0},
        {"data": "set", "task": ERROR, "first": 3, "train": 1, "test": 0},
    ],
}
PROFILE = {
    "phases": {"generate": 3.25, "run": 0.125},
    "operations": [{"name": "fill", "seconds": 0.0125}, {"name": "objects", "seconds": 0.05}],
    "scaling": [{"tasks": 400, "seconds": 4.0}, {"tasks": 10, "seconds": 0.5}],
}
STRESS = {
    "samples": 3,
    "seed": 7,
    "no_generator": ["own/x"],
    "undrawn": {"y": "no time"},
    "solvers": [
        {"solver": f"own/{RIGHT}", "right": 3, "samples": 3, "first_failure": None},
        {
            "solver": f"own/{WRONG}",
            "right": 1,
            "samples": 3,
            "first_failure": {
                "sample": "generated[1]",
                "status": "error",
                "message": "error: first: EMPTY",
            },
        },
    ],
}
DIAGNOSIS = {
    "solver": "",
    "task": "",
    "corpus": "own",
    "generated": "generated",
    "wrong": {"own/x": (0, 2)},
    "steps": [
        {
            "number": 1,
            "title": "it runs on each sample",
            "status": "fail",
            "evidence": "2 of 4 samples",
            "next": "change it",
            "findings": [
                {
                    "solver": "own/x",
                    "text": "error: first",
                    "place": {"path": "x.py", "line": 9, "source": ["own/x.py", 3, 1, 2]},
                    "samples": ["train[0]", "train[1]"],
                    "of": 4,
                    "is_known": True,
                }
            ],
        }
    ],
}


def listing_of(name: str) -> Listing:
    """The listing of one of the solvers."""
    text = TEXTS[name]
    corpus, _, _ = name.partition("/")
    [unit], _ = split_units(corpus, f"{name}.py", text.encode())
    compiled = compile_unit(unit)
    return listing(unit, text.split("\n"), compiled.code or "", compiled.source_map)


def found(**changes: Any) -> Found:
    """All of it."""
    parts: dict[str, Any] = {
        "facts": ReportFacts("cpu", "cpu", ("set",), 17, 9, 0.25),
        "solvers": SOLVERS,
        "tasks": TASKS,
        "listings": {name: listing_of(name) for name in TEXTS},
        "problems": {f"own/{BROKEN}": PROBLEM},
        "milliseconds": {f"own/{RIGHT}": 0.25, f"own/{WRONG}": 1.5, f"re-arc/{ERROR}": 0.125},
        "matrix": matrix_map(MATRIX, VERDICTS, True),
        "matrix_tasks": [TASKS[row["task"]] for row in MATRIX["tasks"]],
        "profile": PROFILE,
        "known": {"re-arc": (ERROR,)},
    }
    return Found(**{**parts, **changes})
