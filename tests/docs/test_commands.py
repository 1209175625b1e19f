"""Every command of README and of each page of `docs/` does what the page says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.docs.following import follow
from tests.docs.pages import Run, pages, steps, text_of
from tests.docs.stand_ins import STAND_INS

NO_HEADING = "none"
WHOLE_BATTERY = {
    "README.md": "## Tasks",
    "docs/add-a-primitive.md": NO_HEADING,
    "docs/quick-start.md": NO_HEADING,
}
"""Pages that show what the whole battery gives, and the heading from which a small one will do."""

LONG = {
    "README.md": "its table runs every task; quick-start runs the whole battery",
    "docs/add-a-primitive.md": "it compiles kernels, in a copy that has others",
    "docs/ci.md": "it builds again and again, as tests/faults do",
    "docs/cluster.md": "it starts workers, as tests/cluster does",
    "docs/matrix-and-submission.md": "its commands are in tests/commands and tests/faults too",
    "docs/profile.md": "it measures again and again",
    "docs/search.md": "tests/commands and tests/search search too",
    "docs/when-a-solver-fails.md": "ten commands; first-solver fails and is mended too",
}
"""Pages whose commands take longest, and why the others do for every day."""


def followed() -> list[Any]:
    """Every page; those that take long are marked."""
    marks = {page: pytest.mark.long(why) for page, why in LONG.items()}
    return [pytest.param(page, marks=marks.get(page, ())) for page in pages()]


@pytest.mark.parametrize("page", followed())
def test_a_reader_who_follows_the_page_sees_what_it_says(page: str, tmp_path: Path) -> None:
    follow(tmp_path / "copy", page, text_of(page), small_from=WHOLE_BATTERY.get(page, ""))


def test_every_page_that_takes_long_is_one() -> None:
    assert LONG.keys() - set(pages()) == set()


def test_every_stand_in_is_used() -> None:
    found = {
        step.command for page in pages() for step in steps(text_of(page)) if isinstance(step, Run)
    }
    assert STAND_INS.keys() - found == set()
