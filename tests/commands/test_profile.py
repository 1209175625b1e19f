"""The command `profile`: what it writes, keeps, compares, refuses, and its exit statuses."""

from __future__ import annotations

import builtins
import json
import pstats
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery.batteries import CompiledBattery
from pipeline.commands import profile as profiling
from pipeline.commands.profile import ProfileAsked, profile
from pipeline.config import paths
from pipeline.config.context import Context
from pipeline.engine.engine import TooLarge
from pipeline.measuring import repeats
from pipeline.measuring.chain import STEPS
from pipeline.measuring.timings import FORM
from pipeline.report import profile_plots
from tests import diagnosed
from tests.battery.small import FLIP, SAME
from tests.programs_text import text_of

QUICK = ProfileAsked(repeats=2, sizes="1")
PROFILE, BEFORE = Path(paths.PROFILE), Path(paths.PROFILE_BEFORE)
NAMES = [f"own/{FLIP}", f"own/{SAME}"]


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    diagnosed.prepare(tmp_path, monkeypatch)
    Path("generated/batt.json").write_text('{"nodes": 7}')
    if "matplotlib" not in request.node.name and "written" not in request.node.name:
        monkeypatch.setattr(profiling, "draw_profile", sketch)


def sketch(raw: dict[str, Any]) -> dict[str, str]:
    """The plots that there are, without their seconds of drawing."""
    wanted = {"changes": raw["comparison"], "operations": raw["operations"]}
    return {name: "<svg/>" for name in paths.PLOTS if wanted.get(name, True)}


def written(path: Path = PROFILE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_what_is_measured_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert profile(Context.of(), QUICK) == 0
    raw = written()
    assert (raw["form"], raw["repeats"], raw["no_operations"]) == (FORM, 2, "")
    assert raw["machine"].keys() == {"processor", "cores"}
    assert raw["versions"].keys() == {"python", "numpy", "numba", "llvmlite"}
    battery = {key: raw["battery"][key] for key in ("solvers", "tasks", "samples")}
    assert battery == {"solvers": 2, "tasks": 2, "samples": 7}
    assert [row["name"] for row in raw["passes"]] == list(STEPS)
    assert sorted(row["name"] for row in raw["solvers"]) == NAMES
    assert {"hmirror", "vmirror", "verdict"} <= {row["name"] for row in raw["operations"]}
    assert [(row["tasks"], row["solvers"]) for row in raw["scaling"]] == [(1, 1), (2, 2)]
    for row in (raw["whole"], *raw["phases"], *raw["operations"], *raw["scaling"]):
        assert 0 <= row["least"] <= row["seconds"] <= row["most"]
    assert raw["scaling"][1]["seconds"] == raw["whole"]["seconds"]
    assert (raw["comparison"], raw["kernels_compiled"]) == (None, None)
    printed = capsys.readouterr()
    head = "2 solvers of 2 tasks, 7 samples; compiled, on cpu, "
    assert printed.out.startswith(head)
    assert re.search(
        r"\n\nno earlier profile to compare with\n\n"
        r"plots: generated/report/profile-\{phases,operations,solvers,scaling\}\.svg\n"
        r"profile: [\d.]+ s for 2 tasks, [\d.]+ ms a task: "
        r"generated/results/profile\.json \([\d.]+ s\)\n$",
        printed.out,
    )
    assert printed.err == ""


def test_the_report_draws_what_is_written() -> None:
    assert profile(Context.of(), QUICK) == 0
    drawn = profile_plots.plots(written())
    assert [bars.title for bars in drawn.bars] == [
        *("By phase", "By step of generate", "By operation", "By solver")
    ]
    assert [bar.name for bar in drawn.bars[1].bars] == list(STEPS)
    assert [point.tasks for point in drawn.scaling] == [1, 2]


def test_every_size_is_measured_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    original = repeats.run_chain

    def noted(config: Any, names: list[str]) -> Any:
        asked.append(list(names))
        return original(config, names)

    monkeypatch.setattr(repeats, "run_chain", noted)
    assert profile(Context.of(), ProfileAsked(repeats=3, sizes="1,2,50")) == 0
    assert asked == [NAMES[:1], *[NAMES[:1], NAMES] * 3]


def test_the_last_profile_is_compared_with_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert profile(Context.of(), QUICK) == 0
    first = PROFILE.read_bytes()
    assert not BEFORE.exists()
    assert profile(Context.of(), QUICK) == 0
    assert BEFORE.read_bytes() == first
    compared = written()["comparison"]
    assert (compared["against"], compared["differs"]) == (paths.PROFILE, [])
    assert compared["made"] == json.loads(first)["made"]
    assert f"\ncompared with {paths.PROFILE} of {compared['made']}, " in capsys.readouterr().out


def test_a_step_that_became_slow_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steady = lambda: (0.01, 0.01)  # noqa: E731
    monkeypatch.setattr(repeats, "yardstick", steady)
    assert profile(Context.of(), QUICK) == 0
    old = written()
    for row in (*old["passes"], *old["phases"], old["whole"]):
        row.update(seconds=1.0, least=1.0, most=1.0)
    for row in old["passes"]:
        if row["name"] == "passes":
            row.update(seconds=1e-9, least=1e-9, most=1e-9)
    Path("old.json").write_text(json.dumps(old))
    capsys.readouterr()
    assert profile(Context.of(), ProfileAsked(2, "1", against="old.json")) == 0
    changes = {(row["kind"], row["name"]) for row in written()["comparison"]["changes"]}
    assert ("pass", "passes") in changes
    printed = capsys.readouterr().out
    slower = printed[printed.index("\nslower") : printed.index("\nfaster")]
    assert "pass passes " in slower
    assert "pass emit " in printed[printed.index("\nfaster") :]
    assert "{phases,operations,solvers,scaling,changes}.svg" in printed
    assert Path(paths.PLOTS["changes"]).exists()


def test_another_battery_and_other_settings_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert profile(Context.of(), QUICK) == 0
    diagnosed.build({FLIP: diagnosed.BODIES[FLIP]})
    Path("config.yaml").write_text(diagnosed.CONFIG + "threads: 1\nbudget: {cells: 99}\n")
    capsys.readouterr()
    assert profile(Context.of(), QUICK) == 0
    differs = written()["comparison"]["differs"]
    assert re.fullmatch(
        r"other settings: (threads 1 \(was \d+\), )?budget\.cells 99 \(was 10000\)", differs[0]
    )
    assert differs[1:] == ["another battery: 1 solvers of 1 tasks (was 2 solvers of 2 tasks)"]
    assert all(f"\n{text}\n" in capsys.readouterr().out for text in differs[:1])


def test_the_same_solvers_written_otherwise_are_said() -> None:
    assert profile(Context.of(), QUICK) == 0
    old = written()
    old["battery"]["code"] = "other"
    PROFILE.write_text(json.dumps(old))
    assert profile(Context.of(), QUICK) == 0
    assert written()["comparison"]["differs"] == ["the same solvers, compiled to other code"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (ProfileAsked(repeats=0), "--repeats must be at least 1, not 0\n"),
        (
            ProfileAsked(sizes="10,x"),
            "--sizes must be numbers of tasks, like 10,50,200, not '10,x'\n",
        ),
        (ProfileAsked(sizes="-3"), "--sizes must be numbers of tasks, like 10,50,200, not '-3'\n"),
        (ProfileAsked(against="gone.json"), "gone.json: No such file or directory\n"),
        (ProfileAsked(against="."), ".: Is a directory\n"),
        (ProfileAsked(against="config.yaml"), "config.yaml: no profile that can be compared\n"),
        (
            ProfileAsked(against="generated/batt.json"),
            "generated/batt.json: no profile that can be compared\n",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_before_anything_runs(
    asked: ProfileAsked,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(profiling, "measure", None)
    assert profile(Context.of(), asked) == 2
    assert capsys.readouterr() == ("", said)
    assert not PROFILE.exists()


@pytest.mark.parametrize("damage", [b"{", b"\xff", b"[]", b'{"form": 0}'])
def test_a_damaged_last_profile_is_said_and_replaced(
    damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    PROFILE.parent.mkdir()
    PROFILE.write_bytes(damage)
    assert profile(Context.of(), QUICK) == 0
    printed = capsys.readouterr()
    first = printed.err.splitlines()[0]  # behind it may stand how far a slow machine is
    assert first == "generated/results/profile.json: no profile that can be compared"
    assert "\nno earlier profile to compare with\n" in printed.out
    assert written()["comparison"] is None
    assert not BEFORE.exists()


def test_sources_that_changed_meanwhile_are_no_measurement(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    PROFILE.parent.mkdir()
    PROFILE.write_text("{")
    source = Path("own", f"{FLIP}.py")
    for text in (text_of("hconcat(I)", FLIP), text_of("rot90(I)", FLIP), ""):
        source.write_text(text)
        assert profile(Context.of(), QUICK) == 1
        assert capsys.readouterr().err.endswith(
            "the sources changed while they were measured: run again\n"
        )
    assert PROFILE.read_text() == "{"


def test_a_battery_without_solvers_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    diagnosed.build({})
    assert profile(Context.of(), QUICK) == 2
    assert capsys.readouterr() == ("", "the battery has no solver: see corpora in config.yaml\n")


def test_the_reference_is_profiled_without_its_kernels(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("config.yaml").write_text(diagnosed.CONFIG + "backend: reference\n")
    assert profile(Context.of(), QUICK) == 0
    raw = written()
    assert (raw["operations"], raw["no_operations"]) == ([], "the reference backend has no kernels")
    assert [row["run"] for row in raw["solvers"]] == [None, None]
    assert "kernels" not in [row["name"] for row in raw["phases"]]
    assert "\nno times by operation: the reference backend" in capsys.readouterr().out
    assert not Path(paths.PLOTS["operations"]).exists()


def test_a_lane_too_large_to_be_watched_costs_only_the_operations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_large(*args: Any) -> None:
        raise TooLarge("own/x", 3)

    monkeypatch.setattr(CompiledBattery, "profile", too_large)
    assert profile(Context.of(), QUICK) == 0
    raw = written()
    assert raw["operations"] == []
    assert raw["no_operations"].startswith("own/x on sample 3 needs more memory than ")


def test_kernels_that_had_to_be_compiled_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(profiling, "compile_missing", lambda folder, names: len(names))
    assert profile(Context.of(), QUICK) == 0
    compiled = written()["kernels_compiled"]
    assert compiled["kernels"] > 3
    assert f"\n{compiled['kernels']} kernels were compiled first, in " in capsys.readouterr().out


def test_without_matplotlib_all_but_the_plots_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = Path(paths.PLOTS["phases"])
    stale.parent.mkdir()
    stale.write_text("of long ago")
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError("No module named 'matplotlib'")
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    assert profile(Context.of(), QUICK) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == "no plots, as matplotlib is not installed: pip install -e '.[plots]'"
    assert not stale.exists()
    assert written()["form"] == FORM


def test_pythons_profile_is_written_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert profile(Context.of(), ProfileAsked(1, "", cprofile=True)) == 0
    stats = pstats.Stats(paths.PROFILE_PYTHON)
    names = {name for _, _, name in stats.stats}  # type: ignore[attr-defined]
    assert {"compile_unit", "link", "run_passes", "make"} <= names
    printed = capsys.readouterr().out
    table = printed[printed.index("Python's profile of generate and link") :].split("\n\n")[1]
    head, *rows = table.splitlines()
    assert head.split() == ["function", "calls", "own", "ms", "share", "with", "calls"]
    assert len(rows) == 20
    assert any(row.startswith("pipeline/") for row in rows)


def test_one_repeat_is_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert profile(Context.of(), ProfileAsked(1, "")) == 0
    assert profile(Context.of(), ProfileAsked(1, "")) == 0
    assert re.search(r"threads?; one run\n", capsys.readouterr().out)
    assert written()["comparison"]["changes"] is None
    assert written()["scaling"][0]["exponent"] is None
