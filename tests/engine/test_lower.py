"""Lowering: which instructions nodes become, whole; what programs share, and what an image says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.codegen.graph_text import GraphReader
from pipeline.codegen.link import link
from pipeline.engine.image import Image, image_of_graphs, lowered
from pipeline.engine.lower import Lowering
from pipeline.ir.graph import Const, Node
from pipeline.ir.types import GRID
from pipeline.kernels import instruction as fields
from pipeline.primitives.words import BIAS, FIELD
from tests.by_hand import ByHand
from tests.columns import image_by_hand
from tests.programs_text import graph_of

JUMPING = ("loop_test", "loop_end")
LISTING = ("close", "select", "first_match", "pack", "verdict", "loop_end")
"""The kernels that list effects or items behind the instructions."""


def line_of(image: Image, k: int) -> str:
    """An instruction as text."""
    row = image.table[k].tolist()
    kernel = image.kernels[row[fields.CODE]]
    operation = image.operations[row[fields.OPERATION] // 32]
    args = [_argument(image, kernel, row, place) for place in range(_count(image, kernel, row))]
    parts = [f"{k}: s{row[fields.DEST]} = {kernel}({', '.join(args)}) on s{row[fields.DOMAIN]}"]
    if operation != kernel:
        parts.append(f"as {operation}")
    if row[fields.MODE]:
        parts.append(f"mode {row[fields.MODE]}")
    if kernel in LISTING:
        parts.append(f"after {_listed(image, kernel, row)}")
    if kernel in JUMPING:
        parts.append("alone")
    return "; ".join(parts)


def _count(image: Image, kernel: str, row: list[int]) -> int:
    """How many arguments an instruction has: those of the rest are 0."""
    counts = {"loop_test": 3, "loop_end": 3, "inputs": 0}
    used = [k for k in range(fields.STRIDE - fields.ARGS) if row[fields.ARGS + k]]
    return counts.get(kernel, max(used, default=-1) + 1)


def _argument(image: Image, kernel: str, row: list[int], place: int) -> str:
    value = row[fields.ARGS + place]
    jump = 2
    if kernel in JUMPING and place == jump:
        return f"jump {value:+}"
    return f"s{value}" if value >= 0 else str(int(image.constants[-1 - value]))


def _listed(image: Image, kernel: str, row: list[int]) -> tuple[int, ...]:
    at = row[fields.EXTRAS]
    assert at > 0
    found: list[int] = []
    for _ in range(2 if kernel == "select" else 1):
        count = int(image.extras[at])
        found += image.extras[at : at + 1 + count].tolist()
        at += 1 + count
    return tuple(found)


def listing(image: Image) -> list[str]:
    """All instructions as text."""
    return [line_of(image, k) for k in range(len(image))]


def pair(i: int, j: int) -> int:
    return (i + BIAS) << FIELD | (j + BIAS)


def plain(rt: Any) -> None:
    """rows, literals, effects, a verdict"""
    d = rt.lanes(0)
    grid = rt.input(d)
    filled = rt.replace(d, grid, 3, True)
    moved = rt.canvas(d, 3, (1, -2))
    size = rt.add(d, (1, -2), 3)
    rt.verdict(0, d, filled, after=(moved, size))


def looping(rt: Any) -> None:
    """a loop in a loop"""
    d = rt.lanes(0)
    grid = rt.input(d)

    def inner(t: Any, state: Any) -> Any:
        found = rt.rot90(t, state)
        return rt.rot180(t, found), (found,)

    def outer(t: Any, state: Any) -> Any:
        return rt.looped(t, 3, state, inner), ()

    found = rt.looped(d, rt.height(d, grid), grid, outer)
    rt.verdict(0, d, found, after=())


def nesting(rt: Any) -> None:
    """domains and closers"""
    d = rt.lanes(0)
    grid = rt.input(d)
    rows = rt.each(d, grid)
    long = rt.greater(rows, rt.size(rows, rt.item(rows)), rt.spread(rows, rt.height(d, grid)))
    yes, no = rt.where(rows, long), rt.unless(rows, long)
    a, b = rt.last(yes, rt.spread(yes, rt.item(rows))), rt.spread(no, rt.width(d, grid))
    one = rt.select(rows, long, yes, a, no, b, after=((a, yes), ()))
    numbers = rt.set_of(rows, one, after=(one,))
    both = rt.cross(d, numbers, rt.palette(d, grid))
    pairs = rt.pack_tuple(both, rt.left(both), rt.right(both))
    keys = rt.keys(both, pairs, after=())
    probed = rt.probe(d, keys)
    first = rt.first_match(probed, True, keys, after=(numbers,))
    zipped = rt.tuple_of(rt.zip(d, keys, keys), 1, after=())
    packed = rt.pack_set(d, rt.pack_keys(d, first, 1), zipped)
    rt.verdict(0, d, packed, after=(rows, first))


def converting(rt: Any) -> None:
    """conversions of and inside containers"""
    d = rt.lanes(0)
    grid = rt.input(d)
    same = rt.convert(d, grid, "Indices", "Patch")
    rows = rt.convert(d, same, "Grid", "Tuple[Tuple[Integer]]")
    grids = rt.pack_keys(d, grid, grid)
    deep = rt.convert(d, grids, "Tuple[Grid]", "Tuple[Tuple[Tuple[Integer]]]")
    both = rt.pack_tuple(d, grid, (1, 2))
    two = rt.convert(d, both, "(Grid, Pair)", "(Tuple[Tuple[Integer]], Numerical)")
    rt.verdict(0, d, rows, after=(deep, two))


WHOLE: dict[Callable[[Any], None], list[str]] = {
    plain: [
        "0: s1 = inputs() on s0",
        "1: s2 = replace(s1, 3, 1) on s0",
        f"2: s3 = canvas(3, {pair(1, -2)}) on s0",
        f"3: s4 = add({pair(1, -2)}, 3) on s0",
        "4: s5 = verdict(s2) on s0; after (2, 6, 8)",
    ],
    looping: [
        "0: s1 = inputs() on s0",
        "1: s2 = height(s1) on s0",
        "2: s3 = loop_enter(s2, s1) on s0",
        "3: s4 = loop_test(s3, s5, jump +6) on s0; as loop; alone",
        "4: s6 = loop_enter(3, s5) on s4",
        "5: s7 = loop_test(s6, s8, jump +3) on s4; as loop; alone",
        "6: s9 = rot90(s8) on s7",
        "7: s10 = rot180(s9) on s7",
        "8: s6 = loop_end(s6, s10, jump -4) on s7; as loop; after (1, 18); alone",
        "9: s3 = loop_end(s3, s6, jump -7) on s4; as loop; after (0,); alone",
        "10: s11 = verdict(s3) on s0; after (0,)",
    ],
    nesting: [
        "0: s1 = inputs() on s0",
        "1: s2 = open_domains(s1, s1) on s0; as apply",
        "2: s3 = item() on s2",
        "3: s4 = size(s3) on s2",
        "4: s5 = height(s1) on s0",
        "5: s6 = spread(s5) on s2",
        "6: s7 = greater(s4, s6) on s2",
        "7: s8 = open_domains(s7, s7) on s2; as apply; mode 5",
        "8: s9 = open_domains(s7, s7) on s2; as apply; mode 6",
        "9: s10 = item() on s2",
        "10: s11 = spread(s10) on s8",
        "11: s12 = last(s11) on s8",
        "12: s13 = width(s1) on s0",
        "13: s14 = spread(s13) on s9",
        "14: s15 = select(s7, s8, s12, s9, s14) on s2; after (2, 24, 17, 0)",
        "15: s16 = close(s15) on s2; as apply; mode 1; after (1, 30)",
        "16: s17 = palette(s1) on s0",
        "17: s18 = open_domains(s16, s17) on s0; as apply; mode 2",
        "18: s19 = item() on s18",
        "19: s20 = item() on s18; mode 1",
        "20: s21 = pack() on s18; as tuple; after (2, 19, 20)",
        "21: s22 = close(s21) on s18; as apply; mode 2; after (0,)",
        "22: s23 = open_domains(s22, s22) on s0; as apply; mode 4",
        "23: s24 = first_match(1) on s23; as extract; after (1, 32)",
        "24: s25 = open_domains(s22, s22) on s0; as apply; mode 1",
        "25: s26 = close(1) on s25; as apply; after (0,)",
        "26: s27 = pack() on s0; as tuple; mode 2; after (2, 24, -1)",
        "27: s28 = pack() on s0; as tuple; mode 1; after (2, 27, 26)",
        "28: s29 = verdict(s28) on s0; after (2, 5, 48)",
    ],
    converting: [
        "0: s1 = inputs() on s0",
        "1: s2 = convert(s1) on s0; mode 1",
        "2: s3 = pack() on s0; as tuple; mode 2; after (2, 1, 1)",
        "3: s4 = open_domains(s3, s3) on s0; as apply; mode 3",
        "4: s5 = item() on s4",
        "5: s6 = convert(s5) on s4; mode 1",
        "6: s7 = close(s6) on s4; as apply; mode 3; after (0,)",
        "7: s8 = pack() on s0; as tuple; after (2, 1, -1)",
        "8: s9 = first_part(s8) on s0",
        "9: s10 = last_part(s8) on s0",
        "10: s11 = convert(s9) on s0; mode 1",
        "11: s12 = joined_parts(s8, s11, s10) on s0",
        "12: s13 = verdict(s2) on s0; after (2, 14, 24)",
    ],
}


@pytest.mark.parametrize("evaluate", WHOLE, ids=lambda f: f.__doc__)
def test_the_instructions_of(evaluate: Any) -> None:
    assert listing(image_by_hand(evaluate)) == WHOLE[evaluate]


SLOTS = {plain: 6, looping: 12, nesting: 30, converting: 14}


@pytest.mark.parametrize("evaluate", WHOLE, ids=lambda f: f.__doc__)
def test_slots_are_what_instructions_make(evaluate: Any) -> None:
    image = image_by_hand(evaluate)
    assert image.slots == SLOTS[evaluate]
    assert image.verdict_slots.tolist() == [image.table[-1, fields.DEST]]
    assert (image.table[:, fields.DOMAIN] < image.slots).all()
    assert (image.table[:, fields.ARGS :] < image.slots).all()


def test_a_literal_is_one_constant_however_often_it_is_used() -> None:
    assert image_by_hand(plain).constants.tolist() == [3, 1, pair(1, -2)]


def test_kernels_are_named_once() -> None:
    assert image_by_hand(looping).kernels == (
        *("inputs", "height", "loop_enter", "loop_test", "rot90", "rot180", "loop_end", "verdict"),
    )


# -- groups


def groups_of(image: Image) -> list[list[str]]:
    """The kernels of each group, in order."""
    found: dict[int, list[str]] = {}
    for code, group in image.table[:, [fields.CODE, fields.GROUP]].tolist():
        found.setdefault(group, []).append(image.kernels[code])
    assert list(found) == sorted(found)
    return list(found.values())


def test_instructions_of_one_kernel_that_do_not_need_each_other_are_a_group() -> None:
    def evaluate(rt: Any) -> None:
        d = rt.lanes(0)
        grid = rt.input(d)
        one, two = rt.rot90(d, grid), rt.rot90(d, grid)
        three = rt.rot90(d, one)
        rows, more = rt.each(d, two), rt.each(d, three)
        inner = rt.each(rows, rt.item(rows))
        items = rt.item(more), rt.item(inner)
        first = rt.tuple_of(inner, items[1], after=())
        second = rt.tuple_of(more, items[0], after=())
        third = rt.tuple_of(rows, first, after=())
        packs = rt.pack_tuple(d, second, third), rt.pack_tuple(d, second)
        rt.verdict(0, d, rt.pack_tuple(d, *packs), after=())

    assert groups_of(image_by_hand(evaluate)) == [
        *(["inputs"], ["rot90"] * 2, ["rot90"], ["open_domains"] * 2, ["item"], ["open_domains"]),
        *(["item"] * 2, ["close"] * 2, ["close"], ["pack"] * 2, ["pack"], ["verdict"]),
    ]


def test_an_effect_that_a_group_makes_ends_it() -> None:
    def evaluate(rt: Any) -> None:
        d = rt.lanes(0)
        rows = rt.each(d, rt.input(d))
        one = rt.tuple_of(rows, rt.item(rows), after=())
        rt.verdict(0, d, rt.tuple_of(rows, rt.item(rows), after=(one,)), after=())

    assert [len(group) for group in groups_of(image_by_hand(evaluate))] == [1] * 7


def test_what_jumps_is_alone() -> None:
    assert [len(g) for g in groups_of(image_by_hand(looping))] == [1] * 11


# -- several solvers


BODIES = {
    "own/a": "o = apply(size, partition(I)); canvas(maximum(o), UNITY)",
    "own/b": "o = apply(size, partition(I)); canvas(minimum(o), UNITY)",
    "own/c": "o = apply(height, partition(I)); canvas(maximum(o), UNITY)",
}


def image_linked() -> Image:
    """Three solvers, of which all share a set and two a domain's results."""
    return link((name, graph_of(body)) for name, body in BODIES.items()).image


def image_appended() -> Image:
    """The same solvers, one after another."""
    reader = GraphReader()
    return image_of_graphs(reader.read(name, graph_of(body)) for name, body in BODIES.items())


BOTH = pytest.mark.parametrize("make", [image_linked, image_appended])


def users_of(image: Image) -> list[tuple[str, list[int]]]:
    """For each instruction its kernel and the solvers that need it."""
    found: list[tuple[str, list[int]]] = [(image.kernels[k], []) for k in image.table[:, 0]]
    for solver in range(len(image.solvers)):
        for k in image.instructions_of(solver):
            found[k][1].append(solver)
    return found


@BOTH
def test_a_domain_of_several_solvers_is_opened_once(make: Callable[[], Image]) -> None:
    users = users_of(make())
    assert [who for kernel, who in users if kernel == "open_domains"] == [[0, 1, 2]]
    assert sorted(who for kernel, who in users if kernel == "close") == [[0, 1], [2]]
    counts = Counter(kernel for kernel, _ in users)
    shared = ("partition", "inputs", "maximum", "minimum", "verdict")
    assert [counts[name] for name in shared] == [1, 1, 2, 1, 3]


@BOTH
def test_every_solver_has_the_instructions_that_it_needs(make: Callable[[], Image]) -> None:
    image = make()
    made = {row[fields.DEST]: k for k, row in enumerate(image.table.tolist())}
    assert image.verdict_solvers.tolist() == [0, 1, 2]
    for solver, slot in enumerate(image.verdict_slots.tolist()):
        numbers = image.instructions_of(solver).tolist()
        assert numbers == sorted(set(numbers))
        waiting, seen = [slot], {0}
        while waiting:
            number = made[waiting.pop()]
            assert number in numbers
            row = image.table[number].tolist()
            more = {row[fields.DOMAIN], *(a for a in row[fields.ARGS :] if a >= 0)}
            kernel = image.kernels[row[fields.CODE]]
            if kernel in LISTING:
                more |= {effect >> 1 for effect in _listed(image, kernel, row)[1:]}
            waiting += sorted(more - seen)
            seen |= more
        assert {int(image.table[k, fields.DEST]) for k in numbers} >= seen - {0}


def test_a_program_that_is_there_adds_nothing() -> None:
    reader, low = GraphReader(), Lowering()
    graph = reader.read("a", graph_of(BODIES["own/a"]))
    first = lowered(low, graph)
    count, slots = low.count, low.slots
    assert lowered(low, graph) == first
    assert lowered(low, reader.read("b", graph_of(BODIES["own/a"]))) == first
    assert (low.count, low.slots) == (count, slots)
    more = lowered(low, reader.read("c", graph_of(BODIES["own/b"])))
    assert low.count == count + 3  # the minimum, the canvas and the verdict
    assert more[0][-3:] == [count, count + 1, count + 2]


def test_two_programs_that_end_alike_have_one_verdict() -> None:
    reader = GraphReader()
    bodies = ("x = rot90(I); hmirror(x)", "x = rot90(I); y = hmirror(x); z = flip(T); y")
    graphs = [reader.read(f"t/{k}", graph_of(body)) for k, body in enumerate(bodies)]
    image = image_of_graphs(graphs)
    assert image.verdict_slots[0] == image.verdict_slots[1]
    assert users_of(image)[-2:] == [("verdict", [0, 1]), ("flip", [1])]
    assert len({image.program_of(k)[0] for k in range(2)}) == 2
    assert len({image.program_of(k)[1] for k in range(2)}) == 1


def test_what_a_conversion_opens_is_shared() -> None:
    def twice(rt: Any) -> None:
        d = rt.lanes(0)
        grids = rt.pack_keys(d, rt.input(d), 1)
        types = "Tuple[Grid]", "Tuple[Tuple[Tuple[Integer]]]"
        some = rt.convert(d, grids, *types), rt.convert(d, grids, *types)
        every = rt.every(d, grids)
        rt.verdict(0, d, rt.tuple_of(every, rt.item(every), after=()), after=some)

    kernels = [image_by_hand(twice).kernels[k] for k in image_by_hand(twice).table[:, 0]]
    assert Counter(kernels)["open_domains"] == 1
    assert Counter(kernels)["convert"] == 2


def test_a_shared_domain_belongs_to_each_that_shares_it() -> None:
    low = Lowering()
    grids = Node("input", (), None, GRID)
    every = Node("every", (grids,), None, None)
    again = Node("every", (grids,), None, None)
    low.numbers_of([grids])
    assert low.numbers_of([every]) == low.numbers_of([again]) == [1]
    assert low.place_of(every) == low.place_of(again)
    assert low.numbers_of([Node("each", (grids,), None, None)]) == [2]


def test_arguments_fit_into_an_instruction() -> None:
    made = ByHand()
    d = made.lanes(0)
    args = [made.input(d)] * (fields.STRIDE - fields.ARGS)
    made.low.numbers_of([Node("most", tuple(args), None, GRID)])
    assert made.low.table().shape == (2, fields.STRIDE)
    assert made.low.table()[-1, -1] == made.slot_of(args[0])


def test_an_equal_literal_of_another_kind_is_the_same_word() -> None:
    low = Lowering()
    low.numbers_of([Node("canvas", (Const(1), Const((1, 1))), None, GRID)])
    low.numbers_of([Node("canvas", (Const(True), Const((1, 1))), None, GRID)])
    assert low.constants.tolist() == [1, pair(1, 1)]
