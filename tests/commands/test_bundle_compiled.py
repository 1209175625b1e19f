"""Kernels for GPUs in a bundle: by which Python, when again, and what is said where not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.commands.bundle import compiled, kaggle_bundle, precompile
from pipeline.commands.bundle.compiled import compile_for, python_of
from pipeline.commands.bundle.destination import CannotBundle, Destination
from pipeline.engine.cuda.target import Gpu

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
OTHER = "3.99"
PYTHON = """\
#!{python}
import json, os, sys
if sys.argv[1] == "-c":
    print("{version}")
    sys.exit()
_, module, folder, *capabilities, listed = sys.argv[1:]
names = ["sm_" + c.replace(".", "") + "/a.ptx" for c in capabilities]
for name in names:
    os.makedirs(os.path.dirname(folder + "/" + name), exist_ok=True)
    open(folder + "/" + name, "w").write(module + " in " + os.path.basename(os.getcwd()))
json.dump(names, open(listed, "w"))
sys.exit({status})
"""


def target(python: str = HERE) -> Destination:
    return Destination(python, "manylinux_2_28_x86_64", "12")


def make_python(place: Path, version: str = OTHER, status: int = 0) -> Path:
    """What passes for a Python; it compiles files of a line."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(PYTHON.format(python=sys.executable, version=version, status=status))
    place.chmod(0o755)
    return place


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of the installed bundle a Python of a few lines; the folder of kernels."""
    monkeypatch.chdir(tmp_path)
    fake = make_python(tmp_path / "python")

    def install(python: str, output: Path, facts: dict[str, Any], folder: str) -> str:
        Path(folder, "project").mkdir()
        return str(fake)

    monkeypatch.setattr(compiled, "_install", install)
    return Path(".cache/kernels")


def test_this_python_compiles_for_itself() -> None:
    assert python_of(target()) == sys.executable


def test_another_python_must_be_what_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = (
        "kernels are compiled by the Python of the bundle, and there is no python3.99 here: "
        "install it, or leave out --capability"
    )
    with pytest.raises(CannotBundle) as caught:
        python_of(target(OTHER))
    assert str(caught.value) == said
    place = make_python(tmp_path / "python3.99", "3.98")
    with pytest.raises(CannotBundle, match=r"there is no python3\.99 here"):
        python_of(target(OTHER))
    make_python(place)
    assert python_of(target(OTHER)) == str(place)


def test_kernels_are_compiled_in_the_project_of_the_bundle(environment: Path) -> None:
    found = compile_for(Path("bundle"), {}, target(), ["7.5", "8.9"], environment)
    assert found == ["sm_75/a.ptx", "sm_89/a.ptx"]
    said = "pipeline.commands.bundle.precompile in project"
    assert (environment / "sm_89/a.ptx").read_text() == said


def test_kernels_that_do_not_compile_end_it(environment: Path, tmp_path: Path) -> None:
    make_python(tmp_path / "python", status=1)
    with pytest.raises(CannotBundle, match="the kernels can't be compiled, see above"):
        compile_for(Path("bundle"), {}, target(), ["7.5"], environment)


def test_a_bundle_that_can_not_be_installed_says_why(tmp_path: Path) -> None:
    with pytest.raises(CannotBundle) as caught:
        compile_for(tmp_path, {"files": [], "kept": ""}, target(), ["7.5"], tmp_path)
    assert str(caught.value).startswith("the bundle can't be installed here:\nTraceback ")
    assert "No module named 'arc_bundle'" in str(caught.value)


def test_kernels_of_the_same_code_and_wheels_are_left(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = ["one"]
    session: Any = SimpleNamespace(code=lambda parts: codes[-1])
    output = Path("bundle")

    def bundle(*capabilities: str, wheels: Any = ()) -> list[str]:
        facts = {"wheels": list(wheels)}
        found = kaggle_bundle._kernels(output, facts, target(), capabilities, environment, session)
        kept = {name: value for name, value in found.items() if name != "files"}
        rows = found.get("files", [])
        output.mkdir(exist_ok=True)
        (output / "bundle.json").write_text(json.dumps({"kernels": kept, "files": rows}))
        return [row["path"] for row in rows]

    compiled_for: list[tuple[str, ...]] = []

    def counted(
        output: Path, facts: Any, target: Destination, capabilities: Any, folder: Path
    ) -> Any:
        compiled_for.append(tuple(capabilities))
        return compile_for(output, facts, target, capabilities, folder)

    monkeypatch.setattr(compiled, "compile_for", counted)
    assert bundle() == []
    path = ".cache/kernels/sm_75/a.ptx"
    assert bundle("7.5") == bundle("7.5") == [path]
    assert compiled_for == [("7.5",)]
    (output / "project/dot-cache/kernels/sm_75/a.ptx").write_text("cut short")
    assert bundle("7.5") == [path]
    codes.append("two")
    assert bundle("7.5") == [path]
    assert bundle("7.5", wheels=["another"]) == [path]
    assert len(bundle("7.5", "8.9")) == 2
    assert compiled_for == [("7.5",)] * 4 + [("7.5", "8.9")]


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """In place of the packages of CUDA what remembers which kernels are compiled."""
    done: list[tuple[str, int]] = []

    def cubin(folder: Path, gpu: Gpu) -> bytes:
        done.append(("linked", gpu.capability[0]))
        return bytes(1 << 20)

    def compile_missing(folder: Path, names: list[str], gpu: Gpu) -> int:
        done.append((" ".join(names), gpu.capability[0]))
        return len(names)

    def place_of(folder: Path, name: str, gpu: Gpu) -> Path:
        return folder / f"sm_{gpu.capability[0]}" / name

    monkeypatch.setattr(precompile, "supported_capabilities", lambda: [(7, 5), (8, 9)])
    monkeypatch.setattr(precompile, "names", lambda: ["a", "b"])
    monkeypatch.setattr(precompile, "compile_missing", compile_missing)
    monkeypatch.setattr(precompile.store, "place_of", place_of)
    monkeypatch.setattr(precompile.cubins, "cubin", cubin)
    monkeypatch.setattr(precompile.cubins, "place_of", lambda f, gpu: place_of(f, "c", gpu))
    return done


def test_each_capability_is_compiled_and_linked(
    packages: list[tuple[str, int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "list.json"
    assert precompile.main([str(tmp_path), "7.5", "8.9", str(listed)]) == 0
    assert packages == [("a b", 7), ("linked", 7), ("a b", 8), ("linked", 8)]
    assert json.loads(listed.read_text()) == [
        *("sm_7/a", "sm_7/b", "sm_7/c"),
        *("sm_8/a", "sm_8/b", "sm_8/c"),
    ]
    first = capsys.readouterr().out.splitlines()[0]
    said = "compute capability 7.5: 2 kernels, 2 compiled, 1.0 MiB of machine code ("
    assert first.startswith(said)


def test_a_capability_that_the_packages_know_not_compiles_nothing(
    packages: list[tuple[str, int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "list.json"
    assert precompile.main([str(tmp_path), "7.5", "6.0", str(listed)]) == 1
    said = "no compute capability 6.0; these packages compile for 7.5, 8.9\n"
    assert capsys.readouterr() == ("", said)
    assert (packages, listed.exists()) == ([], False)
