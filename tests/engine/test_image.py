"""Images: kept until battery or sources change, made again where damaged, the newest ones only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from pipeline.data.fetch import PROJECT
from pipeline.engine import image as images
from pipeline.engine.image import Image, load_image
from pipeline.engine.tape import trace
from tests.battery.small import BODIES, write_battery


@pytest.fixture
def battery(tmp_path: Path) -> Path:
    """A small battery in a file."""
    return write_battery(tmp_path / "batt.py")


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What has been traced."""
    found: list[Any] = []

    def noted(evaluate: Any) -> Any:
        found.append(evaluate)
        return trace(evaluate)

    monkeypatch.setattr(images, "trace", noted)
    return found


def assert_equal(a: Image, b: Image) -> None:
    for field in fields(Image):
        x, y = getattr(a, field.name), getattr(b, field.name)
        if isinstance(x, np.ndarray):
            assert x.dtype == y.dtype
            assert x.tolist() == y.tolist()
        else:
            assert (type(x), x) == (type(y), y)


def test_an_image_read_back_is_equal(battery: Path, tmp_path: Path, traced: list[Any]) -> None:
    made = load_image(battery, tmp_path / "images")
    assert made.solvers == tuple(sorted(BODIES))
    assert_equal(load_image(battery, tmp_path / "images"), made)
    assert len(traced) == 1
    assert_equal(load_image(battery, tmp_path / "others"), made)
    assert len(traced) == 2


def test_an_empty_battery_has_an_image(tmp_path: Path) -> None:
    path = tmp_path / "batt.py"
    path.write_text('SOLVERS = ()\n\n\ndef evaluate(rt):\n    """Nothing."""\n')
    made = load_image(path, tmp_path / "images")
    assert (len(made), made.solvers, made.nodes, made.native_nodes) == (0, (), 0, 0)
    assert_equal(load_image(path, tmp_path / "images"), made)


def test_two_texts_of_one_program_are_the_same_program(tmp_path: Path) -> None:
    bodies = {
        "a/11111111": "x = rot90(I); hmirror(x)",
        "b/11111111": "hmirror(rot90(I))",
        "a/22222222": "rot90(I)",
        "b/22222222": "x = rot90(I); y = hmirror(x); x",
    }
    image = load_image(write_battery(tmp_path / "batt.py", bodies), tmp_path / "images")
    programs = {name: image.program_of(k) for k, name in enumerate(image.solvers)}
    assert programs["a/11111111"] == programs["b/11111111"]
    assert len(set(programs.values())) == 3


def test_all_nodes_of_the_text_are_counted_and_compiled(battery: Path, tmp_path: Path) -> None:
    made = load_image(battery, tmp_path / "images")
    lines = battery.read_text().splitlines()
    nodes = [line for line in lines if " = rt." in line and "rt.lanes" not in line]
    verdicts = [line for line in lines if line.startswith("    rt.verdict(")]
    assert made.nodes == made.native_nodes == len(nodes) + len(verdicts)


def test_a_changed_battery_is_traced_anew(battery: Path, tmp_path: Path, traced: list[Any]) -> None:
    first = load_image(battery, tmp_path / "images")
    text = battery.read_text()
    write_battery(battery, {name: body for name, body in BODIES.items() if "own" in name})
    assert len(load_image(battery, tmp_path / "images").solvers) == 3
    battery.write_text(text + "\n# another comment\n")
    assert_equal(load_image(battery, tmp_path / "images"), first)
    assert len(traced) == 3
    battery.write_text(text)
    assert_equal(load_image(battery, tmp_path / "images"), first)
    assert len(traced) == 3


# -- sources


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources that images are told apart by."""
    root = tmp_path / "pipeline"
    shutil.copytree(PROJECT / "pipeline", root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(images, "__file__", str(root / "engine" / "image.py"))
    return root


@pytest.mark.parametrize(
    "name",
    [
        *("engine/tape.py", "engine/image.py", "kernels/instruction.py"),
        *("kernels/structure/closers.py", "primitives/words.py", "ir/types.py"),
    ],
)
def test_changed_sources_trace_anew(
    battery: Path, tmp_path: Path, sources: Path, traced: list[Any], name: str
) -> None:
    for change, expected in (("", 1), ("", 1), ("# changed\n", 2), ("", 2), ("# again\n", 3)):
        with open(sources / name, "a") as file:
            file.write(change)
        load_image(battery, tmp_path / "images")
        assert len(traced) == expected


def test_other_sources_do_not(battery: Path, tmp_path: Path, sources: Path) -> None:
    load_image(battery, tmp_path / "images")
    for name in ("engine/cpu.py", "kernels/store.py", "primitives/mirrors.py"):
        with open(sources / name, "a") as file:
            file.write("# changed\n")
    load_image(battery, tmp_path / "images")
    assert len(list((tmp_path / "images").iterdir())) == 1


def test_all_code_that_makes_an_image_is_among_its_sources(battery: Path, tmp_path: Path) -> None:
    root = Path(images.__file__).parent
    known = {str((root / name).resolve()) for name in images._SOURCES}
    seen: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        load_image(battery, tmp_path / "images")
    finally:
        sys.setprofile(None)
    package = PROJECT / "pipeline"
    ours = {name for name in seen if name.startswith(str(package))}
    assert str(package / "engine/tape.py") in ours
    # They write the file, and say whether a row is compiled at all.
    assert ours - known <= {str(package / "system/atomic.py"), str(package / "primitives/row.py")}


# -- files


def damaged(data: bytes) -> dict[str, bytes]:
    """The file of an image in many wrong ways."""
    found = {"empty": b"", "longer": data + b"x", "other": b"def evaluate(rt):\n" * 99}
    for size in (1, 16, 17, 100, len(data) // 2, len(data) - 1):
        found[f"{size} bytes"] = data[:size]
    for place in range(0, len(data), 211):
        found[f"a bit at {place}"] = data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]
    return found


def test_a_damaged_image_is_made_again(battery: Path, tmp_path: Path, traced: list[Any]) -> None:
    made = load_image(battery, tmp_path / "images")
    (path,) = (tmp_path / "images").iterdir()
    data = path.read_bytes()
    for k, wrong in enumerate(damaged(data).values()):
        path.write_bytes(wrong)
        assert_equal(load_image(battery, tmp_path / "images"), made)
        assert len(traced) == k + 2
        assert path.read_bytes() == data


def test_a_folder_keeps_the_newest_few(battery: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    text = battery.read_text()
    made: list[set[Path]] = [set()]
    for k in range(7):
        battery.write_text(f"{text}# {k}\n")
        load_image(battery, folder)
        now = set(folder.iterdir())
        (new,) = now - made[-1]
        os.utime(new, (1_000 + k, 1_000 + k))
        made.append(now)
    assert [len(now) for now in made] == [0, 1, 2, 3, 4, 4, 4, 4]
    assert sorted(path.stat().st_mtime for path in made[-1]) == [1_003, 1_004, 1_005, 1_006]


def test_another_process_may_forget_images_at_the_same_time(battery: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for k in range(6):
        (folder / f"{k}.image").symlink_to(tmp_path / "gone")
    assert load_image(battery, folder).solvers == tuple(sorted(BODIES))


CODE = """
import sys
from pathlib import Path
from pipeline.engine.image import load_image
sys.stdin.read(1)
print(len(load_image(Path(sys.argv[1]), Path(sys.argv[2]))))
"""


def test_two_processes_at_once(battery: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", CODE, str(battery), str(tmp_path / "images")]
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen(words, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True) for _ in range(2)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    printed = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert printed == [f"{len(load_image(battery, tmp_path / 'images'))}\n"] * 2
    assert len(list((tmp_path / "images").iterdir())) == 1


def test_a_folder_that_cannot_be_made_is_an_error_with_its_name(
    battery: Path, tmp_path: Path
) -> None:
    (tmp_path / "images").write_text("")
    with pytest.raises(OSError, match="images"):
        load_image(battery, tmp_path / "images")


UNFIT: dict[str, Callable[[str], str]] = {
    "a row that is not compiled": lambda text: text.replace("rt.hmirror(", "rt.compose("),
    "no operation": lambda text: text.replace("rt.hmirror(", "rt.nonsense("),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_battery_that_cannot_be_compiled_leaves_no_image(
    battery: Path, tmp_path: Path, name: str
) -> None:
    battery.write_text(UNFIT[name](battery.read_text()))
    with pytest.raises(AttributeError, match="no compiled operation"):
        load_image(battery, tmp_path / "images")
    assert not (tmp_path / "images").exists()
