"""Variants and compositions of programs."""

from __future__ import annotations

import random
import re

import pytest

from pipeline.frontend.parse import parse
from pipeline.oracle.interpret import interpret
from pipeline.trust.programs.variants import composition, variant

TEXT = (
    "def solve_aaaaaaaa(I):\n"
    "    x1 = hmirror(I)\n"
    "    x2 = replace(x1, ZERO, THREE)\n"
    "    x3 = vconcat(x2, I)\n"
    "    return x3\n"
)
OTHER = "def verify_bbbbbbbb(I):\n    x1 = vmirror(I)\n    return hconcat(I, x1)\n"
GRID = ((1, 0), (2, 3))


def test_a_variant_is_another_program_and_follows_from_the_numbers() -> None:
    texts = [variant(random.Random(k), TEXT, "solve_aaaaaaaa__v") for k in range(300)]
    assert texts == [variant(random.Random(k), TEXT, "solve_aaaaaaaa__v") for k in range(300)]
    bodies = {text.partition("\n")[2] for text in texts}
    assert TEXT.partition("\n")[2] not in bodies
    assert len(bodies) > 100
    assert {text.count("\n") for text in texts} == {4, 5}


def test_every_edit_is_made() -> None:
    found = "\n".join(variant(random.Random(k), TEXT, "solve_a__v") for k in range(300))
    for line in (
        r"x2 = replace\(x1, THREE, ZERO\)",  # arguments swapped
        r"x1 = [a-gi-z]\w+\(I\)\n    x2 = replace\(x1, ZERO, THREE\)",  # another primitive
        r"x2 = replace\(x1, ZERO, [A-SU-Z]\w+\)",  # another constant
        r"x3 = vconcat\(x2, x1\)",  # another variable
        r"x2 = replace\(I, ZERO, THREE\)",  # without the line before
        r"x3 = vconcat\(x2, \w+\(I\)\)",  # one more call
    ):
        assert re.search(line, found), line


def test_what_nothing_can_be_changed_in() -> None:
    with pytest.raises(ValueError, match="no edit of solve_a changes it"):
        variant(random.Random(0), "def solve_a(I):\n    return 3\n", "solve_a")


def test_a_composition_is_one_program_on_what_the_other_returns() -> None:
    text = composition(TEXT, OTHER, "solve_cccccccc")
    assert text.startswith("def solve_cccccccc(I):\n")
    between = interpret(parse(TEXT), GRID)
    assert interpret(parse(text), GRID) == interpret(parse(OTHER), between)
