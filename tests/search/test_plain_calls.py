"""What is no plain call becomes one: solvers of any form are what a search begins with."""

from __future__ import annotations

import pytest

from pipeline.frontend.parse import parse
from pipeline.oracle.interpret import outcome
from pipeline.search.drafts import draft_of, text_of
from pipeline.search.focus import settled
from pipeline.search.typed_lines import Shapes
from tests.search.small import A, B, C, corpus

BODIES = {
    "lambda": "return paint(I, merge(sfilter(objects(I, T, F, F), lambda o: size(o) > 1)))",
    "function": (
        "def both_ways(g):\n    a = vmirror(g)\n    return hconcat(g, a)\n"
        "x1 = both_ways(I)\nreturn both_ways(x1)"
    ),
    "closure": (
        "c = mostcolor(I)\ndef f(o):\n    d = color(o)\n    return recolor(d - c, o)\n"
        "return paint(I, mapply(f, objects(I, T, F, T)))"
    ),
    "choice": "return hmirror(I) if height(I) <= 2 and width(I) >= 3 else vmirror(I)",
    "comprehension": (
        "x1 = {recolor(2, o) for o in objects(I, T, F, F) if size(o) != 2}\n"
        "return paint(I, merge(x1))"
    ),
    "rows": "return tuple(tuple(c if c > 0 else 5 for c in row) for row in I)",
    "rows of a primitive": "return repeat(first(I), 2)",
    "if": (
        "if numcolors(I) > 3:\n    x1 = hmirror(I)\nelse:\n    x1 = vmirror(I)\n"
        "x2 = rot90(x1)\nreturn x2"
    ),
    "early return": "if height(I) > 2:\n    return rot180(I)\nx1 = rot90(I)\nreturn x1",
    "loop": (
        "x1 = I\nfor o in objects(I, T, F, F):\n    if size(o) < 3:\n"
        "        x1 = fill(x1, 8, backdrop(o))\nreturn x1"
    ),
    "walrus": "return hconcat((x1 := rot180(I)), x1)",
}


@pytest.mark.parametrize("name", BODIES)
def test_it_comes_to_the_same(name: str) -> None:
    body = BODIES[name].replace("\n", "\n    ")
    program = parse(f"def solve_a(I):\n    {body}\n")
    draft = draft_of(program, Shapes())
    assert draft is not None
    again = parse(text_of(draft))
    for grid in (A, B, C):
        assert outcome(again, grid) == outcome(program, grid)
    assert "lambda" not in text_of(draft)


def test_a_plain_program_stays_as_it_is() -> None:
    shapes = Shapes()
    text = (
        "def solve_candidate(I):\n    x1 = objects(I, T, F, F)\n    x2 = rbind(greater, TWO)\n"
        "    x3 = compose(x2, size)\n    x4 = mfilter(x1, x3)\n    x5 = fill(I, FOUR, x4)\n"
        "    return x5\n"
    )
    draft = draft_of(parse(text), shapes)
    assert draft is not None
    whole = settled(draft, shapes)
    assert whole is not None
    assert text_of(whole) == text


@pytest.mark.parametrize(
    "body",
    [
        "x1 = I\nwhile height(x1) < 9:\n    x1 = vconcat(x1, x1)\nreturn x1",
        "x1 = I\nfor k in interval(0, 3, 1):\n    x1 = rot90(x1)\nreturn x1",
        "return {c for r in I for c in r}",
    ],
)
def test_what_has_no_such_calls_is_none(body: str) -> None:
    indented = body.replace("\n", "\n    ")
    assert draft_of(parse(f"def solve_a(I):\n    {indented}\n"), Shapes()) is None


def test_nearly_every_solver_is_a_draft() -> None:
    shapes = Shapes()
    texts = [text for name, text in sorted(corpus().items())[::9]]
    drafts = [draft_of(parse(text), shapes) for text in texts]
    assert None not in drafts
