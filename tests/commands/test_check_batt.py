"""The command `check_batt`: which backend runs, what is printed and written, exit statuses."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from pipeline.battery import opening
from pipeline.battery.devices import compile_missing
from pipeline.battery.opening import compile_battery
from pipeline.commands.asked import Chosen, NoSolver
from pipeline.commands.check_batt import check
from pipeline.config.context import Context
from pipeline.engine.cuda.driver import NoDevice
from pipeline.kernels import store
from pipeline.kernels.names import with_needed
from pipeline.kernels.processor import PROCESSOR, Processor
from tests.battery.small import BODIES, CONFIG, FLIP, ODD, SAME, TASKS, lay_out
from tests.project import PROJECT

BACKENDS = ("cpu", "reference")
CHECK = Path("generated/results/check.json")
PRINTED = f"""\
own/{ODD}: 1 of 2 samples right; test[0]: wrong: a grid of 1x1, expected 2x2
re-arc/{SAME}: 0 of 3 samples right; train[0]: over_budget
re-arc/{SAME}.py:2:9: over_budget[elements]: interval: ELEMENTS: a container has more elements \
than the budget allows
        x = interval(ZERO, TEN, ONE)
            ^^^^^^^^^^^^^^^^^^^^^^^^
re-arc/{ODD}: 0 of 2 samples right; train[0]: error
re-arc/{ODD}.py:2:9: error[empty]: first: EMPTY: needs at least one element
        x = first(difference(asindices(I), asindices(I)))
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
corpus  solvers  right  wrong  error  over_budget  broken  samples right
own           3      2      1      0            0       0         8 of 9
re-arc        2      0      0      1            1       0         0 of 5
all           5      2      1      1            1       0        8 of 14
check: 2 of 3 tasks solved, 8 of 14 samples right (BACKEND, T s)
"""


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a linked battery, kernels and tasks of our own."""
    monkeypatch.chdir(tmp_path)
    battery = lay_out(tmp_path, CONFIG)
    Path("generated/batt.json").write_text(json.dumps({"nodes": battery.nodes}))
    monkeypatch.setattr(opening, "load_tasks", lambda name, cache: TASKS)
    return tmp_path


def without_time(text: str) -> str:
    return re.sub(r"[\d.]+ s\)", "T s)", text)


@pytest.mark.parametrize("backend", BACKENDS)
def test_both_backends_print_and_write_the_same(
    backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(Context.of(), backend=backend) == 1
    printed = capsys.readouterr()
    assert without_time(printed.out) == PRINTED.replace("BACKEND", backend)
    assert printed.err == ""
    written = json.loads(CHECK.read_bytes())
    nodes = json.loads(Path("generated/batt.json").read_bytes())["nodes"]
    assert (written["backend"], written["nodes"]) == (backend, nodes)
    assert written["device"]["device"] == "cpu"
    assert written["native_nodes"] == (nodes if backend == "cpu" else 0)
    assert (written["samples"], written["correct"]) == (14, 8)


def test_the_backend_of_the_configuration_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Context.of()) == 1
    assert "(cpu, " in capsys.readouterr().out
    Path("config.yaml").write_text(CONFIG + "backend: reference\n")
    assert check(Context.of()) == 1
    assert "(reference, " in capsys.readouterr().out
    assert check(Context.of(), backend="cpu") == 1
    assert "(cpu, " in capsys.readouterr().out


def test_a_backend_that_there_is_none_of_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Context.of(), backend="nonsense") == 2
    assert capsys.readouterr() == (
        "",
        "no backend 'nonsense'; there are compiled, cpu, cuda, reference\n",
    )
    assert not CHECK.exists()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_part_is_not_written(backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Context.of(), Chosen(solver=f"own/{FLIP}"), backend=backend) == 0
    printed = without_time(capsys.readouterr().out)
    assert printed.endswith(f"1 of 1 tasks solved, 4 of 4 samples right ({backend}, T s)\n")
    assert check(Context.of(), Chosen(corpus="own", limit=2), backend=backend) == 0
    assert check(Context.of(), Chosen(solver="own/x"), backend=backend) == 2
    assert capsys.readouterr().err == "no solver in the battery matches 'own/x'\n"
    assert check(Context.of(), Chosen(solver=f"own/{FLIP[:-1]}x"), backend=backend) == 2
    assert capsys.readouterr().err == (
        f"no solver in the battery matches 'own/{FLIP[:-1]}x'; did you mean own/{FLIP}?\n"
    )
    assert not CHECK.exists()


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (f"own/{FLIP}, re-arc/{SAME}", 2),
        (SAME, 2),
        ("own/", 3),
        ("0a1b", 1),
        ("own/*", 3),
        ("*/1*,?a1b2c3d", 3),
        ("[12]*", 4),
        (f"{FLIP},", 1),
    ],
)
def test_solvers_are_chosen_by_names_begins_and_patterns(words: str, count: int) -> None:
    assert len(Chosen(words).of([*BODIES])) == count


def test_a_name_that_none_has_is_said_beside_others() -> None:
    assert Chosen("own/x").of([*BODIES]) == set()
    with pytest.raises(NoSolver, match=r"^no solver in the battery matches 'x\*'$"):
        Chosen(f"{FLIP},x*").of([*BODIES])
    assert Chosen("a").of(["own/a", "own/a__x", "b/ab"]) == {"own/a"}
    assert Chosen("a", corpus="b").of(["own/a", "b/a", "b/ab"]) == {"b/a"}


def test_what_is_known_to_fail_fails_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    known = f"known_failures: {{own: [{ODD!r}], re-arc: [{SAME!r}, {ODD!r}]}}\n"
    Path("config.yaml").write_text(CONFIG.replace("known_failures: {}\n", known))
    assert check(Context.of()) == 0
    assert capsys.readouterr().out.count("(a known failure)") == 3


def test_a_profile_comes_before_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Context.of(), profile=True) == 1
    printed = without_time(capsys.readouterr().out)
    assert printed.endswith("\n" + PRINTED.replace("BACKEND", "cpu"))
    profile = printed.removeprefix("\nkernels: ").removesuffix(PRINTED.replace("BACKEND", "cpu"))
    head, *lines = profile.splitlines()
    assert re.fullmatch(r"[\d.]+ ms on one thread; the most expensive:", head)
    heads = [line.split() for line in lines if line.startswith(("operation ", "solver "))]
    columns = ["ms", "share", "calls", "lanes", "lanes/s", "bytes"]
    assert heads == [["operation", *columns], ["solver", *columns]]
    first = [line.split()[0] for line in lines if line]
    assert set(BODIES) <= set(first)
    assert {"verdict", "hmirror", "interval", "contained"} <= set(first)


def test_a_profile_is_of_what_is_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Context.of(), Chosen(task=SAME, corpus="own"), profile=True) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line]
    assert [name for name in names if name in BODIES] == [f"own/{SAME}"]


def test_the_reference_has_no_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Context.of(), Chosen(solver=f"own/{FLIP}"), backend="reference", profile=True) == 0
    printed = capsys.readouterr()
    assert printed.err == "the reference backend has no profile: use --backend cpu\n"
    assert "kernels: " not in printed.out


def test_a_broken_solver_is_counted_on_both_backends(capsys: pytest.CaptureFixture[str]) -> None:
    for backend in BACKENDS:
        assert check(Context.of(), Chosen(corpus="own"), (f"own/{'9' * 8}", "x/y"), backend) == 1
        row = "own           4      2      1      0            0       1         8 of 9"
        assert row in capsys.readouterr().out.splitlines()


# -- kernels


def test_kernels_that_are_there_are_used() -> None:
    paths, said, _ = compile_battery(Context.of())
    assert re.fullmatch(r"\d+ used, 0 compiled in [\d.]+ s", said)
    names = {Path(path).name.rpartition("-")[0] for path in paths}
    assert names > {"hmirror", "verdict", "drive_blocks", "arc_compare"}
    assert said.startswith(f"{len(paths)} used, ")
    assert all(Path(path).exists() for path in paths)


def test_the_reference_needs_no_kernels() -> None:
    Path("config.yaml").write_text(CONFIG + "backend: reference\n")
    assert compile_battery(Context.of()) == ([], "none, as the backend is reference", "")


def test_where_the_configuration_insists_on_a_gpu_the_cpu_can_still_be_asked_for(
    no_gpu: str,
) -> None:
    Path("config.yaml").write_text(CONFIG.replace("device: cpu", "device: cuda"))
    paths, said, why = compile_battery(Context.of())
    assert re.fullmatch(rf"{len(paths)} used, 0 compiled in [\d.]+ s", said)
    assert why == no_gpu
    assert check(Context.of(), Chosen(solver=f"own/{FLIP}"), device="cpu") == 0
    with pytest.raises(NoDevice):
        check(Context.of(), Chosen(solver=f"own/{FLIP}"))


def test_kernels_that_are_missing_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".cache/kernels").unlink()
    compiled_names: list[str] = []

    def copied(target: store.Target, name: str) -> bytes:
        compiled_names.append(name)
        return store.place_of(PROJECT / ".cache/kernels", name, PROCESSOR).read_bytes()

    def in_this_process(
        folder: Path, names: list[str], count: int, target: store.Target, environment: object
    ) -> object:
        assert count > 0
        return store.compile_kernels(folder, names, target)

    monkeypatch.setattr(Processor, "compile", copied)
    monkeypatch.setattr(store, "compile_in_processes", in_this_process)
    battery = opening.battery_on("compiled", Context.of(), "cpu")
    assert sorted(compiled_names) == with_needed(
        [*battery.image.kernels, "drive_blocks"]  # type: ignore[attr-defined]
    )
    compiled_names.clear()
    paths, said, _ = compile_battery(Context.of())
    assert said.startswith(f"{len(paths)} used, 0 compiled")
    Path(paths[0]).unlink()
    assert re.match(rf"{len(paths)} used, 1 compiled in [\d.]+ s", compile_battery(Context.of())[1])
    assert compiled_names == [Path(paths[0]).name.rpartition("-")[0]]
    shutil.rmtree(".cache/kernels")
    compiled_names.clear()
    assert compile_missing(Path(".cache/kernels"), ["add", "combine"]) == 4
    assert compiled_names == ["add", "arc_compare", "arc_sort_words", "combine"]
    assert check(Context.of(), Chosen(solver=f"own/{FLIP}")) == 0


@pytest.mark.parametrize("chosen", [Chosen(), Chosen(task=ODD)])
def test_both_backends_write_the_same_scores_of_a_part_too(chosen: Chosen) -> None:
    texts = []
    for backend in BACKENDS:
        check(Context.of(), chosen, (f"own/{ODD}__x",), backend, formats=("csv",))
        texts.append(Path("generated/results/check.scores.csv").read_text())
    assert texts[0] == texts[1]
    lines = [line.split(",") for line in texts[0].splitlines()[1:]]
    assert len(lines) == (16 if not chosen.task else 6)
    assert [line[3] for line in lines if line[0] == f"own/{ODD}__x"] == ["broken", "broken"]
    assert [line[3:7] for line in lines if line[0] == f"own/{ODD}"] == [
        ["ok", "True", "True", "1.0"],
        ["wrong", "False", "False", ""],
    ]
    assert {line[3] for line in lines if line[0].startswith("re-arc")} >= {"error"}


def test_a_profile_says_what_a_lane_took() -> None:
    check(Context.of(), Chosen(task=FLIP), profile=True, backend="cpu", formats=("csv",))
    lines = Path("generated/results/check.scores.csv").read_text().splitlines()
    assert all(float(line.rpartition(",")[2]) >= 0 for line in lines[1:])
    assert CHECK.exists() is False
