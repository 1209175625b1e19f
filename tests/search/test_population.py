"""Populations, gains, the store, and what laws make of a program."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from pipeline.data.tasks import Sample
from pipeline.search.drafts import text_of
from pipeline.search.kept import Inhabitant, Nearby, Nearest
from pipeline.search.population import MOST_MEMBERS, MOST_SEEN, TRIED_ALL, Member, Population
from pipeline.search.puzzles import Gaining, copied
from pipeline.search.search_store import FoundProgram, Store, StoredPopulation
from pipeline.search.simplify import rules, simplified
from pipeline.search.typed_lines import Shapes
from tests.search.small import SOLVERS, drafts_in

DRAFTS = drafts_in(SOLVERS, Shapes())


def member(number: int, gain: float = 0.0, name: str = "own/flip") -> Member:
    draft = DRAFTS[name]
    return Member(
        draft,
        f"{number:03}",
        behaviour=bytes([number % 256, number // 256]),
        gain=gain,
    )


# -- gains


def test_a_copy_gains_nothing_and_a_right_output_all() -> None:
    sample = Sample(((1, 2), (3, 4)), ((1, 2), (3, 9)))
    assert copied(sample) == 3
    found = Gaining((sample,)).of(np.array([[4], [3], [2], [-1]]))
    assert found[:, 0].tolist() == [1.0, 0.0, -0.9, -1.0]


def test_where_the_shape_changes_the_commonest_colour_is_for_nothing() -> None:
    sample = Sample(((1,),), ((0, 0, 0), (0, 5, 5)))
    assert copied(sample) == 4
    assert Gaining((sample,)).of(np.array([[5]]))[0, 0] == 0.5


def test_a_puzzle_that_copies_its_input_can_be_solved() -> None:
    sample = Sample(((1, 2),), ((1, 2),))
    assert Gaining((sample,)).of(np.array([[2], [1]]))[:, 0].tolist() == [1.0, -0.9]


# -- the population


def test_of_a_behaviour_the_better_program_stays() -> None:
    population = Population()
    population.add(member(1, 0.2, name="own/fill"))
    population.add(member(1, 0.2))
    population.add(member(1, 0.1, name="own/halves"))
    (kept,) = population.members.values()
    assert kept.draft is DRAFTS["own/flip"]


def test_it_is_bounded_and_the_worst_goes() -> None:
    population = Population()
    for k in range(MOST_MEMBERS + 30):
        population.add(member(k, k / 1_000))
    assert len(population.members) == MOST_MEMBERS
    assert min(m.gain for m in population.members.values()) == 0.03
    assert len(population.seen) == MOST_MEMBERS + 30
    for k in range(MOST_SEEN):
        population.see(k.to_bytes(4, "big"))
    assert len(population.seen) == MOST_SEEN
    assert bytes([0, 0]) not in population.seen


def test_parents_are_drawn_by_rank_and_not_once_all_is_tried() -> None:
    population = Population()
    for k in range(40):
        population.add(member(k, k / 40))
    population.members[bytes([39, 0])].tried = TRIED_ALL
    chosen = [m for s in range(60) for m in population.parents(random.Random(s), 3)]
    assert all(m.tried != TRIED_ALL for m in chosen)
    assert sum(m.gain for m in chosen) / len(chosen) > 0.65
    assert len({m.text for m in chosen}) > 15
    again = population.parents(random.Random(7), 3)
    assert [m.text for m in again] == [m.text for m in population.parents(random.Random(7), 3)]


# -- the store


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    state = store.begin("key", {"data": ["x"]}, 1.0)
    rows = (
        Inhabitant("text", "constant", "own/flip", 12, b"abc", 0.5, 1, 3),
        Inhabitant("b", "", "", 0, b"", -1.0, 0, 2),
    )
    population = StoredPopulation(2, b"abc", rows)
    near = Nearest([Nearby("text", "line", "own/a", 0.25)])
    program = FoundProgram(
        0, state.id, "t", "text", [[1, "Grid"]], 3, "line", "own/a", {"train": 3}, 10, 0.5
    )
    with store.writing():
        store.put_population(state.id, "t", StoredPopulation(1, b"", rows[:1] * 2))
        store.put_population(state.id, "t", population)
        store.put_nearest(state.id, "t", near)
        assert store.put_found(program)
        assert not store.put_found(program)
        state.step, state.programs = 3, 100
        store.save(state, 1)
    store.close()
    store = Store(tmp_path)
    known = store.run_of("key")
    assert known == state
    assert store.population(state.id, "t") == population
    assert store.rounds(state.id) == {"t": 2}
    assert store.nearest(state.id, "t").rows == near.rows
    assert store.nearest(state.id, "other").rows == []
    assert store.found() == [program._replace(id=1)]
    assert store.found(state.id, "other") == []
    assert store.curve(state.id) == [(100, 0.0, 1)]
    store.close()


def test_what_is_not_committed_is_not_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    state = store.begin("key", {}, 1.0)

    def write_and_fail() -> None:
        with store.writing():
            store.put_population(state.id, "t", StoredPopulation(1, b"", ()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert store.population(state.id, "t") is None
    store.close()


def test_a_store_of_another_version_or_half_made_is_made_anew(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "search.db")
    base.execute("create table runs (id integer)")
    base.commit()
    base.close()
    store = Store(tmp_path)
    assert store.begin("key", {}, 1.0).id == 1
    store.close()
    again = Store(tmp_path)
    assert len(again.runs()) == 1
    again.close()


def test_a_new_run_forgets_how_the_last_went_and_keeps_what_it_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.begin("key", {}, 1.0)
    program = FoundProgram(0, first.id, "t", "text", [], 3, "", "", {}, 0, 0.0)
    with store.writing():
        one = Inhabitant("a", "", "", 0, b"", 0.0, 0, 1)
        store.put_population(first.id, "t", StoredPopulation(1, b"", (one,)))
        store.put_found(program)
    second = store.begin("key", {}, 2.0)
    assert store.population(first.id, "t") is None
    assert store.run_of("key") == second
    assert len(store.found()) == 1
    assert store.found(second.id) == []
    store.close()


# -- laws


def test_laws_that_make_programs_smaller_are_rules() -> None:
    texts = {law.text for law in rules()}
    assert "identity(x) == x" in texts
    assert "intersection(a, b) == intersection(b, a)" not in texts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("hmirror(identity(I))", "hmirror(I)"),
        ("hmirror(hmirror(vmirror(I)))", "vmirror(I)"),
        ("subgrid(toindices(toindices(ofcolor(I, ONE))), I)", None),
    ],
)
def test_what_is_said_twice_goes(before: str, after: str | None) -> None:
    shapes = Shapes()
    text = f"def solve_a(I):\n    return {before}\n"
    draft = drafts_in({"a": text}, shapes)["a"]
    smaller = simplified(draft, shapes)
    assert smaller.size < draft.size
    if after is not None:
        assert after in text_of(smaller)
    assert simplified(smaller, shapes) == smaller
