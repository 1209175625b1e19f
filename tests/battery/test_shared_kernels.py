"""Kernels that one machine has compiled are taken by another, and compiled anew where they can't
be."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery import devices, opening
from pipeline.cluster import on_worker
from pipeline.cluster.job import ClusterJob, Station, our_version
from pipeline.config.config import Cache, Config
from pipeline.config.context import Context
from pipeline.kernels import store
from pipeline.kernels.processor import PROCESSOR, Processor
from pipeline.kernels.shared_kernels import (
    NOT_SHARED,
    fetch_kernels,
    put_kernels,
    remote_of,
    shared_in,
)

pytest.importorskip("fsspec")
NAMES = ["add", "height", "size"]


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is compiled, at once and to no code."""
    names: list[str] = []

    def compile_quickly(self: Processor, name: str) -> bytes:
        names.append(name)
        return name.encode()

    monkeypatch.setattr(Processor, "compile", compile_quickly)
    return names


def machine(root: Path, name: str, access: str = "read-write") -> Context:
    """A machine with a cache of its own, and one that it shares."""
    cache = Cache(dir=str(root / name), remote=str(root / "shared"), remote_access=access)
    return Context(Config(cache=cache, device="cpu"), root)


def build(context: Context, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of the kernels of a battery that uses NAMES."""
    image: Any = type("Image", (), {"kernels": tuple(NAMES)})
    monkeypatch.setattr(opening, "load_image", lambda path: image)
    monkeypatch.setattr(opening, "DRIVER", NAMES[0])
    monkeypatch.setattr(devices, "FEW", 99)
    _, said, _ = opening.compile_battery(context)
    return said.rpartition(" in ")[0]


def test_another_machine_fetches_what_one_has_compiled(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build(machine(tmp_path, "one"), monkeypatch) == "3 used, 3 compiled"
    assert build(machine(tmp_path, "two"), monkeypatch) == "3 used, 3 fetched, 0 compiled"
    assert sorted(compiled) == sorted(NAMES)
    for name in NAMES:
        place = store.place_of(tmp_path / "two/kernels", name, PROCESSOR)
        assert place.read_bytes() == name.encode()
    assert build(machine(tmp_path, "two"), monkeypatch) == "3 used, 0 compiled"


def test_what_is_damaged_there_is_compiled_and_put_there_again(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(machine(tmp_path, "one"), monkeypatch)
    shared = tmp_path / "shared/kernels" / PROCESSOR.folder
    damaged = next(shared.glob("height-*"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    assert build(machine(tmp_path, "two"), monkeypatch) == "3 used, 2 fetched, 1 compiled"
    assert compiled[len(NAMES) :] == ["height"]
    assert build(machine(tmp_path, "three"), monkeypatch) == "3 used, 3 fetched, 0 compiled"


def test_who_only_reads_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(machine(tmp_path, "one", "read"), monkeypatch)
    assert not (tmp_path / "shared").exists()


def test_without_a_shared_cache_nothing_is_asked(tmp_path: Path) -> None:
    remote = remote_of(NOT_SHARED)
    assert fetch_kernels(remote, tmp_path, NAMES, PROCESSOR) == 0
    put_kernels(remote, tmp_path, NAMES, PROCESSOR)  # reads none of the files that are not there


def test_a_worker_takes_what_another_one_has_compiled(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both of a cluster, each with a folder of its own, and a child that compiles right here."""
    monkeypatch.setattr(on_worker, "_child", lambda *job: nullcontext(Here()))
    monkeypatch.setattr(on_worker, "_place", lambda folder, *more: Station(folder, 0, 0))
    config = machine(tmp_path, "client").config
    job = ClusterJob(len, (), tuple(NAMES), tmp_path / "nowhere", shared=shared_in(config))
    asked = on_worker.Asked(job.key, job.kernels, job.folder, 0, job.shared)
    missing = []
    for name in ("one", "two"):
        monkeypatch.setenv("ARC_KERNELS", str(tmp_path / name))
        found = on_worker.greet(asked, job.data, our_version())
        missing.append(found.missing)
        for kernel in found.missing:
            on_worker.compile_one(found.folder, kernel, job.shared)
        assert on_worker.greet(asked, job.data, our_version()).missing == ()
    assert [len(each) for each in missing] == [len(NAMES), 0]
    assert sorted(compiled) == sorted(NAMES)


class Here:
    """In the place of a worker's process."""

    def ask(self, what: str, folder: Path, name: str) -> str:
        """Compile a kernel."""
        return next(store.compile_kernels(folder, [name], PROCESSOR))
