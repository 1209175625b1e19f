"""The entry points of pyproject.toml for a folder on `sys.path`, as installing makes them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.project import PROJECT


def write_entry_points(folder: Path) -> None:
    """Make what is found in this folder have the entry points of this project, whatever of it is
    installed."""
    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    metadata = folder / "arc_battery.egg-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: arc-battery\nVersion: 0\n")
    lines = []
    for group, points in groups["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {where}" for name, where in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
