"""A bank of values gives what a battery gives, however its candidates share values."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from pipeline.battery.resident import Battery
from pipeline.battery.scores import Scores
from pipeline.data.tasks import Grid
from pipeline.engine.samples import encode_samples
from pipeline.frontend.parse import parse, parse_text
from pipeline.ir.status import Failure, Limits
from pipeline.ir.types import GRID
from pipeline.oracle.interpret import outcome
from pipeline.primitives.table import TABLE
from pipeline.search.candidate_rows import CandidateRows, rows_of
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.offspring import Offspring
from pipeline.search.typed_lines import Shapes
from pipeline.search.value_bank import NOTHING, TOO_LARGE, BankRoom, ValueBank
from pipeline.trust.programs.writer import random_program
from tests.extracted import training
from tests.in_memory import config_of, drawn, grid_pairs
from tests.search.small import SOLVERS, A, B, C, corpus, drafts_in, load, vocabulary_of

LIMITS = Limits(elements=500, total=2_000)
ROOM = BankRoom(words=1 << 22, values=1 << 12, template_words=1 << 18)

Lanes = list[tuple[Grid, Grid | None]]


def words_of(drafts: list[Draft]) -> CandidateRows:
    return rows_of([draft.words() for draft in drafts])


def outcomes(
    drafts: list[Draft],
    shapes: Shapes,
    lanes: Lanes,
    room: BankRoom = ROOM,
    limits: Limits = LIMITS,
) -> tuple[np.ndarray, np.ndarray, ValueBank]:
    """Which lanes of each draft end with a grid, and the hashes of these."""
    bank = ValueBank(shapes.templates, shapes.constants, load, limits, room)
    bank.use(encode_samples(lanes))
    ends = np.zeros((len(drafts), len(lanes)), bool)
    hashes = np.zeros((len(drafts), len(lanes), 2), np.uint64)
    for part in bank.run(words_of(drafts)):
        for k in np.flatnonzero(part.values >= 0).tolist():
            scores = bank.scores(part.values[k : k + 1])[0]
            alive = part.lanes_alive(len(lanes))[k] & (scores["hash"] != 0).any(axis=1)
            ends[part.first + k] = alive
            hashes[part.first + k] = np.where(alive[:, None], scores["hash"], 0)
    return ends, hashes


def in_a_battery(drafts: list[Draft], lanes: Lanes) -> Scores:
    battery = Battery(lanes, config=config_of(limits=LIMITS))
    return battery.evaluate([text_of(draft) for draft in drafts])


def assert_as_a_battery(drafts: list[Draft], shapes: Shapes, lanes: Lanes, room: BankRoom) -> None:
    ends, hashes = outcomes(drafts, shapes, lanes, room)
    scores = in_a_battery(drafts, lanes)
    expected = np.isin(scores.status, ["ok", "wrong"])
    wrong = np.flatnonzero((ends != expected).any(axis=1))
    assert [text_of(drafts[k]) for k in wrong] == []
    assert (hashes == np.where(expected[:, :, None], scores.value_hash, 0)).all()


def corpus_lanes(count: int) -> Lanes:
    return [(t.train[0].input, t.train[0].output) for t in list(training().values())[:count]]


@pytest.mark.parametrize("room", [ROOM, BankRoom(1 << 21, 256, 1 << 18)], ids=["large", "small"])
def test_solvers_end_as_in_a_battery(room: BankRoom) -> None:
    shapes = Shapes()
    texts = dict(list(corpus().items())[::16])
    drafts = list(drafts_in(texts, shapes).values())
    assert len(drafts) > 25
    assert_as_a_battery(drafts, shapes, corpus_lanes(12), room)


@pytest.mark.long("all solvers of the project, on a hundred samples")
def test_all_solvers_end_as_in_a_battery() -> None:
    shapes = Shapes()
    drafts = list(drafts_in(corpus(), shapes).values())
    assert len(drafts) > 350
    assert_as_a_battery(drafts, shapes, corpus_lanes(100), BankRoom(1 << 25, 1 << 14, 1 << 21))


def random_drafts(count: int, seed: str) -> tuple[list[Draft], Shapes]:
    shapes = Shapes()
    drafts = []
    for text in drawn(count, seed):
        program, found = parse_text(text, "random")
        draft = None if program is None or found else draft_of(program, shapes)
        if draft is not None:
            drafts.append(draft)
    return drafts, shapes


def test_random_programs_end_as_in_a_battery() -> None:
    drafts, shapes = random_drafts(150, "bank")
    assert len(drafts) > 40
    assert_as_a_battery(drafts, shapes, list(grid_pairs(4)), ROOM)


@pytest.mark.long("thousands of random programs")
@pytest.mark.parametrize("part", range(10))
def test_thousands_of_random_programs_end_as_in_a_battery(part: int) -> None:
    drafts, shapes = random_drafts(300, f"bank {part}")
    assert_as_a_battery(drafts, shapes, list(grid_pairs(5)), ROOM)


def drafts_of(*bodies: str) -> tuple[list[Draft], Shapes]:
    shapes = Shapes()
    texts = {str(k): f"def solve_a(I):\n    {body}\n" for k, body in enumerate(bodies)}
    drafts = list(drafts_in(texts, shapes).values())
    assert len(drafts) == len(bodies)
    return drafts, shapes


LANES: Lanes = [(A, A[::-1]), (B, B), (C, None)]


def test_equal_values_are_one() -> None:
    drafts, shapes = drafts_of(
        "return hmirror(I)",
        "return hmirror(hmirror(hmirror(I)))",
        "return vmirror(rot180(I))",
        "return rot180(vmirror(I))",
    )
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    bank.use(encode_samples(LANES))
    (part,) = bank.run(words_of(drafts))
    assert len(set(part.values.tolist())) == 1
    assert bank.known == 4, "the input, two mirror images, and it turned"
    (again,) = bank.run(words_of(drafts))
    assert (again.values == part.values).all()
    assert bank.counts.run == 6, "nothing was run again"


def test_a_line_that_fails_ends_its_lanes_only() -> None:
    # Only the third grid has a 7.
    drafts, shapes = drafts_of(
        "x1 = ofcolor(I, 7)\n    return crop(I, ulcorner(x1), UNITY)", "return hmirror(I)"
    )
    ends, _ = outcomes(drafts, shapes, LANES)
    expected = Battery(LANES, config=config_of(limits=LIMITS)).evaluate(
        [text_of(d) for d in drafts]
    )
    assert ends.tolist() == np.isin(expected.status, ["ok", "wrong"]).tolist()
    assert not ends[0].all()
    assert ends[1].all()


def test_a_program_that_fails_everywhere_comes_to_nothing() -> None:
    drafts, shapes = drafts_of("x1 = ofcolor(I, NINE)\n    return subgrid(x1, I)")
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    bank.use(encode_samples(LANES))
    (part,) = bank.run(words_of(drafts))
    assert part.values.tolist() == [NOTHING]
    assert part.lanes_alive(3).tolist() == [[False] * 3]


def test_what_does_not_fit_is_told_and_the_others_are_run() -> None:
    drafts, shapes = drafts_of(
        "return hmirror(I)",
        "return upscale(upscale(upscale(I, NINE), NINE), NINE)",
        "return vmirror(I)",
    )
    tiny = BankRoom(words=360_000 + (1 << 20), values=64, template_words=1 << 12)
    bank = ValueBank(
        shapes.templates, shapes.constants, load, Limits(cells=10**7, total=10**8), tiny
    )
    bank.use(encode_samples(LANES[:1]))
    values = np.concatenate([part.values for part in bank.run(words_of(drafts))])
    assert (values == TOO_LARGE).tolist() == [False, True, False]


def test_a_column_is_what_the_values_are() -> None:
    drafts, shapes = drafts_of("return crop(I, ORIGIN, TWO_BY_TWO)")
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    bank.use(encode_samples(LANES))
    (part,) = bank.run(words_of(drafts))
    assert bank.column(int(part.values[0])) == [
        tuple(row[:2] for row in grid[:2]) for grid, _ in LANES
    ]
    drafts, shapes = drafts_of("x1 = ofcolor(I, SEVEN)\n    return subgrid(x1, I)")
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    bank.use(encode_samples(LANES))
    (part,) = bank.run(words_of(drafts))
    assert isinstance(bank.column(int(part.values[0]))[0], Failure)


def test_other_samples_begin_anew() -> None:
    drafts, shapes = drafts_of("return hmirror(I)")
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    for lanes in (LANES, LANES[:1], LANES[1:]):
        bank.use(encode_samples(lanes))
        (part,) = bank.run(words_of(drafts))
        assert bank.column(int(part.values[0])) == [grid[::-1] for grid, _ in lanes]


def test_many_lanes_have_a_bit_each() -> None:
    drafts, shapes = drafts_of("x1 = ofcolor(I, SEVEN)\n    return subgrid(x1, I)")
    lanes: Lanes = [(C, None) if k % 3 else (A, None) for k in range(130)]
    ends, _ = outcomes(drafts, shapes, lanes)
    assert ends[0].tolist() == [k % 3 > 0 for k in range(130)]


def test_random_programs_are_drawn_alike() -> None:
    assert random_program(random.Random("bank 3"), 5) == drawn(4, "bank")[3]


def solvers_of_all_kinds() -> tuple[list[Draft], Shapes]:
    shapes = Shapes()
    texts = dict(list(corpus().items())[5::24])
    return list(drafts_in(texts, shapes).values()), shapes


def test_templates_for_which_there_is_no_room_come_and_go() -> None:
    drafts, shapes = solvers_of_all_kinds()
    largest = max(len(template.words) for template in shapes.templates)
    assert 3 * largest < sum(len(template.words) for template in shapes.templates)
    room = BankRoom(words=1 << 22, values=1 << 12, template_words=largest)
    assert_as_a_battery(drafts, shapes, corpus_lanes(4), room)


def test_a_template_that_never_fits_is_told() -> None:
    drafts, shapes = drafts_of("return hmirror(I)", "return vmirror(I)")
    bank = ValueBank(
        shapes.templates, shapes.constants, load, LIMITS, replace(ROOM, template_words=20)
    )
    bank.use(encode_samples(LANES))
    values = np.concatenate([part.values for part in bank.run(words_of(drafts))])
    assert values.tolist() == [TOO_LARGE, TOO_LARGE]


def neighbours(count: int) -> tuple[CandidateRows, Shapes]:
    """Changes of a solver, which share most of its lines."""
    shapes = Shapes()
    made = Offspring(vocabulary_of(shapes))
    for name in ("own/fill", "own/halves"):
        draft = drafts_in(SOLVERS, shapes)[name]
        made.add_neighbours(draft, name, 0, count)
    assert len(made) > count
    return made.rows, shapes


@pytest.mark.parametrize("lanes", [1, 3])
def test_what_is_old_and_costly_goes_and_all_comes_to_the_same(lanes: int) -> None:
    rows, shapes = neighbours(800)
    found = []
    for values in (1 << 12, 64):
        room = replace(ROOM, values=values)
        bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, room)
        bank.use(encode_samples(LANES[:lanes]))
        moves, most = bank.moves, 0
        made: list[np.ndarray] = []
        for part in bank.run(rows):
            most = max(most, bank.known)
            alive = part.values >= 0
            hashes = np.zeros((len(alive), 2), np.int64)
            hashes[alive] = bank.hashes(part.values[alive])
            masks = part.lanes_alive(lanes)
            made.append(np.concatenate([hashes, masks, part.values[:, None] >= 0], axis=1))
        found.append(np.concatenate(made))
        assert most <= values
        assert (bank.moves > moves + 3) == (values == 64)
    assert (found[0] == found[1]).all()
    assert found[0][:, -1].mean() > 0.3


def test_registers_keep_their_values_or_lose_them() -> None:
    drafts, shapes = drafts_of("return hmirror(I)", "return vmirror(I)", "return rot90(I)")
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    bank.use(encode_samples(LANES))
    (part,) = bank.run(words_of(drafts))
    bank.hold(np.arange(1, 4), part.values)
    bank.make_room()
    held = bank.has_value(np.arange(4))
    assert held[0]
    assert held[1:].sum() == 1, "of four values two stay"
    (kept,) = 1 + np.flatnonzero(held[1:])
    turned = shapes.template_on(TABLE["rot90"], (GRID,))
    candidates = [[turned, 9, 1, register] for register in range(4)]
    (part,) = bank.run(rows_of(candidates))
    assert [bool(value >= 0) for value in part.values] == held.tolist()
    expected = bank.column(int(part.values[kept]))
    texts = ("hmirror", "vmirror", "rot90")
    program = parse(f"def solve_a(I):\n    return rot90({texts[kept - 1]}(I))\n")
    assert expected == [outcome(program, grid) for grid, _ in LANES]
