"""What callers may do with a battery in memory, and what they are told where they may not."""

from __future__ import annotations

import gc
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import passes
from pipeline.battery import compiling, resident
from pipeline.battery.arguments import configured
from pipeline.battery.gathering import ScoreTable
from pipeline.battery.resident import Battery, evaluate
from pipeline.battery.scores import Scores
from pipeline.config.config import Cache, Config, ProgramBounds
from pipeline.frontend import known_lines
from pipeline.frontend.parse import parse
from pipeline.ir.status import DEFAULT_LIMITS, Limits
from pipeline.passes import PROGRAMS
from pipeline.passes.intern import NODES
from pipeline.passes.statements import STATEMENTS
from pipeline.trust.programs.language import language_program
from tests.battery.test_resident_meaning import assert_same
from tests.in_memory import TINY, config_of, drawn, grid_pairs, solver
from tests.project import CACHE

GRID = ((1, 2), (3, 4), (5, 6))
MIRROR = solver("hmirror(I)")
FLIP = solver("vmirror(I)")
WRONG = solver("x1 = size(I)", "hmirror(x1)")
UNKNOWN = solver("hmirorr(I)")
PAIRS = [(GRID, GRID[::-1]), (GRID, None), (GRID, ((0,),))]


@pytest.fixture
def battery() -> Battery:
    return Battery(PAIRS, config=config_of(limits=DEFAULT_LIMITS))


def test_texts_and_programs_may_be_mixed_and_come_twice(battery: Battery) -> None:
    scores = battery.evaluate([MIRROR, parse(FLIP, "flip"), MIRROR, WRONG, parse(WRONG), UNKNOWN])
    assert scores.status.tolist() == [
        ["ok", "ok", "wrong"],
        ["wrong", "ok", "wrong"],
        ["ok", "ok", "wrong"],
        *[["broken"] * 3] * 3,
    ]
    assert scores.programs == (
        *("program[0]", "flip", "program[2]", "program[3]", "program", "program[5]"),
    )
    assert {k: found[0].code for k, found in scores.diagnostics.items()} == {
        3: "type-mismatch",
        4: "type-mismatch",
        5: "unknown-name",
    }
    assert scores.diagnostics[3][0].span == ("program[3]", 3, 20, 2)


def test_one_program_may_stand_for_itself_and_names_may_be_given(battery: Battery) -> None:
    assert battery.evaluate(MIRROR).shape == (1, 3)
    assert battery.evaluate(parse(MIRROR)).programs == ("program",)
    scores = battery.evaluate({"a": MIRROR, "b": WRONG})
    assert scores.programs == ("a", "b")
    assert scores.diagnostics[1][0].span.path == "b"


def test_nothing_may_be_given(battery: Battery) -> None:
    assert battery.evaluate([]).shape == (0, 3)
    assert battery.evaluate().shape == (0, 3)
    empty = evaluate([MIRROR, WRONG], [], config=config_of())
    assert (empty.shape, list(empty.diagnostics), empty.solved.tolist()) == (
        (2, 0),
        [1],
        [False, False],
    )
    for scores in (battery.evaluate([]), empty):
        assert scores.rows() == []
        assert "Scores of" in repr(scores)
        assert "<table>" in scores._repr_html_()


@pytest.mark.parametrize("given", [5, [MIRROR, None], [b"x"], [[MIRROR]]])
def test_what_is_no_program_is_said(battery: Battery, given: Any) -> None:
    with pytest.raises(TypeError):
        battery.evaluate(given)
    with pytest.raises(TypeError):
        battery.add(given)
    assert len(battery) == 0


def test_only_what_is_wanted_is_run(battery: Battery) -> None:
    scores = battery.evaluate([MIRROR, FLIP, WRONG], wanted=[[0, 0], (), np.array([2, 1])])
    assert scores.status.tolist() == [
        ["ok", "not_run", "not_run"],
        ["not_run"] * 3,
        ["not_run", "broken", "broken"],
    ]
    assert scores.solved.tolist() == [True, False, False]
    battery.add([FLIP])
    assert battery.evaluate(wanted=[[1]]).status.tolist() == [["not_run", "ok", "not_run"]]


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ([[0]], "wanted is of 1 programs, there are 2"),
        ([[0], [3]], r"wanted\[1\]: there is no sample 3, there are 3"),
        ([[-1], []], r"wanted\[0\]: there is no sample -1, there are 3"),
    ],
)
def test_lanes_that_there_are_not_are_said(battery: Battery, wanted: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        battery.evaluate([MIRROR, FLIP], wanted)


def test_programs_stay_until_they_are_dropped(battery: Battery) -> None:
    first, second, third = battery.add([MIRROR, WRONG, FLIP])
    assert len(battery) == 3
    assert battery.evaluate().status[:, 0].tolist() == ["ok", "broken", "wrong"]
    battery.drop([second, second])
    assert battery.handles == (first, third)
    assert battery.evaluate().programs == ("program[0]", "program[2]")
    (fourth,) = battery.add(parse(MIRROR, "again"))
    assert battery.evaluate().programs[-1] == "again"
    with pytest.raises(KeyError):
        battery.drop([first, second])
    assert battery.handles == (first, third, fourth)


def test_other_samples_may_be_used(battery: Battery) -> None:
    battery.add([MIRROR, FLIP])
    before = battery.evaluate()
    battery.use([(GRID, tuple(row[::-1] for row in GRID))])
    assert battery.evaluate().status.tolist() == [["wrong"], ["ok"]]
    with pytest.raises(ValueError, match="a cell is not a colour"):
        battery.use([([[11]], None)])
    assert battery.samples == ("sample[0]",)
    battery.use(PAIRS)
    assert_same(battery.evaluate(), before)


def test_a_closed_battery_makes_itself_ready_again(battery: Battery) -> None:
    with battery:
        battery.add([MIRROR])
        before = battery.evaluate()
    battery.close()
    battery.close()
    assert battery._engine is None
    assert_same(battery.evaluate(), before)
    assert repr(battery) == "<Battery of 1 programs on 3 samples>"


def test_it_is_the_map_of_libraries_that_evolve_programs(battery: Battery) -> None:
    class Individual(list[str]):
        """As such a library has them: a list with a fitness."""

    def fitness(scores: Scores, *more: int) -> tuple[float, ...]:
        assert scores.shape == (1, 3)
        return float(scores.exact.sum()), *more

    assert battery.map(fitness, [MIRROR, FLIP, WRONG]) == [(1.0,), (0.0,), (0.0,)]
    people = [Individual([MIRROR]), Individual([FLIP])]
    found = battery.map(fitness, iter(people), [7, 8, 9], program=lambda person: person[0])
    assert found == [(1.0, 7), (0.0, 8)]


def test_a_program_larger_than_the_room_gets_a_larger_one() -> None:
    chain = [f"x{k} = {'hv'[k % 2]}mirror({f'x{k - 1}' if k else 'I'})" for k in range(15_000)]
    long = solver(*chain, "x14999")
    few = drawn(30)
    with Battery(PAIRS, config=config_of(), room=TINY) as battery:
        scores = battery.evaluate([*few, long, *few])
        assert battery._room.instructions >= 15_000
        assert_same(scores[:30], scores[31:])
        assert scores.status[30].tolist() == ["wrong", "ok", "wrong"]
        battery.add([long])
        assert_same(battery.evaluate(), scores[30])
    assert_same(evaluate(few, PAIRS, config=config_of()), scores[:30])


def test_a_program_of_too_many_nodes_is_broken() -> None:
    config = Config(program=ProgramBounds(max_nodes=10), cache=config_of().cache)
    long = solver(*[f"x{k} = hmirror({f'x{k - 1}' if k else 'I'})" for k in range(20)], "x19")
    scores = evaluate([long, MIRROR], PAIRS, config=config)
    assert scores.status[:, 0].tolist() == ["broken", "ok"]
    assert [found.code for found in scores.diagnostics[0]] == ["program-too-large"]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_lane_that_no_memory_suffices_for_is_over_budget(
    monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    monkeypatch.setattr(resident, "MOST_BYTES", 0)
    given_up: list[tuple[int, int]] = []
    put = ScoreTable.put_over_budget

    def noted(self: ScoreTable, program: int, sample: int) -> None:
        given_up.append((program, sample))
        put(self, program, sample)

    monkeypatch.setattr(ScoreTable, "put_over_budget", noted)
    products = [f"y{k} = product(x2, initset(({k}, {k})))" for k in range(60)]
    grown = solver("x1 = asindices(I)", "x2 = product(x1, x1)", *products, "hmirror(I)")
    small, large = ((1, 2),), ((1,) * 18,) * 18
    pairs = [(small, small), (large, large), (small, None)]
    limits = Limits(elements=5_000_000, total=10_000_000)
    config = Config(threads=threads, memory_mib=64, budget=limits, cache=config_of().cache)
    with Battery(pairs, config=config) as battery:
        scores = battery.evaluate([MIRROR, grown, FLIP, *drawn(40), grown])
        assert scores.status[[1, -1]].tolist() == [["ok", "over_budget", "ok"]] * 2
        assert scores.status[[0, 2]].tolist() == [["ok", "ok", "ok"], ["wrong", "ok", "ok"]]
        assert "not_run" not in scores.status
        assert {(1, 1), (43, 1)} <= set(given_up)
        assert len(given_up) == len(set(given_up))
        some = battery.evaluate([grown, MIRROR], wanted=[[1], [0, 1]])
    assert some.status.tolist() == [["not_run", "over_budget", "not_run"], ["ok", "ok", "not_run"]]


def test_a_text_that_comes_again_is_read_once(
    battery: Battery, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [MIRROR, WRONG, UNKNOWN, FLIP]
    passes.forget()
    before = battery.evaluate(texts)
    read: list[str] = []
    monkeypatch.setattr(resident, "parse_text", lambda text, *more: read.append(text))
    again = battery.evaluate([*texts, *texts])
    assert read == []
    monkeypatch.undo()
    assert again.status.tolist() == 2 * before.status.tolist()
    assert {k: found[0].code for k, found in again.diagnostics.items()} == {
        k + turn: found[0].code for turn in (0, 4) for k, found in before.diagnostics.items()
    }
    small = Config(program=ProgramBounds(max_nodes=1), cache=config_of().cache)
    assert Battery(PAIRS, config=small).evaluate([MIRROR]).status.tolist() == [["broken"] * 3]


def test_tables_stay_bounded_whatever_comes_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    for kept, most in ((NODES, 3_000), (STATEMENTS, 1_500), (PROGRAMS, 500)):
        monkeypatch.setattr(kept, "most", most)
        kept.forget()
    monkeypatch.setattr(known_lines, "MOST_LINES", 2_000)
    source = random.Random(3)
    with Battery(PAIRS[:1], config=config_of(), room=TINY) as battery:
        kept_one = battery.add([MIRROR])
        for turn in range(20):
            texts = [variant(source) for _ in range(150)]
            handles = battery.add(texts)
            scores = battery.evaluate()
            assert scores.status[0].tolist() == ["ok"]
            battery.drop(handles)
            assert battery.handles == tuple(kept_one)
            assert len(NODES.young) + len(NODES.old) <= 2 * 3_000 + 500, turn
            assert len(STATEMENTS.young) + len(STATEMENTS.old) <= 2 * 1_500 + 100, turn
            assert len(PROGRAMS.young) + len(PROGRAMS.old) <= 2 * 500 + 1, turn
            assert len(known_lines._kept) <= 2_000
            assert not battery._program.is_over
        assert battery._room == TINY
        assert battery._programs > 40


def test_no_program_leaves_what_only_the_collector_finds(battery: Battery) -> None:
    # It is off while programs are made ready, and hardly ever looks at what is old.
    written = [language_program(random.Random(k), 4) for k in range(150)]
    refused = [WRONG, UNKNOWN, solver("x1 = lbind(first, I)", "x1(I)"), "def solve(I): return"]
    texts = [*drawn(300), *written, *refused]
    battery.evaluate(texts)  # kernels are loaded
    passes.forget()
    known_lines.forget()
    gc.collect()
    gc.disable()
    try:
        scores = battery.evaluate(texts)
        assert gc.collect() == 0
        assert len(scores.diagnostics) > len(refused)
        assert gc.collect() == 0
    finally:
        gc.enable()


def variant(source: random.Random) -> str:
    """A program that nobody has seen."""
    a, b = source.randrange(1, 9_999), source.randrange(1, 9_999)
    names = ["x1 = asindices(I)", f"x2 = shift(x1, ({a}, {b}))", f"x3 = multiply({a}, {b})"]
    return solver(*names, f"x4 = fill(I, {a % 10}, x2)", f"replace(x4, {b % 10}, {a % 10})")


def test_kernels_are_compiled_in_a_process_apart_when_they_are_first_needed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = Config(cache=Cache(dir=str(tmp_path / "cache")), threads=1)
    scores = evaluate([solver("hmirror(I)")], PAIRS[:1], config=config)
    assert scores.status.tolist() == [["ok"]]
    files = {path.name.rpartition("-")[0] for path in tmp_path.glob("cache/kernels/*/*.o")}
    assert {"hmirror", "verdict"} <= files
    assert "vmirror" not in files
    assert capfd.readouterr().out == ""


def test_a_folder_that_can_t_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    config = Config(cache=Cache(dir=str(tmp_path / "file")), threads=1)
    with Battery(PAIRS, config=config) as battery:
        with pytest.raises(OSError, match=r"kernels can't be compiled to .*file.*see cache\.dir"):
            battery.evaluate([MIRROR])
        (tmp_path / "file").unlink()
        (tmp_path / "file").mkdir()
        (tmp_path / "file" / "kernels").symlink_to(Path(config_of().cache.dir) / "kernels")
        assert battery.evaluate([MIRROR]).status[0, 0] == "ok"


def test_a_compiler_that_ends_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OSError, match="the compiler ended with status 1"):
        compiling.compile_apart(tmp_path, ["hmirror"])


def test_the_configuration_is_that_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = Config(threads=3)
    assert configured(given) is given
    assert configured(None).cache.folder == CACHE
    monkeypatch.setattr("pipeline.config.context.PACKAGE", tmp_path / "elsewhere" / "pipeline")
    assert configured(None) == Config()
    (tmp_path / "config.yaml").write_text("threads: 5\n")
    assert configured(None) == Config(threads=5)
    assert Battery().config.threads == 5


def test_programs_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resident, "PART", 64)
    runs: list[int] = []
    run = Battery._run

    def counted(self: Battery, part: Any, *more: Any) -> None:
        runs.append(len(part))
        run(self, part, *more)

    monkeypatch.setattr(Battery, "_run", counted)
    scores = evaluate(drawn(400) * 2, grid_pairs(1), config=config_of())
    assert runs == [64] * (sum(runs) // 64) + [sum(runs) % 64] * (sum(runs) % 64 > 0)
    assert len(runs) > 8
    np.testing.assert_array_equal(scores.codes[:400], scores.codes[400:])


def test_a_name_given_in_an_expression_is_there_each_time(battery: Battery) -> None:
    given = parse(solver("x = fill(I, (y := ONE), asindices(I))", "canvas(y, shape(x))"))
    battery.use([(((2, 3),), ((1, 1),))])
    assert battery.evaluate([given, given]).status.tolist() == [["ok"], ["ok"]]
    assert battery.evaluate([given]).status.tolist() == [["ok"]]
