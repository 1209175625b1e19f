"""Pages name only what there is: links, files, tasks, options, extras."""

from __future__ import annotations

import gc
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

import dodo
from tests.docs.pages import Save, pages, steps, text_of
from tests.docs.promises import (
    broken_links,
    missing_files,
    undocumented_tasks,
    unknown_extras,
    unknown_options,
)
from tests.project import PROJECT

gc.enable()  # the build has begun without it, and other tests are not of the build

SAVED = {step.path for page in pages() for step in steps(text_of(page)) if isinstance(step, Save)}


def options(creator: Callable[[], Any]) -> set[str]:
    """The options of a task; one that has subtasks has none."""
    made = creator()
    return {f"--{p['long']}" for p in made.get("params", ())} if isinstance(made, dict) else set()


TASKS = {
    name.removeprefix("task_"): options(creator)
    for name, creator in vars(dodo).items()
    if name.startswith("task_") and creator.__module__ == dodo.__name__
}


@pytest.mark.parametrize("page", pages())
def test_the_page_names_only_what_there_is(page: str) -> None:
    text = text_of(page)
    with open(PROJECT / "pyproject.toml", "rb") as file:
        extras = set(tomllib.load(file)["project"]["optional-dependencies"])
    assert broken_links(PROJECT, page, text) == []
    assert missing_files(PROJECT, page, text, SAVED) == []
    assert unknown_options(page, text, TASKS) == []
    assert unknown_extras(page, text, extras) == []


def test_readme_has_a_row_for_every_task() -> None:
    assert undocumented_tasks(text_of("README.md"), TASKS) == []


def test_the_index_links_every_page() -> None:
    index = text_of("docs/README.md")
    others = {page.removeprefix("docs/") for page in pages() if page.startswith("docs/")}
    assert {name for name in others - {"README.md"} if f"]({name})" not in index} == set()
