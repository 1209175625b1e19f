"""Images: what is read is what was written, and only beside the text that it belongs to."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from pipeline.codegen.link import Linked, link
from pipeline.engine.image import (
    BadImage,
    Image,
    image_bytes,
    image_in,
    image_path,
    load_image,
    write_image,
)
from tests.battery.small import BODIES, write_battery
from tests.programs_text import graph_of
from tests.project import PROJECT


@pytest.fixture
def battery(tmp_path: Path) -> Path:
    """A small battery in a file, and its image beside it."""
    return write_battery(tmp_path / "batt.py")


def linked(bodies: dict[str, str]) -> Linked:
    """Solvers by their names, linked."""
    return link((name, graph_of(body)) for name, body in bodies.items())


def assert_equal(a: Image, b: Image) -> None:
    for field in fields(Image):
        x, y = getattr(a, field.name), getattr(b, field.name)
        if isinstance(x, np.ndarray):
            assert x.dtype == y.dtype == np.int64
            assert x.shape == y.shape
            assert x.tolist() == y.tolist()
        else:
            assert (type(x), x) == (type(y), y)


def test_an_image_read_back_is_equal(battery: Path) -> None:
    made = load_image(battery)
    assert made.solvers == tuple(sorted(BODIES))
    assert_equal(made, linked(BODIES).image)
    data = image_path(battery).read_bytes()
    assert image_bytes(made, battery.read_bytes()) == data
    write_image(made, battery)
    assert image_path(battery).read_bytes() == data


def test_an_empty_battery_has_an_image(tmp_path: Path) -> None:
    made = load_image(write_battery(tmp_path / "batt.py", {"own/11111111": "I"}))
    assert (len(made), made.nodes) == (2, 2)
    empty = link([])
    read = image_in(image_bytes(empty.image, b"text"), b"text")
    assert_equal(read, empty.image)
    assert (len(read), read.solvers, read.nodes, read.user_offsets.tolist()) == (0, (), 0, [0])


def test_numbers_of_all_sizes_come_back() -> None:
    made = linked(BODIES).image
    for most in (1, 127, 128, -129, 1 << 20, 1 << 31, -(1 << 62)):
        arrays = {name: np.array([0, most], np.int64) for name in ("extras", "constants")}
        plain = {field.name: getattr(made, field.name) for field in fields(Image)}
        changed = Image(**{**plain, **arrays})
        assert_equal(image_in(image_bytes(changed, b""), b""), changed)


def test_two_texts_of_one_program_are_the_same_program() -> None:
    image = linked(
        {
            "a/11111111": "x = rot90(I); hmirror(x)",
            "b/11111111": "hmirror(rot90(I))",
            "a/22222222": "rot90(I)",
            "b/22222222": "x = rot90(I); y = hmirror(x); x",
        }
    ).image
    programs = {name: image.program_of(k) for k, name in enumerate(image.solvers)}
    assert programs["a/11111111"] == programs["b/11111111"]
    assert len(set(programs.values())) == 3


def test_all_nodes_of_the_text_are_counted(battery: Path) -> None:
    lines = battery.read_text().splitlines()
    nodes = [line for line in lines if " = rt." in line and "rt.lanes" not in line]
    verdicts = [line for line in lines if line.startswith("    rt.verdict(")]
    assert load_image(battery).nodes == len(nodes) + len(verdicts)


# -- files that are no image of the text


def told(path: Path) -> str:
    """Why the image of a battery is refused."""
    with pytest.raises(BadImage) as caught:
        load_image(path)
    return str(caught.value)


def damaged(data: bytes) -> dict[str, bytes]:
    """The file of an image in many wrong ways."""
    found = {"empty": b"", "longer": data + b"x", "other": b"def evaluate(rt):\n" * 99}
    for size in (1, 11, 12, 28, 44, 100, len(data) // 2, len(data) - 1):
        found[f"{size} bytes"] = data[:size]
    for place in (*range(12), *range(28, len(data), 41)):
        found[f"a bit at {place}"] = data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]
    return found


def test_a_damaged_image_is_refused(battery: Path) -> None:
    path = image_path(battery)
    data = path.read_bytes()
    for wrong in damaged(data).values():
        path.write_bytes(wrong)
        assert told(battery) == f"{path} is damaged, or of another version: run `doit link`"
    path.write_bytes(data)
    assert load_image(battery).solvers == tuple(sorted(BODIES))


def test_an_image_of_another_text_is_refused(battery: Path, tmp_path: Path) -> None:
    foreign = f"{image_path(battery)} does not belong to the text beside it: run `doit link`"
    text, data = battery.read_bytes(), image_path(battery).read_bytes()
    battery.write_bytes(text + b"\n# another comment\n")
    assert told(battery) == foreign
    battery.write_bytes(text)
    load_image(battery)
    other = write_battery(tmp_path / "other" / "batt.py", {"own/11111111": "I"})
    image_path(battery).write_bytes(image_path(other).read_bytes())
    assert told(battery) == foreign
    image_path(battery).write_bytes(data[:12] + bytes(16) + data[28:])
    assert told(battery) == foreign


def test_what_is_missing_is_named(battery: Path) -> None:
    image_path(battery).unlink()
    assert told(battery) == f"{image_path(battery)} is missing: run `doit link`"
    write_battery(battery)
    battery.unlink()
    assert told(battery) == f"{battery} is missing: run `doit link`"


CODE = """
import sys
from pathlib import Path
from pipeline.engine.image import load_image
print(len(load_image(Path(sys.argv[1]))), [m for m in sys.modules if m.startswith("numba")])
"""


def test_another_process_reads_it_without_a_compiler(battery: Path) -> None:
    words = [sys.executable, "-c", CODE, str(battery)]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"{len(load_image(battery))} []\n", "")
