"""Which wheels a bundle takes, as pip and the target's markers say, and how they are fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.bundle import wheels
from pipeline.commands.bundle.destination import (
    CannotBundle,
    Destination,
    read_capabilities,
    require_target,
)
from pipeline.commands.bundle.requirements import Pinned, missing_from, wanted_by
from tests.tiny_wheels import index_only, make_wheel, no_network

TARGET = Destination("3.12", "manylinux_2_18_x86_64", "none")
PROJECT: dict[str, Any] = {
    "build-system": {"requires": ["setuptools"]},
    "project": {
        "requires-python": ">=3.11",
        "dependencies": ["alpha>=1"],
        "optional-dependencies": {"cuda12": ["gpu[cu12]"], "cuda13": ["gpu[cu13]"], "test": ["t"]},
    },
}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Wheels: alpha needs beta, and gamma, which nothing here does, on the target alone."""
    folder = tmp_path / "index"
    needs = ['gamma==1.0; python_version == "3.12"', 'delta; python_version != "3.12"', "beta"]
    make_wheel(folder, "alpha", "1.0", needs)
    make_wheel(folder, "beta", "1.0")
    make_wheel(folder, "beta", "2.0", ['zeta; extra == "more"'])
    for version in ("1.0", "2.0"):
        make_wheel(folder, "gamma", version, ["epsilon"], "cp312-cp312-manylinux2014_x86_64")
    for name in ("delta", "epsilon"):
        make_wheel(folder, name, "1.0")
    index_only(monkeypatch, folder)
    return folder


def fetch_all(output: Path, wanted: list[str]) -> list[str]:
    """Choose and fetch; the names of what was fetched."""
    chosen = wheels.choose(output, wanted, TARGET)
    missing = wheels.lacking(chosen, output / "wheels")
    counted: list[int] = []
    wheels.fetch(missing, output / "wheels", TARGET, counted.append)
    assert counted == [1] * len(missing)
    assert wheels.lacking(chosen, output / "wheels") == []
    return [wheel.file for wheel in missing]


def test_a_target_names_every_platform_whose_wheels_run_there() -> None:
    assert TARGET.platforms == [
        *("manylinux_2_18_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
        *("manylinux_2_16_x86_64", "manylinux_2_15_x86_64", "manylinux_2_14_x86_64"),
        *("manylinux_2_13_x86_64", "manylinux_2_12_x86_64", "manylinux2010_x86_64"),
        *("manylinux_2_11_x86_64", "manylinux_2_10_x86_64", "manylinux_2_9_x86_64"),
        *("manylinux_2_8_x86_64", "manylinux_2_7_x86_64", "manylinux_2_6_x86_64"),
        *("manylinux_2_5_x86_64", "manylinux1_x86_64"),
    ]
    assert TARGET.machine == "x86_64"
    require_target(TARGET)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (Destination("3", "", "none"), "--python takes a version like 3.11, not '3'"),
        (Destination("3.11.7", "", "none"), "--python takes a version like 3.11, not '3.11.7'"),
        (
            Destination("3.11", "win_amd64", "none"),
            "--platform takes a platform like manylinux_2_28_x86_64, not 'win_amd64'",
        ),
    ],
)
def test_a_target_that_is_none_is_a_wrong_question(target: Destination, said: str) -> None:
    with pytest.raises(CannotBundle) as caught:
        require_target(target)
    assert (str(caught.value), caught.value.status) == (said, 2)


def test_capabilities_are_read_once_each_in_order() -> None:
    assert read_capabilities(" 8.9,7.5, 8.9,12.0 ") == ["7.5", "8.9", "12.0"]
    assert read_capabilities("") == []
    with pytest.raises(CannotBundle) as caught:
        read_capabilities("7.5,sm_89")
    said = "--capability takes a list like 7.5,8.9, not '7.5,sm_89'"
    assert (str(caught.value), caught.value.status) == (said, 2)


def test_a_project_needs_what_it_is_installed_with_too() -> None:
    assert wanted_by(PROJECT, TARGET) == ["setuptools", "alpha>=1"]
    cuda = Destination("3.12", TARGET.platform, "13")
    assert wanted_by(PROJECT, cuda) == ["setuptools", "alpha>=1", "gpu[cu13]"]


@pytest.mark.parametrize(
    ("python", "cuda", "said"),
    [
        ("3.10", "none", "the project needs Python >=3.11, not 3.10"),
        ("3.12", "14", "no CUDA version '14'; there are 12, 13, none"),
    ],
)
def test_what_a_project_can_not_be_is_a_wrong_question(python: str, cuda: str, said: str) -> None:
    with pytest.raises(CannotBundle) as caught:
        wanted_by(PROJECT, Destination(python, TARGET.platform, cuda))
    assert (str(caught.value), caught.value.status) == (said, 2)


def test_markers_are_those_of_the_target_and_of_the_extras_asked_for() -> None:
    needs = (
        'linux; sys_platform == "linux" and platform_machine == "x86_64"',
        'mac; sys_platform == "darwin"',
        'old<2; python_version < "3.12"',
        'more; extra == "more"',
        "Dashed.Name>=2",
    )
    known = [Pinned("a", "1", "", "", needs), Pinned("dashed-name", "1.5", "", "")]
    missing, reached = missing_from(known, ["A"], TARGET)
    assert (missing, reached) == (["Dashed.Name>=2", "linux"], {"a"})
    missing, _ = missing_from(known, ["A[more]"], TARGET)
    assert missing == ["Dashed.Name>=2", "linux", "more"]


@pytest.mark.usefixtures("index")
def test_the_wheels_are_those_that_the_target_needs_whatever_this_python_is() -> None:
    found = wheels.resolve(["alpha"], TARGET)
    assert [wheel.file for wheel in found] == [
        "alpha-1.0-py3-none-any.whl",
        "beta-2.0-py3-none-any.whl",
        "epsilon-1.0-py3-none-any.whl",
        "gamma-1.0-cp312-cp312-manylinux2014_x86_64.whl",
    ]


def test_the_same_question_has_the_same_answer_without_the_index(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "bundle"
    assert fetch_all(output, ["beta"]) == ["beta-2.0-py3-none-any.whl"]
    make_wheel(index, "beta", "3.0")
    no_network(monkeypatch)
    assert fetch_all(output, ["beta"]) == []
    index_only(monkeypatch, index)
    assert fetch_all(output, ["beta>=3"]) == ["beta-3.0-py3-none-any.whl"]
    (output / "wheels.json").write_text("{")
    assert fetch_all(output, ["beta"]) == []


@pytest.mark.usefixtures("index")
def test_only_what_is_missing_or_not_whole_is_fetched(tmp_path: Path) -> None:
    output = tmp_path / "bundle"
    assert len(fetch_all(output, ["alpha"])) == 4
    (output / "wheels/beta-2.0-py3-none-any.whl").write_bytes(b"half of it")
    (output / "wheels/alpha-1.0-py3-none-any.whl").unlink()
    again = fetch_all(output, ["alpha"])
    assert again == ["alpha-1.0-py3-none-any.whl", "beta-2.0-py3-none-any.whl"]
    assert not list((output / "wheels").glob(".tmp-*"))


def test_a_wheel_that_has_changed_since_it_was_chosen_is_refused(
    index: Path, tmp_path: Path
) -> None:
    output = tmp_path / "bundle"
    wheels.choose(output, ["epsilon"], TARGET)
    make_wheel(index, "epsilon", "1.0", code="planted = True\n")
    with pytest.raises(CannotBundle) as caught:
        fetch_all(output, ["epsilon"])
    assert "epsilon" in str(caught.value)
    assert not list((output / "wheels").iterdir())


def test_an_index_without_hashes_is_good_enough(index: Path, tmp_path: Path) -> None:
    plain = Pinned("epsilon", "1.0", (index / "epsilon-1.0-py3-none-any.whl").as_uri(), "")
    folder = tmp_path / "wheels"
    assert wheels.lacking([plain], folder) == [plain]
    wheels.fetch([plain], folder, TARGET, lambda count: None)
    assert wheels.lacking([plain], folder) == []


def test_without_a_network_it_says_so_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_network(monkeypatch)
    with pytest.raises(CannotBundle) as caught:
        wheels.choose(tmp_path, ["alpha"], TARGET)
    said = "the package index can't be reached: run again with the network up"
    assert (str(caught.value), caught.value.status) == (said, 1)
    assert not (tmp_path / "wheels.json").exists()


@pytest.mark.usefixtures("index")
def test_where_there_is_no_wheel_it_gives_the_reason_of_pip() -> None:
    with pytest.raises(CannotBundle) as caught:
        wheels.resolve(["gamma>=1"], Destination("3.13", TARGET.platform, "none"))
    assert str(caught.value) == (
        "pip: Could not find a version that satisfies the requirement gamma>=1 "
        "(from versions: none)\n  No matching distribution found for gamma>=1"
    )


def test_what_pip_says_without_a_reason_is_given_as_it_is() -> None:
    assert wheels.reason("no such option: --report\n") == "pip: no such option: --report"
    assert wheels.reason(" \n") == "pip: failed, and said nothing"


def test_what_can_not_be_completed_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "_resolve", lambda asked, target, pip: [])
    with pytest.raises(CannotBundle, match="pip does not come to an end: alpha is still missing"):
        wheels.resolve(["alpha"], TARGET)


def test_the_choice_is_kept_as_plain_text(index: Path, tmp_path: Path) -> None:
    wheels.choose(tmp_path, ["epsilon"], TARGET)
    kept = json.loads((tmp_path / "wheels.json").read_bytes())
    assert kept["question"] == {
        "requirements": ["epsilon"],
        "python": "3.12",
        "platform": "manylinux_2_18_x86_64",
    }
    [row] = kept["wheels"]
    assert row["url"] == (index / "epsilon-1.0-py3-none-any.whl").as_uri()
