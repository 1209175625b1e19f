"""A browser for a module of tests, and the report of a few solvers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.report.html import render_html
from tests.report.small_report import DIAGNOSIS, STRESS, found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """See `browsing.begun`."""
    from tests.report.browsing import begun

    driver = begun(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a few solvers."""
    path = tmp_path_factory.mktemp("report") / "index.html"
    results = {"stress": STRESS, "diagnosis": DIAGNOSIS, "old": frozenset(("diagnosis",))}
    path.write_text(render_html(found(**results)), "utf-8")
    return path


@pytest.fixture
def opened(browser: Any, page: Path) -> Callable[..., Any]:
    """Opens the report: how wide, light or dark, at which solver."""
    from tests.report.browsing import show

    def open_page(
        width: int = 1280, scheme: str = "light", solver: str = "", at: Path = page
    ) -> Any:
        show(browser, at.as_uri() + (f"#{solver}" if solver else ""), width, scheme)
        return browser

    return open_page
