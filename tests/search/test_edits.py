"""Edits: what comes of them is well-typed, differs, and comes in the same order each time."""

from __future__ import annotations

import random

import pytest

from pipeline.frontend.parse import parse, parse_text
from pipeline.frontend.program import Builtin, Call, Literal
from pipeline.passes import run_passes
from pipeline.primitives.table import TABLE
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.edits import EDITS, LineChange, apply, families, neighbourhood
from pipeline.search.families import Replaced
from pipeline.search.focus import settled
from pipeline.search.typed_lines import Shapes, variable
from pipeline.search.varied_lines import VariedLines
from pipeline.search.vocabulary import Vocabulary, similar
from tests.search.small import SOLVERS, corpus, drafts_in, vocabulary_of


@pytest.fixture
def shapes() -> Shapes:
    return Shapes()


@pytest.fixture
def vocabulary(shapes: Shapes) -> Vocabulary:
    return vocabulary_of(shapes)


def draft_named(name: str, shapes: Shapes) -> Draft:
    return drafts_in(SOLVERS, shapes)[name]


def children(kind: str, draft: Draft, vocabulary: Vocabulary) -> list[Draft]:
    made = [apply(change, draft, vocabulary) for change in EDITS[kind].changes(draft, vocabulary)]
    return [draft for draft in made if draft is not None]


def test_each_kind_changes_something(shapes: Shapes, vocabulary: Vocabulary) -> None:
    for kind in EDITS:
        made = [
            c for name in SOLVERS for c in children(kind, draft_named(name, shapes), vocabulary)
        ]
        assert made, kind


@pytest.mark.parametrize("kind", EDITS)
def test_what_is_made_compiles_as_text(kind: str, shapes: Shapes, vocabulary: Vocabulary) -> None:
    rng = random.Random(kind)
    for name in SOLVERS:
        draft = draft_named(name, shapes)
        made = children(kind, draft, vocabulary)
        for child in rng.sample(made, min(25, len(made))):
            program, found = parse_text(text_of(child), "child")
            assert program is not None
            assert found == ()
            assert run_passes(program, 10_000)[1] == [], text_of(child)
            # What another solver puts in may be what stood there.
            assert text_of(child) != text_of(draft) or kind == "crossover"


def test_a_neighbourhood_is_the_same_each_time_and_begins_with_what_is_cheapest(
    shapes: Shapes, vocabulary: Vocabulary
) -> None:
    draft = draft_named("own/fill", shapes)
    first = list(neighbourhood(draft, vocabulary))
    assert first == list(neighbourhood(draft, vocabulary))
    kinds = list(dict.fromkeys(change.kind for change in first))
    assert kinds == [kind for kind in EDITS if kind in kinds]
    assert len(kinds) == len(EDITS)
    other = Shapes()
    again = neighbourhood(draft_named("own/fill", other), vocabulary_of(other))
    assert [(c.place, c.value) for c in first] == [(c.place, c.value) for c in again]


def test_a_constant_is_one_of_the_task(shapes: Shapes, vocabulary: Vocabulary) -> None:
    texts = {text_of(c) for c in children("constant", draft_named("own/fill", shapes), vocabulary)}
    assert any("fill(I, FIVE, " in text for text in texts), "a colour of the samples"
    assert not any("EIGHT" in text for text in texts), "a colour that no sample has"


def test_function_values_are_edited_too(shapes: Shapes, vocabulary: Vocabulary) -> None:
    texts = {text_of(c) for c in children("function", draft_named("own/fill", shapes), vocabulary)}
    assert any("sizefilter" in text for text in texts), "what is called"
    assert any("rbind(toobject, I)" in text for text in texts), "what a combinator is given"
    assert any("sfilter" in text or "apply" in text for text in texts) is False, "no grid is left"
    inner = {text_of(c) for c in children("deletion", draft_named("own/fill", shapes), vocabulary)}
    assert any("flip" not in text for text in inner), "what is inside a combinator"


def test_lines_that_nobody_needs_go(shapes: Shapes, vocabulary: Vocabulary) -> None:
    draft = draft_named("own/fill", shapes)
    change = LineChange(len(draft.lines) - 1, Call(Builtin(TABLE["hmirror"]), (variable(0),)))
    changed = apply(change, draft, vocabulary)
    assert changed is not None
    assert text_of(changed) == "def solve_candidate(I):\n    x1 = hmirror(I)\n    return x1\n"


def test_types_behind_a_change_are_found_anew(shapes: Shapes, vocabulary: Vocabulary) -> None:
    text = "def solve_a(I):\n    x1 = shape(I)\n    x2 = add(x1, x1)\n    return canvas(ONE, x2)\n"
    draft = draft_of(parse(text), shapes)
    assert draft is not None
    # A pair becomes an integer, which `add` takes as well, but `canvas` does not.
    height = LineChange(0, Call(Builtin(TABLE["height"]), (variable(0),)))
    assert apply(height, draft, vocabulary) is None
    size = LineChange(0, Call(Builtin(TABLE["astuple"]), (Literal(2), Literal(3))))
    changed = apply(size, draft, vocabulary)
    assert changed is not None
    assert "astuple(TWO, THREE)" in text_of(changed)


def test_what_does_not_fit_is_none(shapes: Shapes, vocabulary: Vocabulary) -> None:
    draft = draft_named("own/flip", shapes)
    assert (
        apply(LineChange(0, Call(Builtin(TABLE["size"]), (variable(0),))), draft, vocabulary)
        is None
    )
    assert apply(LineChange(0, draft.lines[0].value), draft, vocabulary) is None, "no change at all"
    assert apply(LineChange(0, variable(0)), draft, vocabulary) is None, "the input is no program"


def test_similar_functions_take_the_same() -> None:
    assert {"vmirror", "dmirror"} <= {row.name for row in similar(TABLE["hmirror"])}
    assert "sfilter" in {row.name for row in similar(TABLE["mfilter"])}
    assert "rbind" in {row.name for row in similar(TABLE["lbind"])}
    assert TABLE["hmirror"] not in similar(TABLE["hmirror"])


def test_a_draft_is_what_its_text_says() -> None:
    shapes = Shapes()
    for name, text in list(corpus().items())[::8]:
        draft = drafts_in({name: text}, shapes).get(name)
        if draft is None:
            continue
        once = settled(draft, shapes)
        assert once is not None
        assert settled(once, shapes) == once
        assert draft_of(parse(text_of(once)), shapes) == once


def test_programs_that_are_not_plain_are_no_drafts(shapes: Shapes) -> None:
    for body in ("return I", "x1 = size(I)\n    return x1", "return [r for r in I]"):
        program, found = parse_text(f"def solve_a(I):\n    {body}\n", "a")
        assert program is None or found or draft_of(program, shapes) is None


def test_lines_that_differ_in_a_part_are_what_each_is_by_itself(shapes: Shapes) -> None:
    texts = {**SOLVERS, "own/static": "def solve_a(I):\n    return power(hmirror, TWO)(I)\n"}
    texts["own/twice"] = "def solve_b(I):\n    x1 = hmirror(I)\n    return hconcat(x1, x1)\n"
    vocabulary, seen = vocabulary_of(shapes), set[bool]()
    for draft in drafts_in(texts, shapes).values():
        for _, family in families(draft, vocabulary):
            if not isinstance(family, Replaced):
                continue
            old = draft.lines[family.place]
            varied = VariedLines(shapes, old.register, family.rebuild, draft.types())
            for part in family.parts:
                line = shapes.line(old.register, family.rebuild(part), draft.types())
                expected = None if line is None else (line.words, line.type)
                assert varied.words(part) == expected
                seen.add(line is None)
    assert seen == {True, False}
