"""A search: its result depends on its seed and on nothing else, and never on test outputs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.data.tasks import Sample, Task
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.search.crew import Crew
from pipeline.search.evidence import Checker
from pipeline.search.islands import World
from pipeline.search.loop import Pace, Search, SearchAsked, SearchProgress, key_of_run
from pipeline.search.puzzles import Puzzle, puzzles_of
from pipeline.search.search_store import FoundProgram, Store
from pipeline.search.typed_lines import Shapes
from tests.in_memory import config_of
from tests.search.crews import Alone, Changing, in_processes
from tests.search.small import A, B, C, seeds_in, tasks_of

ASKED = SearchAsked(("small",), ("aaaaaaaa", "bbbbbbbb"), 2_000, 0, islands=4)
PACE = Pace(crossed=1, enumerated=300, programs=80, rounds=2, enough=4)
"""So that a search has many steps."""


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    found = Checker(config_of(limits=DEFAULT_LIMITS))
    yield found
    found.close()


def run(
    folder: Path,
    checker: Checker,
    tasks: dict[str, Task] | None = None,
    asked: SearchAsked = ASKED,
    watch: Callable[[SearchProgress], None] | None = None,
    crew_for: Callable[[World], Crew] = Alone,
) -> list[tuple[Any, ...]]:
    """What a search finds, one that goes on where the store has one."""
    puzzles = puzzles_of(tasks_of(A, B, C) if tasks is None else tasks)
    seeds = seeds_in(Shapes())
    store = Store(folder)
    key = key_of_run(asked, seeds, puzzles)
    state = store.run_of(key) or store.begin(key, {"data": asked.data}, 0.0)
    world = World(puzzles, seeds.names, seeds.texts, asked.seed)
    crew = crew_for(world)
    try:
        Search(store, state, asked, world, crew, checker, PACE).go(watch=watch)
        return comparable(store.found(state.id))
    finally:
        crew.end()
        store.close()


def comparable(found: list[FoundProgram]) -> list[tuple[Any, ...]]:
    """All but what the clock decides, and numbers of the store's own."""
    return [program._replace(id=0, run=0, seconds=0.0) for program in found]


def test_it_finds_what_no_solver_does(tmp_path: Path, checker: Checker) -> None:
    found = run(tmp_path, checker)
    assert {program.task for program in found} == {"aaaaaaaa", "bbbbbbbb"}
    texts = {program.text for program in found}
    assert any("vmirror" in text for text in texts)
    assert all(program.evidence == {"train": 2, "interpreted": 2} for program in found)
    assert all(program.graph and program.size > 0 for program in found)


def with_noise() -> dict[str, Task]:
    """The tasks, and one that no small program solves."""
    rng = random.Random(3)
    noise = [
        Sample(grid, tuple(tuple(rng.randrange(10) for _ in row) for row in grid))
        for grid in (A, B, C)
    ]
    return tasks_of(A, B, C) | {"cccccccc": Task("cccccccc", tuple(noise[:2]), tuple(noise[2:]))}


@pytest.mark.parametrize(
    "crew_for",
    [in_processes, Changing, partial(Alone, seed=1)],
    ids=["processes", "a process each", "another order"],
)
def test_it_does_not_matter_who_works_on_islands(
    crew_for: Callable[[World], Crew], tmp_path: Path, checker: Checker
) -> None:
    tasks = with_noise()
    first = run(tmp_path / "a", checker, tasks)
    assert run(tmp_path / "b", checker, tasks, crew_for=crew_for) == first
    with Store(tmp_path / "a") as one, Store(tmp_path / "b") as other:
        population = one.population(1, "cccccccc")
        assert population == other.population(1, "cccccccc")
        assert population is not None
        assert population.rounds > 2
        assert len(population.members) > 10
        assert any(member.tried for member in population.members)


@pytest.mark.parametrize("asked", [replace(ASKED, seed=5), replace(ASKED, islands=1)])
def test_another_search_finds_something_too(
    asked: SearchAsked, tmp_path: Path, checker: Checker
) -> None:
    found = run(tmp_path, checker, asked=asked)
    assert {program.task for program in found} == set(ASKED.tasks)


class Stopped(Exception):
    """In the place of what ends a process."""


@pytest.mark.parametrize("ends", [(1,), (2, 4), (2, 3, 4)], ids=str)
def test_a_search_goes_on_to_the_result_of_one_that_was_not_ended(
    ends: tuple[int, ...], tmp_path: Path, checker: Checker
) -> None:
    tasks = with_noise()
    whole = run(tmp_path / "whole", checker, tasks)
    steps = 0

    def watch(progress: SearchProgress) -> None:
        nonlocal steps
        steps += 1
        if steps in ends:
            raise Stopped

    for _ in ends:
        with pytest.raises(Stopped):
            run(tmp_path / "parts", checker, tasks, watch=watch)
    assert run(tmp_path / "parts", checker, tasks, watch=watch) == whole


def test_what_a_step_has_not_committed_is_done_again(
    tmp_path: Path, checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = with_noise()
    whole = run(tmp_path / "whole", checker, tasks)
    saved = Store.save
    count = 0

    def save(self: Store, *args: Any) -> None:
        nonlocal count
        count += 1
        saved(self, *args)
        if count == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Store, "save", save)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", checker, tasks)
    assert run(tmp_path / "parts", checker, tasks) == whole


@pytest.mark.parametrize("planted", ["right", "wrong", "gone"])
def test_test_samples_change_nothing(planted: str, tmp_path: Path, checker: Checker) -> None:
    tasks = tasks_of(A, B, C)
    first = run(tmp_path / "a", checker, tasks)
    rng = random.Random(planted)

    def other(sample: Sample) -> Sample:
        if planted == "right":
            return sample
        grid = tuple(tuple(rng.randrange(10) for _ in row) for row in sample.output)
        return Sample(grid, grid)

    changed = {
        ident: replace(task, test=() if planted == "gone" else tuple(map(other, task.test)))
        for ident, task in tasks.items()
    }
    assert run(tmp_path / "b", checker, changed) == first


def test_a_puzzle_has_no_tests() -> None:
    assert set(Puzzle.__slots__) == {"id", "train"}
    task = tasks_of(A, B, C)["aaaaaaaa"]
    puzzle = puzzles_of({"aaaaaaaa": task})["aaaaaaaa"]
    assert set(puzzle.train) == set(task.train)
    assert not {task.test[0]} & set(puzzle.train)


def test_not_more_is_tried_than_asked(tmp_path: Path, checker: Checker) -> None:
    run(tmp_path, checker, asked=replace(ASKED, programs=700))
    store = Store(tmp_path)
    (state,) = store.runs()
    assert state.ended
    assert 0 < state.programs <= 700
    curve = store.curve(state.id)
    assert [programs for programs, _, _ in curve] == sorted(p for p, _, _ in curve)
    assert curve[-1][0] == state.programs
    store.close()


def test_time_ends_a_search_between_steps(tmp_path: Path, checker: Checker) -> None:
    puzzles, seeds, store = puzzles_of(tasks_of(A, B, C)), seeds_in(Shapes()), Store(tmp_path)
    state = store.begin("key", {}, 0.0)
    world = World(puzzles, seeds.names, seeds.texts, 0)
    asked = replace(ASKED, programs=0)
    Search(store, state, asked, world, Alone(world), checker, PACE).go(seconds=1e-6)
    assert (state.step, state.ended) == (1, False)
    store.close()


def test_full_tables_are_given_up(
    tmp_path: Path, checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(tmp_path / "a", checker)
    monkeypatch.setattr(Shapes, "is_full", True)
    assert run(tmp_path / "b", checker) == whole


def test_what_is_found_is_looked_at_once_more(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    def doubtful(text: str, puzzle: Puzzle) -> None:
        asked.append((text, puzzle.id))

    assert run(tmp_path, doubtful) == []  # type: ignore[arg-type]
    assert {ident for _, ident in asked} == {"aaaaaaaa", "bbbbbbbb"}
