"""What Python makes of a solver is what the interpreter and the compiled program make of it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pipeline import evaluate
from pipeline.codegen.emit import emit
from pipeline.frontend.parse import parse
from pipeline.ir.status import Failure
from pipeline.oracle.interpret import outcome
from pipeline.oracle.reference import ReferenceRuntime
from pipeline.passes import run_passes
from tests.programs import changing_in_python, in_python
from tests.programs_text import said
from tests.python_answers import python_answer

PROGRAMS = {**in_python.PROGRAMS, **changing_in_python.PROGRAMS}


def drawn_grids() -> list[Any]:
    rng = random.Random(1)
    shapes = (3, 3), (1, 1), (4, 2), (2, 5), (6, 6), (3, 4), (7, 3)
    return [
        tuple(tuple(rng.choice((0, 0, 1, 2, 3, 5)) for _ in range(w)) for _ in range(h))
        for h, w in shapes
    ]


GRIDS = drawn_grids()


def run_by_python(text: str, grid: Any) -> Any:
    """What Python itself makes of a program; None where that fails."""
    answer = python_answer(text, grid)
    return answer if isinstance(answer, tuple) else None


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_program_means_what_python_makes_of_it(kind: str) -> None:
    text = PROGRAMS[kind]
    expected = [run_by_python(text, grid) for grid in GRIDS]
    assert any(grid is not None for grid in expected)
    program = parse(text)
    direct = [outcome(program, grid) for grid in GRIDS]
    assert [None if isinstance(end, Failure) else end for end in direct] == expected
    graph, found = run_passes(program, 20_000, verified=True)
    assert graph is not None, found
    assert list(map(said, run_module(emit(graph)))) == list(map(said, direct))


def run_module(code: str) -> list[Any]:
    """How the grids' lanes of a generated module end."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(code, scope)
    runtime = ReferenceRuntime(GRIDS)
    scope["solve"](runtime)
    return [runtime.verdicts[0][k] for k in range(len(GRIDS))]


def test_the_compiled_battery_agrees() -> None:
    programs = [parse(text) for text in PROGRAMS.values()]
    for grid in GRIDS:
        scores = evaluate(programs, [(grid, grid)])
        for program, status in zip(programs, scores.status[:, 0], strict=True):
            end = outcome(program, grid)
            expected = end.kind if isinstance(end, Failure) else "ok" if end == grid else "wrong"
            assert status == expected, program
