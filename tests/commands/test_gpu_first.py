"""The commands `gpu_first` and `gpu_carry`: whole on the stub, and what each does when something is
wrong.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import gpu_carry, gpu_first, gpu_stages
from pipeline.commands.gpu_first import PLAN, Stage
from pipeline.config.context import Context
from pipeline.engine.cuda import cubins
from pipeline.engine.cuda.driver import Device, NoFit, devices
from pipeline.engine.cuda.target import Gpu
from pipeline.kernels.processor import PROCESSOR, Processor
from pipeline.kernels.store import place_of
from tests import stub_commands
from tests.fake_cuda import FakeDriver, FakeGpu
from tests.project import PROJECT
from tests.stub_driver import CAPABILITY, CODE, environment

OBJECT = b"\x7fELF..."


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small battery, which is where we are."""
    stub_commands.lay_out_tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stages(tree: Path) -> dict[str, dict[str, Any]]:
    """What was written, by stage."""
    found = json.loads((tree / "generated/results/gpu_first.json").read_bytes())["stages"]
    return {row["stage"]: row for row in found}


def run(tree: Path, names: list[str], devices: str = "good") -> Any:
    """A finished process with these stages on the stub, which may have to compile first."""
    code = (
        "import sys; from dataclasses import replace\n"
        "from pipeline.commands import gpu_first as g\n"
        "from pipeline.config.context import Context\n"
        "plan = [replace(s, seconds=900) for s in g.PLAN if s.name in sys.argv[1].split(',')]\n"
        "sys.exit(g.gpu_first(Context.of(), plan, 1800, 'tests.stub_stages'))"
    )
    words = [sys.executable, "-c", code, ",".join(names)]
    made = environment(devices)
    return subprocess.run(words, cwd=tree, env=made, capture_output=True, text=True, timeout=1800)


def test_the_first_stages_run_on_the_stub(tree: Path) -> None:
    done = run(tree, ["unpack", "few"])
    assert done.returncode == 0, done.stdout
    assert "there is no .carry" in done.stdout
    found = stages(tree)
    assert [row["end"] for row in found.values()] == ["ok", "ok"]
    assert [row["lanes"] for row in found["few"]["runs"]] == [14, 14]
    assert found["few"]["differing"] == 0
    assert "0 differ" in (tree / "generated/results/gpu_first/few.log").read_text()


@pytest.mark.long("the first stages are in the default part")
def test_all_stages_but_the_benchmark_run_on_the_stub(tree: Path) -> None:
    names = [stage.name for stage in PLAN if stage.name != "bench"]
    done = run(tree, names)
    assert done.returncode == 0, done.stdout
    found = stages(tree)
    assert list(found) == names
    assert {row["end"] for row in found.values()} == {"ok"}
    assert found["matrix"]["lanes"] == 45
    assert set(found["teams"]["teams"]) == {"32", "64", "128", "256"}
    assert set(found["registers"]["registers"]) == {"64", "96", "128"}
    assert found["crossover"]["crossover"]["sizes"]
    assert found["programs"]["lanes"] > 50


@pytest.mark.long("a device that is right is in the default part")
def test_a_wrong_kernel_ends_it_at_once_and_is_told(tree: Path) -> None:
    done = run(tree, ["device", "few", "check"], "mirroring")
    assert done.returncode == 1
    found = stages(tree)
    assert [row["end"] for row in found.values()] == ["ok", "failed", "skipped"]
    assert found["few"]["differing"] == 8
    assert "GPU: wrong: ((2, 1), (4, 3))" in done.stdout


@pytest.mark.parametrize(("blocks", "fit"), [(4, [32, 64, 128, 256]), (1, [32, 64])])
def test_teams_that_do_not_fit_are_left_out_and_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, blocks: int, fit: list[int]
) -> None:
    FakeDriver([FakeGpu(blocks=blocks), FakeGpu()]).install(monkeypatch)
    opened = [Device(facts, b"main", "main") for facts in devices()]
    assert list(gpu_stages.fitting(opened, gpu_stages.TEAMS)) == fit
    lines = capsys.readouterr().out.splitlines()
    assert [int(line.split()[5]) for line in lines] == [n for n in gpu_stages.TEAMS if n not in fit]
    with pytest.raises(NoFit, match="a team of 1024 threads does not fit on a processor"):
        gpu_stages.fitting(opened, [512, 1024])


def told(context: Context, plan: list[Stage], seconds: float = 60.0) -> dict[str, dict[str, Any]]:
    """What stages end as, run without a device."""
    gpu_first.gpu_first(context, plan, seconds, "tests.tiny_stages")
    return stages(context.root)


def test_a_stage_that_hangs_or_dies_ends_nothing_else(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(sys, "path", [str(PROJECT), *sys.path])
    plan = [Stage("hang", 2), Stage("die", 30), Stage("differ", 30), Stage("well", 30)]
    found = told(Context.of(), plan)
    assert [row["end"] for row in found.values()] == ["hung", "failed", "failed", "ok"]
    assert [row.get("why", "") for row in found.values()] == [
        "not done after 2 s",
        "status 7",
        "",
        "",
    ]
    assert found["differ"]["differing"] == 3
    assert "== hang: hung in 2." in capsys.readouterr().out


def test_what_others_need_is_needed_and_time_ends(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(PROJECT), *sys.path])
    found = told(Context.of(), [Stage("die", 30, is_needed=True), Stage("well", 30)])
    assert found["well"] | {"seconds": 0} == {
        "stage": "well",
        "end": "skipped",
        "seconds": 0,
        "why": "die failed",
    }
    found = told(Context.of(), [Stage("well", 30)], seconds=gpu_first.ENOUGH - 1)
    assert found["well"]["why"] == "no time is left"


def test_the_plan_is_within_eight_minutes_and_useful_after_two() -> None:
    assert gpu_first.SECONDS <= 480
    names = [stage.name for stage in PLAN]
    assert names.index("few") < names.index("check") < names.index("matrix") < 6
    assert names[-1] == "bench"


# -- what is carried


@pytest.fixture
def carried(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Put together the stub's machine code, and one object, which is not compiled for it."""

    def compile_missing(folder: Path, names: list[str], target: Processor) -> None:
        for name in names:
            place = place_of(folder, name, target)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(OBJECT)

    monkeypatch.setattr(gpu_carry, "all_names", lambda: ["hmirror"])
    monkeypatch.setattr(gpu_carry, "compile_missing", compile_missing)
    return lambda: gpu_carry.gpu_carry(Context.of())


def test_what_is_carried_is_found_elsewhere(
    carried: Callable[[], int], tree: Path, capsys: Any
) -> None:
    (tree / ".cache/data/some.json").write_text("{}")
    assert carried() == 0
    assert "in .carry for compute capability 9.0" in capsys.readouterr().out
    battery = (tree / "generated/batt.image").read_bytes()
    for folder in ("generated", ".cache"):
        shutil.rmtree(tree / folder)
    context = Context.of()
    assert gpu_carry.unpack(context) == ""
    kernels = context.config.cache.folder / "kernels"
    for registers in gpu_carry.REGISTERS:
        place = cubins.place_of(kernels, Gpu(CAPABILITY), registers)
        assert place.read_bytes() == CODE
    assert place_of(kernels, "hmirror", PROCESSOR).read_bytes() == OBJECT
    assert (tree / "generated/batt.image").read_bytes() == battery
    assert (tree / ".cache/data/some.json").read_text() == "{}"


def test_what_is_of_other_sources_is_refused(
    carried: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = Context.of()
    assert gpu_carry.unpack(context).startswith("there is no .carry: ")
    carried()
    monkeypatch.setattr(gpu_carry, "sources_digest", lambda: "others")
    assert gpu_carry.unpack(context).startswith(".carry is of other sources")


@pytest.mark.parametrize("gone", ["generated", "objects", "9.0-96.cubin.z"])
def test_what_is_not_whole_is_refused(carried: Callable[[], int], tree: Path, gone: str) -> None:
    carried()
    path = tree / ".carry" / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert gpu_carry.unpack(Context.of()) == ".carry is not whole: copy all of it again"


def test_more_than_can_be_carried_is_a_failure(
    carried: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(gpu_carry, "MOST_BYTES", 1000)
    assert carried() == 1
    assert "that is more than 1,000 bytes" in capsys.readouterr().err


def test_a_capability_that_is_not_known_is_refused(tree: Path, capsys: Any) -> None:
    assert gpu_carry.gpu_carry(Context.of(), "9.0,1.2") == 2
    assert capsys.readouterr().err.startswith("no compute capability 1.2; there are ")
    assert not (tree / ".carry").exists()
