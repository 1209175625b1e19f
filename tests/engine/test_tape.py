"""Programs: which instructions generated code becomes, whole, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.codegen.link import link
from pipeline.engine.image import assemble
from pipeline.engine.tape import Instruction, Recorder, Tape, trace
from pipeline.kernels import instruction as fields
from pipeline.primitives.words import BIAS, FIELD
from tests.programs_text import code_of


def line_of(program: Tape, k: int) -> str:
    """An instruction as text."""
    made = program.instructions[k]
    args = ", ".join(_argument(program, made, place) for place in range(len(made.args)))
    parts = [f"{k}: s{made.dest} = {made.kernel}({args}) on s{made.domain}"]
    if made.operation != made.kernel:
        parts.append(f"as {made.operation}")
    if made.mode:
        parts.append(f"mode {made.mode}")
    if made.extras is not None:
        parts.append(f"after {made.extras}")
    if made.is_alone:
        parts.append("alone")
    return "; ".join([*parts, f"for {', '.join(map(str, sorted(made.users)))}"])


def _argument(program: Tape, made: Instruction, place: int) -> str:
    value = made.args[place]
    jump = 2
    if made.is_alone and place == jump:
        return f"jump {value:+}"
    return f"s{value}" if value >= 0 else str(program.constants[-1 - value])


def listing(program: Tape) -> list[str]:
    """All instructions as text."""
    return [line_of(program, k) for k in range(len(program.instructions))]


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
        "0: s1 = inputs() on s0; for 0",
        "1: s2 = replace(s1, 3, 1) on s0; for 0",
        f"2: s3 = canvas(3, {pair(1, -2)}) on s0; for 0",
        f"3: s4 = add({pair(1, -2)}, 3) on s0; for 0",
        "4: s5 = verdict(s2) on s0; after (2, 6, 8); for 0",
    ],
    looping: [
        "0: s1 = inputs() on s0; for 0",
        "1: s2 = height(s1) on s0; for 0",
        "2: s3 = loop_enter(s2, s1) on s0; for 0",
        "3: s4 = loop_test(s3, s5, jump +6) on s0; as loop; alone; for 0",
        "4: s6 = loop_enter(3, s5) on s4; for 0",
        "5: s7 = loop_test(s6, s8, jump +3) on s4; as loop; alone; for 0",
        "6: s9 = rot90(s8) on s7; for 0",
        "7: s10 = rot180(s9) on s7; for 0",
        "8: s6 = loop_end(s6, s10, jump -4) on s7; as loop; after (1, 18); alone; for 0",
        "9: s3 = loop_end(s3, s6, jump -7) on s4; as loop; after (0,); alone; for 0",
        "10: s11 = verdict(s3) on s0; after (0,); for 0",
    ],
    nesting: [
        "0: s1 = inputs() on s0; for 0",
        "1: s2 = open_domains(s1, s1) on s0; as apply; for 0",
        "2: s3 = item() on s2; for 0",
        "3: s4 = size(s3) on s2; for 0",
        "4: s5 = height(s1) on s0; for 0",
        "5: s6 = spread(s5) on s2; for 0",
        "6: s7 = greater(s4, s6) on s2; for 0",
        "7: s8 = open_domains(s7, s7) on s2; as apply; mode 5; for 0",
        "8: s9 = open_domains(s7, s7) on s2; as apply; mode 6; for 0",
        "9: s10 = item() on s2; for 0",
        "10: s11 = spread(s10) on s8; for 0",
        "11: s12 = last(s11) on s8; for 0",
        "12: s13 = width(s1) on s0; for 0",
        "13: s14 = spread(s13) on s9; for 0",
        "14: s15 = select(s7, s8, s12, s9, s14) on s2; after (2, 24, 17, 0); for 0",
        "15: s16 = close(s15) on s2; as apply; mode 1; after (1, 30); for 0",
        "16: s17 = palette(s1) on s0; for 0",
        "17: s18 = open_domains(s16, s17) on s0; as apply; mode 2; for 0",
        "18: s19 = item() on s18; for 0",
        "19: s20 = item() on s18; mode 1; for 0",
        "20: s21 = pack() on s18; as tuple; after (2, 19, 20); for 0",
        "21: s22 = close(s21) on s18; as apply; mode 2; after (0,); for 0",
        "22: s23 = open_domains(s22, s22) on s0; as apply; mode 4; for 0",
        "23: s24 = first_match(1) on s23; as extract; after (1, 32); for 0",
        "24: s25 = open_domains(s22, s22) on s0; as apply; mode 1; for 0",
        "25: s26 = close(1) on s25; as apply; after (0,); for 0",
        "26: s27 = pack() on s0; as tuple; mode 2; after (2, 24, -1); for 0",
        "27: s28 = pack() on s0; as tuple; mode 1; after (2, 27, 26); for 0",
        "28: s29 = verdict(s28) on s0; after (2, 5, 48); for 0",
    ],
    converting: [
        "0: s1 = inputs() on s0; for 0",
        "1: s2 = convert(s1) on s0; mode 1; for 0",
        "2: s3 = pack() on s0; as tuple; mode 2; after (2, 1, 1); for 0",
        "3: s4 = open_domains(s3, s3) on s0; as apply; mode 3; for 0",
        "4: s5 = item() on s4; for 0",
        "5: s6 = convert(s5) on s4; mode 1; for 0",
        "6: s7 = close(s6) on s4; as apply; mode 3; after (0,); for 0",
        "7: s8 = pack() on s0; as tuple; after (2, 1, -1); for 0",
        "8: s9 = first(s8) on s0; for 0",
        "9: s10 = convert(s9) on s0; mode 1; for 0",
        "10: s11 = last(s8) on s0; for 0",
        "11: s12 = capture(s10, s11) on s0; for 0",
        "12: s13 = verdict(s2) on s0; after (2, 14, 24); for 0",
    ],
}


@pytest.mark.parametrize("evaluate", WHOLE, ids=lambda f: f.__doc__)
def test_the_instructions_of(evaluate: Any) -> None:
    assert listing(trace(evaluate)) == WHOLE[evaluate]


COUNTS = {plain: (5, 6), looping: (7, 12), nesting: (29, 30), converting: (8, 14)}


@pytest.mark.parametrize("evaluate", WHOLE, ids=lambda f: f.__doc__)
def test_nodes_are_lines_and_slots_are_what_instructions_make(evaluate: Any) -> None:
    program = trace(evaluate)
    assert (program.native_nodes, program.slots) == COUNTS[evaluate]
    assert program.verdicts == {0: program.instructions[-1].dest}
    assert all(0 <= i.domain < program.slots for i in program.instructions)
    assert all(a < program.slots for i in program.instructions for a in i.args)


def test_a_literal_is_one_constant_however_often_it_is_used() -> None:
    assert trace(plain).constants == [3, 1, pair(1, -2)]


def test_kernels_are_named_once() -> None:
    assert trace(looping).kernels == [
        *("height", "inputs", "loop_end", "loop_enter", "loop_test", "rot180", "rot90", "verdict")
    ]


@pytest.mark.parametrize("name", ["compose", "nonsense", "_nonsense", "apply"])
def test_an_operation_that_is_not_compiled_is_refused_by_name(name: str) -> None:
    recorder = Recorder()
    with pytest.raises(AttributeError, match=f"no compiled operation '{name}'"):
        getattr(recorder, name)


# -- several solvers


BODIES = {
    "own/a": "o = apply(size, partition(I)); canvas(maximum(o), UNITY)",
    "own/b": "o = apply(size, partition(I)); canvas(minimum(o), UNITY)",
    "own/c": "o = apply(height, partition(I)); canvas(maximum(o), UNITY)",
}


def linked() -> Tape:
    """Three solvers, of which all share a set and two a domain's results."""
    modules = [(name, code_of(body, name[-1])) for name, body in BODIES.items()]
    scope: dict[str, Any] = {"__name__": "batt"}
    exec(link(modules).code, scope)
    return trace(scope["evaluate"])


def test_a_domain_for_several_sets_of_solvers_is_opened_once() -> None:
    program = linked()
    opened = [i for i in program.instructions if i.kernel == "open_domains"]
    assert [sorted(i.users) for i in opened] == [[0, 1, 2]]
    closed = [i for i in program.instructions if i.kernel == "close"]
    assert sorted(sorted(i.users) for i in closed) == [[0, 1], [2]]
    assert {i.domain for i in closed} == {opened[0].dest}


def test_a_domain_that_differs_is_opened_by_itself() -> None:
    def evaluate(rt: Any) -> None:
        first, second = rt.lanes(0), rt.lanes(1)
        grid, other = rt.input(first), rt.input(second)
        domains = [rt.each(first, grid), rt.each(first, grid), rt.each(second, grid)]
        assert len({d.slot for d in domains}) == 1
        assert [sorted(d.users) for d in domains] == [[0], [0], [1]]
        more = [rt.every(first, grid), rt.each(second, other), rt.zip(first, grid, other)]
        more += [rt.zip(first, other, grid), rt.each(domains[0], grid), rt.each(domains[2], grid)]
        assert len({d.slot for d in [*domains, *more]}) == 6

    trace(evaluate)


def test_every_solver_has_the_instructions_that_it_needs() -> None:
    program = linked()
    made = {i.dest: i for i in program.instructions}
    assert sorted(program.verdicts) == [0, 1, 2]
    for solver, slot in program.verdicts.items():
        assert made[slot].users == {solver}
        waiting, seen = [slot], {0}
        while waiting:
            needed = made[waiting.pop()]
            assert solver in needed.users
            more = {needed.domain, *(a for a in needed.args if a >= 0)}
            more |= {effect >> 1 for effect in (needed.extras or (0,))[1:]}
            waiting += sorted(more - seen)
            seen |= more
    counts = Counter(i.kernel for i in program.instructions)
    shared = ("partition", "inputs", "maximum", "minimum", "verdict")
    assert [counts[name] for name in shared] == [1, 1, 2, 1, 3]


def test_the_image_holds_the_program_in_numbers() -> None:
    program = linked()
    image = assemble(program, tuple(BODIES))
    assert (image.solvers, image.kernels) == (tuple(BODIES), tuple(program.kernels))
    assert len(image) == len(program.instructions)
    for k, made in enumerate(program.instructions):
        row = image.table[k].tolist()
        assert image.kernels[row[fields.CODE]] == made.kernel
        assert image.operations[row[fields.OPERATION] // 32] == made.operation
        assert (row[fields.DEST], row[fields.DOMAIN]) == (made.dest, made.domain)
        assert row[fields.MODE] == made.mode
        assert tuple(row[fields.ARGS : fields.ARGS + len(made.args)]) == made.args
        extras = made.extras or ()
        at = row[fields.EXTRAS]
        assert tuple(image.extras[at : at + len(extras)].tolist()) == extras
        assert (at > 0) == (made.extras is not None)
    for solver in range(3):
        needed = [k for k, i in enumerate(program.instructions) if solver in i.users]
        assert image.instructions_of(solver).tolist() == needed
    assert image.verdict_solvers.tolist() == [0, 1, 2]
    assert image.verdict_slots.tolist() == [program.verdicts[k] for k in range(3)]


def test_arguments_fit_into_an_instruction() -> None:
    most = max(len(i.args) for f in WHOLE for i in trace(f).instructions)
    assert fields.ARGS + most <= fields.STRIDE
