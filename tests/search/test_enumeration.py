"""Bottom up: programs without a parent, each value once."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from pipeline.data.tasks import Sample
from pipeline.frontend.parse import parse
from pipeline.oracle.interpret import outcome
from pipeline.search.drafts import text_of
from pipeline.search.enumeration import Enumerated, Enumeration
from pipeline.search.puzzles import Puzzle
from pipeline.search.typed_lines import Shapes
from pipeline.search.vocabulary import Vocabulary, literals_of
from tests.search.small import A, B, C, load


@pytest.fixture(scope="module")
def enumeration() -> Enumeration:
    return Enumeration(Shapes(), load)


def enumerated(enumeration: Enumeration, text: str, programs: int) -> tuple[Enumerated, Puzzle]:
    """What comes of a puzzle that this program solves."""
    program = parse(f"def solve_a(I):\n    return {text}\n")
    train = tuple([Sample(grid, outcome(program, grid)) for grid in (A, B, C)])
    puzzle = Puzzle("aaaaaaaa", train)
    vocabulary = Vocabulary(enumeration.shapes, literals_of(train))
    return enumeration.run(puzzle, vocabulary, programs), puzzle


def texts_of(found: Enumerated, programs: Iterable[int]) -> list[str]:
    drafts = [draft for k in programs if (draft := found.draft(k)) is not None]
    return list(map(text_of, drafts))


@pytest.mark.parametrize(
    "text",
    [
        "rot90(I)",
        "tophalf(rot90(I))",
        "lefthalf(hmirror(I))",
        "replace(I, ZERO, FIVE)",
    ],
)
def test_small_programs_are_found(text: str, enumeration: Enumeration) -> None:
    found, puzzle = enumerated(enumeration, text, 6_000)
    assert found.solved()
    for text in texts_of(found, found.solved()):
        program = parse(text)
        assert all(outcome(program, s.input) == s.output for s in puzzle.train)


def test_no_grid_comes_twice(enumeration: Enumeration) -> None:
    found, puzzle = enumerated(enumeration, "rot90(I)", 1_500)
    made = [
        tuple(outcome(parse(text), s.input) for s in puzzle.train)
        for text in texts_of(found, range(len(found)))
    ]
    assert len(made) == len(set(made)) > 20
    assert puzzle.train[0].input not in [grids[0] for grids in made if grids[1:] == (B, C)]


def test_it_tries_as_many_as_asked_and_always_the_same(enumeration: Enumeration) -> None:
    first, _ = enumerated(enumeration, "rot90(I)", 700)
    again, _ = enumerated(enumeration, "rot90(I)", 700)
    assert first.programs == again.programs == 700
    assert texts_of(first, range(len(first))) == texts_of(again, range(len(again)))
    more, _ = enumerated(enumeration, "rot90(I)", 1_400)
    assert texts_of(more, range(len(first))) == texts_of(first, range(len(first)))
