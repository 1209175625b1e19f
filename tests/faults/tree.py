"""A working tree of its own for tests that build for real, with processes and signals.

It has a copy of the real code. Only the compiler is extended, so that a test can hold a build at
one solver: at the gate it says that it is there, and waits. No test sleeps to hit a moment.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.entry_points import write_entry_points

PROJECT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0
CONFIG = "corpora:\n  own: {path: solvers}\nknown_failures: {}\n"
GATE = """

_compile_unit = compile_unit


def compile_unit(unit, *options, **more):
    import os
    import signal

    def named(file):
        try:
            with open(os.path.join(_GATE, file)) as handle:
                return handle.read()
        except FileNotFoundError:
            return None

    if unit.name == named("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    if unit.name == named("held"):
        with open(os.path.join(_GATE, "here"), "w") as here:
            here.write(str(os.getpid()) + ";")
        with open(os.path.join(_GATE, "go")):
            pass
    return _compile_unit(unit, *options, **more)
"""


class Tree:
    """A working tree with `count` solvers."""

    def __init__(self, root: Path, count: int = 24) -> None:
        self.root = root
        self.gate = root / "gate"
        self.gate.mkdir(parents=True)
        skip = shutil.ignore_patterns(".*", "*.pyc.*")
        shutil.copytree(PROJECT / "pipeline", root / "pipeline", ignore=skip)
        for name in ("dodo.py", "doit_arc_battery.py", "pyproject.toml"):
            shutil.copy2(PROJECT / name, root / name)
        write_entry_points(root)
        (root / "config.yaml").write_text(CONFIG)
        with open(root / "pipeline/codegen/compile.py", "a") as compiler:
            compiler.write(f"\n\n_GATE = {str(self.gate)!r}\n{GATE}")
        for fifo in ("here", "go"):
            os.mkfifo(self.gate / fifo)
        self.idents = [f"{0xA0000000 + k:08x}" for k in range(count)]
        (root / "solvers").mkdir()
        for ident in self.idents:
            self.write(ident)

    def source(self, ident: str) -> Path:
        """Where a solver's text is."""
        return self.root / "solvers" / f"{ident}.py"

    def code(self, ident: str) -> Path:
        """Where its generated code goes."""
        return self.root / "generated/solvers/own" / f"{ident}.py"

    def write(self, ident: str, operation: str = "hmirror", comment: str = "") -> None:
        """Write a solver; `operation` decides what it does."""
        colour = int(ident[-2:], 16) % 10
        text = f"def solve_{ident}(I):\n{comment}    x1 = {operation}(I)\n"
        self.source(ident).write_text(f"{text}    O = replace(x1, {colour}, 3)\n    return O\n")

    def start(self, *words: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        """doit, running."""
        return subprocess.Popen(
            [sys.executable, "-m", "doit", *words],
            cwd=cwd or self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(self.root), "PYTHONUNBUFFERED": "1"},
        )

    def run(self, *words: str, status: int | None = 0, cwd: Path | None = None) -> str:
        """What doit prints, less what tasks say in brackets; its exit status must be as given."""
        process = self.start(*words, cwd=cwd)
        printed, _ = process.communicate(timeout=DEADLINE)
        assert status is None or process.returncode == status, printed
        return re.sub(r"^(\w+: done) \(.*\)$", r"\1", printed, flags=re.MULTILINE)

    def outputs(self, root: Path | None = None) -> dict[str, bytes]:
        """Every generated file."""
        folder = (root or self.root) / "generated"
        files = [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}

    def fresh(self) -> dict[str, bytes]:
        """What a build of the present sources gives from nothing."""
        root = self.root.with_name(f"{self.root.name}-fresh")
        shutil.rmtree(root, ignore_errors=True)
        clone(self.root, root)
        self.run("link", status=None, cwd=root)
        return self.outputs(root)

    def assert_right(self) -> None:
        """The next run completes by itself, its result is right, and nothing is left to do."""
        self.run("link")
        assert self.outputs() == self.fresh()
        assert not list((self.root / "generated").rglob(".tmp-*"))
        self.assert_nothing_to_do()

    def assert_nothing_to_do(self) -> None:
        """A null build."""
        printed = self.run("link")
        count = len(list((self.root / "solvers").glob("*.py")))
        assert printed == f"generate: {count} up to date\nlink: up to date\n"

    @contextmanager
    def held(self, ident: str, *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
        """doit at work, waiting in the compiler at one solver; the process that waits there."""
        (self.gate / "held").write_text(f"own/{ident}")
        process = self.start(*words)
        try:
            yield process, self.arrival()
        finally:
            self.open_gate()
            if process.poll() is None:
                kill(process)

    def arrival(self) -> int:
        """Wait until a process is at the gate; its number."""
        here = os.open(self.gate / "here", os.O_RDONLY | os.O_NONBLOCK)
        try:
            text = ""
            until = time.monotonic() + DEADLINE
            while not text.endswith(";"):
                assert select.select([here], [], [], until - time.monotonic())[0], "nobody came"
                text += os.read(here, 100).decode()
                if not text:
                    time.sleep(0.002)  # no writer yet: the end of a FIFO is readable
                assert time.monotonic() < until, "nobody came"
        finally:
            os.close(here)
        return int(text.split(";")[0])

    def open_gate(self) -> None:
        """Let nobody wait any more."""
        (self.gate / "held").unlink(missing_ok=True)

    def let_go(self) -> None:
        """Let the process at the gate go on."""
        self.open_gate()
        go = eventually(lambda: _opened(self.gate / "go"), "nobody waits at the gate")
        os.close(go)


def clone(source: Path, target: Path, *more: str) -> None:
    """A fresh clone: new files, new times; without what builds make, except `more`."""
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        made = name.parts[0] in ("generated", ".cache", ".doit.db", "gate")
        kept = name.parts[0] in more or not (made or name.parts[0].startswith(".doit"))
        if path.is_file() and kept and "__pycache__" not in name.parts:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / name)


def eventually(condition: Callable[[], object], message: str) -> int:
    """The first true value of a condition; fails at the deadline."""
    until = time.monotonic() + DEADLINE
    while not (value := condition()):
        assert time.monotonic() < until, message
        time.sleep(0.005)
    return value  # type: ignore[return-value]


def alive(process: int) -> bool:
    """Whether a process runs (one that has ended but was not waited for doesn't)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def children(process: int) -> list[int]:
    """The living children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and alive(int(entry.name)):
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == process:
                found.append(int(entry.name))
    return found


def kill(process: subprocess.Popen[str]) -> None:
    """`kill -9`."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None  # nobody reads
