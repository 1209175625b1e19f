"""constraints.txt holds all that the tests need, at versions that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "constraints.txt").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13")
TESTED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]


@cache
def pins() -> dict[str, Version]:
    """The version of each package, by its canonical name; each is pinned once."""
    found: dict[str, Version] = {}
    for line in TEXT.splitlines():
        if line.startswith("#"):
            continue
        name, version = line.split("==")
        assert canonicalize_name(name) not in found, line
        found[canonicalize_name(name)] = Version(version)
    return found


def misfits(wanted: Iterable[str]) -> list[str]:
    """The requirements that the pins don't meet."""
    found = []
    for text in wanted:
        requirement = Requirement(text)
        version = pins().get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version):
            found.append(f"{text}: {version}")
    return found


def needed(text: str, python: str, seen: set[str]) -> Iterator[str]:
    """All that a requirement brings along on a Python, as far as what is pinned is installed."""
    requirement = Requirement(text)
    name = canonicalize_name(requirement.name)
    known = f"{name}{sorted(requirement.extras)}"
    if known in seen:
        return
    seen.add(known)
    yield f"{requirement.name}{requirement.specifier}"
    if not is_as_pinned(name):
        return
    facts = {"python_version": python, "python_full_version": f"{python}.1"}
    places = [{**facts, "extra": extra} for extra in ["", *sorted(requirement.extras)]]
    for inner in metadata.requires(name) or []:
        marker = Requirement(inner).marker
        if marker is None or any(marker.evaluate(place) for place in places):
            yield from needed(inner, python, seen)


def is_as_pinned(name: str) -> bool:
    """Whether this version is installed: what another brings along says nothing of the pins."""
    try:
        return Version(metadata.version(name)) == pins().get(name)
    except metadata.PackageNotFoundError:
        return False


def test_each_line_pins_one_package_by_name() -> None:
    # No address, path or option: it must read the same on every machine.
    assert [
        line for line in TEXT.splitlines() if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)
    ] == []
    assert len(pins()) > 50


def test_what_the_project_names_is_pinned_and_fits() -> None:
    assert misfits(TESTED) == []
    named = {
        Requirement(text).name
        for part in PROJECT["optional-dependencies"].values()
        for text in part
    }
    assert misfits(sorted(named)) == []


@pytest.mark.parametrize("python", PYTHONS)
def test_what_they_bring_along_is_pinned_and_fits(python: str) -> None:
    seen: set[str] = set()
    assert misfits(r for text in TESTED for r in needed(text, python, seen)) == []


def test_the_pythons_that_are_named_are_those_that_are_tested() -> None:
    said = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d", c)]
    assert tuple(said) == PYTHONS
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


def test_a_pin_that_does_not_fit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    brought = {
        "numpy": ['older; python_version < "3.12"', "rich>=1000", 'unwanted; extra == "more"'],
        "rich": None,
    }
    monkeypatch.setattr(metadata, "requires", brought.__getitem__)
    monkeypatch.setattr(metadata, "version", lambda name: str(pins().get(name, 0)))
    assert misfits(needed("numpy", "3.11", set())) == [
        "older: None",
        f"rich>=1000: {pins()['rich']}",
    ]
    assert misfits(needed("numpy", "3.12", set())) == [f"rich>=1000: {pins()['rich']}"]
