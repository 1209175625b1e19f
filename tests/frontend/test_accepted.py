"""What the front end accepts, and what makes no difference to it."""

from __future__ import annotations

import pytest

from pipeline.diagnostics import Span
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Call, Literal, TupleLiteral, Variable
from pipeline.frontend.units import Unit, split_units
from tests.frontend.reports import compile_file, report, solver

ACCEPTED = {
    "a single return": solver("return I"),
    "a call returned": solver("return hmirror(I)"),
    "nested calls": solver("return hmirror(vmirror(rot90(I)))"),
    "keyword arguments in any order": solver("return canvas(dimensions=shape(I), value=ZERO)"),
    "positional and keyword arguments": solver("return fill(I, patch=asindices(I), value=ONE)"),
    "a function value called": solver("f = compose(hmirror, vmirror)", "return f(I)"),
    "a function value called in place": solver("return compose(hmirror, vmirror)(I)"),
    "a primitive by another name": solver("f = hmirror", "return f(I)"),
    "a constant by another name": solver("c = UNITY", "return canvas(ONE, c)"),
    "integers": solver("return canvas(1048575, (1, 1))"),
    "negative integers": solver("x = add(-1048575, -0)", "return I"),
    "truth values": solver("o = objects(I, True, False, T)", "return I"),
    "a bare tuple": solver("x = 1, 2", "return canvas(ONE, x)"),
    "a tuple of one": solver("x = (I,)", "return I"),
    "a nested tuple": solver("x = ((1, 2), (3, 4))", "return I"),
    "a name as value": solver("x = I", "y = x", "return y"),
    "two statements on a line": solver("x = hmirror(I); y = rot90(x)", "return y"),
    "a statement over several lines": solver("x = hmirror(", "I)", "return x"),
    "a statement that goes on at the margin": "def solve_a(I):\n    x = rot90(\nI)\n    return x\n",
    "annotations": "def solve_a(I: Grid) -> Grid:\n    return I\n",
    "annotations of any kind": "def solve_a(I: 'x'[lambda: 0]) -> (yield):\n    return I\n",
    "another parameter": "def solve_a(grid):\n    return hmirror(grid)\n",
    "names beyond ASCII": solver("größe = hmirror(I)", "日本 = größe", "return 日本"),
    "an unused statement": solver("x = asindices(I)", "return I"),
    "a verifier": "def verify_a(I):\n    return I\n",
    "imports, comments and blank lines": (
        "# one\nfrom dsl import *\nfrom dsl import (\n    a,\n)\nimport os\n\n" + solver("return I")
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_it_compiles(name: str) -> None:
    assert report(ACCEPTED[name]) == "0 errors"
    assert compile_file(ACCEPTED[name].encode())[0]


PLAIN = solver("x = hmirror(I)", "y = x", "return canvas(ONE, shape(y))")
ALIKE = {
    "comments": "# one\n" + PLAIN.replace("\n", "  # two\n") + "# three",
    "blank lines": "\n\n" + PLAIN.replace("\n", "\n\n    \n"),
    "no last line end": PLAIN.rstrip(),
    "carriage returns": PLAIN.replace("\n", "\r\n"),
    "carriage returns alone": PLAIN.replace("\n", "\r"),
    "a byte order mark": "\ufeff" + PLAIN,
    "form feeds": "\f\n\f" + PLAIN,
    "tabs": PLAIN.replace("    ", "\t"),
    "spaces inside": PLAIN.replace("(", " ( ").replace(",", " ,").replace(" =", "    ="),
    "brackets": PLAIN.replace("= x", "= (x)"),
    "lines continued": PLAIN.replace("= ", "= \\\n      "),
    "keyword arguments": PLAIN.replace("(ONE, shape(y))", "(dimensions=shape(y), value=ONE)"),
    "constants as numbers": PLAIN.replace("ONE", "0x1"),
    "annotations": PLAIN.replace("(I):", "(I: Grid) -> Grid:"),
}


@pytest.mark.parametrize("name", ALIKE)
def test_the_generated_code_is_the_same_without(name: str) -> None:
    [(plain,), (alike,)] = (compile_file(text.encode())[0] for text in (PLAIN, ALIKE[name]))
    assert alike.code == plain.code
    assert plain.code is not None


def test_units_are_cut_out_as_they_stand() -> None:
    text = "# one\n" + solver("return I") + "\n# two\n" + solver("return I", ident="b") + "\n"
    units, found = split_units("own", "x.py", text.encode())
    assert found == []
    assert units == [
        Unit("own/a", "x.py", 2, "def solve_a(I):\n    return I\n\n# two\n"),
        Unit("own/b", "x.py", 6, "def solve_b(I):\n    return I\n\n\n"),
    ]


def test_a_program_keeps_the_places_of_its_parts() -> None:
    text = solver("x = fill(I, patch=(1, 2), value=ONE)", "return x")
    program, found = parse_unit(Unit("own/a", "x.py", 11, text))
    assert found == []
    assert program is not None
    assert (program.name, program.parameter, program.is_partial) == ("own/a", "I", False)
    assign, result = program.statements
    assert (assign.target, result.target) == ("x", "return")
    call = assign.value
    assert isinstance(call, Call)
    assert [type(a) for a in call.arguments] == [Variable, Literal, TupleLiteral]
    spans = [program.place(0, call), *program.argument_places(0, call)]
    places = [(12, 9, 32), (12, 14, 1), (12, 37, 3), (12, 23, 6)]
    assert spans == [Span("x.py", *place) for place in places]
    assert program.place(0) == Span("x.py", 12, 5, 1)
    assert program.place(1) == program.place(1, result.value) == Span("x.py", 13, 12, 1)


def test_later_errors_do_not_hide_good_solvers() -> None:
    text = solver("x = (") + solver("return I", ident="b") + solver("return foo", ident="c")
    compiled, _ = compile_file(text.encode())
    assert [c.code is not None for c in compiled] == [False, True, False]
