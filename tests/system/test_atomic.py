"""Files are written whole or not at all, whatever happens."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.system.atomic import write_atomic

ROOT = Path(__file__).resolve().parents[2]


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(os.listdir(folder))


def test_it_writes_and_says_whether_that_changed_anything(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    assert write_atomic(path, b"one") is True
    assert path.read_bytes() == b"one"
    assert write_atomic(path, b"one") is False
    assert write_atomic(str(path), b"two", fsync=True) is True
    assert path.read_bytes() == b"two"
    assert write_atomic(path, b"") is True
    assert names(path.parent) == ["file"]


def test_equal_content_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"one")
    os.utime(path, ns=(1, 1))
    before = os.stat(path)
    write_atomic(path, b"one")
    after = os.stat(path)
    assert (after.st_mtime_ns, after.st_ino) == (1, before.st_ino)


def test_the_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomic(tmp_path / "file", b"x")
    plain, file = os.stat(tmp_path / "plain"), os.stat(tmp_path / "file")
    assert stat.S_IMODE(file.st_mode) == stat.S_IMODE(plain.st_mode)


def test_a_target_that_is_a_folder_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomic(tmp_path / "file", b"x")
    assert names(tmp_path) == ["file"]


TOO_MUCH = """\
import errno, signal
from pipeline.system.atomic import write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    write_atomic("full/file", b"x" * 1_000_000)
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run in a folder, with the project importable."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_an_error_after_the_first_bytes(tmp_path: Path) -> None:
    """A limit on the size of files stops a write as a full disk does."""
    write_atomic(tmp_path / "full" / "file", b"old")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    done = run([sys.executable, "-c", limit + TOO_MUCH], tmp_path)
    assert (done.stdout, done.stderr) == ("EFBIG\n", "")
    assert (tmp_path / "full" / "file").read_bytes() == b"old"
    assert names(tmp_path / "full") == ["file"]


def test_a_full_disk(tmp_path: Path) -> None:
    """A real one, of 64 KiB, mounted where only this test's processes see it."""
    (tmp_path / "full").mkdir()
    (tmp_path / "write.py").write_text(TOO_MUCH)
    steps = "mount -t tmpfs -o size=64k none full && echo mounted && printf old > full/file && "
    steps += '"$0" write.py && cat full/file && echo && ls -A full'
    done = run(["sh", "-c", 'unshare -rm sh -c "$0" "$1"', steps, sys.executable], tmp_path)
    if "mounted" not in done.stdout:
        pytest.skip("this system lets nobody mount a disk of their own")
    assert (done.stdout, done.stderr) == ("mounted\nENOSPC\nold\nfile\n", "")


def test_killed_while_writing(tmp_path: Path) -> None:
    code = (
        "import itertools\n"
        "from pipeline.system.atomic import write_atomic\n"
        "for k in itertools.count():\n"
        "    write_atomic('file', b'%d' % (k % 10) * 3_000_000)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for delay in (0.02, 0.05, 0.003):
        process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment)
        while not (tmp_path / "file").exists():
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        data = (tmp_path / "file").read_bytes()
        assert len(data) == 3_000_000
        assert len(set(data)) == 1
        assert all(n == "file" or n.startswith(".tmp-") for n in names(tmp_path))


def test_two_writers_never_mix(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pipeline.system.atomic import write_atomic\n"
        "for k in range(60):\n"
        "    write_atomic('file', sys.argv[1].encode() * 200_000)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [
        subprocess.Popen([sys.executable, "-c", code, who], cwd=tmp_path, env=environment)
        for who in "ab"
    ]
    while any(w.poll() is None for w in writers):
        if (tmp_path / "file").exists():
            assert (tmp_path / "file").read_bytes() in {b"a" * 200_000, b"b" * 200_000}
    assert [w.returncode for w in writers] == [0, 0]
    assert names(tmp_path) == ["file"]
