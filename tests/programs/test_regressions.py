"""Programs on which two answers once differed, as the fuzzer shrank them, on every backend.

Each row: what was wrong, the statements, the grid, the limits, and how the lane ends on all sides;
`rejected` and a diagnostic's code where the front end now says that it can't run the program.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from pipeline.ir.graph import Const
from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.trust.agreement import fuzzing
from pipeline.trust.agreement.answers import (
    agree,
    battery,
    build,
    direct,
    generated,
    label,
    together,
)
from tests.compiled import compiled_kernels


class Row(NamedTuple):
    """One program."""

    name: str
    statements: str
    grid: Any
    status: str
    limits: Limits = DEFAULT_LIMITS


ONE = ((0,),)
ROWS = (
    # A tuple is a set only where each overload of a row takes a set: the interpreter has no types.
    Row(
        "a tuple of cells is no object for vmirror, which takes grids",
        "x = vmirror(order(asobject(I), identity)); return x",
        ONE,
        "rejected type-mismatch",
    ),
    Row(
        "a pair equals no set",
        "x = sfilter(ORIGIN, matcher(initset, ORIGIN)); return I",
        ONE,
        "ok",
    ),
    Row(
        "what a pair has that a set has not is a tuple",
        "x = (ineighbors(ORIGIN), ineighbors(ORIGIN));"
        " f = fork(difference, rbind(valmin, identity), lbind(lbind, difference)(I));"
        " y = mapply(f, x); z = repeat(y, ONE); return z",
        ((),),
        "ok",
    ),
    Row(
        "a tuple of pairs is a grid for portrait",
        "x = portrait(order(asindices(I), identity)); y = canvas(add(x, ZERO), UNITY); return y",
        ((0, 0, 0),),
        "ok",
    ),
    # The turns of a power are counted anew for each element.
    Row(
        "what a function makes when raised to a power adds up over the elements",
        "x = valmax(asobject(I), power(compose(last, rbind(remove, asobject(I))), ONE)); return I",
        ((0,) * 5,) * 3,
        "over_budget TOTAL",
        Limits(total=182),
    ),
    # The output grid is within the limits, whatever it comes from.
    Row(
        "the input is too large to be the output",
        "return I",
        ((0,) * 6,) * 4,
        "over_budget CELLS",
        Limits(cells=21),
    ),
    # A row that is total can find its argument unfit all the same, and comes in its turn.
    Row(
        "the input is too large for a condition on it",
        "x = portrait(I); y = neighbors(ORIGIN); return I",
        ((0,) * 10,) * 3,
        "over_budget CELLS",
        Limits(elements=7, cells=29),
    ),
    Row(
        "a number that is missing in a choice is not in a tuple",
        "x = branch(even(size(I)), ORIGIN, index(I, RIGHT)); y = contained(x, (ONE, TWO, ORIGIN));"
        " z = first(difference(I, I)); return I",
        ONE,
        "error EMPTY",
    ),
    # Nothing is left of identity when flattened, and power checks how often as its row does.
    Row(
        "identity looks at nothing",
        "x = identity(TEN); y = (TEN, TEN, TEN); return I",
        ONE,
        "ok",
        Limits(integer=5),
    ),
    Row(
        "the number of turns is an integer like others",
        "x = power(identity, TEN); y = fill(I, ZERO, difference(asindices(I), asindices(I)));"
        " return I",
        ONE,
        "over_budget INTEGER",
        Limits(integer=5),
    ),
    # An argument that failed outside an element domain reaches the keys of its elements.
    Row(
        "keys of a container that failed",
        "x = neighbors(ORIGIN); y = valmax(ORIGIN, rbind(contained, x)); return I",
        ONE,
        "over_budget ELEMENTS",
        Limits(elements=6),
    ),
    Row(
        "keys that compare with what is missing",
        "x = astuple(ZERO, index(I, RIGHT)); y = argmax(ORIGIN, matcher(identity, x)); return I",
        ONE,
        "ok",
    ),
    Row(
        "a function that is repeated no times leaves an empty tuple",
        "x = repeat(identity, ZERO); y = rapply(repeat(hmirror, NEG_ONE), I);"
        " z = add(size(x), size(y)); return canvas(z, UNITY)",
        ((0,),),
        "ok",
    ),
    # A product with functions is a set: each function counts once, in its order.
    Row(
        "a function twice in a product counts once",
        "x = product(hfrontier(ORIGIN), repeat(identity, TWO)); return I",
        ONE,
        "ok",
        Limits(elements=43),
    ),
    Row(
        "the pairs of a product stand in the order of the functions",
        "x = product((vmirror, hmirror), (ONE, TWO)); f = first(first(x)); y = f(I); return y",
        ((1, 2), (3, 4)),
        "ok",
    ),
    Row(
        "functions beside pairs stand in the order of the functions first",
        "x = product((hmirror, vmirror), ineighbors(ORIGIN)); y = apply(last, totuple(x));"
        " z = repeat(merge(y), ONE); return z",
        ONE,
        "ok",
    ),
    Row(
        "integers beside functions and data stand in the order of the functions first",
        "x = insert(astuple(dmirror, ORIGIN), initset(astuple(cmirror, UNITY)));"
        " y = product(palette(I), x); z = repeat(apply(first, totuple(y)), ONE); return z",
        ((1, 2), (3, 4)),
        "ok",
    ),
    # A container of closures is of the kind of the container that it was made from.
    Row(
        "closures made over a tuple stand in a tuple",
        "x = apply(lbind(rbind, astuple), I); y = rapply(x, ORIGIN);"
        " z = repeat(combine(ORIGIN, merge(apply(first, y))), ONE); return z",
        ((0,), (0,)),
        "ok",
    ),
    Row(
        "closures kept from a tuple stand in a tuple",
        "x = apply(lbind(lbind, add), (ONE, ONE, TWO));"
        " y = sfilter(x, compose(positive, chain(first, rbind(rapply, ONE), initset)));"
        " z = repeat(rapply(y, ZERO), ONE); return z",
        ONE,
        "ok",
    ),
    Row(
        "closures made over a tuple give equal results, all of which count",
        "x = apply(lbind(lbind, lbind(mpapply, insert)), order(asobject(I), identity));"
        " y = merge(rapply(x, I)); return I",
        ((0, 0, 0), (1, 1, 0)),
        "over_budget ELEMENTS",
        Limits(elements=25),
    ),
    # Results of known functions are packed: packing counts nothing against the total.
    Row(
        "known functions applied in an element domain",
        "x = valmax(asindices(I), rbind(valmin, lbind(rapply, repeat(identity, THREE)))); return I",
        ((0,) * 4,) * 5,
        "ok",
        Limits(total=117),
    ),
    # A literal is looked at where something is computed with it, not where it is taken out again.
    Row(
        "large literals beside functions",
        "x = product((1000, 2000), (identity, hmirror)); y = apply(first, x); return I",
        ONE,
        "ok",
        Limits(integer=50),
    ),
    Row(
        "a place among functions is no integer of the program",
        "f = extract((identity, hmirror, vmirror), chain(flip, lbind(equality, I),"
        " chain(first, rbind(rapply, I), initset))); return f(I)",
        ((1, 2), (3, 4)),
        "ok",
        Limits(integer=4),
    ),
    # The order of a set of functions that only the data tells is refused, not guessed.
    Row(
        "a set of a primitive and a choice",
        "x = insert(branch(positive(size(I)), dedupe, dedupe), initset(totuple));"
        " y = rapply(x, I); return I",
        ONE,
        "ok",
    ),
    # Sets of more than one kind of element are ordered canonically, whichever is found first.
    Row(
        "a set of tuples that look like cells and of some that don't",
        "x = prapply(remove, interval(THREE, SEVEN, TWO), recolor(THREE, initset(TWO_BY_TWO)));"
        " y = first(x); return I",
        ONE,
        "ok",
    ),
    Row(
        "a set of pairs and objects' cells",
        "x = combine(toindices(asobject(I)), initset(first(asindices(I))));"
        " y = branch(even(size(I)), x, asobject(I)); z = first(y); return I",
        ((0, 1), (2, 3)),
        "ok",
    ),
    # What is known to be empty has a type that nothing else has.
    Row(
        "what is left of a patch that is taken from itself",
        "x = branch(F, ineighbors(ORIGIN), asobject(I)); y = difference(x, x);"
        " z = canvas(size(y), UNITY); return z",
        ONE,
        "ok",
    ),
    Row(
        "an empty patch looked for among patches",
        "x = branch(F, ineighbors(ORIGIN), recolor(ZERO, ineighbors(ORIGIN)));"
        " y = compose(rbind(contained, initset(x)), lbind(lbind, difference)(x))(x); return I",
        ONE,
        "ok",
    ),
    Row(
        "nothing is no two-tuple that something equals",
        "x = product(I, astuple(ONE, ORIGIN)); y = totuple(x);"
        " z = sfilter(x, matcher(identity, difference(y, y))); return I",
        ONE,
        "ok",
    ),
    # On compiled kernels a two-tuple of integers is a pair, however it was made.
    Row(
        "two known functions applied to one value give a pair",
        "x = rapply((height, width), I); y = canvas(THREE, x); return y",
        ((0, 0, 0),),
        "ok",
    ),
    Row(
        "two known functions give a cell",
        "x = rapply((size, shape), I); y = fill(I, TWO, initset(last(x)));"
        " z = recolor(first(x), initset(last(x))); w = paint(y, z); return w",
        ((0, 0),) * 2,
        "ok",
    ),
    # Sets of integers and tuples: what is so of the first element is not so of all.
    Row(
        "pairs of elements that are integers and pairs stand in no order of loops",
        "x = product(astuple(ONE, ORIGIN), ineighbors(ORIGIN)); y = apply(last, totuple(x));"
        " z = repeat(merge(y), ONE); return z",
        ONE,
        "ok",
    ),
    Row(
        "sets that begin with a pair and end with something else are merged",
        "x = mapply(rbind(product, initset(ZERO)), asobject(I)); y = apply(last, totuple(x));"
        " z = repeat(y, ONE); return z",
        ((0, 1), (2, 3)),
        "ok",
    ),
    Row(
        "a grid is compared with a pair where one two-tuple begins with an integer",
        "x = apply(matcher(rbind(astuple, I), astuple(branch(T, THREE, UNITY), I)),"
        " astuple(ZERO, astuple(TWO, SIX))); y = repeat(apply(lbind(add, ZERO), x), ONE); return y",
        ((0, -1),),
        "ok",
    ),
    Row(
        "a cell may equal a truth value with a row of two integers",
        "x = difference(product(initset(T), I), recolor(ONE, initset(astuple(TWO, THREE))));"
        " return canvas(size(x), UNITY)",
        ((2, 3),),
        "ok",
    ),
    Row(
        "of two closures that one line makes only data tells whether they are the same",
        "x = apply(lbind(lbind, astuple), totuple(palette(I)));"
        " y = rapply(combine(initset(first(x)), initset(last(x))), ZERO); z = repeat(last(y), ONE);"
        " return z",
        ((1, 2),),
        "rejected unsupported-closure",
    ),
    Row(
        "pairs that are all missing look like the rows of a grid without columns",
        "x = repeat(lrcorner(ofcolor(I, TEN)), TWO); y = adjacent(I, x); return I",
        (),
        "error NONE",
    ),
    Row(
        "the rows of a grid without columns look like missing pairs",
        "x = fill(I, ONE, canvas(ZERO, astuple(TWO, ZERO))); return I",
        ((1,),),
        "error NONE",
    ),
    Row(
        "the commonest colour of a grid is one that is missing",
        "x = hconcat(I, canvas(index(I, (5, 5)), (3, 3))); y = objects(x, F, T, T);"
        " return canvas(size(first(y)), UNITY)",
        ((1, 2), (3, 4)),
        "ok",
    ),
    Row(
        "objects of cells whose colour is missing",
        "x = hconcat(canvas(index(I, (5, 5)), (3, 3)), I); y = objects(x, T, F, F);"
        " z = order(y, size); return canvas(size(last(z)), UNITY)",
        ((1, 2), (3, 4)),
        "ok",
    ),
    Row(
        "grids in which cells are missing have an order as far as Python finds one",
        "x = canvas(index(I, (5, 5)), UNITY); y = (hconcat(I, x), hconcat(hmirror(I), x));"
        " z = first(order(y, identity)); return canvas(size(z), UNITY)",
        ((1, 2), (3, 4)),
        "ok",
    ),
    Row(
        "a missing cell has no order",
        "x = canvas(index(I, (5, 5)), UNITY); y = argmax((x, I), identity); return I",
        ((1, 2), (3, 4)),
        "error NONE",
    ),
    Row(
        "a grid in which a cell is missing is no output",
        "x = hconcat(I, canvas(index(I, (5, 5)), (2, 2))); return x",
        ((1, 2), (3, 4)),
        "error NONE",
    ),
)

BACKENDS = (fuzzing.REFERENCE, fuzzing.CPU)


def program(statements: str) -> str:
    """The text of a solver from statements separated by semicolons."""
    lines = [f"    {line.strip()}\n" for line in statements.split(";")]
    return "def solve_xxxxxxxx(I):\n" + "".join(lines)


@pytest.fixture(scope="module", autouse=True)
def _kernels() -> None:
    compiled_kernels()


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_both_sides_end_alike(row: Row, backend: fuzzing.Backend) -> None:
    built = build(program(row.statements))
    assert built.broken is None
    if built.rejected:
        assert row.status == f"rejected {built.diagnostics[0].code}", built.diagnostics
        return
    expected = direct(built, row.grid, row.limits)
    grids = [row.grid, (), row.grid]
    found = generated(built, grids, row.limits, backend.runner)
    assert label(expected) == row.status
    assert agree(expected, found[0]), (expected, found[0])
    assert all(agree(direct(built, g, row.limits), f) for g, f in zip(grids, found, strict=True))
    for way in (together, battery):
        (several,) = way([built], grids, [[0, 2]], row.limits, backend.runner)
        assert agree(expected, several[0])
        assert agree(expected, several[2])


def test_no_literal_is_an_effect() -> None:
    # A text is a literal that is converted, and has no slot: kernels read behind their heap.
    text = (
        "def solve_x(I):\n"
        "    a = sorted([(('b' if len(I) > 1 else 'a'), 3), ('b', 2)])[0][0]\n"
        "    return I if a == 'b' else hmirror(I)\n"
    )
    built = build(text)
    assert not built.rejected, built.diagnostics
    assert built.graph is not None
    effects = {e for n in built.graph.nodes for group in n.effects for e in group}
    literals = [n for n in {*effects, *built.graph.effects} if n.args and type(n.args[0]) is Const]
    assert [n for n in literals if n.op == "convert"] == []
