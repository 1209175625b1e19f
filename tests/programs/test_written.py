"""Programs as people write them around the DSL: what Python makes of each is what we do.

They are in `written/`, helpers first. Python runs their text on our references.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from pipeline.frontend.parse import parse_unit
from pipeline.frontend.units import split_units
from pipeline.ir.status import Failure, Limits
from pipeline.oracle.interpret import outcome
from tests.programs.on_both_sides import ends
from tests.python_answers import python_answer

GRIDS: Final = (
    ((0, 1, 1, 0), (2, 0, 0, 2), (0, 1, 3, 0)),
    ((5, 0), (0, 5), (0, 2)),
    ((7,),),
)
FOLDER: Final = Path(__file__).parent / "written"


def _read(path: Path) -> dict[str, str]:
    """The programs of a file, by their names, each with all that comes before the first."""
    parts = re.split(r"\n\n\n(?=def solve_)", path.read_text("utf-8").strip())
    return {part[10:].split("(")[0]: f"{parts[0]}\n\n\n{part}\n" for part in parts[1:]}


TEXTS: Final = {
    f"{path.stem}/{name}": text
    for path in FOLDER.glob("*.txt")
    for name, text in _read(path).items()
}


@pytest.mark.parametrize("name", TEXTS)
def test_it_means_what_it_means_in_python(name: str) -> None:
    units, _ = split_units("own", "a.py", TEXTS[name].encode())
    program, found = parse_unit(units[0])
    assert program is not None, found
    for grid in GRIDS:
        expected, got = python_answer(TEXTS[name], grid, True), outcome(program, grid)
        if isinstance(expected, Exception):
            assert isinstance(got, Failure), (grid, expected, got)
        else:
            assert got == expected, grid


def test_there_are_many() -> None:
    assert len(TEXTS) > 100


@pytest.mark.parametrize("name", ["plainly/flood2", "plainly/counts2", "with_libraries/combos"])
def test_the_compiled_answer_is_the_same(name: str) -> None:
    ends(TEXTS[name])


def test_the_turns_of_a_loop_are_counted() -> None:
    text = "def solve_a(I):\n    for x in asobject(I):\n        pass\n    return I\n"
    grids = ((0,) * 6,) * 4, ((0,) * 6,) * 3
    found = ends(text, grids, Limits(elements=43, cells=68, integer=21, total=35, turns=5))
    assert found == ["over_budget INTEGER", "ok"]


@pytest.mark.long("the compiled answers of all of them; the fuzzer holds both to random programs")
@pytest.mark.parametrize("name", TEXTS)
def test_all_compiled_answers_are_the_same(name: str) -> None:
    ends(TEXTS[name])
