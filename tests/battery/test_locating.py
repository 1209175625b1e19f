"""Where solvers fail, found once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.battery import locating
from pipeline.battery.locating import KeptPlaces, Locator
from pipeline.battery.results import FirstFailure
from pipeline.diagnostics import Span
from pipeline.frontend.units import Unit
from pipeline.ir.status import DEFAULT_LIMITS, Failure
from pipeline.system.cache import Objects

TEXT = "def solve_a(I):\n    x1 = canvas(ONE, ORIGIN)\n    O = {}\n    return O\n"
EMPTY = Unit("own/a", "own/a.py", 5, TEXT.format("first(x1)"))
UNFIT = Unit("own/a", "own/a.py", 5, TEXT.format("fill(I, ONE, ONE)"))
GRID = ((1, 2), (3, 4))
FAILURE = FirstFailure("train[0]", "error", str(Failure("EMPTY", "first")), "EMPTY", "first")


class Counting:
    """`locate`, which counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._locate = locating.locate
        monkeypatch.setattr(locating, "locate", self)

    def __call__(self, *given: object) -> object:
        self.count += 1
        return self._locate(*given)  # type: ignore[arg-type]


@pytest.fixture
def kept(tmp_path: Path) -> KeptPlaces:
    """An empty cache."""
    return KeptPlaces(Objects(str(tmp_path / "objects.db"), 1 << 20, print), "code")


def test_a_place_is_found_once(kept: KeptPlaces, monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Counting(monkeypatch)
    places = [
        Locator(lambda name: EMPTY, DEFAULT_LIMITS, kept)("own/a", GRID, FAILURE) for _ in range(3)
    ]
    assert counting.count == 1
    assert places == 3 * [replace(FAILURE, path="own/a.py", line=7, column=9, width=9)]


@pytest.mark.parametrize(
    "unit",
    [
        replace(EMPTY, text=EMPTY.text.replace("O = ", "O =  ")),
        replace(EMPTY, first_line=6),
        replace(EMPTY, shared=((1, "A = 1"),)),
    ],
    ids=["text", "line", "shared"],
)
def test_what_a_place_depends_on_is_looked_at(
    unit: Unit, kept: KeptPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(monkeypatch)
    for each in (EMPTY, unit):
        found = Locator(lambda name, unit=each: unit, DEFAULT_LIMITS, kept)("a", GRID, FAILURE)
        assert found == Locator(lambda name, unit=each: unit, DEFAULT_LIMITS)("a", GRID, FAILURE)
    assert counting.count == 4


def test_grid_limits_and_code_count_too(kept: KeptPlaces) -> None:
    keys = {
        kept.key(EMPTY, GRID, DEFAULT_LIMITS),
        kept.key(EMPTY, ((1,),), DEFAULT_LIMITS),
        kept.key(EMPTY, GRID, replace(DEFAULT_LIMITS, elements=5)),
        replace(kept, code="other").key(EMPTY, GRID, DEFAULT_LIMITS),
    }
    assert len(keys) == 4


def test_a_place_in_another_file_is_not_kept(kept: KeptPlaces) -> None:
    key = kept.key(EMPTY, GRID, DEFAULT_LIMITS)
    kept.put(key, EMPTY.path, Span("lib.py", 1, 1, 1), "first")
    assert kept.get(key, EMPTY.path) is None


def test_an_operation_that_has_no_name_of_its_own_is_called_as_it_is_written() -> None:
    failure = FirstFailure("train[0]", "error", "error: misfit: TYPE: ...", "TYPE", "misfit")
    found = Locator(lambda name: UNFIT, DEFAULT_LIMITS)("own/a", GRID, failure)
    assert (found.line, found.operation) == (7, "fill")
    assert found.message == (
        "error: fill: TYPE: a value is of a type that the operation does not take"
    )
