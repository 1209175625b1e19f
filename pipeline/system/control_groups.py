"""The control groups that this process is in: a container, a batch job, and what is around them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def groups_of(controller: str, root: Path) -> Iterator[Path]:
    """The folders of the groups that bound this process in `memory` or `cpu`, from the innermost
    one; `root` has /proc and /sys. Those of both versions of control groups, as far as they show.
    """
    for line in lines_of(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / (controller if controllers else "")
        group = top / path.lstrip("/")
        # In a container the path may be that of the machine outside, where nothing is to be seen.
        for folder in (group, *group.parents):
            yield folder
            if folder == top:
                break


def lines_of(path: Path) -> list[str]:
    """The lines of a file that the system shows; none where it does not."""
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
