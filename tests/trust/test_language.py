"""Programs in the whole language: what Python makes of them is what both answers here are.

Python runs their text on our references (`tests.python_answers`); the direct interpreter and the
compiled programs are compared with each other by the fuzzer.
"""

from __future__ import annotations

import ast
import random
from collections import Counter
from typing import Any

import pytest

from pipeline.ir.status import DEFAULT_LIMITS, OVER_BUDGET, Failure
from pipeline.report.fuzz_text import describe
from pipeline.trust.agreement.answers import Crash, build, direct
from pipeline.trust.agreement.fuzzing import FuzzSummary, fuzz
from pipeline.trust.programs.expressions import small_grid
from pipeline.trust.programs.language import language_program
from tests.compiled import compiled_kernels
from tests.python_answers import python_answer

PROGRAMS = 300
COMPARED = 100
"""Programs that are compared every day; `doit fuzz --language` compares any number."""
SEED = 20_000
CONSTRUCTS = (
    *(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.Starred, ast.Tuple, ast.List),
    *(ast.If, ast.For, ast.While, ast.Break, ast.Continue, ast.Return, ast.Assert, ast.Pass),
    *(ast.FunctionDef, ast.Lambda, ast.IfExp, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Compare),
    *(ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.Set, ast.Subscript, ast.Slice, ast.Call),
    *(ast.And, ast.Or, ast.Not, ast.USub, ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Eq, ast.NotEq),
    *(ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.Pow, ast.BitAnd, ast.BitOr),
    *(ast.BitXor, ast.keyword, ast.Expr, ast.ImportFrom, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
)
BUILTINS = {
    *("len", "min", "max", "sorted", "sum", "any", "all", "set", "frozenset", "tuple", "list"),
    *("range", "enumerate", "zip", "abs", "map", "filter", "reversed", "next", "int", "bool"),
}
OURS = (NameError, SyntaxError, TypeError, AttributeError, AssertionError, RecursionError)
"""What a program that is well written does not raise."""


def program(number: int) -> str:
    """One of the programs."""
    rng = random.Random(f"language/{number}")
    return language_program(rng, rng.randint(2, 6))


def test_python_runs_most_of_them() -> None:
    ends: Counter[str] = Counter()
    faults: list[Any] = []
    for number in range(PROGRAMS):
        text = program(number)
        for _ in range(2):
            answer = python_answer(text, small_grid(random.Random(number)))
            ends["ok" if isinstance(answer, tuple) else "error"] += 1
            if isinstance(answer, OURS) and not isinstance(answer, Failure):
                faults.append((number, answer))
    assert ends["ok"] >= 0.8 * 2 * PROGRAMS
    assert len(faults) <= 0.01 * 2 * PROGRAMS, faults


def test_all_constructs_occur() -> None:
    kinds: Counter[type[Any]] = Counter()
    names: Counter[str] = Counter()
    for number in range(PROGRAMS):
        for node in ast.walk(ast.parse(program(number))):
            kinds[type(node)] += 1
            if isinstance(node, ast.Name):
                names[node.id] += 1
    assert [kind.__name__ for kind in CONSTRUCTS if not kinds[kind]] == []
    assert BUILTINS - names.keys() == set()


def test_a_program_follows_from_its_number() -> None:
    assert [program(k) for k in range(20)] == [program(k) for k in range(20)]
    assert len({program(k) for k in range(20)}) == 20


# -- all answers agree


def told(summary: FuzzSummary) -> str:
    """What to show where there are mismatches."""
    return "\n\n".join(describe(m, SEED, "language") for m in summary.mismatches)


def against_python(first: int, programs: int) -> tuple[Counter[str], list[Any]]:
    """How lanes end, and the programs on which Python and the interpreter differ."""
    ends: Counter[str] = Counter()
    differing: list[Any] = []
    for number in range(first, first + programs):
        text = program(number)
        built = build(text)
        assert built.broken is None, f"{text}\n{built.broken}"
        grid = small_grid(random.Random(number))
        if built.rejected:
            ends["refused"] += 1
            continue
        here, there = direct(built, grid, DEFAULT_LIMITS), python_answer(text, grid)
        if isinstance(here, Failure) and here.kind == OVER_BUDGET:
            ends["over budget"] += 1
        elif isinstance(here, tuple) == isinstance(there, tuple) and not isinstance(here, Crash):
            ends["ok" if here == there else "error" if isinstance(here, Failure) else "other"] += 1
        else:
            ends["other"] += 1
        if ends["other"] > len(differing):
            differing.append((number, here, there))
    return ends, differing


def test_python_and_the_interpreter_agree() -> None:
    ends, differing = against_python(0, COMPARED)
    assert not differing, f"{program(differing[0][0])}\n{differing[0]}"
    assert ends["ok"] >= 0.7 * COMPARED
    assert ends["refused"] <= 0.15 * COMPARED


@pytest.mark.long("the first of these programs are in the default part")
@pytest.mark.parametrize("first", [100, 1_100])
def test_python_and_the_interpreter_agree_on_more(first: int) -> None:
    _, differing = against_python(first, 1_000)
    assert not differing, f"{program(differing[0][0])}\n{differing[0]}"


def test_the_interpreter_and_compiled_programs_agree() -> None:
    compiled_kernels()
    summary = fuzz(COMPARED, SEED, writer="language")
    assert not summary.mismatches, told(summary)
    assert summary.programs == COMPARED


@pytest.mark.long("the first of these programs are in the default part")
@pytest.mark.parametrize("first", [96, 1_056])
def test_the_interpreter_and_compiled_programs_agree_on_more(first: int) -> None:
    compiled_kernels()
    summary = fuzz(1_000, SEED, first, writer="language")
    assert not summary.mismatches, told(summary)
