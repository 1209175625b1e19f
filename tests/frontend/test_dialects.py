"""Dialects: what a solver in other words means, and what is said of their misuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.config.vocabularies import READY
from pipeline.diagnostics import render_all, split_lines
from pipeline.frontend.known_lines import forget
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.units import Unit, split_units

PATH = "a.py"
WORDS: dict[str, Any] = {
    "suffixes": ["f", "t"],
    "names": {
        "biggest": "argmax",
        "twice": {"primitive": "multiply", "arguments": {"b": 2}},
        "less_from": {"primitive": "subtract", "arguments": {"a": "TEN"}},
        "o_g": {
            "argument": 2,
            "choices": {
                "R5": {
                    "primitive": "objects",
                    "arguments": {"univalued": "T", "diagonal": "F", "without_bg": "T"},
                },
                "R0": {
                    "primitive": "objects",
                    "arguments": {"univalued": False, "diagonal": False, "without_bg": False},
                },
            },
        },
        "mir_rot": {"argument": 2, "choices": {"x": "hmirror", "0": "vmirror", "-1": "rot90"}},
        "lead": {"argument": 1, "choices": {"up": "first", "down": "last"}},
    },
    "constants": {"COLOR": 5, "CORNER": [0, -1], "YES": True},
}
DIALECT = json.dumps(WORDS)


def units(text: str, dialect: str = DIALECT) -> list[Unit]:
    found, wrong = split_units("own", PATH, text.encode(), dialect=dialect)
    assert [problem for problem in wrong if problem.severity == "error"] == []
    return found


def solver(*lines: str) -> str:
    return "".join(["def solve_0a1b2c3d(I):\n", *(f"    {line}\n" for line in lines)])


def statements(text: str, dialect: str = DIALECT) -> list[tuple[Any, ...]]:
    [unit] = units(text, dialect)
    program, found = parse_unit(unit)
    assert program is not None, found
    return [(statement.target, statement.value) for statement in program.statements]


SAME = {
    "a name": ("biggest(asindices(I), size)", "argmax(asindices(I), size)"),
    "as a value": ("apply(biggest, (I, I))", "apply(argmax, (I, I))"),
    "suffixes": ("size_f(merge_t((asindices_f(I),)))", "size(merge((asindices(I),)))"),
    "a suffix of a name": ("biggest_f(asindices(I), size_t)", "argmax(asindices(I), size)"),
    "a word with an underscore": ("size(I)", "size(I)"),
    "fixed, last": ("twice(3)", "multiply(3, 2)"),
    "fixed, first": ("less_from(3)", "subtract(TEN, 3)"),
    "fixed by a suffixed name": ("twice_f(3)", "multiply(3, 2)"),
    "in an argument": ("twice(twice(COLOR))", "multiply(multiply(5, 2), 2)"),
    "chosen": ("o_g(I, R5)", "objects(I, T, F, T)"),
    "chosen otherwise": ("o_g(I, R0)", "objects(I, F, F, F)"),
    "chosen by a string": ("mir_rot(I, 'x')", "hmirror(I)"),
    "chosen by a number": ("mir_rot(I, 0)", "vmirror(I)"),
    "chosen by a negative number": ("mir_rot(I, -1)", "rot90(I)"),
    "chosen by the first": ("lead(down, I)", "last(I)"),
    "bound on the right": ("apply(rbind(mir_rot, 'x'), (I, I))", "apply(hmirror, (I, I))"),
    "bound on the left": ("apply(lbind(lead, up), (I, I))", "apply(first, (I, I))"),
    "constants": ("shift(asindices(I), CORNER)", "shift(asindices(I), (0, -1))"),
    "a truth value": ("objects(I, YES, F, T)", "objects(I, True, F, T)"),
    "in a lambda": ("apply(lambda g: size_f(g), (I, I))", "apply(lambda g: size(g), (I, I))"),
}


@pytest.mark.parametrize(("theirs", "ours"), SAME.values(), ids=SAME)
def test_a_solver_in_other_words_is_the_same_program(theirs: str, ours: str) -> None:
    written = solver(f"x1 = {theirs}", "return x1")
    assert statements(written) == statements(solver(f"x1 = {ours}", "return x1"), "")


def test_a_primitive_with_given_arguments_is_a_function_too() -> None:
    text = solver("x1 = apply({}, (1, 2, 3))", "return canvas(size(x1), ({}(1), 3))")
    theirs = compile_unit(units(text.format("less_from", "twice"))[0])
    plain = text.format("lambda v: subtract(TEN, v)", "rbind(multiply, 2)")
    assert theirs.code == compile_unit(units(plain, "")[0]).code is not None


def test_names_that_a_solver_assigns_are_its_own() -> None:
    text = "def biggest(a):\n    return a\n\n\n" + solver(
        "size_f = biggest(I)", "COLOR = size_f", "return COLOR"
    )
    assert statements(text) == statements(text, "")


def test_what_a_solver_uses_of_its_file_is_in_the_same_words() -> None:
    text = "def largest(a):\n    return {}(a, {})\n\n\n" + solver("return largest(I)")
    assert statements(text.format("biggest", "size_t")) == statements(
        text.format("argmax", "size"), ""
    )
    assert statements(text.format("argmax", "size"), "") == statements(
        text.format("argmax", "size")
    )


def test_an_import_under_another_name_may_be_of_a_name_of_the_dialect() -> None:
    text = "from theirs import {} as b\n\n\n" + solver("return b(I, size)")
    assert statements(text.format("biggest")) == statements(text.format("argmax"), "")


def test_a_line_is_not_kept_for_other_solvers() -> None:
    text = solver("x1 = size_f(I)", "return canvas(x1, UNITY)")
    forget()
    assert statements(text) == statements(text.replace("size_f", "size"), "")
    [unit] = units(text, "")
    _, found = parse_unit(unit)
    assert [problem.code for problem in found] == ["unknown-name"]
    assert statements(text) == statements(text.replace("size_f", "size"), "")
    own = solver("size_f = identity", "x1 = size_f(I)", "return x1")
    assert statements(own) == statements(own, "")


def test_typed_variants_are_ready() -> None:
    theirs = solver("x1 = o = objects_g(I, T, F, T)", "return subgrid_o(argmax_f(x1, size_f), I)")
    ours = solver("x1 = o = objects(I, T, F, T)", "return subgrid(argmax(x1, size), I)")
    assert statements(theirs, READY["typed"]) == statements(ours, "")


def test_misuse_is_said_once_each() -> None:
    text = solver(
        "x1 = mir_rot(I, I)",
        "x2 = apply(mir_rot, (I, x1))",
        "x3 = lead(down)",
        "x4 = mir_rot(I)",
        "x5 = rbind(lead, up)",
        "x6 = twice(1, 2)",
        "return nothing_f(x5(x6))",
    )
    [unit] = units(text)
    program, found = parse_unit(unit)
    assert program is None
    assert "\n" + render_all(found, {PATH: split_lines(text)}) + "\n" == MISUSED


MISUSED = """
a.py:2:21: error[bad-choice]: argument 2 of 'mir_rot' chooses what it is, and must be a constant
        x1 = mir_rot(I, I)
                        ^
  note: it is one of x, 0, -1

a.py:3:16: error[bad-choice]: 'mir_rot' stands for a function that its argument 2 chooses
        x2 = apply(mir_rot, (I, x1))
                   ^^^^^^^
  note: call it with one of x, 0, -1 there

a.py:4:10: error[wrong-arity]: last takes 1 argument, got 0
        x3 = lead(down)
             ^^^^^^^^^^
  note: it is last(container)

a.py:5:10: error[bad-choice]: 'mir_rot' stands for a function that its argument 2 chooses
        x4 = mir_rot(I)
             ^^^^^^^^^^
  note: call it with one of x, 0, -1 there

a.py:6:10: error[bad-choice]: 'lead' stands for a function that its argument 1 chooses
        x5 = rbind(lead, up)
             ^^^^^^^^^^^^^^^
  note: call it with one of up, down there

a.py:7:10: error[wrong-arity]: multiply takes 2 arguments, got 3
        x6 = twice(1, 2)
             ^^^^^^^^^^^
  note: it is multiply(a, b)

a.py:8:12: error[unknown-name]: 'nothing_f' is not defined here
        return nothing_f(x5(x6))
               ^^^^^^^^^

7 errors
"""
