"""How a file is cut into solvers, what goes with each of them, and what is passed over."""

from __future__ import annotations

import pytest

from pipeline.diagnostics import NOTE, render
from pipeline.frontend.candidates import ident_of
from pipeline.frontend.parse import parse, parse_text, parse_unit
from pipeline.frontend.units import Unit, split_units
from tests.frontend.reports import solver
from tests.frontend.trees import tree_of

SHARED = '''\
"""What some share."""
from dsl import *
import sys; sys.path.append("..")

OLD = 6  # the colour
NEW = OLD + 1


# turns


def turn(g, n=1):
    """Uses nothing else: not OLD."""
    return power(rot90, n)(g)


def solve_a(I):
    return I


def solve_b(I):
    # not turn
    return replace(I, OLD, ONE)


def solve_c(I):
    return turn(solve_b(I), NEW)


def unused(g):
    return turn(g)


solve_d = solve_c

assert solve_a(1) == 1
if __name__ == "__main__":
    print(solve_a)
'''


def units_of(text: str, path: str = "own/x.py") -> dict[str, Unit]:
    """The units of a file that has no faults, by the solver's id."""
    units, found = split_units("own", path, text.encode())
    assert [problem for problem in found if problem.severity != NOTE] == []
    return {unit.name.removeprefix("own/"): unit for unit in units}


def test_what_a_solver_uses_goes_with_it() -> None:
    units = units_of(SHARED)
    old, new = (5, "OLD = 6  # the colour\n"), (6, "NEW = OLD + 1\n")
    lines = SHARED.split("\n")
    turn = 12, "\n".join(lines[11:14]) + "\n"
    b = 21, "\n".join(lines[20:23]) + "\n"
    c = 26, "\n".join(lines[25:27]) + "\n"
    assert {name: unit.shared for name, unit in units.items()} == {
        "a": (),
        "b": (old,),
        "c": (old, new, turn, b),
        "d": (old, new, turn, b, c),
    }
    assert {name: unit.first_line for name, unit in units.items()} == {
        "a": 17,
        "b": 21,
        "c": 26,
        "d": 34,
    }


def test_places_are_those_of_the_file() -> None:
    program, found = parse_unit(units_of(SHARED)["c"])
    assert found == []
    assert program is not None
    assert program.lines == (5, 6, 12, 21, 27)
    assert [program.place(k)[1:] for k in range(5)] == [
        *((5, 1, 3), (6, 1, 3), (12, 1, 17), (21, 1, 15), (27, 12, 21)),
    ]
    assert program.place(1, program.statements[1].value)[1:] == (6, 7, 7)
    power = program.statements[2].value[3][0].value  # type: ignore[index, union-attr]
    assert program.place(2, power)[1:] == (14, 12, 18)
    assert [place[1:] for place in program.argument_places(2, power)] == [(14, 28, 1)]


def test_an_alias_is_a_solver_with_the_same_body() -> None:
    units = units_of(SHARED)
    c, d = (parse_unit(units[name])[0] for name in "cd")
    assert c is not None
    assert d is not None
    assert tree_of(c) == tree_of(d)
    assert (d.name, d.lines) == ("own/d", c.lines)
    chain = units_of("solve_a = solve_b\nsolve_b = verify_c\n" + solver("return I", ident="c"))
    assert list(chain) == ["a", "b", "c"]
    through = units_of("solve_a = f\n\n\ndef f(I):\n    return I\n")
    program, _ = parse_unit(through["a"])
    assert program is not None
    assert (tree_of(program), program.lines) == (["return = I"], (5,))


NOTES = {
    SHARED: "own/x.py:3:1: note[passed-over]: passed over: a call (line 3), 'unused' (line 30), "
    "an assertion (line 36), an if statement (line 37)",
    "class C:\n    x: int\n"
    + solver("return I")
    + "X, Y = 1, 2\nfor k in X: pass\nX.y = 1\n[C]\n": (
        "own/x.py:1:1: note[passed-over]: passed over: 'C' (line 1), an assignment (line 5), "
        "a loop (line 6), an assignment (line 7), and 1 more"
    ),
}


@pytest.mark.parametrize("text", NOTES)
def test_what_no_solver_uses_is_passed_over_in_one_line(text: str) -> None:
    _, found = split_units("own", "own/x.py", text.encode())
    assert [render(problem) for problem in found] == [NOTES[text]]


SILENT = (
    solver("return I"),
    '"""Text."""\nimport os\nfrom dsl import (\n    hmirror,\n)\n' + solver("return I"),
    "from dsl import hmirror as f\nimport numpy as np\n" + solver("return I"),
    "OLD = 1\n" + solver("return fill(I, OLD, I)"),
)


@pytest.mark.parametrize("text", SILENT)
def test_nothing_is_said_of(text: str) -> None:
    assert split_units("own", "own/x.py", text.encode())[1] == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (b"def turn(g):\n    return g\n", "no solver in this file"),
        (b"def test_dsl():\n    assert solve(\n", "no solver in this file"),
        (b"# caf\xe9\n", "not UTF-8"),
    ],
)
def test_files_without_solvers_are_passed_over_unless_they_were_asked_for(
    data: bytes, why: str
) -> None:
    units, found = split_units("own", "own/dsl.py", data, is_named=False)
    assert units == []
    assert [render(p) for p in found] == [
        f"own/dsl.py:1:1: note[passed-over]: passed over: {why}",
    ]
    _, named = split_units("own", "own/dsl.py", data)
    assert [problem.severity for problem in named] == ["error"]


BARE = (
    ("own/a1b2c3d4.py", "a1b2c3d4"),
    ("own/solve_a1b2c3d4.py", "a1b2c3d4"),
    ("own/a1b2c3d4/first try.py", "a1b2c3d4"),
    ("own/a1b2c3d4/00d62c1b.py", "00d62c1b"),
    ("program", "program"),
    ("__init__.py", "init__"),
    ("", "solver"),
)


@pytest.mark.parametrize(("path", "ident"), BARE)
def test_the_id_of_a_function_that_is_just_called_solve(path: str, ident: str) -> None:
    assert ident_of(path) == ident


def test_solve_is_a_solver_where_none_has_an_id() -> None:
    bare = "def solve(I):\n    return I\n"
    assert list(units_of(bare, "own/a1.py")) == ["a1"]
    assert list(units_of(bare, "own/a1b2c3d4/try.py")) == ["a1b2c3d4__try"]
    assert list(units_of("solve = hmirror\n", "own/a1.py")) == ["a1"]
    both = bare + bare.replace("solve", "verify")
    assert list(units_of(both, "own/a1.py")) == ["a1", "a1__verify"]
    others = bare + solver("return solve(I)", ident="b")
    assert list(units_of(others, "own/a1.py")) == ["b"]
    assert tree_of(parse(bare)) == ["return = I"]


def test_solver_and_verifier_of_a_task_are_both_solvers() -> None:
    text = solver("return I").replace("solve", "verify") + solver("return hmirror(I)")
    assert list(units_of(text)) == ["a__verify", "a"]


def test_a_decorator_belongs_to_what_it_decorates() -> None:
    text = "@one\n@two(\n    1,\n)\ndef f(g):\n    return g\n\n\n" + solver("return f(I)")
    units = units_of(text)
    assert units["a"].shared == ((1, text.split("\n\n")[0] + "\n"),)
    decorated = units_of("X = 1\n@one\n" + solver("return I"))
    assert (decorated["a"].first_line, decorated["a"].text[:5]) == (2, "@one\n")


def test_words_in_comments_and_texts_are_no_uses() -> None:
    text = "OLD = 1\n" + solver("'''OLD\n    OLD'''", "# OLD", '"OLD"', "return I  # OLD")
    assert units_of(text)["a"].shared == ()


def test_a_text_may_hold_what_its_solver_uses() -> None:
    text = "OLD = 1\ndef f(g):\n    return fill(g, OLD, g)\n" + solver("return f(I)")
    program, found = parse_text(text, "p")
    assert found == ()
    assert program is not None
    assert (program.name, program.lines) == ("p", (1, 2, 5))
