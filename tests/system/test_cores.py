"""How many processors there are to be used, by a tree of files that stands for the system's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.system.cores import cores


@pytest.fixture(autouse=True)
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that may use eight processors."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)


def system(root: Path, groups: str, **files: str) -> Path:
    """A system that says so; files: below /sys/fs/cgroup, `__` for a slash."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/").replace("_max", ".max")
        path = path.with_name(path.name.replace("cfs", "cpu.cfs"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_without_groups_it_is_what_the_process_is_bound_to(tmp_path: Path) -> None:
    assert cores(tmp_path) == 8


def test_without_a_bound_it_is_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert cores(tmp_path) == 3


@pytest.mark.parametrize(
    ("quota", "count"),
    [("max 100000", 8), ("250000 100000", 3), ("1000 100000", 1), ("9900000 100000", 8)],
)
def test_a_group_bounds_it(tmp_path: Path, quota: str, count: int) -> None:
    assert cores(system(tmp_path, "0::/job\n", job__cpu_max=quota)) == count


def test_the_group_that_gives_least_counts(tmp_path: Path) -> None:
    files = {"cpu_max": "max 100000", "a__cpu_max": "200000 100000", "a__b__cpu_max": "4 1"}
    assert cores(system(tmp_path, "0::/a/b\n", **files)) == 2


@pytest.mark.parametrize(("quota", "count"), [("-1", 8), ("150000", 2)])
def test_groups_of_the_first_version(tmp_path: Path, quota: str, count: int) -> None:
    files = {"cpu__j__cfs_quota_us": quota, "cpu__j__cfs_period_us": "100000"}
    groups = "4:cpu,cpuacct:/j\n3:memory:/other\n"
    assert cores(system(tmp_path, groups, **files)) == count
