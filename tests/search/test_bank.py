"""A bank of values gives what a battery gives, however its candidates share values."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pipeline.battery.resident import Battery
from pipeline.battery.scores import Scores
from pipeline.data.tasks import Grid
from pipeline.engine.samples import encode_samples
from pipeline.frontend.parse import parse_text
from pipeline.ir.status import Failure, Limits
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.stages import flat
from pipeline.search.typed_lines import Shapes
from pipeline.search.value_bank import NOTHING, TOO_LARGE, BankRoom, ValueBank
from pipeline.trust.programs.writer import random_program
from tests.extracted import training
from tests.in_memory import config_of, drawn, grid_pairs
from tests.search.small import A, B, C, corpus, drafts_in, load

LIMITS = Limits(elements=500, total=2_000)
ROOM = BankRoom(words=1 << 22, values=1 << 12, template_words=1 << 18)

Lanes = list[tuple[Grid, Grid | None]]


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
    for part in bank.run(*flat(drafts)):
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
    (part,) = bank.run(*flat(drafts))
    assert len(set(part.values.tolist())) == 1
    assert bank.known == 4, "the input, two mirror images, and it turned"
    (again,) = bank.run(*flat(drafts))
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
    (part,) = bank.run(*flat(drafts))
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
    values = np.concatenate([part.values for part in bank.run(*flat(drafts))])
    assert (values == TOO_LARGE).tolist() == [False, True, False]


def test_a_column_is_what_the_values_are() -> None:
    drafts, shapes = drafts_of("return crop(I, ORIGIN, TWO_BY_TWO)")
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    bank.use(encode_samples(LANES))
    (part,) = bank.run(*flat(drafts))
    assert bank.column(int(part.values[0])) == [
        tuple(row[:2] for row in grid[:2]) for grid, _ in LANES
    ]
    drafts, shapes = drafts_of("x1 = ofcolor(I, SEVEN)\n    return subgrid(x1, I)")
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    bank.use(encode_samples(LANES))
    (part,) = bank.run(*flat(drafts))
    assert isinstance(bank.column(int(part.values[0]))[0], Failure)


def test_other_samples_begin_anew() -> None:
    drafts, shapes = drafts_of("return hmirror(I)")
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, ROOM)
    for lanes in (LANES, LANES[:1], LANES[1:]):
        bank.use(encode_samples(lanes))
        (part,) = bank.run(*flat(drafts))
        assert bank.column(int(part.values[0])) == [grid[::-1] for grid, _ in lanes]


def test_many_lanes_have_a_bit_each() -> None:
    drafts, shapes = drafts_of("x1 = ofcolor(I, SEVEN)\n    return subgrid(x1, I)")
    lanes: Lanes = [(C, None) if k % 3 else (A, None) for k in range(130)]
    ends, _ = outcomes(drafts, shapes, lanes)
    assert ends[0].tolist() == [k % 3 > 0 for k in range(130)]


def test_random_programs_are_drawn_alike() -> None:
    assert random_program(random.Random("bank 3"), 5) == drawn(4, "bank")[3]


def test_templates_that_do_not_fit_are_told() -> None:
    drafts, shapes = drafts_of("return hmirror(I)", "return vmirror(I)")
    room = BankRoom(words=1 << 21, values=64, template_words=40)
    bank = ValueBank(shapes.templates, shapes.constants, load, LIMITS, room)
    bank.use(encode_samples(LANES))
    with pytest.raises(MemoryError):
        list(bank.run(*flat(drafts)))
