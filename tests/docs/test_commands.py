"""Every command of README and of each page of `docs/` does what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.following import follow
from tests.docs.pages import Run, pages, steps, text_of
from tests.docs.stand_ins import STAND_INS

NO_HEADING = "none"
WHOLE_BATTERY = {"README.md": "## Tasks", "docs/quick-start.md": NO_HEADING}
"""Pages that show what the whole battery gives, and the heading from which a small one will do."""


@pytest.mark.parametrize("page", pages())
def test_a_reader_who_follows_the_page_sees_what_it_says(page: str, tmp_path: Path) -> None:
    follow(tmp_path / "copy", page, text_of(page), small_from=WHOLE_BATTERY.get(page, ""))


def test_every_stand_in_is_used() -> None:
    found = {
        step.command for page in pages() for step in steps(text_of(page)) if isinstance(step, Run)
    }
    assert STAND_INS.keys() - found == set()
