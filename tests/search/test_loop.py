"""A search: its result depends on its seed and on nothing else, and never on test outputs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.data.tasks import Sample, Task
from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.search import loop
from pipeline.search.evidence import Checker
from pipeline.search.loop import Search, SearchAsked, SearchProgress, key_of_run
from pipeline.search.puzzles import Puzzle, puzzles_of
from pipeline.search.search_store import FoundProgram, Store
from pipeline.search.typed_lines import Shapes
from tests.in_memory import config_of
from tests.search.small import A, B, C, load, seeds_in, tasks_of

ASKED = SearchAsked(("small",), ("aaaaaaaa", "bbbbbbbb"), 3_000, 0)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a search has many."""
    monkeypatch.setattr(loop, "BATCH", 1)
    monkeypatch.setattr(loop, "ROUND", 150)
    monkeypatch.setattr(loop, "ENUMERATED", 300)
    monkeypatch.setattr(loop, "ENOUGH", 4)


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
    threads: int = 1,
) -> list[tuple[Any, ...]]:
    """What a search finds, one that goes on where the store has one."""
    shapes = Shapes()
    puzzles = puzzles_of(tasks_of(A, B, C) if tasks is None else tasks)
    seeds = seeds_in(shapes)
    store = Store(folder)
    key = key_of_run(asked, seeds, puzzles)
    state = store.run_of(key) or store.begin(key, {"data": asked.data}, 0.0)
    search = Search(store, state, asked, puzzles, seeds, shapes, load, checker, threads)
    try:
        search.go(watch=watch)
        return comparable(store.found(state.id))
    finally:
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


def test_the_same_seed_has_the_same_result_on_any_threads(tmp_path: Path, checker: Checker) -> None:
    first = run(tmp_path / "a", checker)
    assert run(tmp_path / "b", checker, threads=3) == first
    other = run(tmp_path / "c", checker, asked=replace(ASKED, seed=5))
    assert {program.task for program in other} == {program.task for program in first}


class Stopped(Exception):
    """In the place of what ends a process."""


@pytest.mark.parametrize("ends", [(1,), (2, 5), (4, 6, 7)], ids=str)
def test_a_search_goes_on_to_the_result_of_one_that_was_not_ended(
    ends: tuple[int, ...], tmp_path: Path, checker: Checker
) -> None:
    whole = run(tmp_path / "whole", checker)
    steps = 0

    def watch(progress: SearchProgress) -> None:
        nonlocal steps
        steps += 1
        if steps in ends:
            raise Stopped

    for _ in ends:
        with pytest.raises(Stopped):
            run(tmp_path / "parts", checker, watch=watch)
    assert run(tmp_path / "parts", checker, watch=watch) == whole


def test_what_a_step_has_not_committed_is_done_again(
    tmp_path: Path, checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(tmp_path / "whole", checker)
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
        run(tmp_path / "parts", checker)
    assert run(tmp_path / "parts", checker) == whole


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
    shapes = Shapes()
    puzzles, seeds, store = puzzles_of(tasks_of(A, B, C)), seeds_in(shapes), Store(tmp_path)
    state = store.begin("key", {}, 0.0)
    asked = replace(ASKED, programs=0)
    Search(store, state, asked, puzzles, seeds, shapes, load, checker).go(seconds=1e-6)
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
