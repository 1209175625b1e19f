"""What memory is free, and a thread's share of it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from pipeline.ir.status import DEFAULT_LIMITS
from pipeline.kernels.heap import Heap
from pipeline.system.free_memory import MIB, UNKNOWN, free_bytes, share_bytes

GIB = 1024 * MIB


def machine(root: Path, files: dict[str, str]) -> Path:
    """A machine with 8 GiB free, and with these files."""
    meminfo = "MemTotal:       16777216 kB\nMemFree:  1024 kB\nMemAvailable:    8388608 kB\n"
    for name, text in {"proc/meminfo": meminfo, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_machine_says_what_is_free(tmp_path: Path) -> None:
    assert free_bytes(machine(tmp_path, {})) == 8 * GIB


def test_the_nearest_bound_counts_and_caches_do_not(tmp_path: Path) -> None:
    top = "sys/fs/cgroup"
    files = {
        "proc/self/cgroup": "0::/jobs/one\n",
        f"{top}/jobs/one/memory.max": "max\n",
        f"{top}/jobs/one/memory.current": "5\n",
        f"{top}/jobs/memory.max": f"{4 * GIB}\n",
        f"{top}/jobs/memory.current": f"{3 * GIB}\n",
        f"{top}/jobs/memory.stat": f"anon 7\ninactive_file {2 * GIB}\nactive_file 9\n",
    }
    assert free_bytes(machine(tmp_path, files)) == 3 * GIB


def test_a_container_sees_its_bound_at_the_top(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/../seen/from/outside\n",
        "sys/fs/cgroup/memory.max": f"{2 * GIB}\n",
        "sys/fs/cgroup/memory.current": f"{3 * GIB}\n",
    }
    assert free_bytes(machine(tmp_path, files)) == 0


def test_control_groups_of_the_first_version(tmp_path: Path) -> None:
    top = "sys/fs/cgroup/memory"
    files = {
        "proc/self/cgroup": "5:cpu,cpuacct:/a\n4:memory:/a/b\n0::/\n",
        f"{top}/memory.limit_in_bytes": "9223372036854771712\n",
        f"{top}/memory.usage_in_bytes": "1\n",
        f"{top}/a/b/memory.limit_in_bytes": f"{GIB}\n",
        f"{top}/a/b/memory.usage_in_bytes": f"{GIB // 2}\n",
        f"{top}/a/b/memory.stat": "inactive_file 1\ntotal_inactive_file 4096\n",
    }
    assert free_bytes(machine(tmp_path, files)) == GIB // 2 + 4096


def test_a_system_that_has_no_files_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}

    def asked(name: str) -> int:
        if name not in answers:
            raise ValueError("unrecognized configuration name")
        return answers[name]

    monkeypatch.setattr(os, "sysconf", asked)
    assert free_bytes(tmp_path) == 4_096_000
    answers.clear()
    assert free_bytes(tmp_path) == UNKNOWN


@pytest.mark.parametrize(
    ("memory_mib", "threads", "free", "share"),
    [
        (0, 1, 100 * GIB, GIB // 2),
        (0, 16, 12 * GIB, 384 * MIB),
        (0, 16, GIB, GIB // 4),
        (1024, 16, 0, 64 * MIB),
        (100, 2, GIB, 50 * MIB),
    ],
)
def test_a_share_is_of_what_is_free_or_of_what_is_given(
    memory_mib: int, threads: int, free: int, share: int
) -> None:
    assert share_bytes(memory_mib, threads, free) == share


def test_this_machine_has_some() -> None:
    assert 0 < free_bytes() < 1 << 50


STATM = Path("/proc/self/statm")


@pytest.mark.skipif(not STATM.exists(), reason="the system does not say what is there")
def test_what_a_heap_does_not_use_is_not_there() -> None:
    def resident_mib() -> int:
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // MIB

    before = resident_mib()
    heap = Heap(GIB // 8, DEFAULT_LIMITS)
    assert resident_mib() - before < 100
    heap.put_all(np.ones(256 * MIB // 8, np.int64))
    assert 200 < resident_mib() - before < 700
