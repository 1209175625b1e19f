"""Programs in the whole language: Python runs most of them, and they hold all that there is."""

from __future__ import annotations

import ast
import random
from collections import Counter
from typing import Any

from pipeline.ir.status import Failure
from pipeline.trust.programs.expressions import small_grid
from pipeline.trust.programs.language import language_program
from tests.python_answers import python_answer

PROGRAMS = 300
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
