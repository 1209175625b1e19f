"""Which wheels a project takes on another machine than this one.

pip chooses wheels for another Python and platform, but decides by this machine's which requirements
there are at all (`tomli; python_version < "3.11"`). So what it found is gone through again with the
markers of the target: what is missing is asked for by name, what only this machine needs goes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pipeline.commands.bundle.destination import CannotBundle, Destination


@dataclass(frozen=True, slots=True)
class Pinned:
    """A wheel that pip has chosen; `requires` are the lines of its metadata."""

    name: str
    version: str
    url: str
    sha256: str
    requires: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """What the wheel is called."""
        from urllib.parse import unquote, urlsplit

        return unquote(urlsplit(self.url).path.rpartition("/")[2])


def wanted_by(project: Mapping[str, Any], target: Destination) -> list[str]:
    """What a project needs, and what it is installed with; CannotBundle if it can't be there.

    project: its pyproject.toml, read.
    """
    facts = project["project"]
    if not SpecifierSet(facts["requires-python"]).contains(f"{target.python}.0"):
        text = f"the project needs Python {facts['requires-python']}, not {target.python}"
        raise CannotBundle(text, 2)
    wanted = [*project["build-system"]["requires"], *facts["dependencies"]]
    if target.has_cuda:
        extras = facts["optional-dependencies"]
        known = [name.removeprefix("cuda") for name in extras if name.startswith("cuda")]
        if target.cuda not in known:
            there = ", ".join([*known, "none"])
            raise CannotBundle(f"no CUDA version {target.cuda!r}; there are {there}", 2)
        wanted += extras[f"cuda{target.cuda}"]
    return wanted


def read_project(text: bytes) -> dict[str, Any]:
    """A pyproject.toml."""
    return tomllib.loads(text.decode())


def missing_from(
    found: Iterable[Pinned], wanted: Sequence[str], target: Destination
) -> tuple[list[str], set[str]]:
    """The requirements that these wheels do not meet there, without markers, and the names of the
    wheels that are needed."""
    known = {canonicalize_name(wheel.name): wheel for wheel in found}
    missing: dict[str, None] = {}
    reached: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in wanted]
    while waiting:
        requirement, extra = waiting.pop()
        marker = requirement.marker
        if marker and not marker.evaluate({**target.environment, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        wheel = known.get(name)
        if wheel is None or not requirement.specifier.contains(wheel.version, prereleases=True):
            missing[_without_marker(requirement)] = None
            continue
        for chosen in ("", *requirement.extras):
            if (name, chosen) not in reached:
                reached.add((name, chosen))
                waiting += [(Requirement(text), chosen) for text in wheel.requires]
    return sorted(missing), {name for name, _ in reached}


def _without_marker(requirement: Requirement) -> str:
    requirement = Requirement(str(requirement))
    requirement.marker = None
    return str(requirement)
