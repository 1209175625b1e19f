"""Helper libraries: what names mean, what goes with a solver, what is said of faults in them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.diagnostics import Diagnostic, Span, render_all
from pipeline.frontend.libraries import Libraries
from pipeline.frontend.parse import parse_text
from pipeline.frontend.units import Unit, split_units
from pipeline.oracle.interpret import interpret

SHAPES = """\
from dsl import *
from dsl import crop as cut
from .colours import RED as WARM

MARGIN = 1
hidden = 5


def largest(grid, diagonal=T):
    found = objects(grid, T, diagonal, F)
    return argmax(found, weight)


def weight(piece):
    return size(piece) + MARGIN


def corner(grid):
    return cut(grid, (0, 0), (1, 1))


def warm(grid):
    return fill(grid, WARM, asindices(grid))


def again(n):
    return again(n - 1)


def wrong(grid):
    return fill(grid, grid, 3)
"""
COLOURS = """\
RED = TWO
MARGIN = 7


def vmirror(grid):
    return hmirror(grid)


def broken(x:
    return x
"""
LIBRARIES = Libraries(
    [
        ("shapes", "lib", "lib/shapes.py", SHAPES.encode()),
        ("colours", "lib", "lib/colours.py", COLOURS.encode()),
        ("sub.deep", "lib", "lib/sub/deep.py", b"def turned(g):\n    return rot90(g)\n"),
    ]
)
GRID = ((1, 2), (3, 4))


def units(text: str, libraries: Libraries = LIBRARIES) -> list[Unit]:
    found, wrong = split_units("own", "solvers/a.py", text.encode(), libraries=libraries)
    assert wrong == []
    return found


def unit(text: str) -> Unit:
    (found,) = units(text)
    return found


def used(text: str) -> list[tuple[str, int]]:
    return [(t.path, t.first_line) for t in unit(text).used.texts]


def answer(text: str) -> Any:
    program, found = parse_text(text, "a.py", LIBRARIES)
    assert found == ()
    assert program is not None
    return interpret(program, GRID)


def told(text: str) -> str:
    lines = {"lib/shapes.py": SHAPES.split("\n"), "lib/colours.py": COLOURS.split("\n")}
    return render_all(compile_unit(unit(text)).diagnostics, lines)


MEANT = {
    "return canvas(MARGIN, (1, 1))": ((1,),),
    "MARGIN = 3\n    return canvas(MARGIN, (1, 1))": ((3,),),
    "return canvas(RED, (1, 1))": ((2,),),
    "return vmirror(I)": ((2, 1), (4, 3)),
    "return corner(I)": ((1,),),
    "return warm(I)": ((2, 2), (2, 2)),
    "hidden = 9\n    return canvas(weight(initset((1, 1))), (1, 1))": ((2,),),
    "return canvas(sum(MARGIN for MARGIN in (1, 2)), (1, 1))": ((3,),),
    "f = lambda MARGIN: MARGIN + 2\n    return canvas(f(4), (1, 1))": ((6,),),
    "from colours import MARGIN\n    return canvas(MARGIN, (1, 1))": ((7,),),
    "from lib.colours import vmirror as v\n    return v(I)": ((3, 4), (1, 2)),
    "import lib.colours\n    return lib.colours.vmirror(I)": ((3, 4), (1, 2)),
    "import colours as c\n    return canvas(c.MARGIN, (1, 1))": ((7,),),
    "from lib import colours\n    return canvas(colours.RED, (1, 1))": ((2,),),
    "from .sub import deep\n    return deep.turned(I)": ((3, 1), (4, 2)),
    "from sub.deep import (\n        turned,\n    )\n    return turned(I)": ((3, 1), (4, 2)),
    "return largest(I, diagonal=F) and I": GRID,
}


@pytest.mark.parametrize("body", MEANT)
def test_what_names_mean(body: str) -> None:
    assert answer(f"def solve_a(I):\n    {body}\n") == MEANT[body]


@pytest.mark.parametrize("body", [body for body in MEANT if "import" in body])
def test_imports_may_stand_before_the_solver(body: str) -> None:
    head, _, rest = body.rpartition("\n    return")
    head = head.replace("\n    ", "\n")
    assert answer(f"{head}\n\ndef solve_a(I):\n    return{rest}\n") == MEANT[body]


def test_an_import_of_all_takes_the_words_of_the_dsl_too() -> None:
    body = "def solve_a(I):\n    return vmirror(I)\n"
    assert answer(f"from colours import *\n\n{body}") == ((3, 4), (1, 2))
    assert answer(f"from dsl import *\n\n{body}") == ((2, 1), (4, 3))


def test_a_name_of_the_file_is_its_own() -> None:
    text = "MARGIN = 8\n\ndef solve_a(I):\n    return canvas(MARGIN, (1, 1))\n"
    assert answer(text) == ((8,),)
    assert used(text) == []


def test_what_a_solver_needs_goes_with_it_and_no_more() -> None:
    head = "def solve_a(I):\n    return "
    assert used(f"{head}vmirror(I)\n") == []
    assert used(f"{head}canvas(weight(I), (1, 1))\n") == [
        ("lib/shapes.py", 5),
        ("lib/shapes.py", 14),
    ]
    assert used(f"{head}warm(I)\n") == [("lib/colours.py", 1), ("lib/shapes.py", 22)]
    assert used(f"{head}corner(I)  # weight\n") == [("lib/shapes.py", 2), ("lib/shapes.py", 18)]
    one, two = units(f"{head}turned(I)\n\ndef solve_b(I):\n    return I\n")
    assert one.used.texts
    assert two.used.meanings == ()


def test_a_line_that_names_a_library_means_so_nowhere_else() -> None:
    text = "def solve_a(I):\n    x = canvas(MARGIN, (1, 1))\n    return x\n"
    assert answer(text) == ((1,),)
    _, found = parse_text(text, "a.py")
    assert [problem.message for problem in found] == ["'MARGIN' is not defined here"]


def test_a_fault_is_told_in_the_library_with_who_uses_it() -> None:
    assert (
        told("def solve_a(I):\n    return wrong(I)\n")
        == """\
lib/shapes.py:31:23: error[type-mismatch]: fill argument 2 'value': expected Integer, got Grid
        return fill(grid, grid, 3)
                          ^^^^
  note: used by own/a

1 error"""
    )
    assert (
        told("def solve_a(I):\n    return broken(I)\n")
        == """\
lib/colours.py:9:11: error[syntax-error]: '(' was never closed
    def broken(x:
              ^
  note: used by own/a

1 error"""
    )
    said = told("def solve_a(I):\n    return canvas(again(3), (1, 1))\n")
    assert said.startswith("lib/shapes.py:26:5: error[recursion]: ")
    assert (
        told("from shapes import larger\n\ndef solve_a(I):\n    return larger(I)\n")
        == """\
solvers/a.py:4:12: error[unknown-name]: 'shapes.larger' is not defined here

1 error"""
    )


def test_a_fault_that_breaks_several_solvers_is_told_once() -> None:
    span = Span("lib/a.py", 1, 1)
    found = [Diagnostic(span, "odd", "it is odd", solvers=(f"own/{k}",)) for k in range(6)]
    assert (
        render_all(found, {})
        == """\
lib/a.py:1:1: error[odd]: it is odd
  note: used by own/0, own/1, own/2, and 3 more

1 error"""
    )


def test_what_is_wrong_with_a_library_as_a_whole() -> None:
    files = [("a", "", "a.py", b"x = 1\ny = = 2\n"), ("b", "", "b.py", b"\xff")]
    assert (
        render_all(Libraries(files).problems, {})
        == """\
a.py:2:1: error[unexpected-statement]: this statement is not part of a library
  note: a library holds functions and constants

b.py:1:1: error[not-utf-8]: not UTF-8: byte 0xff

2 errors"""
    )


def test_an_unknown_name_may_be_that_of_a_library() -> None:
    assert "did you mean 'largest'?" in told("def solve_a(I):\n    return largst(I)\n")
    assert "did you mean 'vmirror'?" in told("def solve_a(I):\n    return vmiror(I)\n")
    assert unit("def solve_a(I):\n    return largest(I)\n").used.near == ()
