"""Generated samples: the same ones always, kept, and nothing a generator does harms the caller."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipeline.data.drawn import drawing
from pipeline.data.drawn.generated import GenerationError, Generators, published
from pipeline.data.drawn.packed import Packed, pack_sample, read_packed, write_packed
from tests.extracted import training
from tests.project import CACHE

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ["007bbfb7", "0a938d79", "484b58aa", "e26a3af2"]
"""The last two are known to draw grids of wrong colours and of wrong sizes."""

FAKE = """\
import os, signal

def generate_plain(rng, lowest, highest):
    with open({log!r}, "a") as log:
        log.write("drawn\\n")
    print("this must not end up among the answers")
    grid = tuple(tuple(rng.randint(0, 9) for _ in range(4)) for _ in range(rng.randint(1, 5)))
    return {{"input": grid, "output": grid[::-1] + grid}}

def generate_moody(rng, lowest, highest):
    if rng.random() < 0.3:
        raise RuntimeError("not today")
    cell = rng.choice((0, 5, 10))
    return {{"input": ((cell,),), "output": ((5, True),)}}

def generate_raising(rng, lowest, highest):
    raise IndexError("no\\nway")

def generate_endless(rng, lowest, highest):
    while True:
        try:
            rng.choice((1, 2))
        except Exception:
            pass

def generate_large(rng, lowest, highest):
    return {{"input": ((1,),) * 31, "output": ((1,),)}}

def generate_nothing(rng, lowest, highest):
    return None

def generate_leaving(rng, lowest, highest):
    os._exit(7)

def generate_slow(rng, lowest, highest):
    os.kill(os.getpid(), signal.SIGVTALRM)  # as the system does when the time is up

def generate_stuck(rng, lowest, highest):
    with open({log!r}, "w") as log:
        print(os.getpid(), file=log, flush=True)
    while True:
        pass
"""


class Fake:
    """A wheel with generators of ours, and what is to be seen of their work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        wheel = folder / "fake-1-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{drawing.FOLDER}/generators/__init__.py", "from .all import *")
            archive.writestr(f"{drawing.FOLDER}/generators/all.py", FAKE.format(log=str(self.log)))
        self.generators = Generators(wheel, "f" * 64, folder / "stress")

    @property
    def drawn(self) -> int:
        """How many samples of `plain` were drawn so far."""
        return self.log.read_text().count("drawn") if self.log.exists() else 0

    @property
    def file(self) -> Path:
        """The only file that is kept."""
        (path,) = (p for p in self.generators.cache.glob("*/seed-*/*") if p.is_file())
        return path

    def failures(self, *tasks: str) -> dict[str, str]:
        """Why these tasks have no samples."""
        with pytest.raises(GenerationError) as caught:
            self.generators.samples(tasks, 2)
        assert str(caught.value).startswith("samples could not be generated\n  task ")
        return caught.value.failures


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """Generators of ours, and an empty cache."""
    return Fake(tmp_path)


def test_there_is_a_generator_for_each_task_of_arc1_train() -> None:
    assert published(CACHE).tasks() == set(training())


def test_published_samples_are_what_they_were(tmp_path: Path) -> None:
    # If this fails on purpose, raise drawing.RECIPE: else old files are taken for new samples.
    real = published(CACHE)
    generators = Generators(real.wheel, real.digest, tmp_path)
    found = generators.samples(PUBLISHED, 5)
    assert [len(found[task]) for task in PUBLISHED] == [5] * 4
    assert drawing.RECIPE == 1
    text = repr([[(s.input, s.output) for s in found[task]] for task in PUBLISHED])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "5351fd1a9ec8a200"
    assert generators.samples(PUBLISHED[:1], 1, seed=1)[PUBLISHED[0]] != found[PUBLISHED[0]][:1]


DRAW = """\
import random, sys
from pipeline.data.drawn.drawing import draw_sample, load_generators
wheel, order, *tasks = sys.argv[1:]
random.seed(order)
module = load_generators(wheel)
jobs = [(task, number) for task in tasks for number in range(4)]
if order == "backward":
    jobs.reverse()
found = {job: draw_sample(getattr(module, f"generate_{job[0]}"), 0, *job) for job in jobs}
print(sorted(found.items()))
print([name for name in sys.modules if "reasoning_gym" in name])
"""


def test_neither_the_hash_seed_nor_the_order_matters() -> None:
    wheel, tasks = str(published(CACHE).wheel), ["0a938d79", "d07ae81c", "b527c5c6", "1c786137"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", DRAW, wheel, order, *tasks],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed, order in (("1", "forward"), ("99", "backward"))
    ]
    one, other = (process.communicate()[0] for process in processes)
    assert one == other
    assert one.endswith("\n[]\n")
    assert len(one) > 10_000


def test_a_sample_does_not_depend_on_what_else_is_asked_for(fake: Fake, tmp_path: Path) -> None:
    many = fake.generators.samples(["plain", "moody"], 2 * drawing.LEAST + 1)
    assert list(many) == ["plain", "moody"]
    (tmp_path / "other").mkdir()
    few = Fake(tmp_path / "other").generators.samples(["moody", "plain", "moody"], 3, processes=1)
    assert list(few) == ["moody", "plain"]
    assert all(few[task] == many[task][:3] for task in few)
    assert len(set(many["plain"])) > drawing.LEAST
    assert {sample.input for sample in many["moody"]} == {((0,),), ((5,),)}
    assert type(many["moody"][0].output[0][1]) is int


def test_more_samples_extend_the_file(fake: Fake) -> None:
    few = fake.generators.samples(["plain"], 3)["plain"]
    assert fake.drawn == 3
    more = fake.generators.samples(["plain"], 8)["plain"]
    assert fake.drawn == 8
    assert more[:3] == few
    assert fake.file.name == "plain.z"
    assert len(fake.generators.samples(["plain"], 2, seed=-5)["plain"]) == 2
    assert len({p.parent.name for p in fake.generators.cache.glob("*/*/*")}) == 2


def test_what_is_kept_is_not_drawn_again(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    many = fake.generators.samples(["plain"], 5)["plain"]
    monkeypatch.setattr(subprocess, "Popen", None)
    assert fake.generators.samples(["plain"], 5)["plain"] == many
    assert fake.generators.samples(["plain"], 2)["plain"] == many[:2]


@pytest.mark.parametrize("damage", ["", "garbage", "short", "flipped", "folder", "another's"])
def test_a_damaged_file_is_drawn_again(fake: Fake, damage: str) -> None:
    right = fake.generators.samples(["plain"], 4)
    path = fake.file
    data = path.read_bytes()
    half = len(data) // 2
    wrong = {
        "": b"",
        "garbage": os.urandom(100),
        "short": data[:-1],
        "flipped": data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :],
        "another's": write_packed(pack_sample(((1,),), ((1,),)).first(9), "samples of other"),
    }
    path.unlink()
    if damage == "folder":
        path.mkdir()
        wanted = f"{path} can't be written: [Errno 21] Is a directory"
        assert fake.failures("plain")["plain"].startswith(wanted)
        path.rmdir()
    else:
        path.write_bytes(wrong[damage])
    assert fake.generators.samples(["plain"], 4) == right
    assert path.read_bytes() == data


def test_arrays_hold_the_same(fake: Fake) -> None:
    samples = fake.generators.samples(["plain"], 6)["plain"]
    inputs, outputs = fake.generators.arrays(["plain"], 6)["plain"]
    for grids, wanted in (
        (inputs, [s.input for s in samples]),
        (outputs, [s.output for s in samples]),
    ):
        assert grids.heights.tolist() == [len(grid) for grid in wanted]
        assert grids.widths.tolist() == [len(grid[0]) for grid in wanted]
        assert grids.cells.tolist() == [cell for grid in wanted for row in grid for cell in row]
        assert (grids.cells.dtype, grids.heights.dtype) == ("uint8", "int64")


def test_generators_that_fail(fake: Fake) -> None:
    tasks = ("raising", "endless", "large", "nothing", "leaving", "slow", "plain", "0" * 8)
    start = "sample 0: all 20 attempts failed, the last one: "
    assert fake.failures(*tasks) == {"0" * 8: f"{fake.generators.wheel.name} has no generator"}
    assert fake.failures(*tasks[:-1]) == {
        "raising": f"{start}IndexError: no",
        "endless": f"{start}no end after {drawing.NUMBERS} random numbers",
        "large": f"{start}ValueError: the input has not 1 to 30 rows",
        "nothing": f"{start}TypeError: 'NoneType' object is not subscriptable",
        "leaving": "the process that drew it was ended with status 7",
        "slow": f"no end of one draw after {drawing.SECONDS} s of processor time",
    }
    assert fake.file.name == "plain.z"


def test_a_number_of_samples_below_one(fake: Fake) -> None:
    with pytest.raises(ValueError, match="0 samples a task: at least 1 is needed"):
        fake.generators.samples(["plain"], 0)


def test_progress(fake: Fake) -> None:
    told: list[tuple[int, int]] = []
    fake.generators.samples(["moody"], 2)
    fake.generators.samples(["plain", "moody"], 2, progress=lambda *n: told.append(n))
    assert told == [(1, 2), (2, 2)]
    with pytest.raises(GenerationError):
        fake.generators.samples(["plain", "large"], 2, progress=lambda *n: told.append(n))
    assert told[2:] == [(1, 2), (1, 2)]


def test_two_at_once(fake: Fake) -> None:
    found: dict[int, Any] = {}

    def ask(count: int) -> None:
        found[count] = fake.generators.samples(["plain", "moody"], count, processes=2)

    threads = [threading.Thread(target=ask, args=(count,)) for count in (20, 150)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {task: s[:20] for task, s in found[150].items()} == found[20]
    names = sorted(p.name for p in fake.generators.cache.glob("*/*/*"))
    assert names == ["moody.z", "plain.z"]


def test_an_interrupt_ends_the_processes(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Popen(subprocess.Popen):
        """One that is remembered."""

        def __init__(self, *words: Any, **options: Any) -> None:
            super().__init__(*words, **options)
            started.append(self)

    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Popen)
    with pytest.raises(KeyboardInterrupt):
        fake.generators.samples(["stuck", "plain"], 2, processes=2, progress=interrupt)
    assert [process.returncode for process in started] == [-signal.SIGKILL] * 2


def test_no_process_outlives_its_parent(fake: Fake) -> None:
    # The generator's process holds our pipe too: reading it ends when both are gone.
    g = fake.generators
    code = (
        "import pathlib; from pipeline.data.drawn.generated import Generators\n"
        f"Generators(pathlib.Path({str(g.wheel)!r}), {g.digest!r}, pathlib.Path({str(g.cache)!r}))"
        ".samples(['stuck'], 1)"
    )
    command = [sys.executable, "-c", code]
    parent = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    while not fake.log.exists() or not fake.log.read_text().endswith("\n"):
        assert parent.poll() is None
    parent.kill()
    assert parent.communicate() == (None, b"")


def test_a_loop_that_draws_nothing_is_ended_by_the_clock(fake: Fake) -> None:
    code = (
        "import sys; from pipeline.data.drawn import drawing as d; d.SECONDS = 0.05\n"
        "stuck = d.load_generators(sys.argv[1]).generate_stuck\n"
        "d.draw_sample(stuck, 0, 'stuck', 0)"
    )
    command = [sys.executable, "-c", code, str(fake.generators.wheel)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGVTALRM


@pytest.mark.parametrize(
    "grid",
    [(), ((),), 5, (5,), ((1,), (1, 2)), ((1,) * 31,), ((10,),), ((-1,),), ((1.0,),), ({1},)],
)
def test_what_is_no_grid(grid: object) -> None:
    pack_sample(((0,),), [[9]])
    for pair in ((grid, ((1,),)), (((1,),), grid)):
        with pytest.raises(ValueError, match=r"^the (in|out)put has "):
            pack_sample(*pair)


def test_packed_samples_are_read_back() -> None:
    one = pack_sample(((1, 2),), ((3,), (4,)))
    two = one.then([pack_sample(((5,),), ((6, 7),))])
    assert read_packed(write_packed(two, "of x"), "of x") == two
    assert read_packed(write_packed(Packed(), "of x"), "of x").total == 0
    assert (two.first(1), two.first(2), two.first(0)) == (one, two, Packed())
    with pytest.raises(ValueError, match="these are the samples of 'of x', not of 'of y'"):
        read_packed(write_packed(two, "of x"), "of y")
    with pytest.raises(ValueError, match="the sizes and the cells don't fit together"):
        read_packed(write_packed(two._replace(inputs=b""), "of x"), "of x")
